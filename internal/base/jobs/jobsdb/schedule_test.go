package jobsdb_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/health"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/jobs"
	"github.com/warder-project/warder/internal/base/jobs/jobsdb"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func TestOneNodeAtATimeHoldsALease(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		store := jobsdb.New(d)
		take := func(node ids.Node, at time.Duration) bool {
			now := start.Add(at)
			mine, err := store.Take(t.Context(), "prune", node, now, now.Add(jobs.Lease))
			if err != nil {
				t.Error(err)
			}
			return mine
		}
		var winners atomic.Int64
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				if take(ids.Node(fmt.Sprintf("nod_%d", i)), 0) {
					winners.Add(1)
				}
			})
		}
		group.Wait()
		if winners.Load() != 1 {
			t.Fatalf("%d of 8 nodes got the lease, want 1", winners.Load())
		}
		after := jobs.Lease
		got := []bool{
			take("nod_late", after-time.Millisecond), // still good
			take("nod_late", after),                  // run out
			take("nod_late", after+time.Second),      // renewed
			take("nod_0", 2*after),                   // counted from the renewal
		}
		if diff := cmp.Diff([]bool{false, true, true, false}, got); diff != "" {
			t.Errorf("leases differ (-want +got):\n%s", diff)
		}
		if err := store.Release(t.Context(), "prune", "nod_0"); err != nil {
			t.Fatal(err)
		}
		if take("nod_0", 2*after) {
			t.Error("a node gave back a lease that was not its own")
		}
		if err := store.Release(t.Context(), "prune", "nod_late"); err != nil {
			t.Fatal(err)
		}
		if !take("nod_0", 2*after) {
			t.Error("a lease that was given back cannot be taken")
		}
	})
}

// node is one schedule with a clock in the hands of the test.
type node struct {
	ticks chan time.Time
	board *health.Board
	did   chan string
	fail  atomic.Bool
	end   func()
}

// startNode runs the work "prune" on a node; each time it is done says so on did.
func startNode(t *testing.T, d *db.DB, name string, now *atomic.Int64, did chan string) *node {
	t.Helper()
	clock := func() time.Time { return time.UnixMilli(now.Load()) }
	n := &node{ticks: make(chan time.Time), board: health.NewBoard(clock), did: did}
	ctx, cancel := context.WithCancel(t.Context())
	schedule := jobs.New(jobs.Deps{
		Store: jobsdb.New(d), Node: ids.Node(name), Now: clock, Board: n.board,
		Tick: func(time.Duration) (<-chan time.Time, func()) { return n.ticks, func() {} },
	})
	ended := make(chan error)
	go func() {
		ended <- schedule.Run(ctx, "prune", time.Second, func(context.Context) error {
			did <- name
			if n.fail.Load() {
				return errors.New("no")
			}
			return nil
		})
	}()
	n.end = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(n.end)
	return n
}

func TestWorkIsTakenOverFromANodeThatEnded(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	var now atomic.Int64
	now.Store(start.UnixMilli())
	did := make(chan string, 10)
	first := startNode(t, d, "nod_1", &now, did)
	got := []string{<-did}
	second := startNode(t, d, "nod_2", &now, did)
	// A tick is taken only when the turn before is over.
	second.ticks <- time.Time{}
	second.ticks <- time.Time{}
	now.Add((jobs.Lease * 3 / 4).Milliseconds())
	first.ticks <- time.Time{} // renews
	got = append(got, <-did)
	now.Add((jobs.Lease * 3 / 4).Milliseconds())
	second.ticks <- time.Time{}
	second.ticks <- time.Time{}
	first.end() // gives the lease back
	second.ticks <- time.Time{}
	got = append(got, <-did)
	if diff := cmp.Diff([]string{"nod_1", "nod_1", "nod_2"}, got); diff != "" {
		t.Errorf("work was done by (-want +got):\n%s", diff)
	}
}

func TestFailingWorkIsShownAndTriedAgain(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	var now atomic.Int64
	now.Store(start.UnixMilli())
	n := startNode(t, d, "nod_1", &now, make(chan string, 10))
	turn := func(fail bool) []health.Condition {
		<-n.did
		n.fail.Store(fail)
		n.ticks <- time.Time{} // does the work with this outcome …
		<-n.did
		n.fail.Store(fail)
		n.ticks <- time.Time{} // … which is over when the next tick is taken
		return n.board.List()
	}
	if got := turn(true); len(got) != 1 || got[0].Code != "jobs.prune" || got[0].Severity != health.Warning {
		t.Errorf("while the work fails the board shows %+v, want the warning jobs.prune", got)
	}
	if got := turn(false); len(got) != 0 {
		t.Errorf("when it is well again the board shows %+v, want nothing", got)
	}
}
