package versions

import "testing"

// TestStatesOfAPolicyVersionChangeAsTheTableSays goes through every state, and words that are none, and every
// act: what is not in the table is impossible.
func TestStatesOfAPolicyVersionChangeAsTheTableSays(t *testing.T) {
	t.Parallel()
	possible := map[State]map[act]State{
		Draft:      {edit: Draft, report: ReportOnly, enforce: Enforced, retire: Retired},
		ReportOnly: {withdraw: Draft, enforce: Enforced, retire: Retired},
		Enforced:   {supersede: Retired},
		Retired:    {},
	}
	if len(possible) != len(States()) {
		t.Fatalf("the table has %d states of %d", len(possible), len(States()))
	}
	for _, state := range append(States(), "", "superseded", "ENFORCED") {
		for _, what := range append(acts(), "", "delete") {
			want, allowed := possible[state][what]
			if got, ok := state.after(what); got != want || ok != allowed {
				t.Errorf("%q, %q: %q %v, want %q %v", state, what, got, ok, want, allowed)
			}
		}
	}
}

func TestEveryStateHasWords(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{State("").Words(): true}
	for _, state := range States() {
		if seen[state.Words()] {
			t.Errorf("%q is called %q, as another one is", state, state.Words())
		}
		seen[state.Words()] = true
	}
}
