package sessionsweb

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"net/netip"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/services"
)

//go:embed *.html
var files embed.FS

// Path is where the pages begin.
const Path = "/admin/sessions"

const smallForm = 16 << 10

// Deps is what the pages need. All but Unusual is required.
type Deps struct {
	Sessions *sessions.Book
	People   *people.Directory
	Keys     *keys.Register
	Services *services.Catalogue
	// Unusual says what is unusual about a session at an address, as names and values;
	// nil: nothing is known.
	Unusual func(ctx context.Context, session ids.Session, from netip.Addr) ([][2]string, error)
}

// Pages are the administrators' pages about sessions.
type Pages struct {
	deps      Deps
	templates *web.Templates
}

// New reads the templates.
func New(deps Deps) (*Pages, error) {
	if deps.Sessions == nil || deps.People == nil || deps.Keys == nil || deps.Services == nil {
		return nil, errors.New("make the pages about sessions: something they need is missing")
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the pages about sessions: %w", err)
	}
	return &Pages{deps: deps, templates: templates}, nil
}

// Routes are the pages.
func (p *Pages) Routes() []web.Route {
	read, end := web.Need{Permission: web.SessionsRead, AAL: 2}, web.Need{Permission: web.SessionsEnd, AAL: 2}
	return []web.Route{
		{Method: http.MethodGet, Path: Path, Need: read, Title: "Sessions", Handler: p.list},
		{Method: http.MethodGet, Path: Path + "/{session}/end", Need: end, Title: "End a session", Handler: p.askEnd},
		{Method: http.MethodPost, Path: Path + "/{session}/end", Need: end, Title: "End it now", Handler: p.end, MaxBody: smallForm},
	}
}

// names gives people, keys and services their names, and asks for each once.
type names struct {
	pages  *Pages
	people map[ids.Person]people.Person
	keys   map[ids.Key]string
	hosts  map[string]string // names of services, by the host they are reached at
}

func (p *Pages) names(ctx context.Context) (*names, error) {
	all, err := p.deps.Services.List(ctx)
	if err != nil {
		return nil, err
	}
	found := &names{pages: p, people: map[ids.Person]people.Person{}, keys: map[ids.Key]string{}, hosts: map[string]string{}}
	for _, service := range all {
		for _, route := range service.Routes {
			found.hosts[route.Host] = service.Name
		}
	}
	return found, nil
}

// person is who has the id; somebody who is gone from the directory has a name that says so.
func (n *names) person(ctx context.Context, id ids.Person) (people.Person, error) {
	if known, ok := n.people[id]; ok {
		return known, nil
	}
	person, err := n.pages.deps.People.Get(ctx, id)
	if problem.Is(err, people.NotFound) {
		person, err = people.Person{Name: "Somebody who is not in the directory"}, nil
	}
	n.people[id] = person
	return person, err
}

func (n *names) key(ctx context.Context, id ids.Key) (string, error) {
	if id == "" {
		return "None", nil
	}
	if known, ok := n.keys[id]; ok {
		return known, nil
	}
	key, err := n.pages.deps.Keys.Get(ctx, id)
	if err != nil && !problem.Is(err, keys.NotFound) {
		return "", err
	}
	name := "A key that is not on record"
	switch {
	case err == nil && key.Label != "" && key.Serial != "":
		name = key.Label + ", " + key.Serial
	case err == nil && key.Label+key.Serial != "":
		name = key.Label + key.Serial
	case err == nil:
		name = "A key without a number"
	}
	n.keys[id] = name
	return name, nil
}

// services are the names of what was entered, or the hosts where no service is.
func (n *names) services(hosts []string) []string {
	var found []string
	for _, host := range hosts {
		if name := n.hosts[host]; name != "" {
			host = name + " (" + host + ")"
		}
		found = append(found, host)
	}
	return found
}

func endPath(id ids.Session) string { return Path + "/" + string(id) + "/end" }
