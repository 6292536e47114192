package sessionsweb

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/people"
)

// listView is the list of sessions with its search.
type listView struct {
	Banner     *govuk.NotificationBanner
	Search     govuk.Input
	Find       govuk.Button
	Table      govuk.Table
	None       string        // why there is nothing
	EndAll     *govuk.Button // of the person who was searched for
	Pagination *govuk.Pagination
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	search := strings.TrimSpace(r.URL.Query().Get("q"))
	view := listView{
		Search: govuk.Input{Name: "q", Type: "search", Value: search, Label: govuk.Label{Text: "User name"}, Classes: "govuk-input--width-20"},
		Find:   govuk.Button{Text: "Find", Classes: govuk.Secondary},
	}
	if r.URL.Query().Get("done") == "ended" {
		view.Banner = &govuk.NotificationBanner{Type: "success", Text: "The session has been ended. It cannot be used any more."}
	}
	page := web.Page{Name: "list.html", Title: "Sessions", Section: Path}
	filter, err := p.filter(r, search)
	if problem.Is(err, people.NotFound) {
		view.None = "Nobody has this user name."
		page.View = view
		return p.templates.Render(w, r, page)
	}
	if err != nil {
		return err
	}
	if err := p.fill(r, &view, filter); err != nil {
		return err
	}
	page.View = view
	return p.templates.Render(w, r, page)
}

// filter reads the search: the user name of one person, or everybody.
func (p *Pages) filter(r *http.Request, search string) (sessions.Filter, error) {
	var filter sessions.Filter
	if after := r.URL.Query().Get("after"); after != "" {
		id, err := ids.Parse[ids.Session](after)
		if err != nil {
			return filter, sessions.NoSuch.Because(err)
		}
		filter.After = id
	}
	if search == "" {
		return filter, nil
	}
	person, err := p.deps.People.ByUserName(r.Context(), search)
	filter.Person = person.ID
	return filter, err
}

func (p *Pages) fill(r *http.Request, view *listView, filter sessions.Filter) error {
	found, next, err := p.deps.Sessions.List(r.Context(), filter)
	if err != nil {
		return err
	}
	may := web.ViewerOf(r).May
	mayEnd := may != nil && may(web.SessionsEnd)
	if len(found) == 0 {
		view.None = "Nobody is signed in."
		if filter.Person != "" {
			view.None = "They are not signed in anywhere."
		}
	}
	if view.Table, err = p.table(r, found, mayEnd); err != nil {
		return err
	}
	if mayEnd && filter.Person != "" && len(found) > 0 {
		view.EndAll = &govuk.Button{Text: "Sign them out everywhere", Href: "/admin/people/" + string(filter.Person) + "/sign-out", Classes: govuk.Warning}
	}
	if next != "" {
		onward := url.Values{"q": {view.Search.Value}, "after": {string(next)}}
		view.Pagination = &govuk.Pagination{LandmarkLabel: "More sessions", Next: &govuk.PageLink{Text: "Next page", Href: Path + "?" + onward.Encode()}}
	}
	return nil
}

func (p *Pages) table(r *http.Request, found []sessions.Open, mayEnd bool) (govuk.Table, error) {
	table := govuk.Table{Caption: "Sessions, newest first", CaptionClasses: "govuk-visually-hidden", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Person"}, {Text: "Browser"}, {Text: "Network address"}, {Text: "Signed in with"}, {Text: "Key"},
			{Text: "Signed in"}, {Text: "Last used"}, {Text: "Services"}}}
	if mayEnd {
		table.Head = append(table.Head, govuk.Cell{Text: "End"})
	}
	names, err := p.names(r.Context())
	if err != nil {
		return govuk.Table{}, err
	}
	for i := range found {
		session := &found[i]
		person, err := names.person(r.Context(), session.Person)
		if err != nil {
			return govuk.Table{}, err
		}
		key, err := names.key(r.Context(), session.Key)
		if err != nil {
			return govuk.Table{}, err
		}
		cells := []govuk.Cell{
			{Text: person.Name, Href: "/admin/people/" + string(session.Person)}, {Text: session.Browser()}, {Text: orElse(session.IP, "Not known")},
			{Text: session.Method()}, keyCell(session.Key, key),
			{Text: govuk.DateTime(session.CreatedAt)}, {Text: govuk.DateTime(session.LastUsed())},
			{Text: orElse(strings.Join(names.services(session.Hosts()), ", "), "None")}}
		if mayEnd {
			cells = append(cells, govuk.Cell{Text: "End session", Href: endPath(session.ID)})
		}
		table.Rows = append(table.Rows, cells)
	}
	return table, nil
}

// keyCell leads to the key, where there is one.
func keyCell(id ids.Key, name string) govuk.Cell {
	if id == "" {
		return govuk.Cell{Text: name}
	}
	return govuk.Cell{Text: name, Href: "/admin/keys/" + string(id)}
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
