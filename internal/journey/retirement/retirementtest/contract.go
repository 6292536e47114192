// Package retirementtest is the contract that every store of retirements must keep.
// Only tests import it.
package retirementtest

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/journey/retirement"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/testkit"
)

// House is a store with what stands around it, all on one empty database.
type House struct {
	Store retirement.Store
	Tx    tx.Runner
	// Secret keeps a password of somebody and returns its id.
	Secret func(t testing.TB, person ids.Person) ids.Credential
}

// Contract checks a store. open gives an empty one each time.
func Contract(t *testing.T, open func(testing.TB) House) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, House){
		"what is kept comes back":                        comesBack,
		"a secret is disabled once at a time":            once,
		"lists are of a method and person, newest first": lists,
		"what is due is what is over and disabled":       due,
		"what is ended at once by many is ended once":    endOnce,
		"rules hold below the domain":                    rules,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, open(t))
		})
	}
}

func (h House) retired(t testing.TB) retirement.Retired {
	t.Helper()
	person := ids.New[ids.Person]()
	return retirement.Retired{ID: ids.New[ids.Retirement](), Secret: h.Secret(t, person), Person: person, Method: assurance.Password,
		State: retirement.Disabled, By: audit.Command("root"), At: testkit.Start(), Until: testkit.Start().Add(time.Hour)}
}

func (h House) add(t testing.TB, retired retirement.Retired) error {
	t.Helper()
	return h.Tx.InTx(t.Context(), func(ctx context.Context) error { return h.Store.Add(ctx, retired) })
}

func (h House) mustAdd(t testing.TB, all ...retirement.Retired) {
	t.Helper()
	for _, retired := range all {
		if err := h.add(t, retired); err != nil {
			t.Fatal(err)
		}
	}
}

func (h House) end(t testing.TB, retired retirement.Retired) bool {
	t.Helper()
	var ended bool
	err := h.Tx.InTx(t.Context(), func(ctx context.Context) error {
		var err error
		ended, err = h.Store.End(ctx, retired)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return ended
}

func ended(retired retirement.Retired) retirement.Retired {
	retired.State, retired.EndedBy, retired.EndedAt, retired.Reason = retirement.Restored, audit.Person("prs_x"), retired.At.Add(time.Minute), "They need it."
	return retired
}

func comesBack(t *testing.T, h House) {
	one := h.retired(t)
	h.mustAdd(t, one)
	for _, want := range []retirement.Retired{one, ended(one)} {
		if want.State != retirement.Disabled && !h.end(t, want) {
			t.Fatal("it was not ended")
		}
		got, err := h.Store.Get(t.Context(), one.ID)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	if _, err := h.Store.Get(t.Context(), ids.New[ids.Retirement]()); !problem.Is(err, retirement.NotFound) {
		t.Errorf("what is not there: %v", err)
	}
}

func once(t *testing.T, h House) {
	first := h.retired(t)
	second := first
	second.ID = ids.New[ids.Retirement]()
	h.mustAdd(t, first)
	if err := h.add(t, second); !problem.Is(err, retirement.Over) {
		t.Errorf("a secret was disabled twice: %v", err)
	}
	h.end(t, ended(first))
	h.mustAdd(t, second)
}

func lists(t *testing.T, h House) {
	older, newer, other := h.retired(t), h.retired(t), h.retired(t)
	newer.At, newer.Until = older.At.Add(time.Minute), older.Until.Add(time.Minute)
	other.Method = assurance.TOTP
	h.mustAdd(t, older, newer, other)
	for _, test := range []struct {
		person ids.Person
		limit  int
		want   []retirement.Retired
	}{{"", 10, []retirement.Retired{newer, older}}, {"", 1, []retirement.Retired{newer}}, {older.Person, 10, []retirement.Retired{older}}, {other.Person, 10, nil}} {
		got, err := h.Store.OfMethod(t.Context(), assurance.Password, test.person, test.limit)
		if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
}

func due(t *testing.T, h House) {
	over, later, given := h.retired(t), h.retired(t), h.retired(t)
	later.Until = over.Until.Add(time.Millisecond)
	h.mustAdd(t, later, over, given)
	h.end(t, ended(given))
	got, err := h.Store.Due(t.Context(), over.Until, 10)
	if diff := cmp.Diff([]retirement.Retired{over}, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if none, err := h.Store.Due(t.Context(), over.Until.Add(-time.Millisecond), 10); err != nil || len(none) != 0 {
		t.Errorf("%d are due too early, %v", len(none), err)
	}
}

func endOnce(t *testing.T, h House) {
	one := h.retired(t)
	h.mustAdd(t, one)
	var done atomic.Int32
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			err := h.Tx.InTx(t.Context(), func(ctx context.Context) error {
				changed, err := h.Store.End(ctx, ended(one))
				if err == nil && changed {
					done.Add(1)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got, err := h.Store.Get(t.Context(), one.ID); done.Load() < 1 || err != nil || got.State != retirement.Restored {
		t.Errorf("ended %d times, %v, %v", done.Load(), got.State, err)
	}
}

func rules(t *testing.T, h House) {
	for name, spoil := range map[string]func(*retirement.Retired){
		"of nobody":                   func(r *retirement.Retired) { r.Person = "" },
		"in no state":                 func(r *retirement.Retired) { r.State = "" },
		"of no secret":                func(r *retirement.Retired) { r.Secret = "crd_none" },
		"that is over when it begins": func(r *retirement.Retired) { r.Until = r.At },
		"that has ended and not":      func(r *retirement.Retired) { r.EndedAt = r.At },
	} {
		one := h.retired(t)
		spoil(&one)
		if err := h.add(t, one); err == nil {
			t.Errorf("one %s was kept", name)
		}
	}
}
