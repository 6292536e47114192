package boardweb

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/exceptions"
)

// deed is one thing that may be done with an exception, said before it is done.
type deed struct {
	word, title string
	needs       web.Permission
	heading     string
	means       func(e exceptions.Exception) string // what follows, in a sentence or two
	fits        func(e exceptions.Exception) bool   // whether it can be done as things stand
	fields      []string                            // of the form: reason, end, result, note, due
	button      string
	warning     bool
	do          func(ctx context.Context, p *Pages, r *http.Request, e exceptions.Exception) error
}

func approvedNow(e exceptions.Exception) bool { return e.State == exceptions.Approved }
func proposed(e exceptions.Exception) bool    { return e.State == exceptions.Proposed }
func decides(e exceptions.Exception) bool     { return proposed(e) || e.Renewal.Asked() }

func ends(e exceptions.Exception) string { return govuk.DateTime(e.End) }

// deeds are all of them, in the order of the buttons.
func deeds() []deed {
	return []deed{
		{word: "approve", title: "Approve an exception", needs: web.ExceptionsApprove, heading: "Approve", button: "Approve it", fits: decides,
			means: func(e exceptions.Exception) string {
				if e.Renewal.Asked() {
					return "It would go on until " + govuk.DateTime(e.Renewal.End) + " instead of " + ends(e) + ". You approve it with your key, touched within the last ten minutes."
				}
				return "From then on, those it is for are asked for less: " + e.Floor.String() + ". It ends by itself on " + ends(e) + ". You approve it with your key, touched within the last ten minutes."
			},
			do: func(ctx context.Context, p *Pages, r *http.Request, e exceptions.Exception) error {
				if e.Renewal.Asked() {
					return outcome(p.deps.Register.ApproveRenewal(ctx, by(r), e.ID))
				}
				return outcome(p.deps.Register.Approve(ctx, by(r), e.ID))
			}},
		{word: "refuse", title: "Refuse an exception", needs: web.ExceptionsApprove, heading: "Refuse", button: "Refuse it", fits: decides, fields: []string{"reason"},
			means: func(e exceptions.Exception) string {
				if e.Renewal.Asked() {
					return "The renewal is refused, and the exception ends when it would have ended, on " + ends(e) + "."
				}
				return "It never comes into force. Who needs it asks for another."
			},
			do: func(ctx context.Context, p *Pages, r *http.Request, e exceptions.Exception) error {
				if e.Renewal.Asked() {
					return outcome(p.deps.Register.RefuseRenewal(ctx, by(r), e.ID))
				}
				return outcome(p.deps.Register.Refuse(ctx, by(r), e.ID, r.PostFormValue("reason")))
			}},
		{word: "end", title: "End an exception", needs: web.ExceptionsApprove, heading: "End now", button: "End it now", warning: true, fits: approvedNow, fields: []string{"reason"},
			means: func(exceptions.Exception) string {
				return "The next request of each of them is asked for what the policy asks of everybody. Who cannot do that is locked out. It cannot be undone: they would need a new exception."
			},
			do: func(ctx context.Context, p *Pages, r *http.Request, e exceptions.Exception) error {
				return outcome(p.deps.Register.EndNow(ctx, by(r), e.ID, r.PostFormValue("reason")))
			}},
		{word: "shorten", title: "End an exception sooner", needs: web.ExceptionsApprove, heading: "End sooner", button: "End it sooner", fits: approvedNow, fields: []string{"end"},
			means: func(e exceptions.Exception) string {
				return "It would end on " + ends(e) + ". Those it is for are warned of the new end."
			},
			do: func(ctx context.Context, p *Pages, r *http.Request, e exceptions.Exception) error {
				return outcome(p.deps.Register.Shorten(ctx, by(r), e.ID, moment(r)))
			}},
		{word: "renew", title: "Ask for a later end", needs: web.ExceptionsWrite, heading: "Ask for a later end", button: "Ask for it", fits: approvedNow, fields: []string{"end", "reason"},
			means: func(e exceptions.Exception) string {
				text := "It ends on " + ends(e) + " until somebody else approves the later end."
				if e.Renewals >= 2 {
					text += " It has been renewed " + counted(e.Renewals, "time") + ": this time a risk owner must approve it, and it is shown to the board."
				}
				return text
			},
			do: func(ctx context.Context, p *Pages, r *http.Request, e exceptions.Exception) error {
				return outcome(p.deps.Register.Renew(ctx, by(r), e.ID, moment(r), r.PostFormValue("reason")))
			}},
		{word: "withdraw", title: "Withdraw a proposal", needs: web.ExceptionsWrite, heading: "Withdraw", button: "Withdraw it", fits: proposed, fields: []string{"reason"},
			means: func(exceptions.Exception) string { return "The proposal is over. It has relaxed nothing." },
			do: func(ctx context.Context, p *Pages, r *http.Request, e exceptions.Exception) error {
				return outcome(p.deps.Register.Withdraw(ctx, by(r), e.ID, r.PostFormValue("reason")))
			}},
		{word: "test", title: "Record the test of a control", needs: web.ExceptionsWrite, heading: "Record a test", button: "Record it", fits: approvedNow, fields: []string{"result", "note"},
			means: func(exceptions.Exception) string {
				return "The result stands with the exception, and whoever reviews it sees it."
			},
			do: func(ctx context.Context, p *Pages, r *http.Request, e exceptions.Exception) error {
				return outcome(p.deps.Register.Test(ctx, by(r), e.ID, number(r), exceptions.Result(r.PostFormValue("result")), strings.TrimSpace(r.PostFormValue("note"))))
			}},
		{word: "step", title: "Change a step of the plan", needs: web.ExceptionsWrite, heading: "Change a step", button: "Save", fits: approvedNow, fields: []string{"due"},
			means: func(exceptions.Exception) string {
				return "Leave the day empty when the step is reached. A step that is given a later day has slipped, and is shown as that. What Warder can see for itself, it marks when it sees it."
			},
			do: func(ctx context.Context, p *Pages, r *http.Request, e exceptions.Exception) error {
				if strings.TrimSpace(r.PostFormValue("due")) == "" {
					return outcome(p.deps.Register.Reach(ctx, by(r), e.ID, number(r)))
				}
				return outcome(p.deps.Register.Move(ctx, by(r), e.ID, number(r), day(r.PostFormValue("due"))))
			}},
	}
}

func outcome(_ exceptions.Exception, err error) error { return err }

// number is which control or step it is about, from 1; the first when none is said.
func number(r *http.Request) int {
	if r.FormValue("number") == "" {
		return 1
	}
	n, err := strconv.Atoi(r.FormValue("number"))
	if err != nil {
		return 0
	}
	return n
}

func deedPath(r *http.Request, e exceptions.Exception, word string) string {
	return base(r) + "/" + e.Name() + "/do/" + word
}

// the is the deed in the address.
func the(r *http.Request) (deed, bool) {
	word := r.PathValue("deed")
	if word == "" {
		word = r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	}
	for _, one := range deeds() {
		if one.word == word {
			return one, true
		}
	}
	return deed{}, false
}

// offered are the buttons for what the viewer may do as things stand. What is about one
// control or one step stands beside it.
func (p *Pages) offered(r *http.Request, e exceptions.Exception) ([]govuk.Button, error) {
	var buttons []govuk.Button
	for _, one := range deeds() {
		if !one.fits(e) || one.word == "test" || one.word == "step" || base(r) == Path && !may(r, one.needs) {
			continue
		}
		if one.word == "approve" || one.word == "refuse" {
			err := p.deps.Register.MayApprove(r.Context(), by(r), e)
			if problem.Is(err, exceptions.SamePerson) || problem.Is(err, exceptions.NotYourRoute) {
				continue
			}
			if err != nil {
				return nil, err
			}
		}
		button := govuk.Button{Text: one.heading, Href: deedPath(r, e, one.word), Classes: govuk.Secondary}
		if one.word == "approve" {
			button.Classes = ""
		}
		buttons = append(buttons, button)
	}
	return buttons, nil
}

// deedView says what a deed means, with what is needed for it.
type deedView struct {
	Heading string
	Means   string
	Facts   govuk.SummaryList
	Number  string
	Day     *govuk.Input
	Clock   *govuk.Input
	Due     *govuk.Input
	Result  *govuk.Radios
	Note    *govuk.Input
	Reason  *govuk.Textarea
	Do      govuk.Button
	Action  string
	Back    govuk.BackLink
}

func (p *Pages) ask(w http.ResponseWriter, r *http.Request) error { return p.renderDeed(w, r, nil) }

func (p *Pages) renderDeed(w http.ResponseWriter, r *http.Request, faults []web.FieldError) error {
	one, ok := the(r)
	if !ok {
		return web.NotFound.New()
	}
	e, err := p.find(r)
	if err != nil {
		return err
	}
	if !one.fits(e) {
		return exceptions.MovedOn.New()
	}
	view := deedView{Heading: one.heading + ": exception " + e.Name(), Means: one.means(e), Action: deedPath(r, e, one.word), Number: r.FormValue("number"),
		Do: govuk.Button{Text: one.button, PreventDoubleClick: true}, Back: govuk.BackLink{Text: "Exception " + e.Name(), Href: base(r) + "/" + e.Name()}}
	if one.warning {
		view.Do.Classes = govuk.Warning
	}
	whom, err := p.whom(r.Context(), e.Subject)
	if err != nil {
		return err
	}
	where, err := p.where(r.Context(), e.Subject)
	if err != nil {
		return err
	}
	view.Facts.Rows = []govuk.SummaryRow{lines("For", whom), row("Where", where), row("Risk", risk(e)), row("Until", ends(e))}
	if err := view.about(one, e, number(r)); err != nil {
		return err
	}
	view.form(one, r, faults)
	page := web.Page{Name: "deed.html", Title: view.Heading, Section: Path, View: view, Errors: faults}
	if base(r) == OwnPath {
		page.Section = "/me"
	}
	if len(faults) > 0 {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.templates.Render(w, r, page)
}

// about adds the control or the step that a deed is about.
func (v *deedView) about(one deed, e exceptions.Exception, n int) error {
	switch {
	case one.word == "test" && n >= 1 && n <= len(e.Controls):
		v.Facts.Rows = append(v.Facts.Rows, row("What is done", e.Controls[n-1].Text), row("How it is tested", e.Controls[n-1].How))
	case one.word == "step" && n >= 1 && n <= len(e.Sunset.Milestones):
		v.Facts.Rows = append(v.Facts.Rows, row("Step", e.Sunset.Milestones[n-1].Text), row("By", govuk.Date(e.Sunset.Milestones[n-1].Due)))
	case one.word == "test" || one.word == "step":
		return web.NotFound.New()
	}
	return nil
}

func (v *deedView) form(one deed, r *http.Request, faults []web.FieldError) {
	input := func(name, label, hint, kind string) *govuk.Input {
		return &govuk.Input{Name: name, Type: kind, Label: govuk.Label{Text: label}, Hint: govuk.Hint{Text: hint}, Value: r.PostFormValue(name), ErrorMessage: web.ErrorFor(faults, name),
			Classes: "govuk-input--width-10", Autocomplete: "off"}
	}
	for _, field := range one.fields {
		switch field {
		case "end":
			v.Day, v.Clock = input("end", "New end: day", "", "date"), input("end_time", "New end: time, in London", "", "time")
			if v.Clock.Value == "" {
				v.Clock.Value = "17:00"
			}
		case "due":
			v.Due = input("due", "New day", "Leave it empty when the step is reached.", "date")
		case "result":
			v.Result = &govuk.Radios{Name: "result", Value: r.PostFormValue("result"), ErrorMessage: web.ErrorFor(faults, "result"), Fieldset: &govuk.Fieldset{Legend: govuk.Legend{Text: "What did the test show?"}},
				Items: []govuk.Choice{{Value: string(exceptions.Works), Text: exceptions.Works.Label()}, {Value: string(exceptions.Fails), Text: exceptions.Fails.Label()}}}
		case "note":
			v.Note = input("note", "What you saw (optional)", "", "")
			v.Note.Classes = ""
		case "reason":
			v.Reason = &govuk.Textarea{Name: "reason", Rows: 3, Label: govuk.Label{Text: "Why?"}, Hint: govuk.Hint{Text: "It goes into the record."}, Value: r.PostFormValue("reason"), ErrorMessage: web.ErrorFor(faults, "reason")}
		}
	}
}

func (p *Pages) do(w http.ResponseWriter, r *http.Request) error {
	one, ok := the(r)
	if !ok {
		return web.NotFound.New()
	}
	e, err := p.find(r)
	if err != nil {
		return err
	}
	err = one.do(r.Context(), p, r, e)
	if faults, ok := web.FieldErrors(err); ok {
		return p.renderDeed(w, r, shown(faults, one.fields))
	}
	if problem.Is(err, exceptions.NotFresh) {
		return web.SeeOther(w, r, "/signin?step=1&next="+url.QueryEscape(deedPath(r, e, one.word)))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, base(r)+"/"+e.Name()+"?done="+one.word)
}

// shown leaves a fault without its field when the form has no such field.
func shown(faults []web.FieldError, fields []string) []web.FieldError {
	for i := range faults {
		if !strings.Contains(" "+strings.Join(fields, " ")+" ", " "+faults[i].Field+" ") {
			faults[i].Field = ""
		}
	}
	return faults
}

// moment is the day and time of the form, in London; the zero time when it is neither.
func moment(r *http.Request) time.Time {
	return at(r.PostFormValue("end"), r.PostFormValue("end_time"))
}

func at(day, clock string) time.Time {
	clock = strings.TrimSpace(clock)
	if clock == "" {
		clock = "17:00"
	}
	found, err := time.ParseInLocation("2006-01-02 15:04", strings.TrimSpace(day)+" "+clock, london())
	if err != nil {
		return time.Time{}
	}
	return found.UTC()
}

// day is the end of a working day in London.
func day(text string) time.Time { return at(text, "17:00") }

// london is where the people who fill in the form are; the zones are compiled in with
// base/web/govuk.
func london() *time.Location {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		return time.UTC
	}
	return zone
}
