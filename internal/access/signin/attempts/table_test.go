package attempts

import (
	"fmt"
	"slices"
	"testing"
)

func TestOnlyTheMovesOfTheTableHappen(t *testing.T) {
	t.Parallel()
	allowed := map[string]State{
		"identifying named": UsingKey, "identifying refused": Stopped,
		"using_key proven": Finished, "using_key failed": UsingKey, "using_key refused": Stopped,
		"using_key enrolling": Registering, "using_key chose_password": GivingPassword, "using_key chose_code": GivingCode,
		"giving_password knew": GivingCode, "giving_password chose_key": UsingKey,
		"giving_password failed": GivingPassword, "giving_password refused": Stopped,
		"giving_code proven": Finished, "giving_code enrolling": Registering, "giving_code chose_key": UsingKey,
		"giving_code failed": GivingCode, "giving_code refused": Stopped,
		"registering registered": Confirming, "registering added": Finished,
		"registering failed": Registering, "registering refused": Stopped,
		"confirming proven": Finished, "confirming failed": Confirming, "confirming refused": Stopped,
	}
	for _, from := range append(States(), "", "unknown") {
		for _, what := range append(events(), "", "unknown") {
			got, err := Move(from, what)
			want, may := allowed[fmt.Sprintf("%s %s", from, what)]
			if may != (err == nil) || got != want {
				t.Errorf("Move(%q, %q) = %q, %v; want %q, allowed %v", from, what, got, err, want, may)
			}
		}
	}
}

func TestEveryAttemptCanEnd(t *testing.T) {
	t.Parallel()
	for _, from := range States() {
		if from.Over() {
			continue
		}
		if !slices.Contains(reachable(from), Finished) || !slices.Contains(reachable(from), Stopped) {
			t.Errorf("from %q an attempt cannot both succeed and be refused: %v", from, reachable(from))
		}
	}
}

// A password alone never signs anyone in, and opens nothing.
func TestPasswordAloneLeadsOnlyToTheCode(t *testing.T) {
	t.Parallel()
	for what, to := range moves(GivingPassword) {
		if to == Finished || to == Registering || to == Confirming {
			t.Errorf("%s leads from a password to %s", what, to)
		}
	}
	for _, from := range States() {
		for what, to := range moves(from) {
			if to == GivingCode && !(from == GivingPassword && what == Knew || from == UsingKey && what == ChoseCode || from == GivingCode && what == Failed) {
				t.Errorf("%s leads from %s to a code without a password", what, from)
			}
		}
	}
}

func reachable(from State) []State {
	found := []State{from}
	for i := 0; i < len(found); i++ {
		for _, to := range moves(found[i]) {
			if !slices.Contains(found, to) {
				found = append(found, to)
			}
		}
	}
	return found
}
