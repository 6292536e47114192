package objectionsweb

import (
	"context"
	"net/http"

	"github.com/warder-project/warder/internal/access/risk"
	"github.com/warder-project/warder/internal/access/risk/objections"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/people"
)

// casesView is the open cases.
type casesView struct {
	Back   govuk.BackLink
	Banner *govuk.NotificationBanner
	Open   []caseView
	Closed govuk.Table
}

type caseView struct {
	Facts   govuk.SummaryList
	Case    ids.RiskCase // empty when the viewer may not close it
	Finding govuk.Input
	Lift    govuk.Checkboxes
	Close   govuk.Button
}

// typed is a form that could not be taken.
type typed struct {
	which   ids.RiskCase
	finding string
	cause   error
}

func (p *Pages) cases(w http.ResponseWriter, r *http.Request) error { return p.render(w, r, typed{}) }

func (p *Pages) render(w http.ResponseWriter, r *http.Request, wrong typed) error {
	all, err := p.deps.Objections.CaseList(r.Context(), false)
	if err != nil {
		return err
	}
	view := casesView{Back: govuk.BackLink{Text: "All sessions", Href: "/admin/sessions"}}
	if r.URL.Query().Get("done") == "closed" {
		view.Banner = &govuk.NotificationBanner{Type: "success", Text: "The case is closed."}
	}
	view.Closed = govuk.Table{Caption: "Closed", CaptionClasses: "govuk-table__caption--m",
		Head: []govuk.Cell{{Text: "Person"}, {Text: "Opened"}, {Text: "Closed"}, {Text: "By"}, {Text: "What was found"}}}
	page := web.Page{Name: "cases.html", Title: "Sign-ins that were not them", Section: "/admin/sessions"}
	for _, one := range all {
		name, err := p.name(r.Context(), one.Person)
		if err != nil {
			return err
		}
		if one.ClosedAt.IsZero() {
			shown := p.show(r, one, name)
			if wrong.which == one.ID && wrong.cause != nil && shown.Case != "" {
				faults, _ := web.FieldErrors(wrong.cause)
				shown.Finding.Value, shown.Finding.ErrorMessage = wrong.finding, web.ErrorFor(faults, "finding")
				page.Status, page.Errors = http.StatusUnprocessableEntity, []web.FieldError{{Field: shown.Finding.ID, Message: shown.Finding.ErrorMessage.Text}}
			}
			view.Open = append(view.Open, shown)
			continue
		}
		by, err := p.name(r.Context(), one.ClosedBy)
		if err != nil {
			return err
		}
		view.Closed.Rows = append(view.Closed.Rows, []govuk.Cell{{Text: name, Href: "/admin/people/" + string(one.Person) + "/risk"}, {Text: govuk.DateTime(one.OpenedAt)},
			{Text: govuk.DateTime(one.ClosedAt)}, {Text: by}, {Text: one.Finding}})
	}
	page.View = view
	return p.templates.Render(w, r, page)
}

func (p *Pages) show(r *http.Request, one risk.Case, name string) caseView {
	view := caseView{Facts: govuk.SummaryList{Card: &govuk.SummaryCard{Title: govuk.CardTitle{Text: "Sign-in as " + name, HeadingLevel: 2}},
		Rows: []govuk.SummaryRow{row("Said on", govuk.DateTime(one.OpenedAt)), row("Session", string(one.Session)),
			row("Network", orElse(one.Network, "Not known")), row("Browser", orElse(one.Device, "Not known")),
			{Key: govuk.Words{Text: "All that is known"}, Value: govuk.SummaryValue{Text: "What is usual for " + name, Href: "/admin/people/" + string(one.Person) + "/risk"}}}}}
	if viewer := web.ViewerOf(r); viewer.May == nil || !viewer.May(web.SessionsEnd) {
		return view
	}
	id := string(one.ID)
	view.Case = one.ID
	view.Finding = govuk.Input{ID: "finding-" + id, Name: "finding", Label: govuk.Label{Text: "What was found"}, Autocomplete: "off",
		Hint: govuk.Hint{Text: "For example: the key had been stolen, and was blocked. It stays in the audit record."}, Attributes: govuk.Attributes{"maxlength": "200"}}
	view.Lift = govuk.Checkboxes{Name: "lift", IDPrefix: "lift-" + id, Fieldset: &govuk.Fieldset{Legend: govuk.Legend{Text: "If it was them after all", Classes: "govuk-fieldset__legend--s"}},
		Items: []govuk.Choice{{Value: "yes", Text: "Let them sign in from that browser and network again"}}}
	view.Close = govuk.Button{Text: "Close this case", Classes: govuk.Secondary, PreventDoubleClick: true, Attributes: govuk.Attributes{"aria-label": "Close this case: sign-in as " + name}}
	return view
}

func (p *Pages) name(ctx context.Context, id ids.Person) (string, error) {
	person, err := p.deps.People.Get(ctx, id)
	if problem.Is(err, people.NotFound) {
		return "somebody who is not in the directory", nil
	}
	return person.Name, err
}

func (p *Pages) close(w http.ResponseWriter, r *http.Request) error {
	id, err := ids.Parse[ids.RiskCase](r.PostFormValue("case"))
	if err != nil {
		return objections.NoSuchCase.Because(err)
	}
	finding := r.PostFormValue("finding")
	err = p.deps.Objections.Close(r.Context(), audit.Person(web.ViewerOf(r).Person), id, finding, r.PostFormValue("lift") == "yes")
	if problem.Is(err, objections.FindingMissing) {
		return p.render(w, r, typed{which: id, finding: finding, cause: err})
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, CasesPath+"?done=closed")
}
