package throttle

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
)

// Standing is how one method of an account stands, at one place or everywhere else.
type Standing struct {
	Kind     string
	Place    string // a usual place or any other single one; empty is "all but the usual ones"
	Failures int    // in a row
	Stopped  bool
	Wait     time.Duration // until the next guess is admitted
}

// Standings returns what is counted against an account, for whoever helps its
// owner: by method, all other places first.
func (g *Guard) Standings(ctx context.Context, account string) ([]Standing, error) {
	counts, err := g.deps.Store.OfAccount(ctx, hashOf(account))
	if err != nil {
		return nil, fmt.Errorf("look up wrong tries: %w", err)
	}
	now := g.now()
	var found []Standing
	for _, count := range counts {
		if count.Failures == 0 {
			continue
		}
		standing := Standing{Kind: count.Kind, Place: count.place(), Failures: count.Failures, Stopped: count.stopped()}
		if standing.Place == "" {
			standing.Wait, _ = pace(count.FreeAt, now, accountBurst, window, accountRefill(count.Failures))
		} else if rest := count.FreeAt.Sub(now); rest > 0 && rest <= pairWait(count.Failures)+skew {
			standing.Wait = rest
		}
		found = append(found, standing)
	}
	slices.SortStableFunc(found, func(a, b Standing) int {
		return strings.Compare(a.Kind+"\x00"+a.Place, b.Kind+"\x00"+b.Place)
	})
	return found, nil
}

// Since is how many wrong tries there were at an account, in a row, in whatever has
// been tried since a time.
func (g *Guard) Since(ctx context.Context, account string, since time.Time) (int, error) {
	counts, err := g.deps.Store.OfAccount(ctx, hashOf(account))
	if err != nil {
		return 0, fmt.Errorf("count wrong tries: %w", err)
	}
	own, shared := 0, 0
	for _, count := range counts {
		switch {
		case count.At.Before(since):
		case count.place() == "":
			shared += count.Failures
		default:
			own += count.Failures - count.Shared // the rest its account has counted too
		}
	}
	return own + shared, nil
}

// place is the source of a pair; an account's has none.
func (c Count) place() string {
	source, _ := strings.CutPrefix(c.Name, "pair:"+c.Kind+":"+c.Account+":")
	if source == c.Name {
		return ""
	}
	return source
}

func (c Count) stopped() bool { return c.Most > 0 && c.Failures >= c.Most }

// Lift forgets an account's wrong tries, because somebody has made sure whose it
// is: the desk, an operator, whoever issued a pass. What waits then waits five
// minutes at most; less would let more than ten guesses into five minutes. It
// says how many counts were lifted. The caller has checked that the actor may.
func (g *Guard) Lift(ctx context.Context, actor audit.Actor, account string) (int, error) {
	return g.lift(ctx, actor, account, func(count Count) bool { return count.Failures > 0 })
}

// Proven notes that the owner of an account has used a key, at a place: what had
// stopped for the account goes on, and the place is one of its usual ones. What
// only waits goes on waiting, so that frequent sign-ins do not help who guesses.
func (g *Guard) Proven(ctx context.Context, actor audit.Actor, account string, source netip.Addr) error {
	named, now := namesOf(Try{Account: account, Source: source}), g.now()
	stopped, latest, err := g.deps.Store.Glance(ctx, named.hash)
	if err != nil {
		return fmt.Errorf("remember where a key was used: %w", err)
	}
	if stopped > 0 {
		if _, err := g.lift(ctx, actor, account, Count.stopped); err != nil {
			return err
		}
	}
	if latest.fresh(named, now) {
		return nil
	}
	err = g.deps.Tx.InTx(ctx, func(ctx context.Context) error { return g.remember(ctx, named, now) })
	if err != nil {
		return fmt.Errorf("remember where a key was used: %w", err)
	}
	return nil
}

func (g *Guard) lift(ctx context.Context, actor audit.Actor, account string, which func(Count) bool) (int, error) {
	hash, lifted := hashOf(account), 0
	work := func(ctx context.Context) error {
		counts, err := g.deps.Store.OfAccount(ctx, hash)
		if err != nil {
			return err
		}
		counts = slices.DeleteFunc(counts, func(count Count) bool { return !which(count) })
		lifted = len(counts)
		if lifted == 0 || !tx.Inside(ctx) {
			return nil
		}
		return g.liftThese(ctx, actor, account, counts)
	}
	// Hardly ever is there anything to lift, and a look is cheaper than a writer's turn.
	err := work(ctx)
	if err == nil && lifted > 0 && !tx.Inside(ctx) {
		err = g.deps.Tx.InTx(ctx, work)
	}
	if err != nil {
		return 0, fmt.Errorf("lift what holds an account back: %w", err)
	}
	return lifted, nil
}

func (g *Guard) liftThese(ctx context.Context, actor audit.Actor, account string, counts []Count) error {
	now := g.now()
	var names, kinds []string
	for _, count := range counts {
		names, kinds = append(names, count.Name), append(kinds, count.Kind)
	}
	bound := Lifted{Pair: now.Add(window), Account: now.Add(accountBurst * window)}
	if err := g.deps.Store.Lift(ctx, names, bound); err != nil {
		return err
	}
	person, err := g.deps.Person(ctx, normal(account))
	if err != nil || person == "" {
		return err // of a name that nobody has there is nothing to tell
	}
	slices.Sort(kinds)
	return g.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: "throttle.lifted", Subject: string(person),
		Details: map[string]string{"methods": strings.Join(slices.Compact(kinds), " ")}})
}
