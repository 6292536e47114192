package sessionsweb

import (
	"net/http"
	"net/netip"
	"strings"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/audit"
)

// endView says what ends.
type endView struct {
	Facts   govuk.SummaryList
	Unusual *govuk.SummaryList // nil when nothing was judged
	Own     bool               // it is the viewer's own, in this browser
	Action  string
	End     govuk.Button
	Back    govuk.BackLink
}

// session is the open session in the address.
func (p *Pages) session(r *http.Request) (sessions.Open, error) {
	id, err := ids.Parse[ids.Session](r.PathValue("session"))
	if err != nil {
		return sessions.Open{}, sessions.NoSuch.Because(err)
	}
	return p.deps.Sessions.Look(r.Context(), id)
}

func (p *Pages) askEnd(w http.ResponseWriter, r *http.Request) error {
	session, err := p.session(r)
	if err != nil {
		return err
	}
	names, err := p.names(r.Context())
	if err != nil {
		return err
	}
	person, err := names.person(r.Context(), session.Person)
	if err != nil {
		return err
	}
	key, err := names.key(r.Context(), session.Key)
	if err != nil {
		return err
	}
	view := endView{
		Facts: govuk.SummaryList{Rows: []govuk.SummaryRow{
			row("Person", govuk.SummaryValue{Text: person.Name}),
			row("Signed in to", govuk.SummaryValue{Text: session.Place()}),
			row("Browser", govuk.SummaryValue{Text: session.Browser()}),
			row("Network address", govuk.SummaryValue{Text: orElse(session.IP, "Not known")}),
			row("Signed in with", govuk.SummaryValue{Text: session.Method()}),
			row("Key", govuk.SummaryValue{Text: key}),
			row("Signed in", govuk.SummaryValue{Text: govuk.DateTime(session.CreatedAt)}),
			row("Last used", govuk.SummaryValue{Text: govuk.DateTime(session.LastUsed())}),
			row("Services that close with it", govuk.SummaryValue{Text: orElse(strings.Join(names.services(session.Hosts()), ", "), "None")}),
		}},
		Own:    session.ID == web.ViewerOf(r).Session,
		Action: endPath(session.ID), End: govuk.Button{Text: "End this session now", Classes: govuk.Warning, PreventDoubleClick: true},
		Back: govuk.BackLink{Text: "All sessions", Href: Path},
	}
	if view.Unusual, err = p.unusual(r, session.Session); err != nil {
		return err
	}
	return p.templates.Render(w, r, web.Page{Name: "end.html", Title: "End a session", Section: Path, View: view})
}

func (p *Pages) end(w http.ResponseWriter, r *http.Request) error {
	session, err := p.session(r)
	if err != nil {
		return err
	}
	if err := p.deps.Sessions.End(r.Context(), audit.Person(web.ViewerOf(r).Person), session.ID, sessions.EndedByDesk); err != nil {
		return err
	}
	return web.SeeOther(w, r, Path+"?done=ended")
}

func row(name string, value govuk.SummaryValue) govuk.SummaryRow {
	return govuk.SummaryRow{Key: govuk.Words{Text: name}, Value: value}
}

// unusual is what was found about a session where it began.
func (p *Pages) unusual(r *http.Request, session sessions.Session) (*govuk.SummaryList, error) {
	if p.deps.Unusual == nil {
		return nil, nil
	}
	from, err := netip.ParseAddr(session.IP)
	if err != nil {
		from = netip.Addr{}
	}
	rows, err := p.deps.Unusual(r.Context(), session.ID, from)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	list := &govuk.SummaryList{Card: &govuk.SummaryCard{Title: govuk.CardTitle{Text: "What is unusual, and what that rests on", HeadingLevel: 2}}}
	for _, one := range rows {
		list.Rows = append(list.Rows, row(one[0], govuk.SummaryValue{Text: one[1]}))
	}
	return list, nil
}
