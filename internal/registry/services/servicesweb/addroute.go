package servicesweb

import (
	"net/http"
	"strings"

	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/services"
)

// routeView is the form for one more way into a service.
type routeView struct {
	Heading  string
	Action   string
	Host     govuk.Input
	Prefix   govuk.Input
	Methods  govuk.Input
	Upstream govuk.Input
	Save     govuk.Button
	Back     govuk.BackLink
}

var routeLabels = map[string]string{"host": "Host", "path": "Path", "methods": "Methods", "upstream": "Passed on to"}

func (p *Pages) askRoute(w http.ResponseWriter, r *http.Request) error {
	service, err := p.service(r)
	if err != nil {
		return err
	}
	return p.renderRoute(w, r, service, nil)
}

func (p *Pages) renderRoute(w http.ResponseWriter, r *http.Request, service services.Service, faults []web.FieldError) error {
	if service.State != services.Admitted {
		return services.StateRefused.New()
	}
	field := func(name, usual, hint string) govuk.Input {
		return govuk.Input{Name: name, Label: govuk.Label{Text: routeLabels[name]}, Hint: govuk.Hint{Text: hint}, Value: sent(r, name, usual),
			ErrorMessage: web.ErrorFor(faults, name), Autocomplete: "off"}
	}
	view := routeView{
		Heading: "Add a route to " + service.Name, Action: pathOf(service.ID) + "/add-route",
		Host:     field("host", "", "As people see it in the address, such as payroll.example.org; with a port only when it is not 80 or 443."),
		Prefix:   field("path", "/", "The path and everything below it, such as /payroll."),
		Methods:  field("methods", "", "Separated by commas, such as GET, POST. Leave it empty for all."),
		Upstream: field("upstream", "", "Where Warder passes requests on to, such as http://10.0.0.5:8080. Leave it empty when another proxy asks Warder."),
		Save:     govuk.Button{Text: "Add the route", PreventDoubleClick: true}, Back: govuk.BackLink{Text: "Back to the service", Href: pathOf(service.ID)},
	}
	page := web.Page{Name: "addroute.html", Title: view.Heading, Section: Path, View: view, Errors: faults}
	if len(faults) > 0 {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.templates.Render(w, r, page)
}

func (p *Pages) addRoute(w http.ResponseWriter, r *http.Request) error {
	service, err := p.service(r)
	if err != nil {
		return err
	}
	text := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	wanted := services.NewRoute{Host: text("host"), PathPrefix: text("path"), Upstream: text("upstream")}
	if wanted.Host == "" {
		return p.renderRoute(w, r, service, []web.FieldError{{Field: "host", Message: "Enter the host"}})
	}
	for method := range strings.FieldsFuncSeq(text("methods"), func(c rune) bool { return c == ',' || c == ' ' }) {
		wanted.Methods = append(wanted.Methods, method)
	}
	_, err = p.deps.Services.AddRoute(r.Context(), actor(r), service.ID, wanted)
	if faults, ok := onForm(err, services.RouteTaken, "path", routeLabels); ok {
		return p.renderRoute(w, r, service, faults)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, pathOf(service.ID)+"?done=route-added")
}
