package exceptions

import "testing"

// Every pair of a state and an event, as doc.go draws them.
func TestExceptionsMoveOnlyAsTheTableSays(t *testing.T) {
	t.Parallel()
	want := map[State]map[event]State{
		Proposed: {approved: Approved, refused: Refused, withdrawn: Withdrawn, expired: Expired, reassigned: Proposed},
		Approved: {ended: Ended, expired: Expired, shortened: Approved, renewalAsked: Approved, renewed: Approved,
			renewalRefused: Approved, reassigned: Approved, controlTested: Approved, dropped: Approved,
			looked: Approved, milestoneReached: Approved, milestoneMoved: Approved},
	}
	for _, from := range append(States(), "", "else") {
		for _, what := range append(events(), "", "else") {
			got, err := move(from, what)
			if to := want[from][what]; got != to || (err == nil) != (to != "") {
				t.Errorf("%q, %s: got %q, %v, want %q", from, what, got, err, to)
			}
		}
		if from.Over() != (len(want[from]) == 0) {
			t.Errorf("%q is over: %v", from, from.Over())
		}
	}
	for _, state := range States() {
		if state.Label() == "Unknown" {
			t.Errorf("%q has no words", state)
		}
	}
	if State("else").Label() != "Unknown" || State("").Label() != "Unknown" {
		t.Error("a state that is not known has words")
	}
}
