package breakglasstest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/breakglass"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/testkit"
)

// Kept is a store with the units of work it is used in.
type Kept struct {
	breakglass.Store
	Tx tx.Runner
}

// Contract is what every breakglass.Store promises. open gives an empty one.
func Contract(t *testing.T, open func(t testing.TB) Kept) {
	t.Run("keeps every field of a use", func(t *testing.T) { keepsEverything(t, open(t)) })
	t.Run("counts one challenge once", func(t *testing.T) { countsOnce(t, open(t)) })
	t.Run("lets one of many moves at once through", func(t *testing.T) { movesOnce(t, open(t)) })
	t.Run("has one open at a time", func(t *testing.T) { oneOpen(t, open(t)) })
	t.Run("makes no move that is not in the table", func(t *testing.T) { movesByTable(t, open(t)) })
	t.Run("lists uses, newest first, by page", func(t *testing.T) { lists(t, open(t)) })
	t.Run("remembers the last touch of each key", func(t *testing.T) { remembers(t, open(t)) })
}

func touch(holder string) breakglass.Touch {
	return breakglass.Touch{Person: ids.New[ids.Person](), Credential: ids.New[ids.Credential](), Key: ids.New[ids.Key](), Holder: holder}
}

func waiting() breakglass.Use {
	return breakglass.Use{ID: ids.New[ids.Use](), Purpose: breakglass.Emergency, State: breakglass.Waiting, Reason: "Nobody can sign in: “all” keys are gone.\nReally.",
		First: touch("Alice"), Browser: secret.Token().Hash(), Challenge: secret.Token().Hash(),
		BegunAt: testkit.Start(), Until: testkit.Start().Add(breakglass.ToTouch)}
}

func opened(use breakglass.Use) breakglass.Use {
	use.State, use.Second, use.Session = breakglass.Open, touch("Bob"), ids.New[ids.Session]()
	use.OpenedAt = use.BegunAt.Add(time.Minute)
	use.Until = use.OpenedAt.Add(breakglass.Longest)
	return use
}

func (k Kept) add(t testing.TB, uses ...breakglass.Use) {
	t.Helper()
	for _, use := range uses {
		must(t, k.Tx.InTx(t.Context(), func(ctx context.Context) error { return k.Add(ctx, use) }))
	}
}

func (k Kept) move(ctx context.Context, use breakglass.Use, from breakglass.State) error {
	return k.Tx.InTx(ctx, func(ctx context.Context) error { return k.Move(ctx, use, from) })
}

func (k Kept) same(t *testing.T, want breakglass.Use) {
	t.Helper()
	got, err := k.ByID(t.Context(), want.ID)
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the use changed on its way (-want +got):\n%s", diff)
	}
}

func keepsEverything(t *testing.T, k Kept) {
	use := waiting()
	k.add(t, use)
	k.same(t, use)
	if got, found, err := k.ByChallenge(t.Context(), use.Challenge); err != nil || !found || got.ID != use.ID {
		t.Errorf("by its challenge: %v, %v, %v", got.ID, found, err)
	}
	if _, found, err := k.ByChallenge(t.Context(), secret.Token().Hash()); err != nil || found {
		t.Errorf("by another challenge: %v, %v", found, err)
	}
	use = opened(use)
	must(t, k.move(t.Context(), use, breakglass.Waiting))
	k.same(t, use)
	use.State, use.EndedAt, use.Ending = breakglass.Closed, use.Until, breakglass.TimeUp
	must(t, k.move(t.Context(), use, breakglass.Open))
	k.same(t, use)
	use.State, use.Reviewer, use.ReviewedAt, use.Found = breakglass.Reviewed, ids.New[ids.Person](), use.Until.Add(time.Hour), "All was right."
	must(t, k.move(t.Context(), use, breakglass.Closed))
	k.same(t, use)
	recovery := breakglass.Use{ID: ids.New[ids.Use](), Purpose: breakglass.Recovery, State: breakglass.Closed, Reason: "All keys are gone.",
		First:   breakglass.Touch{Person: ids.New[ids.Person](), Holder: "root"},
		BegunAt: testkit.Start(), OpenedAt: testkit.Start(), EndedAt: testkit.Start(), Ending: breakglass.Recovered}
	k.add(t, recovery)
	k.same(t, recovery)
	if _, err := k.ByID(t.Context(), ids.New[ids.Use]()); !problem.Is(err, breakglass.NotFound) {
		t.Errorf("a use that does not exist: %v", err)
	}
}

func countsOnce(t *testing.T, k Kept) {
	use := waiting()
	k.add(t, use)
	again := waiting()
	again.Challenge = use.Challenge
	err := k.Tx.InTx(t.Context(), func(ctx context.Context) error { return k.Add(ctx, again) })
	if !problem.Is(err, breakglass.AlreadyUsed) {
		t.Errorf("a second use of one challenge: %v", err)
	}
}

func movesOnce(t *testing.T, k Kept) {
	use := waiting()
	k.add(t, use)
	results := make([]error, 6)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() { results[i] = k.move(t.Context(), opened(use), breakglass.Waiting) })
	}
	all.Wait()
	through := 0
	for _, err := range results {
		switch {
		case err == nil:
			through++
		case !problem.Is(err, breakglass.MovedOn):
			t.Errorf("a move that came too late: %v", err)
		}
	}
	if through != 1 {
		t.Errorf("%d of %d moves went through, want 1", through, len(results))
	}
}

func oneOpen(t *testing.T, k Kept) {
	one, other := waiting(), waiting()
	k.add(t, one, other)
	must(t, k.move(t.Context(), opened(one), breakglass.Waiting))
	if err := k.move(t.Context(), opened(other), breakglass.Waiting); err == nil {
		t.Error("two are open at once")
	}
	k.same(t, other)
}

func movesByTable(t *testing.T, k Kept) {
	for _, from := range breakglass.States() {
		for _, to := range breakglass.States() {
			use := waiting() // which is not kept, so that no move goes through
			use.State = to
			if err := k.move(t.Context(), use, from); err == nil || from.MayBecome(to) != problem.Is(err, breakglass.MovedOn) {
				t.Errorf("%s becomes %s: %v", from, to, err)
			}
		}
	}
}

func lists(t *testing.T, k Kept) {
	var want []ids.Use
	for i := range 5 {
		use := waiting()
		use.BegunAt = use.BegunAt.Add(time.Duration(i) * time.Minute)
		if i == 2 {
			use.Purpose, use.State = breakglass.Test, breakglass.Tested
		}
		k.add(t, use)
		want = append([]ids.Use{use.ID}, want...)
	}
	var got []ids.Use
	for after := ids.Use(""); ; after = got[len(got)-1] {
		page, err := k.List(t.Context(), breakglass.Query{After: after, Limit: 2})
		must(t, err)
		if len(page) == 0 {
			break
		}
		for _, use := range page {
			got = append(got, use.ID)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the pages (-want +got):\n%s", diff)
	}
	tested, err := k.List(t.Context(), breakglass.Query{State: breakglass.Tested})
	if err != nil || len(tested) != 1 || tested[0].ID != want[2] {
		t.Errorf("of one state: %v, %v", tested, err)
	}
}

func remembers(t *testing.T, k Kept) {
	early, late, lone := waiting(), waiting(), waiting()
	early.Purpose, late.Purpose = breakglass.Test, breakglass.Test
	late.First, late.BegunAt = early.First, early.BegunAt.Add(time.Hour)
	k.add(t, early, late, lone)
	for _, use := range []*breakglass.Use{&late, &early} {
		*use = opened(*use)
		use.State, use.Session, use.EndedAt = breakglass.Tested, "", use.OpenedAt
		must(t, k.move(t.Context(), *use, breakglass.Waiting))
	}
	touched, err := k.Touched(t.Context())
	must(t, err)
	want := map[ids.Key]time.Time{early.First.Key: late.OpenedAt, early.Second.Key: early.OpenedAt, late.Second.Key: late.OpenedAt}
	if diff := cmp.Diff(want, touched); diff != "" {
		t.Errorf("the last touches (-want +got):\n%s", diff)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
