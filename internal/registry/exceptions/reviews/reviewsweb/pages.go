// Package reviewsweb shows a reviewer what waits for them, and one review with what is
// known before they decide. There is no way to decide about several at once.
package reviewsweb

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/exceptions"
	"github.com/warder-project/warder/internal/registry/exceptions/reviews"
	"github.com/warder-project/warder/internal/registry/people"
)

//go:embed *.html
var files embed.FS

// Path is where the queue is; each review is below it.
const Path = "/admin/exceptions/reviews"

const (
	section   = "/admin/exceptions"
	smallForm = 16 << 10
)

// Deps is what the pages need. All of it is required.
type Deps struct {
	Reviews  *reviews.Book
	Register *exceptions.Register
	People   *people.Directory
	Now      func() time.Time
}

// Pages are the pages.
type Pages struct {
	deps      Deps
	templates *web.Templates
}

// New reads the templates.
func New(deps Deps) (*Pages, error) {
	if deps.Reviews == nil || deps.Register == nil || deps.People == nil || deps.Now == nil {
		return nil, errors.New("make the pages about reviews: something they need is missing")
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the pages about reviews: %w", err)
	}
	return &Pages{deps: deps, templates: templates}, nil
}

// Routes are the pages.
func (p *Pages) Routes() []web.Route {
	read, decide := web.Need{Permission: web.ExceptionsRead, AAL: 2}, web.Need{Permission: web.ExceptionsApprove, AAL: 2}
	return []web.Route{
		{Method: http.MethodGet, Path: Path, Need: read, Title: "Reviews of exceptions", Handler: p.queue},
		{Method: http.MethodGet, Path: Path + "/{review}", Need: read, Title: "Review an exception", Handler: p.show},
		{Method: http.MethodPost, Path: Path + "/{review}", Need: decide, Title: "Decide about an exception", Handler: p.decide, MaxBody: smallForm},
	}
}

// queueView is what waits for the viewer, and what waits for others.
type queueView struct {
	Banner *govuk.NotificationBanner
	Mine   govuk.Table
	None   bool
	Others govuk.Table
	NoMore bool
	Back   govuk.BackLink
}

func (p *Pages) queue(w http.ResponseWriter, r *http.Request) error {
	waiting, err := p.deps.Reviews.Waiting(r.Context())
	if err != nil {
		return err
	}
	view := queueView{Back: govuk.BackLink{Text: "Exceptions", Href: section}, Mine: queueTable("Waiting for you"), Others: queueTable("Waiting for somebody else")}
	if r.URL.Query().Get("done") != "" {
		view.Banner = &govuk.NotificationBanner{Type: "success", Text: "The review is on record."}
	}
	for _, review := range waiting {
		line, err := p.line(r.Context(), review)
		if err != nil {
			return err
		}
		switch err := p.deps.Reviews.MayDecide(r.Context(), web.ViewerOf(r).Person, review); {
		case err == nil:
			view.Mine.Rows = append(view.Mine.Rows, line)
		case problem.Is(err, reviews.NotYours):
			view.Others.Rows = append(view.Others.Rows, line)
		default:
			return err
		}
	}
	view.None, view.NoMore = len(view.Mine.Rows) == 0, len(view.Others.Rows) == 0
	return p.templates.Render(w, r, web.Page{Name: "queue.html", Title: "Reviews of exceptions", Section: section, View: view})
}

func queueTable(caption string) govuk.Table {
	return govuk.Table{Caption: caption, CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Exception"}, {Text: "To be reviewed by"}, {Text: "Asked"}, {Text: "If nobody does"}}}
}

func (p *Pages) line(ctx context.Context, review reviews.Review) ([]govuk.Cell, error) {
	e, err := p.deps.Register.Get(ctx, review.Exception)
	if err != nil {
		return nil, err
	}
	reviewer, err := p.who(ctx, review.Reviewer)
	if err != nil {
		return nil, err
	}
	due := govuk.Cell{Text: govuk.Date(review.Due)}
	if review.Overdue(p.deps.Now()) {
		due.Tag = &govuk.Tag{Text: "Overdue", Classes: govuk.Red}
	}
	return []govuk.Cell{{Text: e.Name(), Href: Path + "/" + string(review.ID)}, due, {Text: reviewer}, {Text: consequence(e, review)}}, nil
}

// consequence is what follows when nobody reviews.
func consequence(e exceptions.Exception, review reviews.Review) string {
	if e.OnOverdue.Kind == exceptions.Stricter && e.Floor != e.OnOverdue.Floor {
		return "From " + govuk.Date(review.Lapses) + " on more is asked: " + e.OnOverdue.Floor.String()
	}
	return "It ends on " + govuk.Date(review.Lapses)
}

// showView is one review, with the form while it is open.
type showView struct {
	Heading string
	Facts   govuk.SummaryList
	Seen    []string
	Gone    bool
	Tests   govuk.Table
	Closed  string // how it ended; empty while it is open
	Form    *formView
	Why     string // why there is no form
	Back    govuk.BackLink
}

type formView struct {
	Cause   govuk.Radios
	Outcome govuk.Radios
	End     govuk.Input
	Note    govuk.Textarea
	Do      govuk.Button
	Action  string
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error { return p.render(w, r, nil) }

func (p *Pages) render(w http.ResponseWriter, r *http.Request, faults []web.FieldError) error {
	ctx := r.Context()
	review, err := p.review(r)
	if err != nil {
		return err
	}
	e, err := p.deps.Register.Get(ctx, review.Exception)
	if err != nil {
		return err
	}
	evidence, err := p.deps.Reviews.Evidence(ctx, review)
	if err != nil {
		return err
	}
	owner, err := p.who(ctx, e.Owner)
	if err != nil {
		return err
	}
	reviewer, err := p.who(ctx, review.Reviewer)
	if err != nil {
		return err
	}
	view := showView{Heading: "Review exception " + e.Name(), Seen: evidence.Seen, Gone: evidence.Gone, Tests: tests(evidence.Controls),
		Back: govuk.BackLink{Text: "Reviews", Href: Path}, Facts: facts(e, review, evidence)}
	view.Facts.Rows = append(view.Facts.Rows, row("Owner", owner), row("Asked to review", reviewer))
	now := p.deps.Now()
	switch err := p.deps.Reviews.MayDecide(ctx, web.ViewerOf(r).Person, review); {
	case err != nil && !problem.Is(err, reviews.NotYours):
		return err
	case review.State != reviews.Open:
		view.Closed = review.State.Label() + ", " + govuk.DateTime(review.ClosedAt) + ". " + strings.TrimSpace(review.Outcome.Label()+": "+review.Note)
	case err != nil:
		view.Why = reviews.NotYours.Sentence + " " + reviews.NotYours.Next
	case now.Before(review.Due.Add(-reviews.Ahead)):
		view.Why = reviews.TooEarly.Sentence + " " + reviews.TooEarly.Next
	case !now.Before(review.Lapses):
		view.Why = reviews.Closed.Sentence
	default:
		view.Form = form(r, review, faults)
	}
	page := web.Page{Name: "show.html", Title: view.Heading, Section: section, View: view, Errors: faults}
	if len(faults) > 0 {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.templates.Render(w, r, page)
}

func facts(e exceptions.Exception, review reviews.Review, evidence reviews.Evidence) govuk.SummaryList {
	used := "Not at all"
	if evidence.Uses.Requests > 0 {
		used = "Requests: " + govuk.Number(evidence.Uses.Requests) + ". People: " + govuk.Number(evidence.Uses.People) + ". The last on " + govuk.DateTime(evidence.Uses.Last)
		if evidence.Uses.More {
			used += ". There were more than are counted here"
		}
	}
	list := govuk.SummaryList{Rows: []govuk.SummaryRow{
		{Key: govuk.Words{Text: "Exception"}, Value: govuk.SummaryValue{Text: e.Name(), Href: section + "/" + e.Name()}},
		{Key: govuk.Words{Text: "Why it was made"}, Value: govuk.SummaryValue{Text: e.Reason.Sentence(), Lines: []string{e.Narrative}}},
		row("Risk", e.Risk.Level().Label()+", "+govuk.Number(e.Risk.Score())+" of 25"),
		row("Planned end", govuk.DateTime(e.End)), row("To be reviewed by", govuk.Date(review.Due)), row("If nobody does", consequence(e, review)),
		row("Used since "+govuk.Date(evidence.Since), used), row("How it stops being needed", e.Sunset.Path.Label())}}
	if evidence.Yearly {
		list.Rows = append(list.Rows, row("Under the NHS policy", "Yes: no year passes without a review"))
	}
	return list
}

func tests(controls []exceptions.Control) govuk.Table {
	table := govuk.Table{Caption: "What makes up for it, and its last test", CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "What is done"}, {Text: "How it is tested"}, {Text: "Last test"}, {Text: "What was seen"}}}
	for _, control := range controls {
		tag := &govuk.Tag{Text: control.Result.Label(), Classes: govuk.Yellow}
		switch control.Result {
		case exceptions.Works:
			tag.Classes = govuk.Green
		case exceptions.Fails:
			tag.Classes = govuk.Red
		}
		table.Rows = append(table.Rows, []govuk.Cell{{Text: control.Text}, {Text: control.How}, {Text: govuk.Date(control.TestedAt), Tag: tag}, {Text: control.Note}})
	}
	return table
}

func form(r *http.Request, review reviews.Review, faults []web.FieldError) *formView {
	view := &formView{Action: Path + "/" + string(review.ID), Do: govuk.Button{Text: "Record the review", PreventDoubleClick: true},
		Cause: govuk.Radios{Name: "cause", Value: r.PostFormValue("cause"), ErrorMessage: web.ErrorFor(faults, "cause"), Fieldset: &govuk.Fieldset{Legend: govuk.Legend{Text: "Is the reason for it still there?"}},
			Items: []govuk.Choice{{Value: string(reviews.Holds), Text: reviews.Holds.Label()}, {Value: string(reviews.Gone), Text: reviews.Gone.Label()}}},
		Outcome: govuk.Radios{Name: "outcome", Value: r.PostFormValue("outcome"), ErrorMessage: web.ErrorFor(faults, "outcome"), Fieldset: &govuk.Fieldset{Legend: govuk.Legend{Text: "What becomes of it?"}}},
		End: govuk.Input{Name: "new_end", Type: "date", Label: govuk.Label{Text: "New end"}, Hint: govuk.Hint{Text: "Only to end it sooner, or to ask for a later end, which somebody else approves. At 5pm in London."},
			Value: r.PostFormValue("new_end"), ErrorMessage: web.ErrorFor(faults, "new_end"), Classes: "govuk-input--width-10"},
		Note: govuk.Textarea{Name: "note", Rows: 4, Label: govuk.Label{Text: "What have you looked at, and why do you decide so?"}, Value: r.PostFormValue("note"), ErrorMessage: web.ErrorFor(faults, "note")}}
	for _, outcome := range reviews.Outcomes() {
		view.Outcome.Items = append(view.Outcome.Items, govuk.Choice{Value: string(outcome), Text: outcome.Label()})
	}
	return view
}

func (p *Pages) decide(w http.ResponseWriter, r *http.Request) error {
	review, err := p.review(r)
	if err != nil {
		return err
	}
	decision := reviews.Decision{Outcome: reviews.Outcome(r.PostFormValue("outcome")), Cause: reviews.Cause(r.PostFormValue("cause")), Note: r.PostFormValue("note")}
	if text := strings.TrimSpace(r.PostFormValue("new_end")); text != "" {
		if decision.NewEnd, err = endOfDay(text); err != nil {
			return p.render(w, r, []web.FieldError{{Field: "new_end", Message: "Give the day as a date"}})
		}
	}
	viewer := web.ViewerOf(r)
	_, err = p.deps.Reviews.Decide(r.Context(), exceptions.SignedIn(viewer.Person, viewer.Session), review.ID, decision)
	if faults, ok := web.FieldErrors(err); ok {
		return p.render(w, r, faults)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, Path+"?done=1")
}

// endOfDay is 5pm of a day in London.
func endOfDay(text string) (time.Time, error) {
	zone, err := time.LoadLocation("Europe/London") // compiled in with base/web/govuk
	if err != nil {
		zone = time.UTC
	}
	end, err := time.ParseInLocation("2006-01-02 15:04", text+" 17:00", zone)
	return end.UTC(), err
}

// review is the one in the address.
func (p *Pages) review(r *http.Request) (reviews.Review, error) {
	id, err := ids.Parse[ids.Review](r.PathValue("review"))
	if err != nil {
		return reviews.Review{}, reviews.NotFound.Because(err)
	}
	return p.deps.Reviews.Get(r.Context(), id)
}

func (p *Pages) who(ctx context.Context, id ids.Person) (string, error) {
	person, err := p.deps.People.Get(ctx, id)
	if problem.Is(err, people.NotFound) {
		return "Somebody who is not in the directory", nil
	}
	return person.Name, err
}

func row(name, text string) govuk.SummaryRow {
	return govuk.SummaryRow{Key: govuk.Words{Text: name}, Value: govuk.SummaryValue{Text: text}}
}
