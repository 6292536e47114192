package retirementweb

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/journey/retirement"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/people"
)

// applyView says for whom the method would be disabled.
type applyView struct {
	Heading string
	Count   string
	Names   []string
	More    string
	Days    govuk.Input
	Do      *govuk.Button // nil when nobody is ready
	Action  string
	Back    govuk.BackLink
}

func (p *Pages) askApply(w http.ResponseWriter, r *http.Request) error {
	return p.renderApply(w, r, strconv.Itoa(retirement.Usual), nil)
}

func (p *Pages) renderApply(w http.ResponseWriter, r *http.Request, days string, faults []web.FieldError) error {
	method, err := asked(r)
	if err != nil {
		return err
	}
	plan, err := p.deps.Desk.Plan(r.Context(), method)
	if err != nil {
		return err
	}
	view := applyView{Heading: "Disable the " + method.Class().Name + " of those who are ready", Count: counted(plan.Ready()),
		Action: Path + "/" + method.String() + "/apply", Back: govuk.BackLink{Text: "Back to the plan", Href: Path + "/" + method.String()},
		Days: govuk.Input{Name: "days", Value: days, Inputmode: "numeric", Classes: "govuk-input--width-3", ErrorMessage: web.ErrorFor(faults, "days"),
			Label: govuk.Label{Text: "Days until it is removed for good"}, Hint: govuk.Hint{Text: "Until then another administrator can give it back. From 1 to 90."}}}
	for _, item := range plan.Items {
		if item.Ready && len(view.Names) < mostShown {
			view.Names = append(view.Names, item.Account.Person.Name+" ("+item.Account.Person.UserName+")")
		}
	}
	if rest := plan.Ready() - len(view.Names); rest > 0 {
		view.More = "And " + govuk.Number(rest) + " more."
	}
	if plan.Ready() > 0 {
		view.Do = &govuk.Button{Text: "Disable it now", Classes: govuk.Warning, PreventDoubleClick: true}
	}
	page := web.Page{Name: "apply.html", Title: view.Heading, Section: section, View: view, Errors: faults}
	if len(faults) > 0 {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.templates.Render(w, r, page)
}

func (p *Pages) apply(w http.ResponseWriter, r *http.Request) error {
	method, err := asked(r)
	if err != nil {
		return err
	}
	typed := strings.TrimSpace(r.PostFormValue("days"))
	days, err := strconv.Atoi(typed)
	if err != nil {
		days = 0
	}
	_, err = p.deps.Desk.Apply(r.Context(), actor(r), method, days)
	if problem.Is(err, retirement.DaysRefused) {
		return p.renderApply(w, r, typed, []web.FieldError{{Field: "days", Message: "Give a number of days from 1 to 90."}})
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, Path+"/"+method.String()+"?done=disabled")
}

// undoView says what giving back means.
type undoView struct {
	Heading string
	Facts   govuk.SummaryList
	Reason  govuk.Textarea
	Do      govuk.Button
	Action  string
	Back    govuk.BackLink
}

func (p *Pages) askUndo(w http.ResponseWriter, r *http.Request) error { return p.renderUndo(w, r, nil) }

func (p *Pages) renderUndo(w http.ResponseWriter, r *http.Request, faults []web.FieldError) error {
	id, err := retirementOf(r)
	if err != nil {
		return err
	}
	retired, err := p.deps.Desk.MayUndo(r.Context(), actor(r), id)
	if err != nil {
		return err
	}
	name, err := p.nameOf(r, audit.Person(retired.Person))
	if err != nil {
		return err
	}
	by, err := p.nameOf(r, retired.By)
	if err != nil {
		return err
	}
	view := undoView{Heading: "Give the " + named(retired.Method) + " back", Action: undoPath(id),
		Facts: govuk.SummaryList{Rows: []govuk.SummaryRow{row("Person", name), row("Method", named(retired.Method)),
			row("Disabled", govuk.DateTime(retired.At)+" by "+by), row("Removed for good", govuk.DateTime(retired.Until)),
			row("What it means", weakens(retired.Method))}},
		Reason: govuk.Textarea{Name: "reason", Value: r.PostFormValue("reason"), Label: govuk.Label{Text: "Why is it given back?"}, ErrorMessage: web.ErrorFor(faults, "reason")},
		Do:     govuk.Button{Text: "Give it back now", Classes: govuk.Warning, PreventDoubleClick: true},
		Back:   govuk.BackLink{Text: "Back to the plan", Href: Path + "/" + retired.Method.String()}}
	page := web.Page{Name: "undo.html", Title: view.Heading, Section: section, View: view, Errors: faults}
	if len(faults) > 0 {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.templates.Render(w, r, page)
}

func (p *Pages) undo(w http.ResponseWriter, r *http.Request) error {
	id, err := retirementOf(r)
	if err != nil {
		return err
	}
	retired, err := p.deps.Desk.Undo(r.Context(), actor(r), id, r.PostFormValue("reason"))
	if problem.Is(err, retirement.NoReason) {
		return p.renderUndo(w, r, []web.FieldError{{Field: "reason", Message: "Say why, in up to 500 characters."}})
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, Path+"/"+retired.Method.String()+"?done=restored")
}

// weakens says what the account is worth again.
func weakens(method assurance.Method) string {
	return "The account can be attacked through it again: it is " + method.Weaknesses().String() + "."
}

func row(name, text string) govuk.SummaryRow {
	return govuk.SummaryRow{Key: govuk.Words{Text: name}, Value: govuk.SummaryValue{Text: text}}
}

func (p *Pages) person(r *http.Request, who audit.Actor) (people.Person, error) {
	return p.deps.People.Get(r.Context(), ids.Person(who.ID))
}
