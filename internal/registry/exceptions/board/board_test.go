package board_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/exceptions"
	"github.com/warder-project/warder/internal/registry/exceptions/board"
	"github.com/warder-project/warder/internal/registry/exceptions/board/boarddb"
	"github.com/warder-project/warder/internal/registry/exceptions/reviews/reviewstest"
)

const day = 24 * time.Hour

// town answers for other rooms.
type town struct {
	*reviewstest.Office
	uses []board.Use
	keys map[ids.Person]bool
}

func (w town) Number(context.Context, exceptions.Exception) (int, error) { return w.People, nil }
func (w town) Under(context.Context, time.Time) ([]board.Use, error)     { return w.uses, nil }
func (w town) WithKey(_ context.Context, person ids.Person) (bool, error) {
	return w.keys[person], nil
}

func deskOf(o *reviewstest.Office, house board.House) *board.Desk {
	return board.New(board.Deps{Register: o.Register, Reviews: o.Book, Store: boarddb.New(o.DB), House: house, Tx: o.DB, Now: o.Clock.Now})
}

func TestDebtIsPeopleTimesDaysTimesRisk(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	item := board.Item{People: 10, Exception: exceptions.Exception{State: exceptions.Approved, Start: start, End: start.Add(90 * day), Risk: exceptions.Risk{Likelihood: 2, Impact: 2}}}
	for name, test := range map[string]struct {
		at   time.Time
		want int
	}{
		"at its beginning":     {start, 3600},
		"before it begins":     {start.Add(-50 * day), 3600},
		"a day later":          {start.Add(day), 3560},
		"a day that has begun": {start.Add(day + time.Minute), 3560},
		"in its last minute":   {item.Exception.End.Add(-time.Minute), 40},
		"at its end":           {item.Exception.End, 0},
	} {
		if got := item.Debt(test.at); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
	item.Exception.State = exceptions.Proposed
	if got := item.Debt(start); got != 0 {
		t.Errorf("what is not approved amounts to %d", got)
	}
}

// The past of the burn-down is what was kept, with gaps where nothing was; what is to
// come falls to nothing with the last end.
func TestBurnDownIsWhatWasKeptAndWhatIsPlanned(t *testing.T) {
	t.Parallel()
	o := reviewstest.NewOffice(t)
	o.People = 4
	desk := deskOf(o, town{Office: o})
	e := o.Approved(func(e *exceptions.Exception) { e.End = o.Clock.Now().Add(20 * day) })
	if err := desk.Keep(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.Clock.Advance(7 * day)
	summary, err := desk.Summary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	risk := 4 * e.Risk.Score()
	var got []int
	for _, point := range summary.Course {
		if !point.Known {
			got = append(got, -1)
			continue
		}
		got = append(got, point.Debt)
	}
	unknown := []int{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}
	want := append(unknown, 20*risk, 13*risk, 6*risk, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	if diff := cmp.Diff(want, got); diff != "" || summary.Debt != 13*risk {
		t.Errorf("debt %d, course (-want +got):\n%s", summary.Debt, diff)
	}
}

// C21.2 and C21.4: the board tells what waits, what slips, and what is renewed again and
// again, which only who answers to the board approves.
func TestBoardShowsWhatSlipsAndWhatIsRenewedAgainAndAgain(t *testing.T) {
	t.Parallel()
	o := reviewstest.NewOffice(t)
	o.People, o.IsYearly = 2, true
	desk := deskOf(o, town{Office: o})
	often := o.Approved(func(e *exceptions.Exception) { e.End = o.Clock.Now().Add(100 * day) })
	for round := range 3 {
		if _, err := o.Register.Renew(t.Context(), reviewstest.By(o.Owner), often.ID, o.Now(often.ID).End.Add(30*day), "Not done yet."); err != nil {
			t.Fatal(err)
		}
		approver := o.Approver
		if round == 2 {
			if _, err := o.Register.ApproveRenewal(t.Context(), reviewstest.By(approver), often.ID); err == nil {
				t.Error("the third renewal was approved on the ordinary route")
			}
			approver = o.Risk
		}
		if _, err := o.Register.ApproveRenewal(t.Context(), reviewstest.By(approver), often.ID); err != nil {
			t.Fatal(err)
		}
	}
	brief := o.Approved(func(e *exceptions.Exception) { e.End = o.Clock.Now().Add(25 * day) })
	o.Clock.Advance(21 * day) // past the milestone of both
	proposal := o.Approved(nil)
	summary, err := desk.Summary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(summary.Often) != 1 || summary.Often[0].Exception.ID != often.ID || summary.Lines[0].Debt < summary.Lines[1].Debt {
		t.Errorf("renewed often: %+v", summary.Often)
	}
	got := [...]int{summary.InForce, summary.People, summary.Soon, summary.Slipped, summary.Overdue, summary.Yearly, summary.Untested, summary.High}
	if want := [...]int{3, 6, 1, 2, 1, 3, 3, 0}; got != want {
		t.Errorf("in force, people, soon, slipped, overdue, yearly, untested, high: %v, want %v", got, want)
	}
	if _, err := o.Register.EndNow(t.Context(), reviewstest.By(o.Owner), proposal.ID, "Not needed."); err != nil {
		t.Fatal(err)
	}
	o.Clock.Set(brief.End)
	if summary, err = desk.Summary(t.Context()); err != nil || len(summary.Over) != 2 || summary.Over[0].ID != brief.ID || summary.InForce != 1 {
		t.Errorf("over: %d, in force %d, %v", len(summary.Over), summary.InForce, err)
	}
}

// C21.3: what would break is what was let in only because of an exception.
func TestWhatBreaksNamesPeopleAndServices(t *testing.T) {
	t.Parallel()
	o := reviewstest.NewOffice(t)
	at := o.Clock.Now()
	first, second := ids.New[ids.Exception](), ids.New[ids.Exception]()
	a, b, payroll, wiki := ids.Person("prs_a"), ids.Person("prs_b"), ids.Service("svc_p"), ids.Service("svc_w")
	house := town{Office: o, keys: map[ids.Person]bool{a: true}, uses: []board.Use{
		{first, a, payroll, 5, at}, {second, a, payroll, 2, at.Add(time.Hour)}, {first, a, wiki, 1, at}, {second, b, payroll, 1, at}}}
	breaks, err := deskOf(o, house).Breaks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	both := []ids.Exception{min(first, second), max(first, second)}
	want := board.Breaks{Since: at.Add(-board.Recent), People: 2, Services: 2, Requests: 9, NoKey: 1, Rows: []board.Broken{
		{Person: b, Service: payroll, Exceptions: []ids.Exception{second}, Requests: 1, Last: at},
		{Person: a, Service: payroll, Exceptions: both, Requests: 7, Last: at.Add(time.Hour), WithKey: true},
		{Person: a, Service: wiki, Exceptions: []ids.Exception{first}, Requests: 1, Last: at, WithKey: true}}}
	if diff := cmp.Diff(want, breaks); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
