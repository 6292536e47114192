package recoveryweb

import (
	"net/http"

	"github.com/warder-project/warder/internal/access/recovery"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
)

// listView is the list of cases.
type listView struct {
	Waiting     govuk.Table
	NoneWaiting bool
	Open        govuk.Table
	NoneOpen    bool
	Over        govuk.Table
	NoneOver    bool
}

// most cases that are shown.
const mostShown = 200

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	found, err := p.deps.Desk.List(r.Context(), recovery.Filter{Limit: mostShown})
	if err != nil {
		return err
	}
	view := listView{Waiting: table("Waiting for your approval"), Open: table("Open cases"), Over: table("Cases that are over")}
	for _, one := range found {
		person, err := p.deps.People.Get(r.Context(), one.Person)
		if err != nil {
			return err
		}
		cells := []govuk.Cell{{Text: person.Name, Href: pathOf(one.ID)}, {Text: one.State.Label()}, {Text: one.Why.Label()}, {Text: govuk.DateTime(one.OpenedAt)}}
		waits := one.State == recovery.Checked && may(r, mayApprove) && p.deps.Desk.MayApprove(r.Context(), by(r), one) == nil
		switch {
		case waits:
			view.Waiting.Rows = append(view.Waiting.Rows, cells)
		case !one.State.Over():
			view.Open.Rows = append(view.Open.Rows, cells)
		default:
			view.Over.Rows = append(view.Over.Rows, cells)
		}
	}
	view.NoneWaiting, view.NoneOpen, view.NoneOver = len(view.Waiting.Rows) == 0, len(view.Open.Rows) == 0, len(view.Over.Rows) == 0
	return p.templates.Render(w, r, web.Page{Name: "list.html", Title: "Recovery", Section: ListPath, View: view})
}

func table(caption string) govuk.Table {
	return govuk.Table{Caption: caption, CaptionClasses: "govuk-visually-hidden", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Person"}, {Text: "State"}, {Text: "Why"}, {Text: "Opened"}}}
}
