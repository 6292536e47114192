package sunset_test

import (
	"testing"
	"time"

	"github.com/warder-project/warder/internal/registry/exceptions"
	"github.com/warder-project/warder/internal/registry/exceptions/sunset"
	"github.com/warder-project/warder/internal/testkit"
)

const day = 24 * time.Hour

// A milestone that is given a later day has slipped all the same.
func TestMilestoneSlipsWhenItIsLateOrMoved(t *testing.T) {
	t.Parallel()
	due := testkit.Start()
	for name, test := range map[string]struct {
		milestone exceptions.Milestone
		slipped   bool
		late      int
	}{
		"to come":           {exceptions.Milestone{Due: due.Add(day)}, false, 0},
		"at its minute":     {exceptions.Milestone{Due: due}, true, 0},
		"five days late":    {exceptions.Milestone{Due: due.Add(-5 * day)}, true, 5},
		"moved to later":    {exceptions.Milestone{First: due.Add(-2 * day), Due: due.Add(8 * day)}, true, 10},
		"moved to sooner":   {exceptions.Milestone{First: due.Add(9 * day), Due: due.Add(day)}, false, 0},
		"reached in time":   {exceptions.Milestone{Due: due.Add(day), Done: due}, false, 0},
		"reached, but late": {exceptions.Milestone{Due: due.Add(-3 * day), Done: due}, false, 3},
	} {
		if got, late := sunset.Slipped(test.milestone, due), sunset.Late(test.milestone, due); got != test.slipped || late != test.late {
			t.Errorf("%s: slipped %v, %d days late", name, got, late)
		}
	}
}
