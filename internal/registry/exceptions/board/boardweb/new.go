package boardweb

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/exceptions"
	"github.com/warder-project/warder/internal/registry/exceptions/reviews"
	"github.com/warder-project/warder/internal/registry/exceptions/sunset"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/services"
)

// newView is the form that asks for an exception.
type newView struct {
	Service    govuk.Select
	People     govuk.Textarea
	Groups     govuk.Textarea
	Floor      govuk.Radios
	Reason     govuk.Select
	Narrative  govuk.Textarea
	Likelihood govuk.Select
	Impact     govuk.Select
	Risk       govuk.Textarea
	Controls   []pairView
	Path       govuk.Select
	Steps      []stepView
	Owner      govuk.Input
	Day        govuk.Input
	Clock      govuk.Input
	Every      govuk.Select
	Overdue    govuk.Select
	Evidence   govuk.Textarea
	Save       govuk.Button
	Back       govuk.BackLink
}

type pairView struct{ Text, How govuk.Input }

type stepView struct {
	Text, Due govuk.Input
	Proof     govuk.Select
}

// blanks is how many controls and steps the form has room for.
const blanks = 3

// floors are the ways of signing in that can be let through, the strongest first.
func floors() []struct {
	word, text string
	floor      assurance.Requirement
} {
	return []struct {
		word, text string
		floor      assurance.Requirement
	}{
		{"phishing_resistant", "Two factors that no fake website can pass on", assurance.Requirement{AAL: assurance.AAL2, PhishingResistant: true}},
		{"two_factors", "Any two factors, such as a password and a code from an app", assurance.Requirement{AAL: assurance.AAL2}},
		{"one_factor", "One factor", assurance.Requirement{AAL: assurance.AAL1}},
	}
}

func (p *Pages) askNew(w http.ResponseWriter, r *http.Request) error { return p.renderNew(w, r, nil) }

func (p *Pages) renderNew(w http.ResponseWriter, r *http.Request, faults []web.FieldError) error {
	value := func(name string) string { return r.FormValue(name) } // a link fills the form in
	input := func(name, label, hint string) govuk.Input {
		return govuk.Input{Name: name, Label: govuk.Label{Text: label}, Hint: govuk.Hint{Text: hint}, Value: value(name), ErrorMessage: web.ErrorFor(faults, name), Autocomplete: "off"}
	}
	area := func(name, label, hint string) govuk.Textarea {
		return govuk.Textarea{Name: name, Rows: 3, Label: govuk.Label{Text: label}, Hint: govuk.Hint{Text: hint}, Value: value(name), ErrorMessage: web.ErrorFor(faults, name)}
	}
	choose := func(name, label, hint string, items ...govuk.SelectItem) govuk.Select {
		return govuk.Select{Name: name, Label: govuk.Label{Text: label}, Hint: govuk.Hint{Text: hint}, Value: value(name), ErrorMessage: web.ErrorFor(faults, name), Items: items}
	}
	view := newView{
		People:    area("people", "For whom: user names", "One on each line. Leave this and the groups empty when it is for everybody at the service."),
		Groups:    area("groups", "For whom: groups", "One on each line."),
		Narrative: area("narrative", "What cannot be done, and why", ""),
		Risk:      area("risk", "What might come of it", ""),
		Evidence:  area("evidence", "Evidence (optional)", "Addresses of pages, one on each line: a letter of the supplier, a risk assessment."),
		Owner:     input("owner", "Owner", "User name of the person who answers for it. Empty: you."),
		Day:       input("end", "Ends: day", "An exception without an end cannot be saved."), Clock: input("end_time", "Ends: time, in London", ""),
		Save: govuk.Button{Text: "Propose it", PreventDoubleClick: true}, Back: govuk.BackLink{Text: "Exceptions", Href: Path}}
	view.Day.Type, view.Clock.Type, view.Owner.Classes, view.Day.Classes, view.Clock.Classes = "date", "time", "govuk-input--width-20", "govuk-input--width-10", "govuk-input--width-5"
	if view.Clock.Value == "" {
		view.Clock.Value = "17:00"
	}
	places, err := p.places(r.Context())
	if err != nil {
		return err
	}
	view.Service = choose("service", "At which service", "", places...)
	view.Floor = govuk.Radios{Name: "floor", Value: value("floor"), ErrorMessage: web.ErrorFor(faults, "floor"), Fieldset: &govuk.Fieldset{Legend: govuk.Legend{Text: "What is still asked of them?"}}}
	view.Overdue = choose("on_overdue", "If a review is missed", "", govuk.SelectItem{Value: "ends", Text: "It ends"})
	for _, floor := range floors() {
		view.Floor.Items = append(view.Floor.Items, govuk.Choice{Value: floor.word, Text: floor.text})
		if floor.word != "one_factor" {
			view.Overdue.Items = append(view.Overdue.Items, govuk.SelectItem{Value: floor.word, Text: "More is asked: " + strings.ToLower(floor.text[:1]) + floor.text[1:]})
		}
	}
	view.Reason = choose("reason", "Why", "", govuk.SelectItem{Text: "Choose a reason"})
	for _, reason := range exceptions.Reasons() {
		view.Reason.Items = append(view.Reason.Items, govuk.SelectItem{Value: string(reason), Text: reason.Sentence()})
	}
	scale := []govuk.SelectItem{{Text: "Choose"}, {Value: "1", Text: "1: very low"}, {Value: "2", Text: "2: low"}, {Value: "3", Text: "3: middling"}, {Value: "4", Text: "4: high"}, {Value: "5", Text: "5: very high"}}
	view.Likelihood, view.Impact = choose("likelihood", "How likely is it that somebody abuses it?", "", scale...), choose("impact", "How bad would that be?", "", scale...)
	view.Path = choose("sunset", "How will it stop being needed?", "", govuk.SelectItem{Text: "Choose a way"})
	for _, path := range exceptions.Paths() {
		view.Path.Items = append(view.Path.Items, govuk.SelectItem{Value: string(path), Text: path.Label()})
	}
	view.Every = choose("every", "Reviewed", "By somebody who may approve it, and never by its owner.", govuk.SelectItem{Value: "91", Text: "Every three months"}, govuk.SelectItem{Value: "30", Text: "Every month"},
		govuk.SelectItem{Value: "182", Text: "Every six months"})
	for i := 1; i <= blanks; i++ {
		n := strconv.Itoa(i)
		pair := pairView{Text: input("control_"+n, "Control "+n+": what is done instead", ""), How: input("how_"+n, "Control "+n+": how it is tested", "")}
		step := stepView{Text: input("step_"+n, "Step "+n, ""), Due: input("due_"+n, "Step "+n+": by", ""), Proof: choose("proof_"+n, "Step "+n+": what shows that it is reached", "")}
		step.Due.Type, step.Due.Classes = "date", "govuk-input--width-10"
		for _, proof := range exceptions.Proofs() {
			step.Proof.Items = append(step.Proof.Items, govuk.SelectItem{Value: string(proof), Text: sunset.Words(proof)})
		}
		if i == 1 {
			pair.Text.ErrorMessage, pair.Text.ID = web.ErrorFor(faults, "controls"), "controls"
			step.Text.ErrorMessage, step.Text.ID = web.ErrorFor(faults, "steps"), "steps"
		}
		view.Controls, view.Steps = append(view.Controls, pair), append(view.Steps, step)
	}
	page := web.Page{Name: "new.html", Title: "Ask for an exception", Section: Path, View: view, Errors: faults}
	if len(faults) > 0 {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.templates.Render(w, r, page)
}

// places are the services, and the ways into them, that an exception may be for.
func (p *Pages) places(ctx context.Context) ([]govuk.SelectItem, error) {
	all, err := p.deps.Services.List(ctx)
	if err != nil {
		return nil, err
	}
	items := []govuk.SelectItem{{Text: "Every service"}}
	for _, service := range all {
		if service.State != services.Admitted {
			continue
		}
		items = append(items, govuk.SelectItem{Value: service.Slug, Text: service.Name})
		for _, route := range service.Routes {
			if len(service.Routes) > 1 {
				items = append(items, govuk.SelectItem{Value: service.Slug + " " + string(route.ID), Text: service.Name + ", only at " + route.Host + route.PathPrefix})
			}
		}
	}
	return items, nil
}

func (p *Pages) propose(w http.ResponseWriter, r *http.Request) error {
	proposal, faults, err := p.read(r)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		return p.renderNew(w, r, faults)
	}
	made, err := p.deps.Register.Propose(r.Context(), by(r), proposal)
	if faults, ok := web.FieldErrors(err); ok {
		for i := range faults {
			if to := map[string]string{"subject": "people", "sunset": sunsetField(proposal)}[faults[i].Field]; to != "" {
				faults[i].Field = to
			}
		}
		return p.renderNew(w, r, faults)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, Path+"/"+made.Name()+"?done=proposed")
}

// sunsetField is the field that is wrong with a plan: the way when there is none.
func sunsetField(proposal exceptions.Exception) string {
	if proposal.Sunset.Path == "" {
		return "sunset"
	}
	return "steps"
}

// read is the proposal in the form, as far as it can be read.
func (p *Pages) read(r *http.Request) (exceptions.Exception, []web.FieldError, error) {
	text := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	var faults []web.FieldError
	e := exceptions.Exception{Owner: by(r).Person(), Reason: exceptions.ReasonCode(text("reason")), Narrative: text("narrative"), Evidence: strings.Fields(text("evidence")),
		Risk: exceptions.Risk{Likelihood: small(text("likelihood")), Impact: small(text("impact")), Narrative: text("risk")}, Sunset: exceptions.Sunset{Path: exceptions.Path(text("sunset"))},
		Start: p.deps.Now(), End: at(text("end"), text("end_time"))}
	for line := range strings.Lines(text("groups")) {
		if name := strings.TrimSpace(line); name != "" {
			e.Subject.Groups = append(e.Subject.Groups, name)
		}
	}
	person := func(field, userName string) (ids.Person, error) {
		found, err := p.deps.People.ByUserName(r.Context(), userName)
		if problem.Is(err, people.NotFound) {
			faults = append(faults, web.FieldError{Field: field, Message: "Nobody has the user name “" + userName + "”"})
			return "", nil
		}
		return found.ID, err
	}
	for _, userName := range strings.Fields(text("people")) {
		id, err := person("people", userName)
		if err != nil {
			return e, nil, err
		}
		e.Subject.People = append(e.Subject.People, id)
	}
	if text("owner") != "" {
		var err error
		if e.Owner, err = person("owner", text("owner")); err != nil {
			return e, nil, err
		}
	}
	if slug, route, _ := strings.Cut(text("service"), " "); slug != "" {
		service, err := p.deps.Services.BySlug(r.Context(), slug)
		if err != nil && !problem.Is(err, services.NotFound) {
			return e, nil, err
		}
		if err != nil {
			faults = append(faults, web.FieldError{Field: "service", Message: "There is no such service"})
		}
		e.Subject.Service, e.Subject.Route = service.ID, ids.Route(route)
	}
	p.readPlan(text, &e)
	return e, faults, nil
}

// readPlan reads the floor, the controls, the steps and the reviews.
func (p *Pages) readPlan(text func(string) string, e *exceptions.Exception) {
	e.OnOverdue.Kind = exceptions.Ends
	for _, floor := range floors() {
		if floor.word == text("floor") {
			e.Floor = floor.floor
		}
		if floor.word == text("on_overdue") {
			e.OnOverdue = exceptions.Fallback{Kind: exceptions.Stricter, Floor: floor.floor}
		}
	}
	for i := 1; i <= blanks; i++ {
		n := strconv.Itoa(i)
		if control := (exceptions.Control{Text: text("control_" + n), How: text("how_" + n)}); control.Text != "" || control.How != "" {
			e.Controls = append(e.Controls, control)
		}
		if step := (exceptions.Milestone{Text: text("step_" + n), Due: day(text("due_" + n)), Proof: exceptions.Proof(text("proof_" + n))}); step.Text != "" || !step.Due.IsZero() {
			e.Sunset.Milestones = append(e.Sunset.Milestones, step)
		}
	}
	e.Reviews = reviews.Every(small(text("every")), e.Start, e.End)
}

// small is a number of the form; 0 when it is none.
func small(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}
