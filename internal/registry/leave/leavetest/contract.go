// Package leavetest is the contract that every store of the leave calendar must keep.
// Only tests import it.
package leavetest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/days"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/leave"
	"github.com/warder-project/warder/internal/testkit"
)

// House is a store on an empty database.
type House struct {
	Store leave.Store
	Tx    tx.Runner
}

// Contract checks a store. open gives an empty one each time.
func Contract(t *testing.T, open func(testing.TB) House) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, House){
		"the newest period that covers a day counts":    newest,
		"an import replaces what it covers":             replaces,
		"what is over is forgotten, with its absences":  forgets,
		"an absence counts from its first to last day":  inclusive,
		"the same absence twice is one":                 once,
		"a period that ends before it begins is not it": rules,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, open(t))
		})
	}
}

func day(n int) time.Time { return days.Date(2026, time.December, n) }

func (h House) add(t *testing.T, first, last int, at time.Time, absences ...leave.Absence) leave.Period {
	t.Helper()
	period := leave.Period{ID: ids.New[ids.Calendar](), First: day(first), Last: day(last), ImportedAt: at, ImportedBy: "command root"}
	if err := h.Tx.InTx(t.Context(), func(ctx context.Context) error { return h.Store.Add(ctx, period, absences) }); err != nil {
		t.Fatal(err)
	}
	return period
}

func (h House) covering(t *testing.T, n int, want leave.Period) {
	t.Helper()
	got, found, err := h.Store.Covering(t.Context(), day(n))
	if diff := cmp.Diff(want, got); diff != "" || err != nil || found != (want.ID != "") {
		t.Errorf("day %d: found %v, error %v (-want +got):\n%s", n, found, err, diff)
	}
}

func newest(t *testing.T, h House) {
	long := h.add(t, 1, 31, testkit.Start())
	short := h.add(t, 10, 12, testkit.Start().Add(time.Hour))
	h.covering(t, 9, long)
	h.covering(t, 10, short)
	h.covering(t, 12, short)
	h.covering(t, 13, long)
	h.covering(t, 0, leave.Period{})
}

func replaces(t *testing.T, h House) {
	h.add(t, 10, 12, testkit.Start(), leave.Absence{Person: "prs_a", First: day(10), Last: day(12)})
	long := h.add(t, 1, 31, testkit.Start().Add(-time.Hour)) // even if its clock was behind
	h.covering(t, 10, long)
}

func forgets(t *testing.T, h House) {
	old := h.add(t, 1, 5, testkit.Start(), leave.Absence{Person: "prs_a", First: day(1), Last: day(5)})
	fresh := h.add(t, 6, 9, testkit.Start())
	if err := h.Tx.InTx(t.Context(), func(ctx context.Context) error { return h.Store.Forget(ctx, day(6)) }); err != nil {
		t.Fatal(err)
	}
	h.covering(t, 5, leave.Period{})
	h.covering(t, 6, fresh)
	h.away(t, old, 3)
}

func (h House) away(t *testing.T, period leave.Period, n int, want ...leave.Absence) {
	t.Helper()
	got, err := h.Store.Away(t.Context(), period.ID, day(n))
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("day %d: %v (-want +got):\n%s", n, err, diff)
	}
}

func inclusive(t *testing.T, h House) {
	a, b := leave.Absence{Person: "prs_a", First: day(3), Last: day(5)}, leave.Absence{Person: "prs_b", First: day(5), Last: day(5)}
	period := h.add(t, 1, 31, testkit.Start(), b, a)
	h.away(t, period, 2)
	h.away(t, period, 3, a)
	h.away(t, period, 5, a, b)
	h.away(t, period, 6)
}

func once(t *testing.T, h House) {
	a := leave.Absence{Person: "prs_a", First: day(3), Last: day(5)}
	h.away(t, h.add(t, 1, 31, testkit.Start(), a, a), 3, a)
}

func rules(t *testing.T, h House) {
	wrong := leave.Period{ID: ids.New[ids.Calendar](), First: day(2), Last: day(1)}
	if err := h.Tx.InTx(t.Context(), func(ctx context.Context) error { return h.Store.Add(ctx, wrong, nil) }); err == nil {
		t.Error("it was kept")
	}
}
