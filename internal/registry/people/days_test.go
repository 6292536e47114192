package people_test

import (
	"testing"
	"time"
	_ "time/tzdata" // so that the comparison does not depend on the machine

	"github.com/warder-project/warder/internal/base/days"
	"github.com/warder-project/warder/internal/registry/people"
)

// TestWorkingDaysAreThoseOfLondon compares the summer time rule with the time
// zone database: somebody whose only working day is today may sign in at
// exactly the moments at which a clock in London shows today.
func TestWorkingDaysAreThoseOfLondon(t *testing.T) {
	t.Parallel()
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	for day := days.Date(1996, time.January, 1); day.Year() < 2040; day = day.AddDate(0, 0, 1) {
		person := people.Person{State: people.Active, Kind: people.KindPerson, Starts: day, Ends: day}
		from := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, london)
		until := time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, london)
		for at, want := range map[time.Time]bool{from.Add(-1): false, from: true, from.Add(3 * time.Hour): true, until.Add(-1): true, until: false} {
			if got := person.MaySignIn(at); got != want {
				t.Fatalf("%s at %s: got %v, want %v", days.Format(day), at.UTC(), got, want)
			}
		}
	}
}

func TestOnlyActivePeopleOfAKnownKindMaySignIn(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	if (people.Person{}).MaySignIn(at) {
		t.Error("the zero person may sign in")
	}
	for _, state := range []people.State{"", "Active", "other", people.Active, people.Suspended, people.Left} {
		for _, kind := range append(people.Kinds(), "", "robot") {
			person := people.Person{State: state, Kind: kind}
			want := state == people.Active && kind.Known() && kind != people.KindService && kind != people.KindBreakGlass
			if got := person.MaySignIn(at); got != want {
				t.Errorf("%q %q: got %v, want %v", state, kind, got, want)
			}
			if got, want := person.MayBreakGlass(at), state == people.Active && kind == people.KindBreakGlass; got != want {
				t.Errorf("%q %q may break glass: got %v, want %v", state, kind, got, want)
			}
		}
	}
}

func TestEveryTransitionIsAsDrawn(t *testing.T) {
	t.Parallel()
	allowed := map[[2]people.State]bool{
		{people.Active, people.Suspended}: true, {people.Active, people.Left}: true,
		{people.Suspended, people.Active}: true, {people.Suspended, people.Left}: true,
	}
	all := []people.State{people.Active, people.Suspended, people.Left, "", "other"}
	for _, from := range all {
		for _, to := range all {
			if got, want := from.MayBecome(to), allowed[[2]people.State{from, to}]; got != want {
				t.Errorf("%q → %q: got %v, want %v", from, to, got, want)
			}
		}
	}
}
