// Package stepuptest holds the promises every stepup.Store must keep.
package stepuptest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/stepup"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
)

// Opened is an empty store to try.
type Opened struct {
	Store stepup.Store
	Tx    tx.Runner
}

// Contract tries a store; open gives a new empty one.
func Contract(t *testing.T, open func(t *testing.T) Opened) {
	for _, promise := range []struct {
		name string
		keep func(t *testing.T, s Opened)
	}{
		{"EveryFieldComesBackAsWritten", fieldsComeBack},
		{"LatestIsOfThisSessionAndHashAndState", latest},
		{"OfManyWhoAdvanceTheSameOneSucceeds", race},
		{"DueAreThoseWhoseTimeIsOver", due},
	} {
		t.Run(promise.name, func(t *testing.T) {
			t.Parallel()
			promise.keep(t, open(t))
		})
	}
}

var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// A is a request to pay somebody that waits, for tests.
func A(at time.Time) stepup.Held {
	held := stepup.Held{ID: ids.New[ids.StepUp](), State: stepup.Waiting, AskedAt: at, Until: at.Add(stepup.WaitsFor),
		Request: stepup.Request{Session: ids.New[ids.Session](), Portal: ids.New[ids.Session](), Person: ids.New[ids.Person](), Service: ids.New[ids.Service](), Action: "pay",
			Title: "Pay somebody", Where: "Payroll", Keep: time.Minute, Method: "POST", Origin: "https://payroll.example", Address: "/pay?to=1",
			Amount: "over 1 kB", ContentType: "application/x-www-form-urlencoded", SentFrom: "https://payroll.example",
			Body: []byte("amount=1000"), Sum: [32]byte{1, 2, 3}}}
	held.ActionHash = held.Hash()
	return held
}

func (s Opened) do(t *testing.T, fn func(ctx context.Context) error) {
	t.Helper()
	if err := s.Tx.InTx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func fieldsComeBack(t *testing.T, s Opened) {
	held, bare := A(start), A(start)
	bare.Body, bare.ContentType, bare.SentFrom, bare.Sum = nil, "", "", [32]byte{}
	empty := A(start)
	empty.Body = []byte{}
	s.do(t, func(ctx context.Context) error {
		return errors.Join(s.Store.Add(ctx, held), s.Store.Add(ctx, bare), s.Store.Add(ctx, empty))
	})
	for _, want := range []stepup.Held{held, bare, empty} {
		got, err := s.Store.ByID(t.Context(), want.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("as added (-want +got):\n%s", diff)
		}
	}
	held.State, held.Credential, held.DecidedAt, held.Until = stepup.Granted, ids.New[ids.Credential](), start.Add(time.Minute), start.Add(time.Hour)
	held.Options, held.Challenge, held.UsedAt = []byte("{}"), []byte("kept"), start.Add(2*time.Minute)
	s.do(t, func(ctx context.Context) error { return s.Store.Advance(ctx, held) })
	held.Version++
	got, err := s.Store.ByID(t.Context(), held.ID)
	if diff := cmp.Diff(held, got); err != nil || diff != "" {
		t.Errorf("granted, %v (-want +got):\n%s", err, diff)
	}
	held.State = stepup.Used
	s.do(t, func(ctx context.Context) error { return s.Store.Advance(ctx, held) })
	if got, err = s.Store.ByID(t.Context(), held.ID); err != nil || got.Body != nil {
		t.Errorf("the content of what was used is still there: %q, %v", got.Body, err)
	}
	if _, err := s.Store.ByID(t.Context(), ids.New[ids.StepUp]()); !problem.Is(err, stepup.NotFound) {
		t.Errorf("one that is not there: %v", err)
	}
}

func latest(t *testing.T, s Opened) {
	older, newer, other := A(start), A(start.Add(time.Second)), A(start.Add(time.Minute))
	newer.Request, other.Request = older.Request, older.Request
	newer.ActionHash, other.ActionHash = older.ActionHash, older.ActionHash
	other.Session = ids.New[ids.Session]()
	s.do(t, func(ctx context.Context) error {
		return errors.Join(s.Store.Add(ctx, newer), s.Store.Add(ctx, older), s.Store.Add(ctx, other))
	})
	got, found, err := s.Store.Latest(t.Context(), older.Session, older.ActionHash, stepup.Granted, stepup.Waiting)
	if err != nil || !found || got.ID != newer.ID || got.Body != nil {
		t.Errorf("latest is %s with %q: %v, %v", got.ID, got.Body, found, err)
	}
	if _, found, err := s.Store.Latest(t.Context(), older.Session, older.ActionHash, stepup.Granted); found || err != nil {
		t.Errorf("one that is granted: %v, %v", found, err)
	}
	if _, found, err := s.Store.Latest(t.Context(), older.Session, [32]byte{9}, stepup.Waiting); found || err != nil {
		t.Errorf("one of another hash: %v, %v", found, err)
	}
}

func race(t *testing.T, s Opened) {
	held := A(start)
	s.do(t, func(ctx context.Context) error { return s.Store.Add(ctx, held) })
	var done sync.WaitGroup
	results := make([]error, 8)
	for i := range results {
		done.Go(func() {
			mine := held
			mine.State = stepup.Granted
			results[i] = s.Tx.InTx(t.Context(), func(ctx context.Context) error { return s.Store.Advance(ctx, mine) })
		})
	}
	done.Wait()
	succeeded := 0
	for _, err := range results {
		switch {
		case err == nil:
			succeeded++
		case !problem.Is(err, stepup.Over):
			t.Error(err)
		}
	}
	if succeeded != 1 {
		t.Errorf("%d of %d advanced it, want 1", succeeded, len(results))
	}
}

func due(t *testing.T, s Opened) {
	early, late, decided := A(start), A(start.Add(time.Hour)), A(start)
	decided.State = stepup.Declined
	s.do(t, func(ctx context.Context) error {
		return errors.Join(s.Store.Add(ctx, late), s.Store.Add(ctx, early), s.Store.Add(ctx, decided))
	})
	got, err := s.Store.Due(t.Context(), early.Until, 10)
	if err != nil || len(got) != 1 || got[0].ID != early.ID {
		t.Errorf("due are %v, %v", got, err)
	}
	counts, err := s.Store.Count(t.Context(), start.Add(time.Minute))
	if diff := cmp.Diff(map[stepup.State]int{stepup.Waiting: 1}, counts); err != nil || diff != "" {
		t.Errorf("counts, %v (-want +got):\n%s", err, diff)
	}
}
