package health_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/health"
)

var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func TestTheWorstConditionComesFirst(t *testing.T) {
	t.Parallel()
	now := start
	board := health.NewBoard(func() time.Time { return now })
	if got := board.Worst(); got != health.OK {
		t.Errorf("an empty board is %v, want ok", got)
	}
	board.Set(health.Condition{Code: "b.note", Severity: health.OK})
	board.Set(health.Condition{Code: "c.soon", Severity: health.Warning})
	board.Set(health.Condition{Code: "a.unjudged"}) // nobody said how bad it is
	board.Set(health.Condition{Code: "d.strange", Severity: 99})
	now = start.Add(time.Minute)
	board.Set(health.Condition{Code: "c.soon", Severity: health.Warning, Cause: "again"})
	board.Set(health.Condition{Code: "b.note", Severity: health.Warning})
	want := []health.Condition{
		{Code: "a.unjudged", Severity: health.Failing, Since: start},
		{Code: "d.strange", Severity: 99, Since: start},
		{Code: "b.note", Severity: health.Warning, Since: now},
		{Code: "c.soon", Severity: health.Warning, Cause: "again", Since: start},
	}
	if diff := cmp.Diff(want, board.List()); diff != "" {
		t.Errorf("list differs (-want +got):\n%s", diff)
	}
	if got := board.Worst(); got != health.Failing {
		t.Errorf("worst is %v, want failing", got)
	}
	if got := health.Severity(99).String(); got != "failing" {
		t.Errorf("an unknown severity is written %q, want failing", got)
	}
}

func TestAClearedConditionIsGone(t *testing.T) {
	t.Parallel()
	board := health.NewBoard(func() time.Time { return start })
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			code := fmt.Sprintf("c.%d", i)
			board.Set(health.Condition{Code: code})
			board.List()
			if !board.Clear(code) {
				t.Errorf("%s was not on the board", code)
			}
		})
	}
	group.Wait()
	if got := board.List(); len(got) != 0 {
		t.Errorf("%d conditions are left, want none", len(got))
	}
	if board.Clear("c.0") {
		t.Error("a condition was cleared twice")
	}
}
