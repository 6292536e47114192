package peopleweb

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/people"
)

//go:embed *.html
var files embed.FS

// Path is where the pages begin.
const Path = "/admin/people"

// smallForm is the largest form these pages take, in bytes.
const smallForm = 16 << 10

// Deps is what the pages need. All of it is required.
type Deps struct {
	People *people.Directory
	// Methods says with what somebody can sign in.
	Methods func(ctx context.Context, person people.Person) (Methods, error)
	Now     func() time.Time
}

// Methods is with what somebody can sign in, in words.
type Methods struct {
	Ways     []string // each is enough by itself
	Strength string   // what the weakest of them makes of the account
	Spare    string   // what becomes of them if they lose a key
}

// Pages are the administrators' pages about people.
type Pages struct {
	deps      Deps
	templates *web.Templates
}

// New reads the templates.
func New(deps Deps) (*Pages, error) {
	if deps.People == nil || deps.Methods == nil || deps.Now == nil {
		return nil, errors.New("make the pages about people: something they need is missing")
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the pages about people: %w", err)
	}
	return &Pages{deps: deps, templates: templates}, nil
}

// Routes are the pages.
func (p *Pages) Routes() []web.Route {
	read := web.Need{Permission: web.PeopleRead, AAL: 2}
	write := web.Need{Permission: web.PeopleWrite, AAL: 2}
	return []web.Route{
		{Method: http.MethodGet, Path: Path, Need: read, Title: "People", Handler: p.list},
		{Method: http.MethodGet, Path: Path + "/add", Need: write, Title: "Add a person", Handler: p.askAdd},
		{Method: http.MethodPost, Path: Path + "/add", Need: write, Title: "Put a person into the directory", Handler: p.add, MaxBody: smallForm},
		{Method: http.MethodGet, Path: Path + "/{person}", Need: read, Title: "One person", Handler: p.show},
	}
}

func actor(r *http.Request) audit.Actor { return audit.Person(web.ViewerOf(r).Person) }

func may(r *http.Request, permission web.Permission) bool {
	viewer := web.ViewerOf(r)
	return viewer.May != nil && viewer.May(permission)
}

func pathOf(person ids.Person) string { return Path + "/" + string(person) }
