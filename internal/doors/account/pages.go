package account

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/warder-project/warder/internal/access/lostkey"
	"github.com/warder-project/warder/internal/access/methods"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/people"
)

//go:embed *.html
var files embed.FS

// Path is where a person's own pages begin.
const Path = "/me"

const sessionsPath = Path + "/sessions"

const addKeyPath = Path + "/keys/add" // the page is in access/signin/signinweb

// Deps is what the pages need. All but HelpDesk is required.
type Deps struct {
	Keys     *keys.Register
	Models   *keys.Models
	Methods  *methods.Desk
	People   *people.Directory
	Sessions *sessions.Book
	LostKeys *lostkey.Desk
	Now      func() time.Time
	HelpDesk string // how to reach the service desk, a sentence
	// Notices are what a person must see at once, besides their keys. May be nil.
	Notices func(ctx context.Context, person ids.Person) ([]Notice, error)
	// Secrets is where the person's passwords and codes are; empty when there are none
	// and none are accepted. May be nil.
	Secrets func(ctx context.Context, person ids.Person) (path string, err error)
}

// Notice is a sentence with a place to go.
type Notice struct{ Text, Link, Path string }

// Pages are a person's own pages.
type Pages struct {
	deps      Deps
	templates *web.Templates
}

// New reads the templates.
func New(deps Deps) (*Pages, error) {
	if deps.Keys == nil || deps.Models == nil || deps.Methods == nil || deps.People == nil || deps.Sessions == nil || deps.LostKeys == nil || deps.Now == nil {
		return nil, errors.New("make a person's own pages: something they need is missing")
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make a person's own pages: %w", err)
	}
	if deps.HelpDesk == "" {
		deps.HelpDesk = "Ask your line manager how to reach the service desk."
	}
	if deps.Secrets == nil {
		deps.Secrets = func(context.Context, ids.Person) (string, error) { return "", nil }
	}
	return &Pages{deps: deps, templates: templates}, nil
}

// Routes are the pages. Reporting a key lost asks for no more than being signed
// in: it must be easy, and the worst it can do is done to oneself. Removing a key
// asks besides for a key that was used a moment ago (access/methods).
func (p *Pages) Routes() []web.Route {
	self := web.Need{Permission: web.Self, AAL: 1}
	// To look, and to end sessions, is harmless even with a session that was phished.
	// To block a key is not: its holder would be locked out.
	look := web.Need{Permission: web.Self, AAL: 1, Phishable: true}
	return []web.Route{
		{Method: http.MethodGet, Path: "/{$}", Need: look, Title: "Start page", Handler: p.home},
		{Method: http.MethodGet, Path: Path, Need: look, Title: "My keys", Handler: p.show},
		{Method: http.MethodGet, Path: Path + "/keys/{key}/lost", Need: self, Title: "Report a key lost or stolen", Handler: p.askLost},
		{Method: http.MethodPost, Path: Path + "/keys/{key}/lost", Need: self, Title: "Block a key", Handler: p.reportLost, MaxBody: smallForm},
		{Method: http.MethodGet, Path: Path + "/keys/{key}/place", Need: self, Title: "Where a key is kept", Handler: p.askPlace},
		{Method: http.MethodPost, Path: Path + "/keys/{key}/place", Need: self, Title: "Note where a key is kept", Handler: p.notePlace, MaxBody: smallForm},
		{Method: http.MethodGet, Path: Path + "/keys/{key}/remove", Need: self, Title: "Remove a key", Handler: p.askRemove},
		{Method: http.MethodPost, Path: Path + "/keys/{key}/remove", Need: self, Title: "Remove it now", Handler: p.remove, MaxBody: smallForm},
		{Method: http.MethodGet, Path: sessionsPath, Need: look, Title: "Where I am signed in", Handler: p.showSessions},
		{Method: http.MethodPost, Path: sessionsPath + "/{session}/end", Need: look, Title: "End one of my sessions", Handler: p.endSession, MaxBody: smallForm},
		{Method: http.MethodPost, Path: sessionsPath + "/end-others", Need: look, Title: "End all my other sessions", Handler: p.endOthers, MaxBody: smallForm},
	}
}

const smallForm = 16 << 10

func (p *Pages) home(w http.ResponseWriter, r *http.Request) error { return web.SeeOther(w, r, Path) }
