// Package boardtest is the contract that every store of exception debt must keep. Only
// tests import it.
package boardtest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/exceptions/board"
	"github.com/warder-project/warder/internal/testkit"
)

// House is an empty store and its units of work.
type House struct {
	Store board.Store
	Tx    tx.Runner
}

// Contract checks a store. open gives an empty one each time.
func Contract(t *testing.T, open func(testing.TB) House) {
	t.Helper()
	t.Run("days come back in order, the last word on each", func(t *testing.T) {
		t.Parallel()
		h := open(t)
		today := testkit.Start().Truncate(24 * time.Hour)
		first, second := board.Owed{Day: today.AddDate(0, 0, -7), Debt: 900, Live: 2, People: 5}, board.Owed{Day: today, Debt: 700, Live: 1, People: 3}
		corrected := second
		corrected.Debt, corrected.Live, corrected.People = 650, 2, 4
		for _, owed := range []board.Owed{second, first, corrected} {
			h.put(t, owed)
		}
		for since, want := range map[time.Time][]board.Owed{first.Day: {first, corrected}, first.Day.Add(time.Millisecond): {corrected}, today.AddDate(0, 0, 1): nil} {
			got, err := h.Store.Since(t.Context(), since)
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		}
	})
	t.Run("many may write one day at once", func(t *testing.T) {
		t.Parallel()
		h := open(t)
		owed := board.Owed{Day: testkit.Start().Truncate(24 * time.Hour), Debt: 1, Live: 1, People: 1}
		var all sync.WaitGroup
		for range 6 {
			all.Go(func() { h.put(t, owed) })
		}
		all.Wait()
		if got, err := h.Store.Since(t.Context(), owed.Day); err != nil || len(got) != 1 {
			t.Errorf("%v, %v", got, err)
		}
	})
	t.Run("nothing below zero is kept", func(t *testing.T) {
		t.Parallel()
		h := open(t)
		err := h.Tx.InTx(t.Context(), func(ctx context.Context) error { return h.Store.Put(ctx, board.Owed{Day: testkit.Start(), Debt: -1}) })
		if err == nil {
			t.Error("a debt below zero was kept")
		}
	})
}

func (h House) put(t testing.TB, owed board.Owed) {
	t.Helper()
	if err := h.Tx.InTx(t.Context(), func(ctx context.Context) error { return h.Store.Put(ctx, owed) }); err != nil {
		t.Error(err)
	}
}
