package rolesweb

import (
	"embed"
	"errors"
	"fmt"
	"net/http"

	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/people"
)

//go:embed *.html
var files embed.FS

// Path is where the pages begin.
const Path = "/admin/roles"

const smallForm = 16 << 10

// Deps is what the pages need. All of it is required.
type Deps struct {
	Roster *roles.Roster
	People *people.Directory
}

// Pages are the administrators' pages about roles.
type Pages struct {
	deps      Deps
	templates *web.Templates
}

// New reads the templates.
func New(deps Deps) (*Pages, error) {
	if deps.Roster == nil || deps.People == nil {
		return nil, errors.New("make the pages about roles: something they need is missing")
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the pages about roles: %w", err)
	}
	return &Pages{deps: deps, templates: templates}, nil
}

// Routes are the pages.
func (p *Pages) Routes() []web.Route {
	read, write := web.Need{Permission: web.RolesRead, AAL: 2}, web.Need{Permission: web.RolesWrite, AAL: 2}
	one := Path + "/{person}/{role}"
	return []web.Route{
		{Method: http.MethodGet, Path: Path, Need: read, Title: "Roles", Handler: p.list},
		{Method: http.MethodGet, Path: Path + "/{person}", Need: read, Title: "Roles of one person", Handler: p.show},
		{Method: http.MethodGet, Path: one + "/grant", Need: write, Title: "Give a role", Handler: p.askGrant},
		{Method: http.MethodPost, Path: one + "/grant", Need: write, Title: "Give it now", Handler: p.grant, MaxBody: smallForm},
		{Method: http.MethodGet, Path: one + "/revoke", Need: write, Title: "Take a role away", Handler: p.askRevoke},
		{Method: http.MethodPost, Path: one + "/revoke", Need: write, Title: "Take it away now", Handler: p.revoke, MaxBody: smallForm},
	}
}

// person is who is in the address.
func (p *Pages) person(r *http.Request) (people.Person, error) {
	id, err := ids.Parse[ids.Person](r.PathValue("person"))
	if err != nil {
		return people.Person{}, people.NotFound.Because(err)
	}
	return p.deps.People.Get(r.Context(), id)
}

func pathOf(person ids.Person) string { return Path + "/" + string(person) }

func mayGive(r *http.Request) bool {
	may := web.ViewerOf(r).May
	return may != nil && may(web.RolesWrite)
}

func row(name string, value govuk.SummaryValue) govuk.SummaryRow {
	return govuk.SummaryRow{Key: govuk.Words{Text: name}, Value: value}
}
