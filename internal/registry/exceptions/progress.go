package exceptions

import (
	"context"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
)

// Proof is what shows that a milestone is reached.
type Proof string

// The proofs.
const (
	Said        Proof = ""        // somebody says so
	RouteSeen   Proof = "route"   // the gateway has a way into the service
	TrafficSeen Proof = "traffic" // somebody has come through the gateway to the service
)

// Proofs lists them in the order of a form.
func Proofs() []Proof { return []Proof{Said, RouteSeen, TrafficSeen} }

// Window is a time in which an exception lowers what is asked to a floor.
type Window struct {
	From, Until time.Time // half open
	Floor       assurance.Requirement
}

// Windows are when an exception lowers what is asked, and to what. A review that nobody
// does closes the first on its day, whether or not anybody carries that out: then the
// stricter floor holds that was chosen for it, or none.
func (e Exception) Windows() []Window {
	if e.State != Approved {
		return nil
	}
	if e.Lapses.IsZero() || !e.Lapses.Before(e.End) {
		return []Window{{e.Start, e.End, e.Floor}}
	}
	var windows []Window
	if e.Lapses.After(e.Start) {
		windows = append(windows, Window{e.Start, e.Lapses, e.Floor})
	}
	if e.OnOverdue.Kind == Stricter && e.Floor != e.OnOverdue.Floor {
		windows = append(windows, Window{e.Lapses, e.End, e.Floor.And(e.OnOverdue.Floor)})
	}
	return windows
}

// Reach marks a milestone as reached; number counts from 1. What is to be seen by
// Warder itself is marked by nobody else. Problems: NotYours, Malformed, MovedOn.
func (r *Register) Reach(ctx context.Context, by By, id ids.Exception, number int) (Exception, error) {
	return r.step(ctx, by, id, milestoneReached, func(ctx context.Context, e *Exception) error {
		milestone, err := e.milestone(number)
		if err != nil {
			return err
		}
		if milestone.Proof != Said && by.Actor.Kind != audit.ActorSystem {
			return Malformed.New().At(problem.Field{Name: "milestone", Message: "Warder sees for itself when this is reached"})
		}
		milestone.Done, milestone.DoneBy = e.ChangedAt, by.Actor
		return r.mayTend(ctx, by, *e)
	})
}

// Move gives a milestone another day. The day in the plan is kept beside it, and what is
// moved to a later one has slipped. Problems: NotYours, Malformed, MovedOn.
func (r *Register) Move(ctx context.Context, by By, id ids.Exception, number int, due time.Time) (Exception, error) {
	due = moment(due)
	return r.step(ctx, by, id, milestoneMoved, func(ctx context.Context, e *Exception) error {
		milestone, err := e.milestone(number)
		if err != nil {
			return err
		}
		if !due.After(e.ChangedAt) {
			return Malformed.New().At(problem.Field{Name: "due", Message: "Choose a day to come"})
		}
		if milestone.First.IsZero() {
			milestone.First = milestone.Due
		}
		milestone.Due = due
		return r.mayTend(ctx, by, *e)
	})
}

// milestone is one that is not reached yet.
func (e *Exception) milestone(number int) (*Milestone, error) {
	if number < 1 || number > len(e.Sunset.Milestones) {
		return nil, Malformed.New().At(problem.Field{Name: "milestone", Message: "There is no milestone of that number"})
	}
	// The list is shared with what was read before; a change must not be seen there.
	e.Sunset.Milestones = append([]Milestone(nil), e.Sunset.Milestones...)
	milestone := &e.Sunset.Milestones[number-1]
	if !milestone.Done.IsZero() {
		return nil, MovedOn.Detailf("That milestone is reached already.")
	}
	return milestone, nil
}

// Looked records that somebody has reviewed an exception and leaves it as it is, or that
// its dates are to be worked out again: it lapses when the next review does. Problems:
// SamePerson, NotYourRoute, MovedOn.
func (r *Register) Looked(ctx context.Context, by By, id ids.Exception) (Exception, error) {
	return r.step(ctx, by, id, looked, func(ctx context.Context, e *Exception) error {
		if by.Actor.Kind == audit.ActorSystem {
			return nil
		}
		judged := *e
		judged.Renewal = Renewal{}
		return r.MayApprove(ctx, by, judged)
	})
}
