// Package jobs runs work that comes round again and again: sealing the audit
// record, writing out decisions, pruning what is old. Of several nodes that share
// a database one does a piece of work at a time; it holds a lease, and when it is
// gone another takes over as soon as the lease has run out.
//
// It leaves to others what the work is. The work must bear being done twice: a
// node that was stopped for longer than its lease does not know that it lost it.
// There is no queue here, because nothing has needed one yet.
package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/warder-project/warder/internal/base/health"
	"github.com/warder-project/warder/internal/base/ids"
)

// Lease is how long a node has a piece of work to itself without renewing. It
// renews when half of it is over.
const Lease = 10 * time.Second

// Store keeps the leases.
type Store interface {
	// Take gives holder the lease of name until the given time, if nobody else
	// has one that is still good now, and reports whether holder has it.
	Take(ctx context.Context, name string, holder ids.Node, now, until time.Time) (bool, error)
	// Release gives a lease back before its time.
	Release(ctx context.Context, name string, holder ids.Node) error
}

// Deps is what the schedule needs.
type Deps struct {
	Store Store
	Node  ids.Node
	Now   func() time.Time
	Log   *slog.Logger
	// Tick gives a channel that delivers every so often, and a function that ends it.
	// nil is the clock of this machine.
	Tick func(every time.Duration) (ticks <-chan time.Time, stop func())
	// Board is told when work fails and when it succeeds again. It may be nil.
	Board *health.Board
}

// Schedule runs work.
type Schedule struct{ deps Deps }

// New returns a schedule.
func New(deps Deps) *Schedule {
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Tick == nil {
		deps.Tick = func(every time.Duration) (<-chan time.Time, func()) {
			ticker := time.NewTicker(every)
			return ticker.C, ticker.Stop
		}
	}
	return &Schedule{deps: deps}
}

// Run does the work at once and then every so often, whenever this node holds
// the lease of name, until ctx ends. An error of the work is logged and shown on
// the board, and the work is tried again at the next turn. Run returns nil when
// ctx has ended and the lease is given back.
func (s *Schedule) Run(ctx context.Context, name string, every time.Duration, work func(ctx context.Context) error) error {
	ticks, stop := s.deps.Tick(every)
	defer stop()
	turn := turn{schedule: s, name: name, work: work}
	defer turn.release(ctx)
	for {
		turn.do(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-ticks:
		}
	}
}

// turn is one piece of work on one node.
type turn struct {
	schedule *Schedule
	name     string
	work     func(ctx context.Context) error
	until    time.Time // end of our lease; zero when we have none
	failing  bool
}

func (t *turn) do(ctx context.Context) {
	if ctx.Err() != nil {
		return
	}
	mine, err := t.lease(ctx)
	if err == nil && mine {
		err = t.work(ctx)
	}
	if ctx.Err() != nil {
		return // we are being stopped; what failed because of that is no news
	}
	t.report(err)
}

// lease reports whether we may do the work, taking or renewing the lease when
// less than half of it is left.
func (t *turn) lease(ctx context.Context) (bool, error) {
	deps := t.schedule.deps
	now := deps.Now()
	if t.until.Sub(now) > Lease/2 {
		return true, nil
	}
	mine, err := deps.Store.Take(ctx, t.name, deps.Node, now, now.Add(Lease))
	if err != nil {
		return false, fmt.Errorf("take lease of %s: %w", t.name, err)
	}
	t.until = time.Time{}
	if mine {
		t.until = now.Add(Lease)
	}
	return mine, nil
}

func (t *turn) release(ctx context.Context) {
	if t.until.IsZero() {
		return
	}
	// ctx has ended already; the lease is given back all the same, but not for long.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	deps := t.schedule.deps
	if err := deps.Store.Release(ctx, t.name, deps.Node); err != nil {
		deps.Log.Warn("lease not given back; it runs out by itself", "job", t.name, "error", err)
	}
}

// report says once that work fails, and once that it is well again.
func (t *turn) report(err error) {
	deps, code := t.schedule.deps, "jobs."+t.name
	if err != nil {
		deps.Log.Error("repeated work failed", "job", t.name, "error", err)
		if deps.Board != nil {
			deps.Board.Set(health.Condition{Code: code, Severity: health.Warning,
				Cause: fmt.Sprintf("The repeated work %q fails.", t.name),
				Next:  "Look in the log for the reason. It is tried again by itself."})
		}
	}
	if err == nil && t.failing && deps.Board != nil {
		deps.Board.Clear(code)
	}
	t.failing = err != nil
}
