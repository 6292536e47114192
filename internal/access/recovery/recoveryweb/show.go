package recoveryweb

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/warder-project/warder/internal/access/recovery"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/audit"
)

// caseView is one case, with what the viewer may do about it.
type caseView struct {
	Back     govuk.BackLink
	Heading  string
	Facts    govuk.SummaryList
	Next     string // what is missing, in a sentence
	Identity *identityForm
	Approve  *deedForm
	Issue    *issueForm
	Refuse   *deedForm
	Withdraw *deedForm
	Stop     *deedForm
}

// identityForm asks how the caller was identified.
type identityForm struct {
	Action string
	Method govuk.Radios
	Note   govuk.Textarea
	Save   govuk.Button
}

// deedForm is a button, with a reason where one is asked for.
type deedForm struct {
	Action string
	About  string
	Reason *govuk.Input
	Do     govuk.Button
}

// issueForm asks for the pass.
type issueForm struct {
	Action string
	Life   govuk.Select
	Do     govuk.Button
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	c, err := p.caseOf(r)
	if err != nil {
		return err
	}
	return p.render(w, r, c, nil)
}

// again shows the case with what was wrong with a form.
func (p *Pages) again(w http.ResponseWriter, r *http.Request, wrong error) error {
	faults, ok := web.FieldErrors(wrong)
	if !ok {
		return wrong
	}
	c, err := p.caseOf(r)
	if err != nil {
		return err
	}
	return p.render(w, r, c, faults)
}

func (p *Pages) render(w http.ResponseWriter, r *http.Request, c recovery.Case, faults []web.FieldError) error {
	person, err := p.deps.People.Get(r.Context(), c.Person)
	if err != nil {
		return err
	}
	view := caseView{Back: govuk.BackLink{Text: "Recovery", Href: ListPath}, Heading: "Help for " + person.Name, Next: next(c)}
	if view.Facts, err = p.facts(r, c, person.UserName); err != nil {
		return err
	}
	if !c.State.Over() && web.ViewerOf(r).Person != c.Person {
		p.offer(r, c, &view, faults)
	}
	page := web.Page{Name: "show.html", Title: view.Heading, Section: ListPath, View: view, Errors: faults}
	if len(faults) > 0 {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.templates.Render(w, r, page)
}

func (p *Pages) facts(r *http.Request, c recovery.Case, userName string) (govuk.SummaryList, error) {
	opener, err := p.called(r.Context(), c.Opener)
	if err != nil {
		return govuk.SummaryList{}, err
	}
	checker, err := p.called(r.Context(), c.Checker)
	if err != nil {
		return govuk.SummaryList{}, err
	}
	role := "No"
	if c.Privileged {
		role = "Yes: two people approve, and it cools off for four hours"
	}
	rows := []govuk.SummaryRow{
		row("User name", userName), row("State", c.State.Label()), row("Why", c.Why.Label()),
		row("Keys blocked", strconv.Itoa(len(c.Lost))), row("Holds a role", role),
		row("Opened", govuk.DateTime(c.OpenedAt)+" by "+opener), row("Identity", c.Method.Label()), row("Identity checked by", checker),
		row("What was checked", orElse(c.Note, "Nothing yet")),
	}
	for i, approval := range c.Approvals {
		name, err := p.called(r.Context(), audit.Person(approval.By))
		if err != nil {
			return govuk.SummaryList{}, err
		}
		rows = append(rows, row(fmt.Sprintf("Approval %d", i+1), name+", "+govuk.DateTime(approval.At)))
	}
	if !c.CoolsUntil.IsZero() {
		rows = append(rows, row("Cools off until", govuk.DateTime(c.CoolsUntil)))
	}
	if c.Ending != "" {
		rows = append(rows, row("How it ended", c.Ending))
	}
	if c.State.Over() {
		return govuk.SummaryList{Rows: append(rows, row("Ended", govuk.DateTime(c.ClosedAt)))}, nil
	}
	return govuk.SummaryList{Rows: append(rows, row("Expires", govuk.DateTime(c.ExpiresAt)))}, nil
}

// next says what is missing.
func next(c recovery.Case) string {
	switch c.State {
	case recovery.Opened:
		if c.Method == recovery.LineManager {
			return "The line manager has been asked whether it is really them. You can check their identity in another way instead."
		}
		return "Check who they are, and record how. Call back on a number from the directory, never on one they give you."
	case recovery.Checked:
		text := "One more person must approve it, who has had no part in it."
		if c.Missing() > 1 {
			text = strconv.Itoa(c.Missing()) + " people must approve it, who have had no part in it."
		}
		if c.NeedsLead() {
			text += " One of them administers Warder or leads its security, and may do all that this person may."
		}
		return text
	case recovery.CoolingOff:
		return "It is approved, and cools off until " + govuk.DateTime(c.CoolsUntil) + ". The person and their line manager have been told. Nobody can shorten this."
	case recovery.Ready:
		return "A pass can be issued. Tell it to the person themselves, at the counter or in the video call in which you saw them."
	case recovery.PassIssued:
		return "A pass was issued. If it was not used in time, another can be issued; the first then stops working."
	case recovery.Registered:
		return "A new key is registered. The case is complete when it has been used once."
	case recovery.Completed:
		return "They have used their new key."
	case recovery.Refused, recovery.Withdrawn, recovery.Stopped, recovery.Expired:
		return "Nothing more can be done here. What was issued for it does not work."
	}
	return ""
}

// offer puts the forms on the page that would not be refused. The room below judges again.
func (p *Pages) offer(r *http.Request, c recovery.Case, view *caseView, faults []web.FieldError) {
	path := pathOf(c.ID)
	reason := func() *govuk.Input {
		return &govuk.Input{Name: "reason", Label: govuk.Label{Text: "Why"}, Hint: govuk.Hint{Text: "For the record."},
			Value: r.PostFormValue("reason"), ErrorMessage: web.ErrorFor(faults, "reason")}
	}
	if may(r, mayUse) {
		if c.State == recovery.Opened {
			view.Identity = identity(r, path, faults)
		}
		if slices.Contains([]recovery.State{recovery.Ready, recovery.PassIssued}, c.State) {
			view.Issue = &issueForm{Action: path + "/pass", Do: govuk.Button{Text: "Issue a pass", PreventDoubleClick: true},
				Life: govuk.Select{Name: "minutes", Label: govuk.Label{Text: "How long it works"}, Value: "60", ErrorMessage: web.ErrorFor(faults, "minutes"),
					Items: []govuk.SelectItem{{Value: "15", Text: "15 minutes"}, {Value: "30", Text: "30 minutes"}, {Value: "60", Text: "An hour"}}}}
		}
		view.Stop = &deedForm{Action: path + "/stop", About: "The person has told you that they did not ask for this.",
			Do: govuk.Button{Text: "Stop it: it was not them", Classes: govuk.Warning, PreventDoubleClick: true}}
		view.Withdraw = &deedForm{Action: path + "/withdraw", About: "It is not needed any more.", Reason: reason(),
			Do: govuk.Button{Text: "Withdraw", Classes: govuk.Secondary, PreventDoubleClick: true}}
	}
	if c.State == recovery.Checked && may(r, mayApprove) && p.deps.Desk.MayApprove(r.Context(), by(r), c) == nil {
		view.Approve = &deedForm{Action: path + "/approve", About: "You are sure that the person themselves has asked. You need to have used your key in the last ten minutes.",
			Do: govuk.Button{Text: "Approve", PreventDoubleClick: true}}
	}
	if may(r, mayApprove) && !may(r, mayUse) {
		view.Refuse = &deedForm{Action: path + "/refuse", About: "Something is not right.", Reason: reason(),
			Do: govuk.Button{Text: "Refuse", Classes: govuk.Warning, PreventDoubleClick: true}}
	}
}

func identity(r *http.Request, path string, faults []web.FieldError) *identityForm {
	form := &identityForm{Action: path + "/identity", Save: govuk.Button{Text: "Record it", PreventDoubleClick: true},
		Method: govuk.Radios{Name: "method", Value: r.PostFormValue("method"), ErrorMessage: web.ErrorFor(faults, "method"),
			Fieldset: &govuk.Fieldset{Legend: govuk.Legend{Text: "How do you know who they are?", Classes: "govuk-fieldset__legend--m"}}},
		Note: govuk.Textarea{Name: "note", Value: r.PostFormValue("note"), Rows: 3, Label: govuk.Label{Text: "What you checked"},
			Hint: govuk.Hint{Text: "Such as: photo pass matches, knew their team. No numbers of passes, passports or accounts."}, ErrorMessage: web.ErrorFor(faults, "note")},
	}
	for _, method := range recovery.Methods() {
		form.Method.Items = append(form.Method.Items, govuk.Choice{Value: string(method), Text: method.Label()})
	}
	return form
}

// id is the case in the address, not looked up.
func id(r *http.Request) (ids.Recovery, error) {
	found, err := ids.Parse[ids.Recovery](r.PathValue("case"))
	if err != nil {
		return "", recovery.NotFound.Because(err)
	}
	return found, nil
}

// done goes back to the case, or shows it with what was wrong.
func (p *Pages) done(w http.ResponseWriter, r *http.Request, c recovery.Case, err error) error {
	if known, ok := problem.Of(err); ok && known.Kind == problem.Invalid {
		return p.again(w, r, err)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, pathOf(c.ID))
}
