// Package helpdesktest holds the contract that every helpdesk.Store must pass. It is
// for tests only.
package helpdesktest

import (
	"context"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/helpdesk"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/testkit"
)

// Kept is a store with the units of work it is used in.
type Kept struct {
	helpdesk.Store
	Tx tx.Runner
}

// Contract is what every helpdesk.Store promises. open gives an empty one.
func Contract(t *testing.T, open func(t testing.TB) Kept) {
	t.Run("DeedsAreCountedByAgentAndTime", func(t *testing.T) { counts(t, open(t)) })
}

func (k Kept) in(t testing.TB, work func(ctx context.Context) error) {
	t.Helper()
	if err := k.Tx.InTx(t.Context(), work); err != nil {
		t.Fatal(err)
	}
}

func counts(t *testing.T, k Kept) {
	start, agent, other := testkit.Start(), ids.New[ids.Person](), ids.New[ids.Person]()
	for i := range 3 {
		k.in(t, func(ctx context.Context) error {
			return k.Note(ctx, agent, helpdesk.LookedUp, start.Add(time.Duration(i)*time.Minute))
		})
	}
	k.in(t, func(ctx context.Context) error { return k.Note(ctx, agent, helpdesk.OpenedCase, start) })
	k.in(t, func(ctx context.Context) error { return k.Note(ctx, other, helpdesk.LookedUp, start) })
	count := func(agent ids.Person, deed helpdesk.Deed, since time.Time, want int) {
		t.Helper()
		if got, err := k.Count(t.Context(), agent, deed, since); got != want || err != nil {
			t.Errorf("counted %d, want %d, %v", got, want, err)
		}
	}
	count(agent, helpdesk.LookedUp, start.Add(-time.Second), 3)
	count(agent, helpdesk.LookedUp, start, 2)
	count("", helpdesk.LookedUp, start.Add(-time.Second), 4)
	count(agent, helpdesk.HeldBack, start.Add(-time.Second), 0)
	k.in(t, func(ctx context.Context) error { return k.Forget(ctx, start.Add(90*time.Second)) })
	count("", helpdesk.LookedUp, start.Add(-time.Second), 1)
}
