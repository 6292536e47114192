// Package throttletest holds the contract that every throttle.Store must pass.
// It is for tests only.
package throttletest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/throttle"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/testkit"
)

// Kept is a store with the units of work it is used in.
type Kept struct {
	throttle.Store
	Tx tx.Runner
}

// Contract is what every throttle.Store promises. open gives an empty one.
func Contract(t *testing.T, open func(t testing.TB) Kept) {
	t.Run("gives back what it keeps", func(t *testing.T) { givesBack(t, open(t)) })
	t.Run("loses no count among many writers", func(t *testing.T) { losesNone(t, open(t)) })
	t.Run("lifts what is named", func(t *testing.T) { lifts(t, open(t)) })
	t.Run("keeps the latest places", func(t *testing.T) { keepsLatest(t, open(t)) })
	t.Run("forgets what is old and not what has stopped", func(t *testing.T) { forgets(t, open(t)) })
	t.Run("forgets the least of too many", func(t *testing.T) { forgetsLeast(t, open(t)) })
}

func example(name, account string, failures int) throttle.Count {
	return throttle.Count{Name: name, Account: account, Kind: "password", Failures: failures, Shared: failures / 2, Told: failures / 3,
		Most: 60, FreeAt: testkit.Start().Add(time.Hour), At: testkit.Start()}
}

func (k Kept) in(t testing.TB, work func(ctx context.Context) error) {
	t.Helper()
	must(t, k.Tx.InTx(t.Context(), work))
}

func (k Kept) keep(t testing.TB, counts ...throttle.Count) {
	t.Helper()
	k.in(t, func(ctx context.Context) error { return k.Keep(ctx, counts...) })
}

func givesBack(t *testing.T, k Kept) {
	one, other, place := example("account:password:a", "a", 4), example("pair:password:a:b", "a", 9), example("place:b", "", 1)
	k.keep(t, one, other, place)
	one.Failures, one.FreeAt = 5, one.FreeAt.Add(time.Minute)
	k.keep(t, one)
	got, err := k.Counts(t.Context(), one.Name, place.Name, "account:password:z")
	must(t, err)
	if diff := cmp.Diff(map[string]throttle.Count{one.Name: one, place.Name: place}, got); diff != "" {
		t.Errorf("counts changed on their way (-want +got):\n%s", diff)
	}
	ofAccount, err := k.OfAccount(t.Context(), "a")
	must(t, err)
	if diff := cmp.Diff([]throttle.Count{one, other}, ofAccount); diff != "" {
		t.Errorf("the counts of the account (-want +got):\n%s", diff)
	}
	if got, err := k.Counts(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("asked for nothing, got %v, %v", got, err)
	}
}

func losesNone(t *testing.T, k Kept) {
	const writers, each = 6, 4
	results := make([]error, writers)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() {
			for range each {
				results[i] = k.Tx.InTx(t.Context(), func(ctx context.Context) error {
					counts, err := k.Counts(ctx, "account:password:a")
					if err != nil {
						return err
					}
					count := example("account:password:a", "a", counts["account:password:a"].Failures+1)
					return k.Keep(ctx, count)
				})
				if results[i] != nil {
					return
				}
			}
		})
	}
	all.Wait()
	for _, err := range results {
		must(t, err)
	}
	got, err := k.Counts(t.Context(), "account:password:a")
	must(t, err)
	if got["account:password:a"].Failures != writers*each {
		t.Errorf("%d guesses were counted as %d", writers*each, got["account:password:a"].Failures)
	}
}

func lifts(t *testing.T, k Kept) {
	pair, account, untouched := example("pair:password:a:b", "a", 20), example("account:password:a", "a", 60), example("account:totp:a", "a", 7)
	k.keep(t, pair, account, untouched)
	bound := throttle.Lifted{Pair: testkit.Start().Add(5 * time.Minute), Account: testkit.Start().Add(2 * time.Hour)}
	k.in(t, func(ctx context.Context) error { return k.Lift(ctx, []string{pair.Name, account.Name}, bound) })
	pair.Failures, pair.Shared, pair.Told, pair.FreeAt = 0, 0, 0, bound.Pair
	account.Failures, account.Shared, account.Told = 0, 0, 0 // waits less than the bound already
	got, err := k.Counts(t.Context(), pair.Name, account.Name, untouched.Name)
	must(t, err)
	if diff := cmp.Diff(map[string]throttle.Count{pair.Name: pair, account.Name: account, untouched.Name: untouched}, got); diff != "" {
		t.Errorf("what was lifted (-want +got):\n%s", diff)
	}
}

func keepsLatest(t *testing.T, k Kept) {
	at := testkit.Start()
	place := func(account, source string, after time.Duration) throttle.Place {
		return throttle.Place{Account: account, Source: source, At: at.Add(after)}
	}
	for _, p := range []throttle.Place{place("a", "home", 1*time.Hour), place("a", "office", 2*time.Hour), place("b", "café", 0),
		place("a", "train", 3*time.Hour), place("a", "office", 4*time.Hour)} {
		k.in(t, func(ctx context.Context) error { return k.KeepPlace(ctx, p, 2) })
	}
	got, err := k.Places(t.Context(), "a", 5)
	must(t, err)
	if diff := cmp.Diff([]throttle.Place{place("a", "office", 4*time.Hour), place("a", "train", 3*time.Hour)}, got); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
	if got, err := k.Places(t.Context(), "a", 1); err != nil || len(got) != 1 || got[0].Source != "office" {
		t.Errorf("the latest place is %v, %v", got, err)
	}
	if got, err := k.Places(t.Context(), "b", 2); err != nil || len(got) != 1 {
		t.Errorf("somebody else’s places: %v, %v", got, err)
	}
	held, free, never := example("account:password:a", "a", 5), example("pair:password:a:b", "a", 4), example("pair:totp:a:b", "a", 9)
	held.Most, free.Most, never.Most = 5, 5, 0
	k.keep(t, held, free, never, example("account:password:b", "b", 99))
	for account, want := range map[string]struct {
		stopped int
		latest  throttle.Place
	}{"a": {1, place("a", "office", 4*time.Hour)}, "z": {0, throttle.Place{Account: "z"}}} {
		stopped, latest, err := k.Glance(t.Context(), account)
		must(t, err)
		if stopped != want.stopped || latest != want.latest {
			t.Errorf("at a glance %s has %d stopped and is at %v, want %d and %v", account, stopped, latest, want.stopped, want.latest)
		}
	}
}

func forgets(t *testing.T, k Kept) {
	now, day := testkit.Start(), 24*time.Hour
	old := throttle.Old{Places: now.Add(-day), Few: now.Add(-30 * day), Many: now.Add(-365 * day), Usual: now.Add(-90 * day)}
	touched := func(count throttle.Count, ago time.Duration) throttle.Count {
		count.At = now.Add(-ago)
		return count
	}
	kept := []throttle.Count{
		touched(example("place:young", "", 5), time.Hour),
		touched(example("account:password:few", "few", 9), 29*day),
		touched(example("account:password:many", "many", 10), 364*day),
		touched(example("account:password:stopped", "stopped", 60), 9999*day),
	}
	k.keep(t, append([]throttle.Count{
		touched(example("place:old", "", 5), 25*time.Hour),
		touched(example("account:password:lifted", "lifted", 0), 25*time.Hour),
		touched(example("account:password:old", "old", 9), 31*day),
		touched(example("account:password:older", "older", 10), 366*day),
	}, kept...)...)
	k.in(t, func(ctx context.Context) error {
		return k.KeepPlace(ctx, throttle.Place{Account: "a", Source: "old", At: now.Add(-91 * day)}, 2)
	})
	var pruned int
	k.in(t, func(ctx context.Context) (err error) {
		pruned, err = k.Prune(ctx, old, 1000, 3)
		return err
	})
	if pruned != 3 {
		t.Errorf("%d counts were forgotten at once, want 3", pruned)
	}
	k.in(t, func(ctx context.Context) error {
		more, err := k.Prune(ctx, old, 1000, 3)
		pruned += more
		return err
	})
	if pruned != 4 {
		t.Errorf("%d counts were forgotten, want 4", pruned)
	}
	for _, count := range kept {
		if got, err := k.Counts(t.Context(), count.Name); err != nil || len(got) != 1 {
			t.Errorf("%s was forgotten (%v)", count.Name, err)
		}
	}
	if places, err := k.Places(t.Context(), "a", 2); err != nil || len(places) != 0 {
		t.Errorf("an old usual place is still there: %v, %v", places, err)
	}
}

func forgetsLeast(t *testing.T, k Kept) {
	older := example("account:password:older", "older", 1)
	older.At = older.At.Add(-time.Minute)
	k.keep(t, older, example("account:password:least", "least", 1), example("account:password:real", "real", 59))
	var pruned int
	k.in(t, func(ctx context.Context) (err error) {
		pruned, err = k.Prune(ctx, throttle.Old{}, 2, 1000)
		return err
	})
	got, err := k.Counts(t.Context(), "account:password:older", "account:password:least", "account:password:real")
	must(t, err)
	if _, there := got["account:password:older"]; pruned != 1 || len(got) != 2 || there {
		t.Errorf("%d were forgotten, left are %v", pruned, got)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
