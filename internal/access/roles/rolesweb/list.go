package rolesweb

import (
	"net/http"
	"slices"
	"strings"

	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
)

// listView is what each role may do, and who holds which.
type listView struct {
	Roles   []roleView
	Holders govuk.Table
	None    bool
}

// roleView is one role in words.
type roleView struct {
	Name string
	May  []string
}

// showView is one person's roles.
type showView struct {
	Heading string
	Banner  *govuk.NotificationBanner
	Held    govuk.SummaryList
	None    bool
	Give    []govuk.Action // roles that the viewer may give
	Back    govuk.BackLink
	Person  string // where the person's own page is
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	var view listView
	for _, role := range roles.All() {
		view.Roles = append(view.Roles, roleView{Name: role.Label(), May: roles.InWords(role)})
	}
	grants, err := p.deps.Roster.All(r.Context())
	if err != nil {
		return err
	}
	view.None = len(grants) == 0
	view.Holders = govuk.Table{Caption: "Who holds which role", CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Person"}, {Text: "User name"}, {Text: "Role"}, {Text: "Since"}}}
	slices.SortStableFunc(grants, func(a, b roles.Grant) int {
		return slices.Index(roles.All(), a.Role) - slices.Index(roles.All(), b.Role)
	})
	for _, grant := range grants {
		holder, err := p.deps.People.Get(r.Context(), grant.Person)
		if err != nil {
			return err
		}
		view.Holders.Rows = append(view.Holders.Rows, []govuk.Cell{
			{Text: holder.Name, Href: pathOf(holder.ID)}, {Text: holder.UserName}, {Text: grant.Role.Label()}, {Text: govuk.DateTime(grant.At)}})
	}
	return p.templates.Render(w, r, web.Page{Name: "list.html", Title: "Roles", Section: Path, View: view})
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	person, err := p.person(r)
	if err != nil {
		return err
	}
	held, err := p.deps.Roster.Of(r.Context(), person.ID)
	if err != nil {
		return err
	}
	view := showView{Heading: "Roles of " + person.Name, Banner: banner(r), None: len(held) == 0,
		Back: govuk.BackLink{Text: "All roles", Href: Path}, Person: "/admin/people/" + string(person.ID)}
	for _, role := range roles.All() {
		if err := p.offer(r, &view, person.ID, role, slices.Contains(held, role)); err != nil {
			return err
		}
	}
	return p.templates.Render(w, r, web.Page{Name: "show.html", Title: view.Heading, Section: Path, View: view})
}

// offer puts a role on the page: what it allows if it is held, and a link to give
// or take it if the viewer may.
func (p *Pages) offer(r *http.Request, view *showView, person ids.Person, role roles.Role, held bool) error {
	ask, how := p.deps.Roster.MayGrant, "grant"
	if held {
		ask, how = p.deps.Roster.MayRevoke, "revoke"
	}
	allowed := false
	if mayGive(r) {
		err := ask(r.Context(), actor(r), person, role)
		if _, refused := problem.Of(err); err != nil && !refused {
			return err
		}
		allowed = err == nil
	}
	link := change(person, role, how)
	switch {
	case held:
		line := row(role.Label(), govuk.SummaryValue{Text: "May " + strings.Join(roles.InWords(role), "; ")})
		if allowed {
			line.Actions.Items = []govuk.Action{{Text: "Take away", VisuallyHiddenText: "the role " + role.Label(), Href: link}}
		}
		view.Held.Rows = append(view.Held.Rows, line)
	case allowed:
		view.Give = append(view.Give, govuk.Action{Text: "Give the role " + role.Label(), Href: link})
	}
	return nil
}

func change(person ids.Person, role roles.Role, how string) string {
	return pathOf(person) + "/" + string(role) + "/" + how
}

func banner(r *http.Request) *govuk.NotificationBanner {
	switch r.URL.Query().Get("done") {
	case "given":
		return &govuk.NotificationBanner{Type: "success", Text: "The role is given, and holds from their next request."}
	case "taken":
		return &govuk.NotificationBanner{Type: "success", Text: "The role is taken away, from their next request on."}
	}
	return nil
}
