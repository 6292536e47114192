// Package sunset watches whether exceptions come nearer to not being needed. A milestone
// that can be seen from here – a way through the gateway, people who use it – is marked
// as reached when it is seen, and not when somebody says so.
//
// It owns no table: milestones stand with their exception.
package sunset

import (
	"context"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/exceptions"
)

// Task is the name under which what is seen is on record.
const Task = "exception-milestones"

// House is what other rooms know, and this one must.
type House interface {
	// Routed is since when the gateway has a way into a service; zero when it has none.
	Routed(ctx context.Context, service ids.Service) (time.Time, error)
	// Traffic is when somebody last came through the gateway to a service since a
	// moment; zero when nobody did.
	Traffic(ctx context.Context, service ids.Service, since time.Time) (time.Time, error)
}

// Watch looks at the milestones of approved exceptions.
type Watch struct {
	Register *exceptions.Register
	House    House
}

// Turn is the repeated work: one look at all of them.
func (w *Watch) Turn(ctx context.Context) error {
	approved, err := w.Register.List(ctx, exceptions.Filter{State: exceptions.Approved})
	if err != nil {
		return err
	}
	for _, e := range approved {
		for i, step := range e.Sunset.Milestones {
			if !step.Done.IsZero() || step.Proof == exceptions.Said || e.Subject.Service == "" {
				continue
			}
			seen, err := w.seen(ctx, e, step)
			if err != nil {
				return fmt.Errorf("look for milestone %d of %s: %w", i+1, e.Name(), err)
			}
			if !seen {
				continue
			}
			_, err = w.Register.Reach(ctx, exceptions.By{Actor: audit.System(Task)}, e.ID, i+1)
			if err != nil && !problem.Is(err, exceptions.MovedOn) { // then the next turn looks again
				return err
			}
		}
	}
	return nil
}

func (w *Watch) seen(ctx context.Context, e exceptions.Exception, step exceptions.Milestone) (bool, error) {
	switch step.Proof {
	case exceptions.RouteSeen:
		at, err := w.House.Routed(ctx, e.Subject.Service)
		return !at.IsZero(), err
	case exceptions.TrafficSeen:
		at, err := w.House.Traffic(ctx, e.Subject.Service, e.Start)
		return !at.IsZero(), err
	case exceptions.Said:
	}
	return false, nil
}
