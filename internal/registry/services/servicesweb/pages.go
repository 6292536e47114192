package servicesweb

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/services"
)

//go:embed *.html
var files embed.FS

// Path is where the pages begin.
const Path = "/admin/services"

// smallForm is the largest form these pages take, in bytes.
const smallForm = 16 << 10

// Deps is what the pages need. All of it is required.
type Deps struct {
	Services *services.Catalogue
	People   *people.Directory // who owns what
}

// Pages are the administrators' pages about services.
type Pages struct {
	deps      Deps
	templates *web.Templates
}

// New reads the templates.
func New(deps Deps) (*Pages, error) {
	if deps.Services == nil || deps.People == nil {
		return nil, errors.New("make the pages about services: something they need is missing")
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the pages about services: %w", err)
	}
	return &Pages{deps: deps, templates: templates}, nil
}

// Routes are the pages.
func (p *Pages) Routes() []web.Route {
	read := web.Need{Permission: web.ServicesRead, AAL: 2}
	write := web.Need{Permission: web.ServicesWrite, AAL: 2}
	return []web.Route{
		{Method: http.MethodGet, Path: Path, Need: read, Title: "Services", Handler: p.list},
		{Method: http.MethodGet, Path: Path + "/add", Need: write, Title: "Add a service", Handler: p.askAdd},
		{Method: http.MethodPost, Path: Path + "/add", Need: write, Title: "Put a service into the catalogue", Handler: p.add, MaxBody: smallForm},
		{Method: http.MethodGet, Path: Path + "/{service}", Need: read, Title: "One service", Handler: p.show},
		{Method: http.MethodGet, Path: Path + "/{service}/add-route", Need: write, Title: "Add a route", Handler: p.askRoute},
		{Method: http.MethodPost, Path: Path + "/{service}/add-route", Need: write, Title: "Give a service a route", Handler: p.addRoute, MaxBody: smallForm},
	}
}

// service is the service in the address.
func (p *Pages) service(r *http.Request) (services.Service, error) {
	id, err := ids.Parse[ids.Service](r.PathValue("service"))
	if err != nil {
		return services.Service{}, services.NotFound.Because(err)
	}
	return p.deps.Services.Get(r.Context(), id)
}

// owner is who answers for a service; "Nobody" when nobody does.
func (p *Pages) owner(ctx context.Context, owner ids.Person) (string, error) {
	if owner == "" {
		return "Nobody", nil
	}
	person, err := p.deps.People.Get(ctx, owner)
	if problem.Is(err, people.NotFound) {
		return "Somebody who is not in the directory", nil
	}
	if err != nil {
		return "", err
	}
	return person.Name + " (" + person.UserName + ")", nil
}

func actor(r *http.Request) audit.Actor { return audit.Person(web.ViewerOf(r).Person) }

func mayWrite(r *http.Request) bool {
	viewer := web.ViewerOf(r)
	return viewer.May != nil && viewer.May(web.ServicesWrite)
}

func pathOf(service ids.Service) string { return Path + "/" + string(service) }

func stateTag(state services.State) *govuk.Tag {
	switch state {
	case services.Admitted:
		return &govuk.Tag{Text: "Admitted", Classes: govuk.Green}
	case services.Retired:
		return &govuk.Tag{Text: "Retired", Classes: govuk.Grey}
	}
	return &govuk.Tag{Text: "Not known, refused", Classes: govuk.Red}
}

// impacts are the words for services.Service.Impact, by its number.
var impacts = [...]string{"Not known", "1: little harm", "2: some harm", "3: serious harm", "4: great harm", "5: grave harm"}

func impactName(impact int) string {
	if impact < 0 || impact >= len(impacts) {
		return impacts[0]
	}
	return impacts[impact]
}

// onForm puts a problem on the form, beside the fields it is about.
func onForm(err error, conflict problem.Definition, field string, labels map[string]string) ([]web.FieldError, bool) {
	if found, ok := problem.Of(err); ok && problem.Is(err, conflict) {
		message := conflict.Sentence
		if found.Detail != "" {
			message += " " + found.Detail
		}
		return []web.FieldError{{Field: field, Message: message}}, true
	}
	faults, ok := web.FieldErrors(err)
	for i := range faults {
		if label := labels[faults[i].Field]; label != "" {
			faults[i].Message = label + ": " + faults[i].Message
		}
	}
	return faults, ok
}
