package exceptions

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
)

const (
	longestText = 2000
	longestLine = 300
	namesMost   = 1000 // people or groups of one exception
	partsMost   = 50   // controls, milestones, reviews or links
	reviewEvery = 91 * day
)

// complete puts what is given into the form in which it is kept, and refuses what
// cannot be. It asks nobody.
func (e *Exception) complete(now time.Time) error {
	e.tidy(now)
	if e.End.IsZero() {
		return NoEnd.New().At(problem.Field{Name: "end", Message: "Say when it ends"})
	}
	var faults faults
	faults.subject(e.Subject)
	faults.check(e.Reason.known(), "reason", "Choose one of the reasons")
	faults.text("narrative", e.Narrative)
	faults.check(e.Floor.Defined(), "floor", "Say what is still asked of them: AAL1, AAL2 or AAL3")
	faults.check(onScale(e.Risk.Likelihood), "likelihood", "Choose a number from 1 to 5")
	faults.check(onScale(e.Risk.Impact), "impact", "Choose a number from 1 to 5")
	faults.text("risk", e.Risk.Narrative)
	faults.controls(e.Controls)
	faults.sunset(e.Sunset)
	faults.fallback(*e)
	faults.links(e.Evidence)
	faults.check(e.End.After(e.Start), "end", "It must end after it begins")
	faults.check(e.End.After(now), "end", "That is over already")
	faults.check(len(e.Reviews) <= partsMost, "reviews", fmt.Sprintf("Give at most %d", partsMost))
	for _, review := range e.Reviews {
		faults.check(review.After(e.Start) && review.Before(e.End), "reviews", "A review lies between the beginning and the end")
	}
	if len(faults) > 0 {
		return Malformed.New().At(faults...)
	}
	return e.notTooLong()
}

// notTooLong keeps the longest life that its risk allows.
func (e *Exception) notTooLong() error {
	if level := e.Risk.Level(); e.Lasts() > level.Longest() {
		return TooLong.Detailf("A risk that is %s allows at most %d days.", strings.ToLower(level.Label()), int(level.Longest()/day)).
			At(problem.Field{Name: "end", Message: "Choose an earlier end"})
	}
	return nil
}

// tidy sorts and trims, and fills in what goes without saying.
func (e *Exception) tidy(now time.Time) {
	if e.Start.IsZero() {
		e.Start = now
	}
	e.Start, e.End = moment(e.Start), moment(e.End)
	e.Narrative, e.Risk.Narrative = strings.TrimSpace(e.Narrative), strings.TrimSpace(e.Risk.Narrative)
	e.Subject.People = sorted(e.Subject.People)
	e.Subject.Groups = sorted(e.Subject.Groups)
	for i := range e.Controls {
		e.Controls[i] = Control{Text: strings.TrimSpace(e.Controls[i].Text), How: strings.TrimSpace(e.Controls[i].How)}
	}
	for i := range e.Sunset.Milestones {
		step := &e.Sunset.Milestones[i]
		*step = Milestone{Text: strings.TrimSpace(step.Text), Due: moment(step.Due), Proof: step.Proof}
	}
	for i := range e.Reviews {
		e.Reviews[i] = moment(e.Reviews[i])
	}
	slices.SortFunc(e.Reviews, time.Time.Compare)
	if len(e.Reviews) == 0 && e.End.After(e.Start) {
		e.Reviews = usualReviews(e.Start, e.End)
	}
}

// usualReviews is one each quarter, and one in the middle of what is shorter.
func usualReviews(start, end time.Time) []time.Time {
	var due []time.Time
	for at := start.Add(reviewEvery); at.Before(end) && len(due) < partsMost; at = at.Add(reviewEvery) {
		due = append(due, at)
	}
	if len(due) == 0 {
		due = append(due, moment(start.Add(end.Sub(start)/2)))
	}
	return due
}

// sorted is the list in order, each once; nil when it is empty.
func sorted[T ~string](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return slices.Compact(slices.Sorted(slices.Values(list)))
}

// moment is a time as it is kept: in milliseconds, UTC.
func moment(at time.Time) time.Time {
	if at.IsZero() {
		return time.Time{}
	}
	return at.UTC().Truncate(time.Millisecond)
}

// faults gathers what is wrong with a proposal.
type faults []problem.Field

func (f *faults) check(right bool, name, message string) {
	if !right {
		*f = append(*f, problem.Field{Name: name, Message: message})
	}
}

func (f *faults) text(name, text string) {
	f.check(text != "", name, "Say it in a sentence or two")
	f.plain(name, text, longestText)
}

func (f *faults) plain(name, text string, most int) {
	odd := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }
	f.check(len(text) <= most && utf8.ValidString(text) && !strings.ContainsFunc(text, odd), name, fmt.Sprintf("Use plain text of at most %d letters", most))
}

func (f *faults) subject(s Subject) {
	f.check(!s.Everybody() || s.Service != "", "subject", "Say whom it is for, or at which service")
	f.check(s.Route == "" || s.Service != "", "route", "A route belongs to a service: say which")
	f.check(len(s.People) <= namesMost && len(s.Groups) <= namesMost, "subject", fmt.Sprintf("Name at most %d", namesMost))
	for _, name := range s.Groups {
		f.check(strings.TrimSpace(name) == name && name != "", "groups", "That is not the name of a group")
		f.plain("groups", name, longestLine)
	}
}

func (f *faults) controls(controls []Control) {
	f.check(len(controls) > 0, "controls", "Say what makes up for the weaker sign-in: at least one thing")
	f.check(len(controls) <= partsMost, "controls", fmt.Sprintf("Give at most %d", partsMost))
	for _, control := range controls {
		f.check(control.Text != "", "controls", "Say what is done instead")
		f.check(control.How != "", "controls", "Say how somebody finds out that it works: what cannot be tested makes up for nothing")
		f.plain("controls", control.Text, longestLine)
		f.plain("controls", control.How, longestLine)
	}
}

func (f *faults) sunset(sunset Sunset) {
	f.check(slices.Contains(Paths(), sunset.Path), "sunset", "Choose how it will stop being needed")
	f.check(len(sunset.Milestones) <= partsMost, "sunset", fmt.Sprintf("Give at most %d steps", partsMost))
	for _, step := range sunset.Milestones {
		f.check(step.Text != "" && !step.Due.IsZero(), "sunset", "Each step has a name and a day")
		f.check(slices.Contains(Proofs(), step.Proof), "sunset", "Choose what shows that it is reached")
		f.plain("sunset", step.Text, longestLine)
	}
}

func (f *faults) fallback(e Exception) {
	switch fallback := e.OnOverdue; fallback.Kind {
	case Ends:
		f.check(!fallback.Floor.Defined(), "on_overdue", "What ends has no floor")
	case Stricter:
		both := e.Floor.And(fallback.Floor)
		f.check(fallback.Floor.Defined() && both == fallback.Floor && both != e.Floor, "on_overdue", "The floor it drops to must be stricter than its own in some way, and milder in none")
	default:
		f.check(false, "on_overdue", "Choose what becomes of it when a review is missed")
	}
}

func (f *faults) links(links []string) {
	f.check(len(links) <= partsMost, "evidence", fmt.Sprintf("Give at most %d", partsMost))
	for _, link := range links {
		_, notKept := ids.Parse[ids.Evidence](link)
		address, err := url.Parse(link)
		page := err == nil && (address.Scheme == "https" || address.Scheme == "http") && address.Host != "" && address.User == nil
		f.check(notKept == nil || page, "evidence", "Give the address of a page, or the id of evidence that is kept here")
		f.plain("evidence", link, longestLine)
	}
}

// find makes sure that everybody and everything an exception names is there.
func (r *Register) find(ctx context.Context, e *Exception) (Target, error) {
	var faults faults
	if owner, err := r.deps.House.Standing(ctx, e.Owner); err != nil {
		return Target{}, err
	} else if !owner.MaySignIn {
		faults.check(false, "owner", "The owner must be somebody who works here and can sign in")
	}
	for _, person := range e.Subject.People {
		found, err := r.deps.House.Standing(ctx, person)
		if err != nil {
			return Target{}, err
		}
		faults.check(found.Known && !found.Left, "people", "Somebody named here is not in the directory, or has left")
	}
	missing, err := r.deps.House.MissingGroups(ctx, e.Subject.Groups)
	if err != nil {
		return Target{}, err
	}
	for _, name := range missing {
		faults.check(false, "groups", "There is no group called “"+name+"”")
	}
	var target Target
	if e.Subject.Service != "" {
		if target, err = r.deps.House.Target(ctx, e.Subject.Service, e.Subject.Route); err != nil {
			return Target{}, err
		}
		faults.check(target.Open, "service", "There is no such service, or it is retired")
		faults.check(e.Subject.Route == "" || target.RouteKnown, "route", "The service has no such route")
	}
	if len(faults) > 0 {
		return Target{}, Malformed.New().At(faults...)
	}
	return target, nil
}
