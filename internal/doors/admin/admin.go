package admin

import (
	"embed"
	"fmt"
	"net/http"

	"github.com/warder-project/warder/internal/base/web"
)

//go:embed *.html
var files embed.FS

// Path is the home page of the administration site.
const Path = "/admin"

// section is one part of the site.
type section struct {
	web.NavItem
	Purpose string
}

// sections are the parts, in the order of the navigation.
func sections() []section {
	return []section{
		{web.NavItem{Label: "People", Path: Path + "/people", Permission: web.PeopleRead}, "Who works here, whether they can sign in, and with how many keys."},
		{web.NavItem{Label: "Keys", Path: Path + "/keys", Permission: web.KeysRead}, "Every security key: in stock, issued, in use, lost. Issue one, or block one."},
		{web.NavItem{Label: "Models", Path: Path + "/models", Permission: web.KeysRead}, "Which makes of key are allowed, what they count as, and what the FIDO Alliance says about them."},
		{web.NavItem{Label: "Sessions", Path: Path + "/sessions", Permission: web.SessionsRead}, "Who is signed in, where and with which key. End one session, or all of a person."},
		{web.NavItem{Label: "Methods", Path: Path + "/adoption", Permission: web.MaturityRead}, "How people sign in, whom a weaker way undoes, and whose access hangs from a single key."},
		{web.NavItem{Label: "Service desk", Path: "/desk", Permission: "desk.use"}, "Look up one person who needs help, and help them to a new key."},
		{web.NavItem{Label: "Recovery", Path: Path + "/recovery", Permission: "recovery.read"}, "People who cannot sign in any more, and what waits for an approval."},
		{web.NavItem{Label: "Services", Path: Path + "/services", Permission: web.ServicesRead}, "What people sign in to, and what stands in front of it."},
		{web.NavItem{Label: "Decisions", Path: Path + "/decisions", Permission: web.DecisionsRead}, "Who was let in, asked for more, or refused, and why."},
		{web.NavItem{Label: "Policy", Path: Path + "/policy", Permission: web.DecisionsRead}, "The rules in force, what they forbid, and every version before."},
		{web.NavItem{Label: "Exceptions", Path: Path + "/exceptions", Permission: web.ExceptionsRead}, "Who may sign in with less for a time, why, what makes up for it, and when it ends."},
		{web.NavItem{Label: "Maturity", Path: Path + "/maturity", Permission: web.MaturityRead}, "Which of the five levels you have reached, and what holds you back."},
		{web.NavItem{Label: "Roles", Path: Path + "/roles", Permission: web.RolesRead}, "Who administers Warder, and what each role may do."},
		{web.NavItem{Label: "Emergency access", Path: Path + "/break-glass", Permission: web.BreakGlassRead}, "The keys two people open Warder with when nobody can sign in: where they are, when they were tested, and every use."},
		{web.NavItem{Label: "Standards", Path: Path + "/standards", Permission: web.MaturityRead}, "Where each way of signing in stands in published standards, and what is not met."},
	}
}

// Navigation is the site's navigation bar: a person's own pages and the parts
// of the administration site. Only those with a page, listed in has, are in it:
// a link to nowhere helps nobody.
func Navigation(has func(path string) bool) []web.NavItem {
	bar := []web.NavItem{{Label: "My keys", Path: "/me", Permission: web.Self}}
	for _, part := range sections() {
		if has(part.Path) {
			bar = append(bar, part.NavItem)
		}
	}
	return bar
}

// Pages is the home page.
type Pages struct {
	has       func(path string) bool
	templates *web.Templates
}

// New reads the template. has says whether there is a page at a path.
func New(has func(path string) bool) (*Pages, error) {
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the administration site: %w", err)
	}
	return &Pages{has: has, templates: templates}, nil
}

// Routes are the home page. Every administrator may read about people, whatever
// their role, so that is what the home page needs.
func (p *Pages) Routes() []web.Route {
	return []web.Route{{Method: http.MethodGet, Path: Path, Need: web.Need{Permission: web.PeopleRead, AAL: 2}, Title: "Administration", Handler: p.home}}
}

// homeView lists the parts the viewer may open.
type homeView struct{ Parts []partView }

type partView struct{ Label, Path, Purpose string }

func (p *Pages) home(w http.ResponseWriter, r *http.Request) error {
	viewer := web.ViewerOf(r)
	var view homeView
	for _, part := range sections() {
		if viewer.May != nil && viewer.May(part.Permission) && p.has(part.Path) {
			view.Parts = append(view.Parts, partView{part.Label, part.Path, part.Purpose})
		}
	}
	return p.templates.Render(w, r, web.Page{Name: "home.html", Title: "Administration", View: view})
}
