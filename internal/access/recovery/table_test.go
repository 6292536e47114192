package recovery

import (
	"slices"
	"testing"
)

// The table as it was agreed: what is not here is refused.
var agreed = map[State]map[event]State{
	Opened:     {asked: Opened, checked: Checked},
	Checked:    {approved: Checked, sufficed: Ready, mustCool: CoolingOff},
	CoolingOff: {cooled: Ready},
	Ready:      {issued: PassIssued},
	PassIssued: {issued: PassIssued, registered: Registered},
	Registered: {completed: Completed},
}

func TestEveryMoveOfACaseIsAsAgreed(t *testing.T) {
	t.Parallel()
	ends := map[event]State{refused: Refused, withdrawn: Withdrawn, stopped: Stopped, expired: Expired}
	for _, from := range append(States(), "", "approved") {
		for _, what := range append(events(), "", "opened") {
			want, ok := agreed[from][what]
			if end, ends := ends[what]; ends && agreed[from] != nil {
				want, ok = end, true
			}
			got, err := move(from, what)
			if (err == nil) != ok || got != want {
				t.Errorf("%q, %s: %q, %v; want %q", from, what, got, err, want)
			}
		}
		if over := agreed[from] == nil; from.Over() != over {
			t.Errorf("%q is over: %v", from, from.Over())
		}
	}
}

// Whatever happens, in whatever order, there is no pass before somebody was
// identified, and for somebody with a role none before time has passed.
func TestNoOrderOfEventsLeadsPastAStep(t *testing.T) {
	t.Parallel()
	var walk func(from State, seen []event)
	walk = func(from State, seen []event) {
		if from == PassIssued && (!slices.Contains(seen, checked) || !slices.Contains(seen, sufficed) && !slices.Contains(seen, cooled)) {
			t.Errorf("%v leads to a pass", seen)
		}
		if from == Completed && !slices.Contains(seen, registered) {
			t.Errorf("%v completes a case", seen)
		}
		if len(seen) > 9 {
			return
		}
		for what, to := range moves(from) {
			if to == from {
				continue // nothing is won by going around in circles
			}
			walk(to, append(slices.Clone(seen), what))
		}
	}
	walk(Opened, nil)
}

func TestEveryStateAndReasonHasAWord(t *testing.T) {
	t.Parallel()
	said := map[string]bool{}
	for _, state := range States() {
		said[state.Label()] = true
	}
	for _, why := range Whys() {
		said[why.Label()] = true
	}
	for _, method := range Methods() {
		said[method.Label()] = true
	}
	if len(said) != len(States())+len(Whys())+len(Methods()) || said["Unknown"] || said["Not yet"] {
		t.Errorf("said as %v", said)
	}
	if State("").Label() != "Unknown" || Why("x").Label() != "Unknown" || Method("").Label() != "Not yet" {
		t.Error("what is not known is said as something")
	}
}
