package exceptions_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/exceptions"
	"github.com/warder-project/warder/internal/testkit"
)

const day = 24 * time.Hour

// A review that is missed has its consequence at its minute, whether or not any work
// was done: the engine is given the dates.
func TestMissedReviewClosesTheWindowByItself(t *testing.T) {
	t.Parallel()
	start := testkit.Start()
	weak, strict := assurance.Requirement{AAL: assurance.AAL1}, assurance.Requirement{AAL: assurance.AAL2}
	approved := exceptions.Exception{State: exceptions.Approved, Floor: weak, Start: start, End: start.Add(90 * day),
		OnOverdue: exceptions.Fallback{Kind: exceptions.Ends}}
	for name, test := range map[string]struct {
		change func(e *exceptions.Exception)
		want   []exceptions.Window
	}{
		"no review is due":      {func(*exceptions.Exception) {}, []exceptions.Window{{start, approved.End, weak}}},
		"it is not approved":    {func(e *exceptions.Exception) { e.State = exceptions.Proposed }, nil},
		"it ends before":        {func(e *exceptions.Exception) { e.Lapses = e.End }, []exceptions.Window{{start, approved.End, weak}}},
		"it ends when missed":   {func(e *exceptions.Exception) { e.Lapses = start.Add(40 * day) }, []exceptions.Window{{start, start.Add(40 * day), weak}}},
		"it was missed already": {func(e *exceptions.Exception) { e.Lapses = start }, nil},
		"it drops when missed": {func(e *exceptions.Exception) {
			e.Lapses, e.OnOverdue = start.Add(40*day), exceptions.Fallback{Kind: exceptions.Stricter, Floor: strict}
		}, []exceptions.Window{{start, start.Add(40 * day), weak}, {start.Add(40 * day), approved.End, strict}}},
		"it has dropped before": {func(e *exceptions.Exception) {
			e.Lapses, e.Floor, e.OnOverdue = start.Add(40*day), strict, exceptions.Fallback{Kind: exceptions.Stricter, Floor: strict}
		}, []exceptions.Window{{start, start.Add(40 * day), strict}}},
	} {
		e := approved
		test.change(&e)
		if diff := cmp.Diff(test.want, e.Windows()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		for _, window := range test.want {
			if !e.InForce(window.From) || !e.InForce(window.Until.Add(-time.Millisecond)) {
				t.Errorf("%s: it is not in force within %v", name, window)
			}
		}
		if e.InForce(e.End) || !e.Lapses.IsZero() && e.OnOverdue.Kind == exceptions.Ends && e.InForce(e.Lapses) {
			t.Errorf("%s: it is in force after its time", name)
		}
	}
}
