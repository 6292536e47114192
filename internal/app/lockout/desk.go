// Package lockout joins the rooms that know whom a draft of the policy would lock out:
// it gathers the facts of a forecast from all of them, keeps what came out, and answers
// when a policy is to be enforced.
package lockout

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/warder-project/warder/internal/access/breakglass"
	"github.com/warder-project/warder/internal/access/decision/uses"
	"github.com/warder-project/warder/internal/access/decision/uses/usesdb"
	"github.com/warder-project/warder/internal/access/live"
	"github.com/warder-project/warder/internal/access/live/livedb"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/access/rulebook"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/journey/forecast"
	"github.com/warder-project/warder/internal/journey/forecast/gate"
	"github.com/warder-project/warder/internal/journey/forecast/gate/gatedb"
	"github.com/warder-project/warder/internal/proof/adoption"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/leave"
	"github.com/warder-project/warder/internal/registry/leave/leavedb"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/services"
)

// Parts is what a Desk is built from.
type Parts struct {
	DB         *db.DB
	Audit      *audit.Log
	People     *people.Directory
	Keys       *keys.Register
	Factors    *factors.Factors
	Services   *services.Catalogue
	Roles      *roles.Roster
	Sessions   *sessions.Book
	BreakGlass *breakglass.Desk
	Policies   *versions.Library
	// Secrets goes through the passwords and codes of everybody.
	Secrets func(ctx context.Context, person ids.Person, yield func(ids.Person, adoption.Holding) error) error
	Now     func() time.Time
}

type deps struct {
	Parts
	Leave   *leave.Calendar
	Uses    *uses.Ledger
	Excused func(ctx context.Context) ([]live.Exception, error)
}

// Desk makes forecasts. It is safe for concurrent use.
type Desk struct {
	deps deps
	Gate *gate.Gate
	// Leave is who is on leave when.
	Leave *leave.Calendar
}

// Open makes a Desk.
func Open(p Parts) *Desk {
	calendar := leave.New(leave.Deps{Store: leavedb.New(p.DB), Tx: p.DB, Audit: p.Audit, Now: p.Now})
	d := &Desk{Leave: calendar, deps: deps{Parts: p, Leave: calendar, Uses: uses.New(uses.Deps{Store: usesdb.New(p.DB), Tx: p.DB, Now: p.Now}),
		Excused: livedb.New(p.DB).Exceptions}}
	d.Gate = gate.New(gate.Deps{Store: gatedb.New(p.DB), Tx: p.DB, Audit: p.Audit, Sessions: p.Sessions, Now: p.Now,
		Administers: d.administers, Recheck: d.worst})
	return d
}

// Fresh refuses with gate.NotFresh whoever has not just touched a key.
func (d *Desk) Fresh(ctx context.Context, person ids.Person, session ids.Session) error {
	return d.Gate.Fresh(ctx, gate.By{Person: person, Session: session})
}

// The problems of this room.
var (
	NotCounted = problem.Define(problem.Unavailable, "forecast.not_counted",
		"The uses of services have not all been counted yet.",
		"Try again in some minutes, or judge everybody at every service that a rule lets them into.")
	NoUses = problem.Define(problem.Conflict, "forecast.no_uses",
		"Nobody is known to have used any service in that time, so a forecast of it would find nobody.",
		"Judge everybody at every service that a rule lets them into.")
	BadDays = problem.Define(problem.Invalid, "forecast.bad_days",
		"It is not clear over how many days uses are looked at.",
		"Give 30 or 90, or nothing: then everybody is judged at every service that a rule lets them into.")
)

// Problems lists every problem of this room, for documents and tests.
func Problems() []problem.Definition {
	return []problem.Definition{NotCounted, NoUses, BadDays, PackThere, PackByHand}
}

// Question is what a forecast is to be made of.
type Question struct {
	Text versions.Text
	At   time.Time // zero is now
	Days int       // 30 or 90: people are judged where they have been; 0: wherever a rule lets them in
}

// Forecast works out whom a text would lock out, and changes nothing. Problems: those
// of reading the text, BadDays, NoUses, NotCounted.
func (d *Desk) Forecast(ctx context.Context, question Question) (*forecast.Forecast, gate.Draft, error) {
	if question.Days != 0 && question.Days != 30 && question.Days != 90 {
		return nil, gate.Draft{}, BadDays.New()
	}
	next, err := rulebook.Parse(question.Text.Name, question.Text.Body)
	if err != nil {
		return nil, gate.Draft{}, err
	}
	_, before, err := d.deps.Policies.Current(ctx)
	if problem.Is(err, versions.NonePublished) {
		before, err = nil, nil
	}
	if err != nil {
		return nil, gate.Draft{}, err
	}
	draft := draftOf(before, next, string(question.Text.Body))
	facts := &forecast.Facts{At: question.At, Next: policy.Compile(next), Privileged: draft.Privileged, Named: named(before, next)}
	if facts.At.IsZero() {
		facts.At = d.deps.Now()
	}
	if before != nil {
		facts.Before = policy.Compile(before)
	}
	if err := d.gather(ctx, question, facts); err != nil {
		return nil, gate.Draft{}, err
	}
	return forecast.Make(facts), draft, nil
}

// Make is Forecast, and keeps that it was made. Problems: those of Forecast.
func (d *Desk) Make(ctx context.Context, actor audit.Actor, question Question) (*forecast.Forecast, gate.Kept, error) {
	made, draft, err := d.Forecast(ctx, question)
	if err != nil {
		return nil, gate.Kept{}, err
	}
	kept, err := d.Gate.Keep(ctx, actor, draft, made)
	return made, kept, err
}

// MayEnforce is what versions.Deps.MayEnforce asks. Where nobody is in the directory,
// nobody can be locked out.
func (d *Desk) MayEnforce(ctx context.Context, asked versions.Enforcing) error {
	count, err := d.deps.People.Count(ctx)
	if err != nil || count.Active == 0 {
		return err
	}
	return d.Gate.MayEnforce(ctx, draftOf(asked.Before, asked.Next, asked.Version.Text))
}

// draftOf is a text as the gate knows it. before is nil when nothing is in force.
func draftOf(before, next *policy.Policy, text string) gate.Draft {
	draft := gate.Draft{Text: text, Version: next.Version}
	if before == nil {
		return draft
	}
	draft.Against = before.Version
	stricter := versions.Stricter(before, next)
	draft.Privileged = slices.ContainsFunc(next.Rules, func(rule policy.Rule) bool {
		return aboutRoles(&rule) && slices.Contains(stricter, rule.ID)
	})
	return draft
}

// aboutRoles reports whether a rule is for people because of what they administer.
func aboutRoles(rule *policy.Rule) bool { return rule.Privileged || len(rule.Roles) > 0 }

// named are the user names in the rules of policies; nil is a policy without rules.
func named(all ...*policy.Policy) map[string]bool {
	names := map[string]bool{}
	for _, one := range all {
		if one == nil {
			continue
		}
		for _, rule := range one.Rules {
			for _, name := range rule.People {
				names[name] = true
			}
		}
	}
	return names
}

// worst finds what must not be so when a policy is enforced, whatever was forecast.
func (d *Desk) worst(ctx context.Context, draft gate.Draft) ([]forecast.Kind, error) {
	var found []forecast.Kind
	grants, err := d.deps.Roles.All(ctx)
	if err != nil {
		return nil, err
	}
	spare, weak := false, false
	for _, grant := range grants {
		person, err := d.deps.People.Get(ctx, grant.Person)
		if err != nil {
			return nil, err
		}
		if !person.MaySignIn(d.deps.Now()) {
			continue
		}
		standing, err := d.deps.Factors.Standing(ctx, grant.Person)
		if err != nil {
			return nil, err
		}
		complete := d.deps.Factors.Complete(standing)
		weak = weak || !complete
		spare = spare || complete && grant.Role == roles.Administrator
	}
	readiness, err := d.deps.BreakGlass.Readiness(ctx)
	if err != nil {
		return nil, fmt.Errorf("look at the emergency access: %w", err)
	}
	for kind, is := range map[forecast.Kind]bool{forecast.NoAdministrator: !spare, forecast.WeakPrivileged: draft.Privileged && weak, forecast.NoBreakGlass: !readiness.Ready()} {
		if is {
			found = append(found, kind)
		}
	}
	slices.Sort(found)
	return found, nil
}

// administers reports whether somebody is an administrator who may act now.
func (d *Desk) administers(ctx context.Context, id ids.Person) (bool, error) {
	person, err := d.deps.People.Get(ctx, id)
	if err != nil || !person.MaySignIn(d.deps.Now()) {
		return false, err
	}
	held, err := d.deps.Roles.Of(ctx, id)
	return slices.Contains(held, roles.Administrator), err
}

// CountUses sums up the uses of services; a server does so from time to time.
func (d *Desk) CountUses(ctx context.Context) error {
	_, err := d.deps.Uses.CatchUp(ctx, 10*mostCaughtUp)
	return err
}
