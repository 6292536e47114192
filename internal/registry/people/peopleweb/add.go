package peopleweb

import (
	"net/http"
	"strings"

	"github.com/warder-project/warder/internal/base/days"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/people"
)

// addView is the form for somebody new.
type addView struct {
	Name       govuk.Input
	UserName   govuk.Input
	Email      govuk.Input
	EmployeeID govuk.Input
	Department govuk.Input
	JobTitle   govuk.Input
	Manager    govuk.Input
	Starts     govuk.Input
	Ends       govuk.Input
	Kind       govuk.Select
	Save       govuk.Button
	Back       govuk.BackLink
}

// labels are the names of the fields, on the form and in what is wrong with it.
var labels = map[string]string{
	"name": "Name", "user_name": "User name", "email": "E-mail address", "employee_id": "Employee number", "department": "Department",
	"job_title": "Job title", "manager": "Line manager", "starts": "First working day", "ends": "Last working day", "kind": "Kind",
}

func (p *Pages) askAdd(w http.ResponseWriter, r *http.Request) error { return p.renderAdd(w, r, nil) }

func (p *Pages) renderAdd(w http.ResponseWriter, r *http.Request, faults []web.FieldError) error {
	field := func(name, hint, classes string) govuk.Input {
		label := labels[name]
		if name != "name" && name != "user_name" {
			label += " (optional)"
		}
		return govuk.Input{Name: name, Label: govuk.Label{Text: label}, Hint: govuk.Hint{Text: hint}, Value: r.PostFormValue(name),
			ErrorMessage: web.ErrorFor(faults, name), Classes: classes, Autocomplete: "off"}
	}
	const narrow, wide = "govuk-input--width-10", "govuk-input--width-20"
	kinds := govuk.Select{Name: "kind", Label: govuk.Label{Text: labels["kind"]}, Value: orElse(r.PostFormValue("kind"), string(people.KindPerson)),
		ErrorMessage: web.ErrorFor(faults, "kind")}
	for _, kind := range people.Kinds() {
		kinds.Items = append(kinds.Items, govuk.SelectItem{Value: string(kind), Text: kindName(kind)})
	}
	view := addView{
		Name:       field("name", "", ""),
		UserName:   field("user_name", "Lower-case letters, digits, dots, underscores and hyphens. It cannot be changed later.", wide),
		Email:      field("email", "", wide),
		EmployeeID: field("employee_id", "", narrow),
		Department: field("department", "", wide),
		JobTitle:   field("job_title", "", wide),
		Manager:    field("manager", "Their user name.", wide),
		Starts:     field("starts", "Year, month, day: for example 2026-11-23.", narrow),
		Ends:       field("ends", "They can sign in until the end of this day.", narrow),
		Kind:       kinds,
		Save:       govuk.Button{Text: "Add the person", PreventDoubleClick: true},
		Back:       govuk.BackLink{Text: "All people", Href: Path},
	}
	page := web.Page{Name: "add.html", Title: "Add a person", Section: Path, View: view, Errors: faults}
	if len(faults) > 0 {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.templates.Render(w, r, page)
}

func (p *Pages) add(w http.ResponseWriter, r *http.Request) error {
	wanted, faults, err := p.wanted(r)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		return p.renderAdd(w, r, faults)
	}
	person, err := p.deps.People.Add(r.Context(), actor(r), wanted)
	if faults, ok := onForm(err); ok {
		return p.renderAdd(w, r, faults)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, pathOf(person.ID)+"?done=added")
}

// wanted reads the form, with what is wrong with it.
func (p *Pages) wanted(r *http.Request) (people.NewPerson, []web.FieldError, error) {
	var faults []web.FieldError
	text := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	wanted := people.NewPerson{UserName: strings.ToLower(text("user_name")), Name: text("name"), Email: text("email"), EmployeeID: text("employee_id"),
		Department: text("department"), JobTitle: text("job_title"), Kind: people.Kind(text("kind"))}
	if wanted.Name == "" {
		faults = append(faults, web.FieldError{Field: "name", Message: "Enter the person’s name"})
	}
	if wanted.UserName == "" {
		faults = append(faults, web.FieldError{Field: "user_name", Message: "Enter a user name"})
	}
	if manager := text("manager"); manager != "" {
		found, err := p.deps.People.ByUserName(r.Context(), manager)
		switch {
		case problem.Is(err, people.NotFound):
			faults = append(faults, web.FieldError{Field: "manager", Message: "Nobody has this user name. Check it in the list of people"})
		case err != nil:
			return wanted, nil, err
		}
		wanted.Manager = found.ID
	}
	var err error
	if wanted.Starts, err = days.Parse(text("starts")); err != nil {
		faults = append(faults, web.FieldError{Field: "starts", Message: labels["starts"] + ": " + err.Error()})
	}
	if wanted.Ends, err = days.Parse(text("ends")); err != nil {
		faults = append(faults, web.FieldError{Field: "ends", Message: labels["ends"] + ": " + err.Error()})
	}
	return wanted, faults, nil
}

// onForm puts a problem on the form, beside the fields it is about.
func onForm(err error) ([]web.FieldError, bool) {
	for field, conflict := range map[string]problem.Definition{"user_name": people.UserNameTaken, "email": people.EmailTaken, "manager": people.ManagerNotFound} {
		if problem.Is(err, conflict) {
			return []web.FieldError{{Field: field, Message: conflict.Sentence}}, true
		}
	}
	faults, ok := web.FieldErrors(err)
	for i := range faults {
		if label := labels[faults[i].Field]; label != "" {
			faults[i].Message = label + ": " + faults[i].Message
		}
	}
	return faults, ok
}
