// Package uses sums decisions up to what they say of habits: who has used which
// service, and when last. Whoever wants to know whom a change would touch asks here,
// in place of going through millions of decisions.
//
// The ledger follows the decisions in the order in which they were made, some minutes
// behind, so that those which are still being written are not passed over. A request
// that was refused is no use; one that was asked to sign in again is.
//
// The room owns the tables service_use and service_use_mark, and reads decision.
package uses

import (
	"context"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/tx"
)

const (
	// Longest is how far back uses are known.
	Longest = 90 * 24 * time.Hour
	// settled is how old a decision is before it is surely written.
	settled = 2 * time.Minute
	// batch is how many decisions one unit of work goes through.
	batch = 5000
)

// Store keeps the ledger. Writes happen inside a unit of work.
type Store interface {
	// Mark is the last decision that was summed up; "" before the first.
	Mark(ctx context.Context) (ids.Decision, error)
	// Sum goes through at most limit decisions after one and up to another, and moves
	// the mark. more says that there are others.
	Sum(ctx context.Context, after, upTo ids.Decision, limit int) (more bool, err error)
	// Forget removes what was last used before a time.
	Forget(ctx context.Context, before time.Time) error
	// Each calls yield for whatever was used since a time, in order of person and
	// service. yield must not use the store.
	Each(ctx context.Context, since time.Time, yield func(ids.Person, ids.Service) error) error
}

// Deps is what a Ledger needs.
type Deps struct {
	Store Store
	Tx    tx.Runner
	Now   func() time.Time
}

// Ledger knows who uses what. It is safe for concurrent use.
type Ledger struct{ deps Deps }

// New makes a Ledger.
func New(deps Deps) *Ledger { return &Ledger{deps: deps} }

// CatchUp sums up what was decided since the last time, at most so many batches of it,
// and reports whether that was all.
func (l *Ledger) CatchUp(ctx context.Context, batches int) (all bool, err error) {
	now := l.deps.Now()
	for range batches {
		var more bool
		err := l.deps.Tx.InTx(ctx, func(ctx context.Context) error {
			after, err := l.deps.Store.Mark(ctx)
			if err != nil {
				return err
			}
			after = max(after, decision.Since(now.Add(-Longest)))
			more, err = l.deps.Store.Sum(ctx, after, decision.Since(now.Add(-settled)), batch)
			return err
		})
		if err != nil {
			return false, fmt.Errorf("sum up the uses of services: %w", err)
		}
		if !more {
			return true, l.forget(ctx, now)
		}
	}
	return false, nil
}

func (l *Ledger) forget(ctx context.Context, now time.Time) error {
	return l.deps.Tx.InTx(ctx, func(ctx context.Context) error { return l.deps.Store.Forget(ctx, now.Add(-Longest)) })
}

// Settled is until when uses are known once the ledger has caught up.
func (l *Ledger) Settled() time.Time { return l.deps.Now().Add(-settled) }

// Each calls yield for each service that somebody has used since a time.
func (l *Ledger) Each(ctx context.Context, since time.Time, yield func(ids.Person, ids.Service) error) error {
	return l.deps.Store.Each(ctx, since, yield)
}
