package oversight

import (
	"context"
	"time"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/app/exempt"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/exceptions"
	"github.com/warder-project/warder/internal/registry/exceptions/board"
	"github.com/warder-project/warder/internal/registry/exceptions/reviews"
	"github.com/warder-project/warder/internal/registry/exceptions/reviews/reviewsweb"
	"github.com/warder-project/warder/internal/registry/exceptions/sunset"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/services"
)

// house answers for other rooms.
type house struct {
	around   exempt.House
	parts    Parts
	register *exceptions.Register
}

var (
	_ reviews.House = house{}
	_ board.House   = house{}
	_ sunset.House  = house{}
)

// Yearly says whether a service that an exception covers is held to the NHS policy. An
// exception for every service covers them all.
func (h house) Yearly(ctx context.Context, e exceptions.Exception) (bool, error) {
	if e.Subject.Service != "" {
		service, err := h.around.Services.Get(ctx, e.Subject.Service)
		if problem.Is(err, services.NotFound) {
			return true, nil // what it is held to is not known: the strict answer
		}
		return err == nil && service.Owes(services.NHSMFA), err
	}
	all, err := h.around.Services.List(ctx)
	for _, service := range all {
		if service.State == services.Admitted && service.Owes(services.NHSMFA) {
			return true, nil
		}
	}
	return false, err
}

// Uses counts the requests since a moment.
func (h house) Uses(ctx context.Context, id ids.Exception, since time.Time) (reviews.Uses, error) {
	records, err := exempt.Uses(ctx, h.around.Decisions, id)
	if err != nil {
		return reviews.Uses{}, err
	}
	var uses reviews.Uses
	people := map[ids.Person]bool{}
	for i := range records {
		if records[i].At.Before(since) {
			break // newest first
		}
		uses.Requests += len(records[i].Requests)
		people[records[i].Person] = true
		if last := lastOf(&records[i]); last.After(uses.Last) {
			uses.Last = last
		}
	}
	uses.People, uses.More = len(people), len(records) >= exempt.UsesMost && len(records) > 0 && !records[len(records)-1].At.Before(since)
	return uses, nil
}

// covered are the people an exception is for: those it names, or everybody who may sign in.
func (h house) covered(ctx context.Context, e exceptions.Exception) ([]ids.Person, error) {
	if !e.Subject.Everybody() {
		return exempt.Named(ctx, h.around.People, e.Subject)
	}
	var all []ids.Person
	now := h.around.Now()
	err := h.around.People.Each(ctx, func(person people.Person) error {
		if person.MaySignIn(now) {
			all = append(all, person.ID)
		}
		return nil
	})
	return all, err
}

// Number says for how many people an exception is.
func (h house) Number(ctx context.Context, e exceptions.Exception) (int, error) {
	covered, err := h.covered(ctx, e)
	return len(covered), err
}

// Covered says so too, and how many of them have a key that works.
func (h house) Covered(ctx context.Context, e exceptions.Exception) (number, withKey int, err error) {
	covered, err := h.covered(ctx, e)
	if err != nil {
		return 0, 0, err
	}
	for _, person := range covered {
		has, err := h.WithKey(ctx, person)
		if err != nil {
			return 0, 0, err
		}
		if has {
			withKey++
		}
	}
	return len(covered), withKey, nil
}

// WithKey says whether somebody has a key that works.
func (h house) WithKey(ctx context.Context, person ids.Person) (bool, error) {
	held, err := h.parts.Keys.HeldBy(ctx, person)
	for _, key := range held {
		if key.State.MaySignIn() {
			return true, nil
		}
	}
	return false, err
}

// Routed is since when the gateway has a way into a service.
func (h house) Routed(ctx context.Context, id ids.Service) (time.Time, error) {
	service, err := h.around.Services.Get(ctx, id)
	if problem.Is(err, services.NotFound) || service.State != services.Admitted {
		return time.Time{}, nil
	}
	var first time.Time
	for _, route := range service.Routes {
		if first.IsZero() || route.CreatedAt.Before(first) {
			first = route.CreatedAt
		}
	}
	return first, err
}

// Traffic is when somebody last came through the gateway to a service since a moment.
func (h house) Traffic(ctx context.Context, service ids.Service, since time.Time) (time.Time, error) {
	last, _, err := h.around.Decisions.List(ctx, decision.Filter{Service: service, Effect: "allow", Limit: 1})
	if err != nil || len(last) == 0 || lastOf(&last[0]).Before(since) {
		return time.Time{}, err
	}
	return lastOf(&last[0]), nil
}

// Under lists what was let in only because of an exception since a moment.
func (h house) Under(ctx context.Context, since time.Time) ([]board.Use, error) {
	all, err := h.register.List(ctx, exceptions.Filter{})
	if err != nil {
		return nil, err
	}
	var uses []board.Use
	for _, e := range all {
		if e.End.Before(since) || e.ApprovedAt.IsZero() {
			continue
		}
		records, err := exempt.Uses(ctx, h.around.Decisions, e.ID)
		if err != nil {
			return nil, err
		}
		for i := range records {
			if records[i].At.Before(since) {
				break // newest first
			}
			uses = append(uses, board.Use{Exception: e.ID, Person: records[i].Person, Service: records[i].Service, Requests: len(records[i].Requests), Last: lastOf(&records[i])})
		}
	}
	return uses, nil
}

// Tell writes to somebody.
func (h house) Tell(ctx context.Context, person ids.Person, subject, text string) error {
	return h.around.Write(ctx, person, subject, text)
}

// Address is where a review is opened, after signing in.
func (h house) Address(id ids.Review) string {
	return h.parts.PublicURL.JoinPath(reviewsweb.Path, string(id)).String()
}
