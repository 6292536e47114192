package health_test

import (
	"encoding/json"
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

func TestAMonitorIsToldHowBadEachConditionIs(t *testing.T) {
	t.Parallel()
	board := health.NewBoard(func() time.Time { return start })
	if got, err := json.Marshal(board.List()); err != nil || string(got) != "[]" {
		t.Errorf("an empty board is %s (%v), want []", got, err)
	}
	board.Set(health.Condition{Code: "a", Severity: health.Warning, Cause: "why", Next: "what"})
	board.Set(health.Condition{Code: "b"})
	text, err := json.Marshal(board.List())
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"code":"b","severity":"failing","cause":"","next":"","since":"2026-11-23T09:00:00Z"},` +
		`{"code":"a","severity":"warning","cause":"why","next":"what","since":"2026-11-23T09:00:00Z"}]`
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var back []health.Condition
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(board.List(), back); diff != "" {
		t.Errorf("read again (-want +got):\n%s", diff)
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
