// Package gatetest is the contract that every store of forecasts must keep. Only tests
// import it.
package gatetest

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/journey/forecast/gate"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/testkit"
)

// House is a store on an empty database.
type House struct {
	Store gate.Store
	Tx    tx.Runner
}

// Contract checks a store. open gives an empty one each time.
func Contract(t *testing.T, open func(testing.TB) House) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, House){
		"the newest forecast of a text against a version counts": latest,
		"what was asked comes back":                              comesBack,
		"what is used at once by many is used once":              usedOnce,
		"rules hold below the domain":                            rules,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, open(t))
		})
	}
}

func (h House) in(t testing.TB, deed func(ctx context.Context) error) error {
	t.Helper()
	return h.Tx.InTx(t.Context(), deed)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var one, other = strings.Repeat("1", 64), strings.Repeat("2", 64)

func (h House) keep(t testing.TB, draft, against string, after time.Duration) gate.Kept {
	t.Helper()
	kept := gate.Kept{ID: ids.New[ids.Forecast](), Draft: draft, Version: "v", Against: against, For: testkit.Start(), Scope: "used",
		MadeAt: testkit.Start().Add(after), MadeBy: audit.Command("root"), People: 800, Blockers: 1, Findings: "no_method 12"}
	must(t, h.in(t, func(ctx context.Context) error { return h.Store.Keep(ctx, kept) }))
	return kept
}

func latest(t *testing.T, h House) {
	h.keep(t, one, "a", 0)
	want := h.keep(t, one, "a", time.Hour)
	h.keep(t, other, "a", 2*time.Hour)
	h.keep(t, one, "b", 3*time.Hour)
	got, found, err := h.Store.Latest(t.Context(), one, "a")
	if diff := cmp.Diff(want, got); diff != "" || !found || err != nil {
		t.Errorf("found %v, %v (-want +got):\n%s", found, err, diff)
	}
	if _, found, err := h.Store.Latest(t.Context(), other, "b"); found || err != nil {
		t.Errorf("a forecast that nobody made: %v, %v", found, err)
	}
}

func (h House) ask(t testing.TB, after time.Duration) gate.Override {
	t.Helper()
	override := gate.Override{ID: ids.New[ids.Override](), Draft: one, Version: "v", Against: "a", Forecast: h.keep(t, one, "a", 0).ID, Reason: "an attack is under way",
		State: gate.Asked, AskedBy: "prs_a", AskedAt: testkit.Start().Add(after), Until: testkit.Start().Add(after + time.Hour)}
	must(t, h.in(t, func(ctx context.Context) error { return h.Store.Ask(ctx, override) }))
	return override
}

func comesBack(t *testing.T, h House) {
	h.ask(t, 0)
	want := h.ask(t, time.Minute)
	got, found, err := h.Store.Of(t.Context(), one, "a")
	if diff := cmp.Diff(want, got); diff != "" || !found || err != nil {
		t.Errorf("found %v, %v (-want +got):\n%s", found, err, diff)
	}
	want.State, want.DecidedBy, want.DecidedAt = gate.Approved, "prs_b", testkit.Start().Add(2*time.Minute)
	must(t, h.in(t, func(ctx context.Context) error {
		_, err := h.Store.Move(ctx, want, gate.Asked)
		return err
	}))
	got, err = h.Store.Get(t.Context(), want.ID)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
	if _, found, err := h.Store.Of(t.Context(), one, "b"); found || err != nil {
		t.Errorf("an override against another version: %v, %v", found, err)
	}
	if _, err := h.Store.Get(t.Context(), ids.New[ids.Override]()); !problem.Is(err, gate.NotFound) {
		t.Errorf("an override that nobody asked for: %v", err)
	}
}

func usedOnce(t *testing.T, h House) {
	override := h.ask(t, 0)
	override.State, override.DecidedBy, override.DecidedAt = gate.Approved, "prs_b", testkit.Start()
	must(t, h.in(t, func(ctx context.Context) error {
		_, err := h.Store.Move(ctx, override, gate.Asked)
		return err
	}))
	override.State, override.UsedAt = gate.Used, testkit.Start()
	var used atomic.Int32
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			moved := false
			err := h.in(t, func(ctx context.Context) error {
				var err error
				moved, err = h.Store.Move(ctx, override, gate.Approved)
				return err
			})
			if err != nil {
				t.Error(err)
			}
			if moved {
				used.Add(1)
			}
		})
	}
	group.Wait()
	if used.Load() != 1 {
		t.Errorf("used %d times", used.Load())
	}
}

func rules(t *testing.T, h House) {
	override := h.ask(t, 0)
	override.State, override.DecidedBy, override.DecidedAt = gate.Approved, override.AskedBy, testkit.Start()
	err := h.in(t, func(ctx context.Context) error {
		_, err := h.Store.Move(ctx, override, gate.Asked)
		return err
	})
	if err == nil {
		t.Error("somebody approved what they asked for themselves")
	}
}
