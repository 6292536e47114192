package standingweb

import (
	"embed"
	"errors"
	"fmt"
	"net/http"

	"github.com/warder-project/warder/internal/access/standing"
	"github.com/warder-project/warder/internal/base/web"
)

//go:embed *.html
var files embed.FS

// Path is where the pages about people begin; these stand below one person.
const Path = "/admin/people"

const smallForm = 16 << 10

// Deps is what the pages need.
type Deps struct {
	Desk *standing.Desk
}

// Pages change somebody's standing.
type Pages struct {
	deps      Deps
	templates *web.Templates
}

// New reads the templates.
func New(deps Deps) (*Pages, error) {
	if deps.Desk == nil {
		return nil, errors.New("make the pages about standing: the desk is missing")
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the pages about standing: %w", err)
	}
	return &Pages{deps: deps, templates: templates}, nil
}

// Routes are a page and a form for each deed.
func (p *Pages) Routes() []web.Route {
	var routes []web.Route
	for _, one := range deeds() {
		path, need := Path+"/{person}/"+string(one.deed), web.Need{Permission: one.permission, AAL: 2}
		routes = append(routes,
			web.Route{Method: http.MethodGet, Path: path, Need: need, Title: one.title, Handler: p.ask(one)},
			web.Route{Method: http.MethodPost, Path: path, Need: need, Title: one.button, Handler: p.do(one), MaxBody: smallForm})
	}
	return routes
}

// words are how a deed is spoken of.
type words struct {
	deed       standing.Deed
	permission web.Permission
	title      string
	heading    string // with a place for the name
	about      string // what happens, and whether it can be undone
	button     string
	reason     bool // is asked for
	day        bool // is asked for
}

func deeds() []words {
	return []words{
		{deed: standing.Suspend, permission: web.PeopleWrite, title: "Suspend somebody", heading: "Suspend %s", button: "Suspend this person now", reason: true,
			about: "They cannot sign in, and what is open ends at once. You can undo this by reinstating them; they then sign in again."},
		{deed: standing.Reinstate, permission: web.PeopleWrite, title: "Reinstate somebody", heading: "Reinstate %s", button: "Reinstate this person now", reason: true,
			about: "They can sign in again with the keys that work. Sessions from before do not come back. You can undo this by suspending them."},
		{deed: standing.Leave, permission: web.PeopleWrite, title: "Record that somebody leaves", heading: "Record that %s leaves", button: "Record that this person leaves", reason: true, day: true,
			about: "If they leave today, or have left, nothing of theirs works from now on, and this cannot be undone. If their last working day is still to come, all goes on until it is over, and the day can be changed."},
		{deed: standing.SignOut, permission: web.SessionsEnd, title: "Sign somebody out", heading: "Sign out %s", button: "End all their sessions now",
			about: "What is open ends at once. They can sign in again, so there is nothing to undo."},
	}
}
