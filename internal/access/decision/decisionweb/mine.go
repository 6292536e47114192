package decisionweb

import (
	"net/http"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
)

// MinePath is the page with somebody's own decisions.
const MinePath = "/me/decisions"

// mostMine is how many of their own decisions somebody sees.
const mostMine = 25

// mineView is what was decided about the viewer, in words.
type mineView struct {
	Back  govuk.BackLink
	None  bool
	Table govuk.Table
}

func (p *Pages) mine(w http.ResponseWriter, r *http.Request) error {
	person := web.ViewerOf(r).Person
	if person == "" { // nobody's decisions are not everybody's
		return decision.NotFound.New()
	}
	found, _, err := p.deps.Desk.List(r.Context(), decision.Filter{Person: person, Limit: mostMine})
	if err != nil {
		return err
	}
	view := mineView{Back: govuk.BackLink{Text: "My keys", Href: "/me"}, None: len(found) == 0,
		Table: govuk.Table{Caption: "Your last decisions", CaptionClasses: "govuk-visually-hidden", FirstCellIsHeader: true,
			Head: []govuk.Cell{{Text: "When"}, {Text: "What was decided"}, {Text: "Why"}}}}
	for _, record := range found {
		name := "a service"
		if record.Service != "" {
			if name, err = p.serviceName(r.Context(), record.Service); err != nil {
				return err
			}
		}
		view.Table.Rows = append(view.Table.Rows, []govuk.Cell{{Text: govuk.DateTime(record.At)}, {Tag: effectTag(record.Effect)}, {Text: record.Told(name)}})
	}
	return p.templates.Render(w, r, web.Page{Name: "mine.html", Title: mineTitle, Section: "/me", View: view})
}

const mineTitle = "Why was I asked, and why not"
