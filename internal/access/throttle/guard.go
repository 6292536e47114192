package throttle

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
)

// Try is one guess.
type Try struct {
	Kind    string     // the method: "password", "totp", "recovery_code", "pass"
	Account string     // a user name, the same for all methods; may name nobody; empty where none is told
	Source  netip.Addr // where it comes from
}

// Deps is what a Guard needs. All but Log is required.
type Deps struct {
	Store Store
	Tx    tx.Runner
	Audit *audit.Log
	// Person says whose account a name in lower case is, or "" when nobody's. It
	// is asked for the record only.
	Person func(ctx context.Context, account string) (ids.Person, error)
	Now    func() time.Time
	Log    *slog.Logger // nil discards
}

// Guard admits guesses, and refuses them.
type Guard struct {
	deps    Deps
	refused atomic.Int64 // since the last Report
}

// New returns a guard.
func New(deps Deps) *Guard {
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	return &Guard{deps: deps}
}

// errInWork tells a caller that what it counts would be undone with its work.
var errInWork = errors.New("admit a guess: called inside a unit of work, which would undo the count with itself")

// Admit counts a guess and lets it be judged, or refuses it without writing
// anything. It is called before any costly work and never inside a unit of
// work, since a wrong answer usually undoes that. After it comes Failed or
// Succeeded; a guess of which nothing is heard has failed.
// Problems: Wait, PlaceWaits, Stopped.
func (g *Guard) Admit(ctx context.Context, try Try) error {
	if tx.Inside(ctx) {
		return errInWork
	}
	// First a look, so that a flood takes no writer's turn.
	if _, err := g.judge(ctx, try); err != nil {
		return g.refusal(err)
	}
	err := g.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		counted, err := g.judge(ctx, try)
		if err != nil {
			return err
		}
		return g.deps.Store.Keep(ctx, counted...)
	})
	return g.refusal(err)
}

func (g *Guard) refusal(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := problem.Of(err); ok {
		g.refused.Add(1)
		return err
	}
	return fmt.Errorf("admit a guess: %w", err)
}

// judge says what the counts are with this guess, or why it must wait.
func (g *Guard) judge(ctx context.Context, try Try) ([]Count, error) {
	named, now := namesOf(try), g.now()
	counts, err := g.deps.Store.Counts(ctx, named.place, named.account, named.pair)
	if err != nil {
		return nil, err
	}
	place, wait := countPlace(counts[named.place], named, now)
	if wait > 0 {
		return nil, refuse(PlaceWaits, wait)
	}
	if try.Account == "" {
		return []Count{place}, nil
	}
	usual, err := g.usual(ctx, named, now)
	if err != nil {
		return nil, err
	}
	pair, account := counts[named.pair], counts[named.account]
	if pair.stopped() || !usual && account.stopped() {
		return nil, refuse(Stopped, 0)
	}
	wait = 0
	if rest := pair.FreeAt.Sub(now); rest > 0 && rest <= pairWait(pair.Failures)+skew {
		wait = rest
	}
	pair.Name, pair.Account, pair.Kind, pair.At, pair.Most = named.pair, named.hash, try.Kind, now, MostAtOnePlace
	pair.Failures++
	pair.FreeAt = now.Add(pairWait(pair.Failures))
	counted := []Count{place, pair}
	if !usual {
		account.Name, account.Account, account.Kind, account.At, account.Most = named.account, named.hash, try.Kind, now, MostElsewhere
		rest, whole := pace(account.FreeAt, now, accountBurst, window, accountRefill(account.Failures))
		wait = max(wait, rest)
		account.Failures++
		account.FreeAt = whole
		counted[1].Shared++
		counted = append(counted, account)
	}
	if wait > 0 {
		return nil, refuse(Wait, wait)
	}
	return counted, nil
}

func countPlace(place Count, named names, now time.Time) (Count, time.Duration) {
	if !place.FreeAt.After(now) {
		place = Count{} // it has been quiet: a new burst, and a new line in the record if it comes to that
	}
	wait, whole := pace(place.FreeAt, now, sourceBurst, sourceRefill, sourceRefill)
	place.Name, place.At, place.FreeAt = named.place, now, whole
	place.Failures++
	return place, wait
}

func (g *Guard) usual(ctx context.Context, named names, now time.Time) (bool, error) {
	places, err := g.deps.Store.Places(ctx, named.hash, usualPlaces)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(places, func(p Place) bool {
		return p.Source == named.source && p.At.After(now.Add(-usualFor))
	}), nil
}

// Succeeded takes the count of an admitted guess back, forgives what was tried
// for this account from the same place, and remembers the place. It joins the
// unit of work of what the success brings, if there is one.
func (g *Guard) Succeeded(ctx context.Context, try Try) error {
	named, now := namesOf(try), g.now()
	err := g.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		counts, err := g.deps.Store.Counts(ctx, named.place, named.account, named.pair)
		if err != nil {
			return err
		}
		if err := g.deps.Store.Keep(ctx, forgive(counts, named, now)...); err != nil {
			return err
		}
		if try.Account == "" {
			return nil
		}
		return g.remember(ctx, named, now)
	})
	if err != nil {
		return fmt.Errorf("count a right answer: %w", err)
	}
	return nil
}

// forgive returns what changes with a success.
func forgive(counts map[string]Count, named names, now time.Time) []Count {
	var changed []Count
	if place, ok := counts[named.place]; ok && place.Failures > 0 {
		place.Failures--
		place.FreeAt = place.FreeAt.Add(-sourceRefill)
		changed = append(changed, place)
	}
	pair, ok := counts[named.pair]
	if !ok || pair.Failures == 0 {
		return changed
	}
	if account, ok := counts[named.account]; ok && pair.Shared > 0 {
		account.Failures = max(0, account.Failures-pair.Shared)
		account.Told = min(account.Told, account.Failures)
		account.FreeAt = account.FreeAt.Add(-accountRefill(account.Failures))
		changed = append(changed, account)
	}
	pair.Failures, pair.Shared, pair.Told, pair.FreeAt = 0, 0, 0, now
	return append(changed, pair)
}

// fresh says that the latest place need not be made the latest again; a day later
// it must, or it would be forgotten.
func (p Place) fresh(named names, now time.Time) bool {
	return p.Source == named.source && now.Sub(p.At) < 24*time.Hour
}

// remember makes a place one of the account's usual ones. It writes once a day.
func (g *Guard) remember(ctx context.Context, named names, now time.Time) error {
	places, err := g.deps.Store.Places(ctx, named.hash, usualPlaces)
	if err != nil {
		return err
	}
	if len(places) > 0 && places[0].fresh(named, now) {
		return nil
	}
	return g.deps.Store.KeepPlace(ctx, Place{Account: named.hash, Source: named.source, At: now}, usualPlaces)
}

func (g *Guard) now() time.Time { return g.deps.Now().UTC().Truncate(time.Millisecond) }
