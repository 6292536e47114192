package helpdesk

import (
	"context"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/audit"
)

// Deed is what an agent does and is counted for.
type Deed string

// The deeds.
const (
	LookedUp   Deed = "looked_up"
	OpenedCase Deed = "opened"
	HeldBack   Deed = "held_back" // was refused for having done too much
)

// What one agent may do.
const (
	LookUpsAnHour = 30
	CasesADay     = 10
)

// limits of one agent, and how they are told.
func limit(deed Deed) (most int, within time.Duration, told problem.Definition) {
	if deed == LookedUp {
		return LookUpsAnHour, time.Hour, TooManyLookUps
	}
	return CasesADay, 24 * time.Hour, TooManyCases
}

// spend counts a deed of an agent and refuses one too many. Who is no person, the
// command line, is not counted.
func (d *Desk) spend(ctx context.Context, agent ids.Person, deed Deed) error {
	if agent == "" {
		return nil
	}
	most, within, told := limit(deed)
	var over bool
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		now := d.now()
		done, err := d.deps.Store.Count(ctx, agent, deed, now.Add(-within))
		if err != nil {
			return err
		}
		over = done >= most
		if !over {
			return d.deps.Store.Note(ctx, agent, deed, now)
		}
		return d.holdBack(ctx, agent, deed, now)
	})
	if err != nil {
		return fmt.Errorf("count what agent %s has done: %w", agent, err)
	}
	if over {
		d.deps.Alarm(true)
		return told.New()
	}
	return nil
}

// holdBack records that an agent was refused; of refusals that repeat, one an hour.
func (d *Desk) holdBack(ctx context.Context, agent ids.Person, deed Deed, now time.Time) error {
	before, err := d.deps.Store.Count(ctx, agent, HeldBack, now.Add(-time.Hour))
	if err != nil || before > 0 {
		return err
	}
	if err := d.deps.Store.Note(ctx, agent, HeldBack, now); err != nil {
		return err
	}
	return d.deps.Audit.Record(ctx, audit.Event{Actor: audit.Person(agent), Action: "desk.held_back", Subject: string(agent),
		Details: map[string]string{"deed": string(deed)}})
}

// Watch sounds the alarm while an agent has been held back within the last day.
func (d *Desk) Watch(ctx context.Context) error {
	held, err := d.deps.Store.Count(ctx, "", HeldBack, d.now().Add(-24*time.Hour))
	if err != nil {
		return fmt.Errorf("watch the service desk: %w", err)
	}
	d.deps.Alarm(held > 0)
	return nil
}

// Forget removes what was counted so long ago that it limits nobody.
func (d *Desk) Forget(ctx context.Context) error {
	return d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		return d.deps.Store.Forget(ctx, d.now().Add(-7*24*time.Hour))
	})
}
