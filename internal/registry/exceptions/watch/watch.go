// Package watch looks after exceptions while they last: it warns of ends to come, writes
// down what is over, and says which nobody looks after any more.
//
// Nothing hangs from its being run: an exception is over at its end by itself. What an
// exception is, and every change to it, is for the package above.
package watch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/exceptions"
)

// House is what other rooms know, and this one must.
type House interface {
	// Standing says what somebody is here.
	Standing(ctx context.Context, person ids.Person) (exceptions.Standing, error)
	// Affected are the people an exception lets in, as far as is known.
	Affected(ctx context.Context, e exceptions.Exception) ([]ids.Person, error)
	// Tell writes to somebody, if they can be written to, in the unit of work of ctx.
	Tell(ctx context.Context, person ids.Person, subject, text string) error
}

// Deps is what a Watch needs.
type Deps struct {
	Register *exceptions.Register
	Store    exceptions.Store
	House    House
	Tx       tx.Runner
	Now      func() time.Time
}

// Watch is the room's entry.
type Watch struct{ deps Deps }

// New returns a watch.
func New(deps Deps) *Watch { return &Watch{deps: deps} }

const day = 24 * time.Hour

// sweeper is who the record names for what nobody did by hand.
const sweeper = "exceptions.sweep"

// warningDays is how many days before an end people are warned, longest first.
func warningDays() []int { return []int{30, 14, 7, 1} }

// Sweep warns of ends to come and writes down which exceptions are over. Nothing
// hangs from its being run: an exception is over at its end by itself. Each
// exception is a unit of work of its own, so that one that fails does not hold up the
// others. App runs it every minute.
func (w *Watch) Sweep(ctx context.Context) error {
	var failed []error
	for _, state := range []exceptions.State{exceptions.Proposed, exceptions.Approved} {
		all, err := w.deps.Register.List(ctx, exceptions.Filter{State: state})
		if err != nil {
			return err
		}
		for _, e := range all {
			if err := w.sweep(ctx, e); err != nil {
				failed = append(failed, err)
			}
		}
	}
	return errors.Join(failed...)
}

func (w *Watch) sweep(ctx context.Context, e exceptions.Exception) error {
	now := w.deps.Now().UTC().Truncate(time.Millisecond)
	if !now.Before(e.End) {
		return w.expire(ctx, e)
	}
	days := due(e, now)
	if e.State != exceptions.Approved || days == 0 {
		return nil
	}
	return w.deps.Tx.InTx(ctx, func(ctx context.Context) error { return w.warn(ctx, e, days, now) })
}

// expire writes down that an exception is over, and tells its owner. Who was affected
// has been warned.
func (w *Watch) expire(ctx context.Context, e exceptions.Exception) error {
	return w.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		after, err := w.deps.Register.Expire(ctx, sweeper, e.ID)
		if problem.Is(err, exceptions.MovedOn) {
			return nil // somebody was first, or has renewed it
		}
		if err != nil {
			return err
		}
		if after.ApprovedBy == "" {
			return w.deps.House.Tell(ctx, e.Owner, "The proposal "+e.Name()+" was not approved in time",
				"Its end came before anybody had approved it. If it is still needed, propose it anew.")
		}
		return w.deps.House.Tell(ctx, e.Owner, "The exception "+e.Name()+" is over",
			"It ended on "+clock(e.End)+". Whoever was let in because of it is asked for what the policy asks of everybody.")
	})
}

// due is which warning it is time for: the shortest one that has come; 0 is none. A
// warning that would have come before the exception was approved, or last renewed, is
// none.
func due(e exceptions.Exception, now time.Time) int {
	found := 0
	for _, days := range warningDays() {
		at := e.End.Add(-time.Duration(days) * day)
		if !now.Before(at) && at.After(e.ApprovedAt) {
			found = days
		}
	}
	return found
}

// warn tells the owner and everybody affected, each once.
func (w *Watch) warn(ctx context.Context, e exceptions.Exception, days int, now time.Time) error {
	owner := exceptions.Warning{Exception: e.ID, Person: e.Owner, End: e.End, Days: days, At: now}
	if first, err := w.deps.Store.Warn(ctx, owner); err != nil || !first {
		return err // whoever has come to be affected since hears of the next one
	}
	affected, err := w.deps.House.Affected(ctx, e)
	if err != nil {
		return fmt.Errorf("find whom %s affects: %w", e.Name(), err)
	}
	left := "in " + fmt.Sprint(days) + " days"
	if days == 1 {
		left = "tomorrow"
	}
	if err := w.deps.House.Tell(ctx, e.Owner, "The exception "+e.Name()+" ends "+left, fmt.Sprintf(
		"The exception %s, which you answer for, ends on %s. From that minute on, whoever is let in because of it is asked for what the policy asks of everybody: %d people are affected.\n\n"+
			"How it is to stop being needed: %s.\n\nIf it is needed longer, ask for a renewal in time; somebody else must approve it.", e.Name(), clock(e.End), len(affected), e.Sunset.Path.Label())); err != nil {
		return err
	}
	for _, person := range affected {
		if person == e.Owner {
			continue
		}
		warning := owner
		warning.Person = person
		first, err := w.deps.Store.Warn(ctx, warning)
		if err != nil {
			return err
		}
		if !first {
			continue
		}
		if err := w.deps.House.Tell(ctx, person, "From "+clock(e.End)+" you need a stronger way of signing in", fmt.Sprintf(
			"Until now you may sign in to some services with less than others, because of the exception %s. It ends on %s.\n\n"+
				"Set up a security key before then, or ask the service desk what you will need.", e.Name(), clock(e.End))); err != nil {
			return err
		}
	}
	return nil
}

// clock is a moment as people read it.
func clock(at time.Time) string { return at.UTC().Format("2 January 2006 at 15:04 UTC") }
