package keysweb

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
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/people"
)

//go:embed *.html
var files embed.FS

// Path is where the pages begin.
const Path = "/admin/keys"

// Blocked is what reporting a key has stopped.
type Blocked struct {
	Sessions    int
	Credentials int
	Took        time.Duration // until it was in force
}

// Deps is what the pages need. All but Invite is required.
type Deps struct {
	Keys   *keys.Register
	Models *keys.Models
	People *people.Directory
	// Block stops the key and all that was opened with it; access/lostkey does.
	Block func(ctx context.Context, actor audit.Actor, key ids.Key, reason keys.Reason) (Blocked, error)
	// Invite makes a one-time link for a person and returns its whole address;
	// access/signin does. Without it no links can be made here.
	Invite func(ctx context.Context, actor audit.Actor, person ids.Person) (string, error)
}

// Pages are the administrators' pages about keys.
type Pages struct {
	deps      Deps
	templates *web.Templates
}

// New reads the templates.
func New(deps Deps) (*Pages, error) {
	if deps.Keys == nil || deps.Models == nil || deps.People == nil || deps.Block == nil {
		return nil, errors.New("make the pages about keys: something they need is missing")
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the pages about keys: %w", err)
	}
	return &Pages{deps: deps, templates: templates}, nil
}

const smallForm = 16 << 10

// Routes are the pages. A link lets somebody become the person it is for, so
// only those who may change people can make one.
func (p *Pages) Routes() []web.Route {
	read := web.Need{Permission: web.KeysRead, AAL: 2}
	write := web.Need{Permission: web.KeysWrite, AAL: 2}
	block := web.Need{Permission: web.KeysBlock, AAL: 2}
	routes := []web.Route{
		{Method: http.MethodGet, Path: Path, Need: read, Title: "Security keys", Handler: p.list},
		{Method: http.MethodGet, Path: Path + "/add", Need: write, Title: "Add a key", Handler: p.askAdd},
		{Method: http.MethodPost, Path: Path + "/add", Need: write, Title: "Put a key into stock", Handler: p.add, MaxBody: smallForm},
		{Method: http.MethodGet, Path: Path + "/{key}", Need: read, Title: "One key", Handler: p.show},
		{Method: http.MethodGet, Path: Path + "/{key}/issue", Need: write, Title: "Issue a key", Handler: p.askIssue},
		{Method: http.MethodPost, Path: Path + "/{key}/issue", Need: write, Title: "Hand a key to a person", Handler: p.issue, MaxBody: smallForm},
		{Method: http.MethodGet, Path: Path + "/{key}/block", Need: block, Title: "Block a key", Handler: p.askBlock},
		{Method: http.MethodPost, Path: Path + "/{key}/block", Need: block, Title: "Report a key lost or stolen", Handler: p.block, MaxBody: smallForm},
	}
	if p.deps.Invite != nil {
		link := web.Need{Permission: web.PeopleWrite, AAL: 2}
		routes = append(routes, web.Route{Method: http.MethodPost, Path: Path + "/{key}/link", Need: link,
			Title: "Make a one-time link", Handler: p.invite, MaxBody: smallForm})
	}
	return routes
}

// key is the key in the address.
func (p *Pages) key(r *http.Request) (keys.Key, error) {
	id, err := ids.Parse[ids.Key](r.PathValue("key"))
	if err != nil {
		return keys.Key{}, keys.NotFound.Because(err)
	}
	return p.deps.Keys.Get(r.Context(), id)
}

func actor(r *http.Request) audit.Actor { return audit.Person(web.ViewerOf(r).Person) }

func pathOf(key ids.Key) string { return Path + "/" + string(key) }
