package live_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/access/live/livedb"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// TestPolicyReachesTheOtherNodeWithinASecondAndIsNeverStaleWithoutAConnection: two
// nodes on PostgreSQL. What one publishes, the other decides by within a second. When
// the connection on which it hears of changes is killed, it reads for each request
// until it has read everything anew.
func TestPolicyReachesTheOtherNodeWithinASecondAndIsNeverStaleWithoutAConnection(t *testing.T) {
	t.Parallel()
	url := dbtest.PostgresURL(t)
	first := set(t, dbtest.Open(t, url))
	own := dbtest.Open(t, url)
	second := decisiontest.OpenWith(t, own, first.Clock, livedb.New(own), func(*decision.Deps) {})
	doubt, sure, mayBeSure, applied := make(chan struct{}, 64), make(chan struct{}, 64), make(chan struct{}, 64), make(chan struct{}, 64)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		err := own.Follow(ctx, db.Follower{
			Doubt: func(reason string) { second.View.Doubt(reason); note(doubt) },
			Apply: func(ctx context.Context, changes []tx.Change) { second.View.Apply(ctx, changes); note(applied) },
			Sure: func(ctx context.Context) {
				select { // the connection stays away until the test lets it back
				case <-mayBeSure:
				case <-ctx.Done():
					return
				}
				second.View.Sure(ctx)
				note(sure)
			}})
		if err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { stop(); <-done })
	note(mayBeSure)
	within(t, "sure", sure)

	version := 1
	publish := func(open bool) policy.Effect {
		version++
		text, want := fmt.Sprintf("version: \"%d\"\nrules: []\n", version), policy.Deny
		if open {
			text, want = decisiontest.Everybody(fmt.Sprint(version)), policy.Allow
		}
		first.Publish(t, text)
		return want
	}
	quickest := time.Hour
	for i := range 4 {
		want := publish(i%2 == 1)
		begun := time.Now()
		for second.Ask(t, "payroll", first.token).Verdict.Effect != want {
			within(t, "heard of", applied)
		}
		quickest = min(quickest, time.Since(begun))
	}
	if quickest > time.Second {
		t.Errorf("the quickest of four took %v", quickest)
	}

	for len(doubt) > 0 {
		<-doubt
	}
	err := first.DB.InTx(t.Context(), func(ctx context.Context) error {
		_, err := first.DB.From(ctx).ExecContext(ctx, `
			select pg_terminate_backend(pid)
			from pg_stat_activity
			where datname = current_database() and query like 'listen %'`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	within(t, "in doubt", doubt)
	for i := range 6 { // each at once: nothing is waited for
		want := publish(i%2 == 1)
		if got := second.Ask(t, "payroll", first.token).Verdict; got.Effect != want {
			t.Fatalf("without a connection the other node is stale: %v %s, want %v", got.Effect, got.ReasonCodes(), want)
		}
	}
	note(mayBeSure)
	within(t, "sure again", sure)
	if doubtful, reason := second.View.Doubtful(); doubtful {
		t.Error("still in doubt:", reason)
	}
	if got := second.Ask(t, "payroll", first.token).Verdict.Effect; got != policy.Allow {
		t.Errorf("afterwards: %v", got)
	}
}

func within(t *testing.T, what string, channel <-chan struct{}) {
	t.Helper()
	select {
	case <-channel:
	case <-time.After(20 * time.Second):
		t.Fatalf("never %s", what)
	}
}
