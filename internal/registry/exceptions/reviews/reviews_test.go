package reviews_test

import (
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/exceptions"
	"github.com/warder-project/warder/internal/registry/exceptions/reviews"
	"github.com/warder-project/warder/internal/registry/exceptions/reviews/reviewstest"
	"github.com/warder-project/warder/internal/registry/people"
)

const day = 24 * time.Hour

var keep = reviews.Decision{Outcome: reviews.Keep, Cause: reviews.Holds, Note: "The supplier has promised it for May."}

// C22.1: a review is made out for a day and for somebody who is not the owner, and
// shows what is known: uses, the cause, the controls.
func TestReviewIsDueForSomebodyElseAndShowsWhatIsKnown(t *testing.T) {
	t.Parallel()
	o := reviewstest.NewOffice(t)
	e := o.Approved(func(e *exceptions.Exception) { e.Reason = exceptions.KeySupply })
	review := o.Open(e.ID)
	if !review.Due.Equal(e.Reviews[0]) || review.Reviewer != o.Approver.ID || !o.Now(e.ID).Lapses.Equal(review.Due.Add(reviews.Grace)) {
		t.Fatalf("the review is %+v of %v", review, e.Reviews)
	}
	o.WasUsed = reviews.Uses{Requests: 40, People: 1, Last: o.Clock.Now()}
	o.People, o.HaveKeys = 3, 2
	evidence, err := o.Book.Evidence(t.Context(), review)
	if err != nil || evidence.Uses != o.WasUsed || evidence.Gone || len(evidence.Controls) != 1 || !strings.Contains(strings.Join(evidence.Seen, " "), "(3), 2 have") {
		t.Errorf("%+v, %v", evidence, err)
	}
	o.HaveKeys, o.WasUsed = 3, reviews.Uses{}
	if evidence, err = o.Book.Evidence(t.Context(), review); err != nil || !evidence.Gone || len(evidence.Seen) != 2 {
		t.Errorf("all have keys and nobody needs it: %+v, %v", evidence, err)
	}
	o.Clock.Set(review.Due)
	for name, test := range map[string]struct {
		who  people.Person
		want bool
	}{"its approver": {o.Approver, true}, "a risk owner": {o.Risk, true}, "its owner": {o.Owner, false}, "whom it is for": {o.User, false}, "a stranger": {o.Stranger, false}} {
		queue, err := o.Book.Queue(t.Context(), test.who.ID)
		if err != nil || len(queue) == 1 != test.want {
			t.Errorf("%s sees %d reviews, %v", name, len(queue), err)
		}
		if test.want {
			continue
		}
		if _, err := o.Book.Decide(t.Context(), reviewstest.By(test.who), review.ID, keep); !problem.Is(err, reviews.NotYours) {
			t.Errorf("%s reviewed it: %v", name, err)
		}
	}
}

// C22.2: the four outcomes.
func TestReviewEndsKeepsShortensOrAsksForMore(t *testing.T) {
	t.Parallel()
	for _, outcome := range reviews.Outcomes() {
		o := reviewstest.NewOffice(t)
		e := o.Approved(nil)
		review := o.Open(e.ID)
		if _, err := o.Book.Decide(t.Context(), reviewstest.By(o.Approver), review.ID, keep); !problem.Is(err, reviews.TooEarly) {
			t.Errorf("months before its day: %v", err)
		}
		o.Clock.Set(review.Due.Add(-day))
		decision := keep
		decision.Outcome = outcome
		switch outcome {
		case reviews.Shorten:
			decision.NewEnd = o.Clock.Now().Add(5 * day)
		case reviews.Renew:
			decision.NewEnd = e.End.Add(30 * day)
		case reviews.EndNow, reviews.Keep:
		}
		done, err := o.Book.Decide(t.Context(), reviewstest.By(o.Approver), review.ID, decision)
		if err != nil || done.State != reviews.Done || done.By != o.Approver.ID {
			t.Fatalf("%s: %+v, %v", outcome, done, err)
		}
		after, next := o.Now(e.ID), o.Open(e.ID)
		switch outcome {
		case reviews.EndNow:
			if after.State != exceptions.Ended || next.ID != "" || !after.Lapses.IsZero() {
				t.Errorf("it was to end: %+v, next %+v", after, next)
			}
		case reviews.Keep:
			if !after.End.Equal(e.End) || !next.Due.Equal(e.Reviews[1]) || !after.Lapses.Equal(next.Lapses) {
				t.Errorf("it was to stay: %+v, next %+v", after, next)
			}
		case reviews.Shorten:
			if !after.End.Equal(decision.NewEnd) || next.ID != "" || !after.Lapses.IsZero() {
				t.Errorf("it was to end sooner: %+v, next %+v", after, next)
			}
		case reviews.Renew:
			if !after.End.Equal(e.End) || !after.Renewal.End.Equal(decision.NewEnd) {
				t.Errorf("a renewal was to be asked for, and no more: %+v", after)
			}
			if _, err := o.Register.ApproveRenewal(t.Context(), reviewstest.By(o.Approver), e.ID); !problem.Is(err, exceptions.SamePerson) {
				t.Errorf("whoever asked approved it: %v", err)
			}
			renewed, err := o.Register.ApproveRenewal(t.Context(), reviewstest.By(o.Risk), e.ID)
			if err != nil || !renewed.End.Equal(decision.NewEnd) || renewed.Renewals != 1 {
				t.Errorf("renewed: %+v, %v", renewed, err)
			}
		}
		if _, err := o.Book.Decide(t.Context(), reviewstest.By(o.Approver), review.ID, keep); !problem.Is(err, reviews.Closed) {
			t.Errorf("%s: reviewed twice: %v", outcome, err)
		}
	}
}

// C22.2: a decision says why, and does not keep what its own answers speak against.
func TestReviewDoesNotKeepWhatHasNoCauseOrNoControls(t *testing.T) {
	t.Parallel()
	o := reviewstest.NewOffice(t)
	e := o.Approved(nil)
	review := o.Open(e.ID)
	o.Clock.Set(review.Due)
	for name, test := range map[string]struct {
		change func(d *reviews.Decision)
		field  string
	}{
		"no word":           {func(d *reviews.Decision) { d.Note = " " }, "note"},
		"no cause":          {func(d *reviews.Decision) { d.Cause = "" }, "cause"},
		"no outcome":        {func(d *reviews.Decision) { d.Outcome = "" }, "outcome"},
		"kept without":      {func(d *reviews.Decision) { d.Cause = reviews.Gone }, "outcome"},
		"renewed without":   {func(d *reviews.Decision) { d.Outcome, d.Cause, d.NewEnd = reviews.Renew, reviews.Gone, e.End.Add(day) }, "outcome"},
		"no new end":        {func(d *reviews.Decision) { d.Outcome = reviews.Shorten }, "new_end"},
		"shorter is longer": {func(d *reviews.Decision) { d.Outcome, d.NewEnd = reviews.Shorten, e.End.Add(day) }, "new_end"},
		"far too long":      {func(d *reviews.Decision) { d.Outcome, d.NewEnd = reviews.Renew, e.End.AddDate(3, 0, 0) }, "new_end"},
	} {
		decision := keep
		test.change(&decision)
		_, err := o.Book.Decide(t.Context(), reviewstest.By(o.Approver), review.ID, decision)
		cause, ok := problem.Of(err)
		if !ok || !problem.Is(err, reviews.Malformed) || cause.Fields[0].Name != test.field || cause.Fields[0].Message == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := o.Register.Test(t.Context(), reviewstest.By(o.Owner), e.ID, 1, exceptions.Fails, "It is open to everybody."); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Book.Decide(t.Context(), reviewstest.By(o.Approver), review.ID, keep); !problem.Is(err, reviews.Malformed) {
		t.Errorf("kept while its control fails: %v", err)
	}
	if got := o.Open(e.ID); got.ID != review.ID {
		t.Error("what was refused has closed the review")
	}
}

// C22.2: a missed review ends the exception, or drops it to the stricter floor that was
// chosen when it was made. The engine obeys on the day itself, also while nobody does
// the work.
func TestMissedReviewHasTheConsequenceThatWasChosen(t *testing.T) {
	t.Parallel()
	strict := assurance.Requirement{AAL: assurance.AAL2}
	for name, test := range map[string]struct {
		overdue exceptions.Fallback
		want    exceptions.State
	}{
		"ends":  {exceptions.Fallback{Kind: exceptions.Ends}, exceptions.Ended},
		"drops": {exceptions.Fallback{Kind: exceptions.Stricter, Floor: strict}, exceptions.Approved},
	} {
		o := reviewstest.NewOffice(t)
		e := o.Approved(func(e *exceptions.Exception) { e.OnOverdue = test.overdue })
		review := o.Open(e.ID)
		o.Clock.Set(review.Lapses.Add(-time.Millisecond))
		if err := o.Book.Turn(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := o.Now(e.ID); got.State != exceptions.Approved || got.Floor != e.Floor {
			t.Errorf("%s: within its grace it is %+v", name, got)
		}
		o.Clock.Set(review.Lapses)
		if standing := o.Now(e.ID); standing.InForce(review.Lapses) != (test.want == exceptions.Approved) {
			t.Errorf("%s: before any work is done it is in force: %v", name, standing.InForce(review.Lapses))
		}
		if _, err := o.Book.Decide(t.Context(), reviewstest.By(o.Approver), review.ID, keep); !problem.Is(err, reviews.Closed) {
			t.Errorf("%s: reviewed after its grace: %v", name, err)
		}
		if err := o.Book.Turn(t.Context()); err != nil {
			t.Fatal(err)
		}
		after := o.Now(e.ID)
		if after.State != test.want || test.want == exceptions.Approved && after.Floor != strict {
			t.Errorf("%s: it is %+v", name, after)
		}
		last := o.Letters[len(o.Letters)-1]
		if last.To != o.Owner.ID || !strings.Contains(last.Subject, "missed") {
			t.Errorf("%s: the owner was told %+v", name, last)
		}
		if count, err := o.Book.Missed(t.Context(), review.Lapses); err != nil || count != 1 {
			t.Errorf("%s: %d missed, %v", name, count, err)
		}
		if test.want != exceptions.Approved {
			continue
		}
		again := o.Open(e.ID)
		o.Clock.Set(again.Lapses)
		if err := o.Book.Turn(t.Context()); err != nil {
			t.Fatal(err)
		}
		if after := o.Now(e.ID); again.ID == review.ID || after.State != exceptions.Ended {
			t.Errorf("missed for the second time: %+v", after)
		}
	}
}

// C22.3: whatever days were chosen, no year passes without a review while a service is
// held to the NHS policy; also when the obligation came later.
func TestYearlyReviewCannotBeSwitchedOffUnderTheNHSPolicy(t *testing.T) {
	t.Parallel()
	o := reviewstest.NewOffice(t)
	start := o.Clock.Now()
	e := o.Approved(func(e *exceptions.Exception) {
		e.End, e.Reviews = start.Add(366*day), []time.Time{start.Add(366*day - time.Hour)}
	})
	if got := o.Open(e.ID); !got.Due.Equal(e.Reviews[0]) {
		t.Fatalf("the review is on %v", got.Due)
	}
	o.IsYearly = true
	if err := o.Book.Turn(t.Context()); err != nil {
		t.Fatal(err)
	}
	first := o.Open(e.ID)
	if !first.Due.Equal(start.Add(reviews.Year)) || !o.Now(e.ID).Lapses.Equal(first.Lapses) {
		t.Errorf("held to the policy since: the review is on %v", first.Due)
	}
	// Renewed for another year, with no review planned in it.
	late := e
	late.Reviews, late.End = nil, start.Add(900*day)
	if got := reviews.Next(late, reviews.Review{Due: start.Add(300 * day), ClosedAt: start.Add(290 * day)}, true); !got.Equal(start.Add(290 * day).Add(reviews.Year)) {
		t.Errorf("a year after the last look is %v", got)
	}
	if got := reviews.Next(late, reviews.Review{}, false); !got.IsZero() {
		t.Errorf("without the policy it is %v", got)
	}
}

// C22.4: the reviewer is written to with the address of that very review, once a week.
func TestReviewerIsAskedWithTheAddressOfTheReview(t *testing.T) {
	t.Parallel()
	o := reviewstest.NewOffice(t)
	e := o.Approved(nil)
	review := o.Open(e.ID)
	for i, at := range []time.Time{review.Due.Add(-15 * day), review.Due.Add(-13 * day), review.Due.Add(-12 * day), review.Due.Add(-5 * day)} {
		o.Clock.Set(at)
		if err := o.Book.Turn(t.Context()); err != nil {
			t.Fatal(err)
		}
		if want := []int{0, 1, 1, 2}[i]; len(o.Letters) != want {
			t.Fatalf("at %v: %d letters, want %d", at, len(o.Letters), want)
		}
	}
	letter := o.Letters[0]
	if letter.To != o.Approver.ID || !strings.Contains(letter.Text, o.Address(review.ID)) || !strings.Contains(letter.Text, e.Name()) {
		t.Errorf("the letter is %+v", letter)
	}
}

func TestProblemsAreComplete(t *testing.T) {
	t.Parallel()
	for _, definition := range reviews.Problems() {
		if definition.Sentence == "" || definition.Next == "" || !strings.HasPrefix(definition.Code, "reviews.") {
			t.Errorf("incomplete: %+v", definition)
		}
	}
}
