// Package usestest is the contract that every store of uses must keep. Only tests
// import it.
package usestest

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/decision/uses"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/testkit"
)

// House is a store with decisions beside it, on one empty database.
type House struct {
	Store     uses.Store
	Decisions interface {
		Keep(ctx context.Context, records []decision.Record) error
	}
	Tx tx.Runner
}

// Contract checks a store. open gives an empty one each time.
func Contract(t *testing.T, open func(testing.TB) House) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, House){
		"every decision is summed up once, in batches": batches,
		"what is still being written waits":            waits,
		"a refusal is no use, nor is what nobody did":  refusals,
		"what is over is forgotten":                    forgets,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, open(t))
		})
	}
}

func (h House) ledger(clock *testkit.Clock) *uses.Ledger {
	return uses.New(uses.Deps{Store: h.Store, Tx: h.Tx, Now: clock.Now})
}

// one is a decision about somebody at a service, so long ago.
func one(person, service string, ago time.Duration, effect policy.Effect) decision.Record {
	at := testkit.Start().Add(-ago)
	return decision.Record{ID: decision.Since(at), At: at, Person: ids.Person(person), Service: ids.Service(service), Effect: effect,
		IP: netip.MustParseAddr("192.0.2.1"), Requests: []decision.Request{{At: at, Method: "GET", Path: "/"}}}
}

func (h House) keep(t *testing.T, records ...decision.Record) {
	t.Helper()
	if err := h.Tx.InTx(t.Context(), func(ctx context.Context) error { return h.Decisions.Keep(ctx, records) }); err != nil {
		t.Fatal(err)
	}
}

func used(t *testing.T, ledger *uses.Ledger, since time.Duration, want ...string) {
	t.Helper()
	var got []string
	err := ledger.Each(t.Context(), testkit.Start().Add(-since), func(person ids.Person, service ids.Service) error {
		got = append(got, string(person)+" "+string(service))
		return nil
	})
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func catchUp(t *testing.T, ledger *uses.Ledger, batches int, want bool) {
	t.Helper()
	if all, err := ledger.CatchUp(t.Context(), batches); err != nil || all != want {
		t.Fatalf("caught up: %v, %v; want %v", all, err, want)
	}
}

func batches(t *testing.T, h House) {
	ledger := h.ledger(testkit.NewClock())
	var records []decision.Record
	for i := range 12 {
		records = append(records, one(fmt.Sprint("a", i%3), fmt.Sprint("s", i%2), time.Hour+time.Duration(i)*time.Minute, policy.Allow))
	}
	h.keep(t, records...)
	upTo := decision.Since(testkit.Start())
	mark, more := ids.Decision(""), true
	for range 3 { // five, five and two
		err := h.Tx.InTx(t.Context(), func(ctx context.Context) error {
			var err error
			if mark, err = h.Store.Mark(ctx); err == nil {
				more, err = h.Store.Sum(ctx, mark, upTo, 5)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if more {
		t.Error("twelve decisions take more than three batches of five")
	}
	want := []string{"a0 s0", "a0 s1", "a1 s0", "a1 s1", "a2 s0", "a2 s1"}
	used(t, ledger, 24*time.Hour, want...)
	catchUp(t, ledger, 1, true)
	used(t, ledger, 24*time.Hour, want...)
	used(t, ledger, time.Hour+2*time.Minute+30*time.Second, "a0 s0", "a1 s1", "a2 s0")
}

func waits(t *testing.T, h House) {
	clock := testkit.NewClock()
	ledger := h.ledger(clock)
	h.keep(t, one("a", "s", time.Minute, policy.Allow))
	catchUp(t, ledger, 1, true)
	used(t, ledger, time.Hour)
	clock.Advance(5 * time.Minute)
	h.keep(t, one("late", "s", time.Minute+time.Second, policy.Allow)) // written after the ledger went by, and not missed
	catchUp(t, ledger, 1, true)
	used(t, ledger, time.Hour, "a s", "late s")
}

func refusals(t *testing.T, h House) {
	ledger := h.ledger(testkit.NewClock())
	h.keep(t, one("a", "s", time.Hour, policy.Deny), one("b", "s", 2*time.Hour, policy.StepUp), one("", "s", 3*time.Hour, policy.StepUp), one("c", "", 4*time.Hour, policy.Allow))
	catchUp(t, ledger, 1, true)
	used(t, ledger, 24*time.Hour, "b s")
}

func forgets(t *testing.T, h House) {
	clock := testkit.NewClock()
	ledger := h.ledger(clock)
	h.keep(t, one("a", "s", time.Hour, policy.Allow), one("ages", "s", uses.Longest+time.Hour, policy.Allow))
	catchUp(t, ledger, 1, true)
	used(t, ledger, 2*uses.Longest, "a s")
	clock.Advance(uses.Longest)
	catchUp(t, ledger, 1, true)
	used(t, ledger, 2*uses.Longest)
}
