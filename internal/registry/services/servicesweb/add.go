package servicesweb

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/services"
)

// addView is the form for a new service.
type addView struct {
	Name    govuk.Input
	Slug    govuk.Input
	Owner   govuk.Input
	Impact  govuk.Select
	Owes    govuk.Input
	Headers govuk.Details
	User    govuk.Input
	Email   govuk.Input
	Full    govuk.Input
	Groups  govuk.Input
	Save    govuk.Button
	Back    govuk.BackLink
}

// serviceLabels are the names of the fields, on the form and in what is wrong with it.
var serviceLabels = map[string]string{
	"name": "Name", "slug": "Short name", "owner": "Owner", "impact": "Impact of a break-in", "obligations": "What it is held to", "header_user": "Header for the user name",
	"header_email": "Header for the e-mail address", "header_name": "Header for the name", "header_groups": "Header for the groups",
}

func (p *Pages) askAdd(w http.ResponseWriter, r *http.Request) error { return p.renderAdd(w, r, nil) }

func (p *Pages) renderAdd(w http.ResponseWriter, r *http.Request, faults []web.FieldError) error {
	field := func(name, usual, hint string) govuk.Input {
		return govuk.Input{Name: name, Label: govuk.Label{Text: serviceLabels[name]}, Hint: govuk.Hint{Text: hint}, Value: sent(r, name, usual),
			ErrorMessage: web.ErrorFor(faults, name), Classes: "govuk-input--width-20", Autocomplete: "off"}
	}
	impact := govuk.Select{Name: "impact", Label: govuk.Label{Text: serviceLabels["impact"]}, Value: sent(r, "impact", "0"), ErrorMessage: web.ErrorFor(faults, "impact")}
	for number, name := range impacts {
		impact.Items = append(impact.Items, govuk.SelectItem{Value: strconv.Itoa(number), Text: name})
	}
	usual := services.DefaultHeaders()
	view := addView{
		Name:   field("name", "", ""),
		Slug:   field("slug", "", "How policies name it: lower-case letters, digits and hyphens. It cannot be changed later."),
		Owner:  field("owner", "", "User name of the person who answers for it. Leave it empty when nobody does."),
		Impact: impact,
		Owes:   field("obligations", "", "Obligations from outside, with blanks between them, such as nhs-mfa or caf-b2. Exceptions from nhs-mfa are reviewed at least once a year."),
		Headers: govuk.Details{SummaryText: "Names of the headers with which the application is told who is signed in",
			Open: anyHeader(faults)},
		User: field("header_user", usual.User, ""), Email: field("header_email", usual.Email, ""),
		Full: field("header_name", usual.Name, ""), Groups: field("header_groups", usual.Groups, ""),
		Save: govuk.Button{Text: "Add the service", PreventDoubleClick: true}, Back: govuk.BackLink{Text: "All services", Href: Path},
	}
	page := web.Page{Name: "add.html", Title: "Add a service", Section: Path, View: view, Errors: faults}
	if len(faults) > 0 {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.templates.Render(w, r, page)
}

// sent is what the browser sent, or the usual value before it has sent anything.
func sent(r *http.Request, name, usual string) string {
	if r.Method == http.MethodPost {
		return r.PostFormValue(name)
	}
	return usual
}

func anyHeader(faults []web.FieldError) bool {
	for _, fault := range faults {
		if strings.HasPrefix(fault.Field, "header_") {
			return true
		}
	}
	return false
}

func (p *Pages) add(w http.ResponseWriter, r *http.Request) error {
	text := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	var faults []web.FieldError
	if text("name") == "" {
		faults = append(faults, web.FieldError{Field: "name", Message: "Enter the name of the service"})
	}
	if text("slug") == "" {
		faults = append(faults, web.FieldError{Field: "slug", Message: "Enter a short name"})
	}
	wanted := services.NewService{Slug: text("slug"), Name: text("name"), Obligations: strings.Fields(text("obligations")),
		Identity: services.IdentityHeaders{User: text("header_user"), Email: text("header_email"), Name: text("header_name"), Groups: text("header_groups")}}
	impact, err := strconv.Atoi(sentOr(text("impact"), "0"))
	if err != nil {
		faults = append(faults, web.FieldError{Field: "impact", Message: "Choose how much harm a break-in would do"})
	}
	wanted.Impact = impact
	if userName := text("owner"); userName != "" {
		owner, err := p.deps.People.ByUserName(r.Context(), userName)
		switch {
		case problem.Is(err, people.NotFound):
			faults = append(faults, web.FieldError{Field: "owner", Message: "Nobody has this user name. Check it in the list of people"})
		case err != nil:
			return err
		}
		wanted.Owner = owner.ID
	}
	if len(faults) > 0 {
		return p.renderAdd(w, r, faults)
	}
	service, err := p.deps.Services.Add(r.Context(), actor(r), wanted)
	if faults, ok := onForm(err, services.SlugTaken, "slug", serviceLabels); ok {
		return p.renderAdd(w, r, faults)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, pathOf(service.ID)+"?done=added")
}

func sentOr(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
