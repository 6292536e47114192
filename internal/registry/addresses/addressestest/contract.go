// Package addressestest is the contract that every store of former addresses must
// keep. Only tests import it.
package addressestest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/addresses"
)

// House is an empty store.
type House struct {
	Store addresses.Store
	Tx    tx.Runner
}

// Contract checks a store: what was kept last comes last, a second time counts from
// then on, nobody sees the addresses of others, and what is forgotten is gone.
func Contract(t *testing.T, h House) {
	t.Helper()
	start := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	clerk, other := ids.New[ids.Person](), ids.New[ids.Person]()
	keep := func(person ids.Person, email string, hours int) {
		t.Helper()
		err := h.Tx.InTx(t.Context(), func(ctx context.Context) error {
			return h.Store.Remember(ctx, person, email, start.Add(time.Duration(hours)*time.Hour))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	had := func(person ids.Person, hours int, want ...string) {
		t.Helper()
		got, err := h.Store.Replaced(t.Context(), person, start.Add(time.Duration(hours)*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("after %d hours (-want +got):\n%s", hours, diff)
		}
	}
	had(clerk, -1)
	keep(clerk, "First@example.org", 1)
	keep(clerk, "second@example.org", 2)
	keep(other, "first@example.org", 3)
	had(clerk, 0, "First@example.org", "second@example.org")
	had(clerk, 1, "second@example.org")
	keep(clerk, "First@example.org", 4)
	had(clerk, 0, "second@example.org", "First@example.org")
	err := h.Tx.InTx(t.Context(), func(ctx context.Context) error { return h.Store.Forget(ctx, start.Add(3*time.Hour)) })
	if err != nil {
		t.Fatal(err)
	}
	had(clerk, 0, "First@example.org")
	had(other, 0, "first@example.org")
}
