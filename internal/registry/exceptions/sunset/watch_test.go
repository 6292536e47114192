package sunset_test

import (
	"testing"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/exceptions"
	"github.com/warder-project/warder/internal/registry/exceptions/reviews/reviewstest"
	"github.com/warder-project/warder/internal/registry/exceptions/sunset"
)

// C21.1: a path with milestones; what Warder can see itself is marked when it is seen,
// and not when somebody says so.
func TestMilestoneIsReachedWhenItIsSeen(t *testing.T) {
	t.Parallel()
	o := reviewstest.NewOffice(t)
	due := o.Clock.Now().Add(20 * day)
	e := o.Approved(func(e *exceptions.Exception) {
		e.Sunset = exceptions.Sunset{Path: exceptions.PathGate, Milestones: []exceptions.Milestone{
			{Text: "Route created", Due: due, Proof: exceptions.RouteSeen}, {Text: "Everybody told", Due: due}, {Text: "Traffic moved", Due: due, Proof: exceptions.TrafficSeen}}}
	})
	watch := sunset.Watch{Register: o.Register, House: o}
	reached := func() (got [3]bool) {
		t.Helper()
		if err := watch.Turn(t.Context()); err != nil {
			t.Fatal(err)
		}
		for i, step := range o.Now(e.ID).Sunset.Milestones {
			got[i] = !step.Done.IsZero()
		}
		return got
	}
	if got := reached(); got != [3]bool{} {
		t.Errorf("nothing is seen, and reached is %v", got)
	}
	if _, err := o.Register.Reach(t.Context(), reviewstest.By(o.Owner), e.ID, 1); !problem.Is(err, exceptions.Malformed) {
		t.Errorf("the owner said that there is a route: %v", err)
	}
	o.Way = o.Clock.Now()
	if got := reached(); got != [3]bool{true, false, false} {
		t.Errorf("there is a route, and reached is %v", got)
	}
	if _, err := o.Register.Reach(t.Context(), reviewstest.By(o.Stranger), e.ID, 2); !problem.Is(err, exceptions.NotYours) {
		t.Errorf("a stranger reached it: %v", err)
	}
	if _, err := o.Register.Reach(t.Context(), reviewstest.By(o.Owner), e.ID, 2); err != nil {
		t.Error(err)
	}
	o.CameThrough = o.Clock.Now()
	if got := reached(); got != [3]bool{true, true, true} {
		t.Errorf("people come through, and reached is %v", got)
	}
	if _, err := o.Register.Move(t.Context(), reviewstest.By(o.Owner), e.ID, 1, due.Add(day)); !problem.Is(err, exceptions.MovedOn) {
		t.Errorf("what is reached was moved: %v", err)
	}
}

func TestMilestoneThatIsMovedKeepsItsFirstDay(t *testing.T) {
	t.Parallel()
	o := reviewstest.NewOffice(t)
	e := o.Approved(nil)
	due := e.Sunset.Milestones[0].Due
	for _, later := range []int{5, 9} {
		if _, err := o.Register.Move(t.Context(), reviewstest.By(o.Owner), e.ID, 1, due.AddDate(0, 0, later)); err != nil {
			t.Fatal(err)
		}
	}
	step := o.Now(e.ID).Sunset.Milestones[0]
	if !step.First.Equal(due) || !sunset.Slipped(step, o.Clock.Now()) || sunset.Late(step, o.Clock.Now()) != 9 {
		t.Errorf("it is %+v, %d days late", step, sunset.Late(step, o.Clock.Now()))
	}
	if _, err := o.Register.Move(t.Context(), reviewstest.By(o.Owner), e.ID, 1, o.Clock.Now()); !problem.Is(err, exceptions.Malformed) {
		t.Errorf("moved to now: %v", err)
	}
}
