// Package reviewstest is the contract that every store of reviews must keep. Only tests
// import it.
package reviewstest

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
	"github.com/warder-project/warder/internal/registry/exceptions/reviews"
	"github.com/warder-project/warder/internal/testkit"
)

// House is a store with what stands around it, all on one empty database.
type House struct {
	Store reviews.Store
	Tx    tx.Runner
	// Exception keeps an exception and returns its id.
	Exception func(t testing.TB) ids.Exception
}

// Contract checks a store. open gives an empty one each time.
func Contract(t *testing.T, open func(testing.TB) House) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, House){
		"what is kept comes back":                   comesBack,
		"an exception has one open review":          once,
		"open ones come with the earliest first":    inOrder,
		"what many close at once is closed once":    closeOnce,
		"rules hold below the domain":               rules,
		"only what was missed is counted as missed": missed,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, open(t))
		})
	}
}

func (h House) review(t testing.TB) reviews.Review {
	t.Helper()
	due := testkit.Start().Add(24 * time.Hour)
	return reviews.Review{ID: ids.New[ids.Review](), Exception: h.Exception(t), Due: due, Lapses: due.Add(reviews.Grace),
		Reviewer: ids.New[ids.Person](), State: reviews.Open, OpenedAt: testkit.Start()}
}

func (h House) do(t testing.TB, work func(ctx context.Context) error) {
	t.Helper()
	if err := h.Tx.InTx(t.Context(), work); err != nil {
		t.Fatal(err)
	}
}

func (h House) add(t testing.TB, review reviews.Review) error {
	t.Helper()
	return h.Tx.InTx(t.Context(), func(ctx context.Context) error { return h.Store.Add(ctx, review) })
}

func (h House) mustAdd(t testing.TB, all ...reviews.Review) {
	t.Helper()
	for _, review := range all {
		if err := h.add(t, review); err != nil {
			t.Fatal(err)
		}
	}
}

func done(review reviews.Review) reviews.Review {
	review.State, review.Outcome, review.Cause, review.Note = reviews.Done, reviews.Shorten, reviews.Holds, "Seen."
	review.NewEnd, review.By, review.ClosedAt = review.Due.Add(time.Hour), ids.Person("prs_x"), review.Due
	return review
}

func comesBack(t *testing.T, h House) {
	one := h.review(t)
	h.mustAdd(t, one)
	moved := one
	moved.Due, moved.Lapses, moved.Reviewer, moved.AskedAt = one.Due.Add(time.Hour), one.Lapses.Add(time.Hour), ids.New[ids.Person](), one.OpenedAt
	for _, step := range []struct {
		want   reviews.Review
		change func(ctx context.Context, r reviews.Review) (bool, error)
	}{{one, nil}, {moved, h.Store.Move}, {done(moved), h.Store.Close}} {
		if step.change != nil {
			h.do(t, func(ctx context.Context) error {
				changed, err := step.change(ctx, step.want)
				if err == nil && !changed {
					t.Error("it was not changed")
				}
				return err
			})
		}
		got, err := h.Store.Get(t.Context(), one.ID)
		if diff := cmp.Diff(step.want, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	h.do(t, func(ctx context.Context) error {
		changed, err := h.Store.Move(ctx, one)
		if changed {
			t.Error("one that is closed was moved")
		}
		return err
	})
	if _, err := h.Store.Get(t.Context(), ids.New[ids.Review]()); !problem.Is(err, reviews.NotFound) {
		t.Errorf("what is not there: %v", err)
	}
}

func once(t *testing.T, h House) {
	first := h.review(t)
	second := first
	second.ID, second.Due, second.Lapses = ids.New[ids.Review](), first.Due.Add(time.Hour), first.Lapses.Add(time.Hour)
	h.mustAdd(t, first)
	if err := h.add(t, second); !problem.Is(err, reviews.Closed) {
		t.Errorf("there are two open ones: %v", err)
	}
	h.do(t, func(ctx context.Context) error { _, err := h.Store.Close(ctx, done(first)); return err })
	h.mustAdd(t, second)
	got, err := h.Store.Of(t.Context(), first.Exception)
	if diff := cmp.Diff([]reviews.Review{second, done(first)}, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func inOrder(t *testing.T, h House) {
	late, soon, over := h.review(t), h.review(t), h.review(t)
	soon.Due = late.Due.Add(-time.Hour)
	h.mustAdd(t, late, soon, over)
	h.do(t, func(ctx context.Context) error { _, err := h.Store.Close(ctx, done(over)); return err })
	for _, test := range []struct {
		before time.Time
		limit  int
		want   []reviews.Review
	}{{late.Due.Add(1), 9, []reviews.Review{soon}}, {late.Due.Add(time.Millisecond), 9, []reviews.Review{soon, late}}, {late.Due.Add(time.Hour), 1, []reviews.Review{soon}}, {soon.Due, 9, nil}} {
		got, err := h.Store.Open(t.Context(), test.before, test.limit)
		if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
}

func closeOnce(t *testing.T, h House) {
	one := h.review(t)
	h.mustAdd(t, one)
	var closed atomic.Int32
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			won := false
			err := h.Tx.InTx(t.Context(), func(ctx context.Context) error {
				var err error
				won, err = h.Store.Close(ctx, done(one))
				return err
			})
			if err != nil {
				t.Error(err)
			} else if won {
				closed.Add(1)
			}
		})
	}
	all.Wait()
	if closed.Load() != 1 {
		t.Errorf("closed %d times", closed.Load())
	}
}

func missed(t *testing.T, h House) {
	gone, seen := h.review(t), h.review(t)
	h.mustAdd(t, gone, seen)
	gone.State, gone.ClosedAt = reviews.Missed, gone.Lapses
	h.do(t, func(ctx context.Context) error { _, err := h.Store.Close(ctx, gone); return err })
	h.do(t, func(ctx context.Context) error { _, err := h.Store.Close(ctx, done(seen)); return err })
	for since, want := range map[time.Time]int{gone.Lapses: 1, gone.Lapses.Add(time.Millisecond): 0, seen.Due: 1} {
		if got, err := h.Store.Missed(t.Context(), since); err != nil || got != want {
			t.Errorf("since %v: %d, %v", since, got, err)
		}
	}
}

func rules(t *testing.T, h House) {
	for name, spoil := range map[string]func(*reviews.Review){
		"in no state":                   func(r *reviews.Review) { r.State = "" },
		"of no exception":               func(r *reviews.Review) { r.Exception = "exc_none" },
		"that lapses before its day":    func(r *reviews.Review) { r.Lapses = r.Due },
		"that is closed and open":       func(r *reviews.Review) { r.ClosedAt = r.Due },
		"that is done by nobody":        func(r *reviews.Review) { *r = done(*r); r.By = "" },
		"that is done without a word":   func(r *reviews.Review) { *r = done(*r); r.Note = "" },
		"that is open and has a result": func(r *reviews.Review) { r.Outcome, r.Cause, r.Note, r.By = reviews.Keep, reviews.Holds, "x", "prs_x" },
	} {
		one := h.review(t)
		spoil(&one)
		if err := h.add(t, one); err == nil {
			t.Errorf("one %s was kept", name)
		}
	}
}
