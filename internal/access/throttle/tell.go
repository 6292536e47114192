package throttle

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/warder-project/warder/internal/registry/audit"
)

// milestone is the last number of failures in a row, up to this one, that the
// record hears of; the last of a row is the one that stops it.
func (c Count) milestone() int {
	steps := []int{Few, many, MostElsewhere}
	switch {
	case c.Account == "":
		steps = []int{sourceBurst}
	case c.place() != "":
		steps = []int{Few, MostAtOnePlace}
	}
	reached := 0
	for _, step := range steps {
		if c.Failures >= step {
			reached = step
		}
	}
	return reached
}

// Failed notes that an admitted guess was wrong. It was counted when it was
// admitted; here the record hears of it when that makes a round number. It
// joins a unit of work, if there is one that will be kept.
func (g *Guard) Failed(ctx context.Context, try Try) error {
	named := namesOf(try)
	counts, err := g.deps.Store.Counts(ctx, named.place, named.account, named.pair)
	if err != nil {
		return fmt.Errorf("count a wrong answer: %w", err)
	}
	for _, count := range counts {
		if count.milestone() <= count.Told {
			continue
		}
		if err := g.deps.Tx.InTx(ctx, func(ctx context.Context) error { return g.tell(ctx, try, count.Name) }); err != nil {
			return fmt.Errorf("tell of wrong answers: %w", err)
		}
	}
	return nil
}

// tell writes about one count into the record, once for each milestone.
func (g *Guard) tell(ctx context.Context, try Try, name string) error {
	counts, err := g.deps.Store.Counts(ctx, name)
	if err != nil {
		return err
	}
	count := counts[name]
	reached := count.milestone()
	if reached <= count.Told {
		return nil // somebody else has
	}
	count.Told = reached
	if err := g.deps.Store.Keep(ctx, count); err != nil {
		return err
	}
	details := map[string]string{"failures": strconv.Itoa(count.Failures)}
	if count.Account == "" {
		details["place"] = neighbourhood(try.Source)
		return g.deps.Audit.Record(ctx, audit.Event{Action: "throttle.place_flooded", Subject: details["place"], Details: details})
	}
	person, err := g.deps.Person(ctx, normal(try.Account))
	if err != nil || person == "" {
		return err // what was typed as a name may be a secret, and is nobody's
	}
	details["method"] = count.Kind
	if place := count.place(); place != "" {
		details["place"] = place
	}
	action := "throttle.guessed"
	if count.stopped() {
		action = "throttle.stopped"
	}
	return g.deps.Audit.Record(ctx, audit.Event{Action: action, Subject: string(person), Details: details})
}

// Report writes one line about all that this process has refused since the last
// one, if it has refused anything. It should run every few minutes on each node.
func (g *Guard) Report(ctx context.Context) error {
	refused := g.refused.Swap(0)
	if refused == 0 {
		return nil
	}
	g.deps.Log.WarnContext(ctx, "guesses were refused", "count", refused)
	err := g.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		return g.deps.Audit.Record(ctx, audit.Event{Action: "throttle.refused", Subject: "sign-in",
			Details: map[string]string{"guesses": strconv.FormatInt(refused, 10)}})
	})
	if err != nil {
		g.refused.Add(refused)
		return fmt.Errorf("tell of refused guesses: %w", err)
	}
	return nil
}

// Most is how many counts are kept, about 100 MB of them; there are more only
// between two rounds of Prune. The ones with the fewest failures go first, so that a flood of names
// does not wash away what is known of a real one.
const Most = 300_000

// pruneBatch is how many counts are forgotten in one unit of work, so that those
// who write need not wait long.
const pruneBatch = 5000

// Prune forgets what no longer matters: places after a day, accounts with few
// failures in a row after thirty days, others after a year, and those that have
// stopped never. It says how many counts went.
func (g *Guard) Prune(ctx context.Context) (int, error) {
	const day = 24 * time.Hour
	now, pruned := g.now(), 0
	old := Old{Places: now.Add(-day), Few: now.Add(-30 * day), Many: now.Add(-365 * day), Usual: now.Add(-usualFor)}
	for batch := pruneBatch; batch == pruneBatch; pruned += batch {
		err := g.deps.Tx.InTx(ctx, func(ctx context.Context) error {
			var err error
			batch, err = g.deps.Store.Prune(ctx, old, Most, pruneBatch)
			return err
		})
		if err != nil {
			return pruned, fmt.Errorf("forget old wrong tries: %w", err)
		}
	}
	return pruned, nil
}
