// Package exempt joins the register of exceptions with the rooms it asks: who people
// are, who owns a service, who may approve, how fresh a key is, and whom an exception
// lets in. What an exception is, and who may do what with it, is registry/exceptions’s.
package exempt

import (
	"context"
	"slices"
	"time"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/exceptions"
	"github.com/warder-project/warder/internal/registry/exceptions/watch"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/services"
)

// House is the rooms that the register asks. All fields are needed.
type House struct {
	People    *people.Directory
	Services  *services.Catalogue
	Roles     *roles.Roster
	Sessions  *sessions.Book
	Decisions *decision.Desk
	Now       func() time.Time
	// Follow says when an exception lapses without a review; nil when nothing is reviewed.
	Follow func(ctx context.Context, e exceptions.Exception) (time.Time, error)
	// Write sends a message to a person, if they can be written to.
	Write func(ctx context.Context, person ids.Person, subject, text string) error
}

var (
	_ exceptions.House = House{}
	_ watch.House      = House{}
)

// Standing says what somebody is here.
func (h House) Standing(ctx context.Context, person ids.Person) (exceptions.Standing, error) {
	found, err := h.People.Get(ctx, person)
	if problem.Is(err, people.NotFound) {
		return exceptions.Standing{}, nil
	}
	if err != nil {
		return exceptions.Standing{}, err
	}
	groups, err := h.People.GroupsOf(ctx, person)
	return exceptions.Standing{Known: true, MaySignIn: found.MaySignIn(h.Now()), Left: found.State == people.Left, Groups: groups}, err
}

// Target says what a service and a route of it are.
func (h House) Target(ctx context.Context, service ids.Service, route ids.Route) (exceptions.Target, error) {
	found, err := h.Services.Get(ctx, service)
	if problem.Is(err, services.NotFound) {
		return exceptions.Target{}, nil
	}
	return exceptions.Target{Open: err == nil && found.State == services.Admitted, Owner: found.Owner,
		RouteKnown: slices.ContainsFunc(found.Routes, func(r services.Route) bool { return r.ID == route })}, err
}

// MissingGroups are the names that no group has.
func (h House) MissingGroups(ctx context.Context, names []string) ([]string, error) {
	if len(names) == 0 {
		return nil, nil
	}
	groups, err := h.People.Groups(ctx)
	if err != nil {
		return nil, err
	}
	var missing []string
	for _, name := range names {
		if !slices.ContainsFunc(groups, func(g people.Group) bool { return g.Name == name }) {
			missing = append(missing, name)
		}
	}
	return missing, nil
}

// May says whether somebody holds a permission.
func (h House) May(ctx context.Context, person ids.Person, permission string) (bool, error) {
	held, err := h.Roles.Of(ctx, person)
	return err == nil && roles.Allows(held, permission), err
}

// freshness is how long ago the key of whoever approves may have been touched.
const freshness = 10 * time.Minute

// Fresh says whether the session is this person's, and begun with their key, verified
// and proof against fake websites, within ten minutes.
func (h House) Fresh(ctx context.Context, person ids.Person, id ids.Session) (bool, error) {
	session, err := h.Sessions.Get(ctx, id)
	if problem.Is(err, sessions.NoSuch) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	now := h.Now()
	need := assurance.Requirement{AAL: assurance.AAL3, PhishingResistant: true, UserVerified: true, MaxAge: freshness}
	return session.Person == person && session.Life(now) == sessions.Alive && need.Unmet(session.Assurance, session.AuthTime, now) == 0, nil
}

// Affected are those an exception names, those in its groups, and, where it is for
// everybody at a service, those who have used it.
func (h House) Affected(ctx context.Context, e exceptions.Exception) ([]ids.Person, error) {
	found, err := Named(ctx, h.People, e.Subject)
	if err != nil {
		return nil, err
	}
	if e.Subject.Everybody() {
		uses, err := Uses(ctx, h.Decisions, e.ID)
		if err != nil {
			return nil, err
		}
		for _, use := range uses {
			found = append(found, use.Person)
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

// Named are the people that an exception names, and those in its groups, each once.
func Named(ctx context.Context, directory *people.Directory, subject exceptions.Subject) ([]ids.Person, error) {
	found := slices.Clone(subject.People)
	if len(subject.Groups) == 0 {
		return found, nil
	}
	err := directory.EachMember(ctx, func(person ids.Person, group string) error {
		if slices.Contains(subject.Groups, group) {
			found = append(found, person)
		}
		return nil
	})
	slices.Sort(found)
	return slices.Compact(found), err
}

// Tell writes to somebody.
func (h House) Tell(ctx context.Context, person ids.Person, subject, text string) error {
	return h.Write(ctx, person, subject, text)
}

// UsesMost is how many decisions Uses reads at most.
const UsesMost = 10_000

const pageOfUses = 200

// Uses are the decisions made under an exception, newest first: at most the last ten
// thousand.
func Uses(ctx context.Context, desk *decision.Desk, id ids.Exception) ([]decision.Record, error) {
	var all []decision.Record
	filter := decision.Filter{Exception: id, Limit: pageOfUses}
	for range UsesMost / pageOfUses {
		page, next, err := desk.List(ctx, filter)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if next == "" {
			break
		}
		filter.After = next
	}
	return all, nil
}
