package boardweb

import (
	"net/http"
	"strings"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/chart"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/exceptions"
	"github.com/warder-project/warder/internal/registry/services"
)

// boardView is all exceptions on one printed page.
type boardView struct {
	At     string
	Facts  govuk.SummaryList
	Table  govuk.Table
	None   bool
	Often  govuk.Table
	Course *chart.View
	Back   govuk.BackLink
}

func (p *Pages) board(w http.ResponseWriter, r *http.Request) error {
	summary, err := p.deps.Board.Summary(r.Context())
	if err != nil {
		return err
	}
	view := boardView{At: govuk.DateTime(summary.At), None: len(summary.Lines) == 0, Back: govuk.BackLink{Text: "Exceptions", Href: Path}}
	for _, fact := range summary.Facts() {
		view.Facts.Rows = append(view.Facts.Rows, row(fact.Name, fact.Value))
	}
	view.Table = govuk.Table{Caption: "Every exception, the greatest debt first", CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Exception"}, {Text: "For"}, {Text: "Why"}, {Text: "Risk"}, {Text: "Ends"}, {Text: "How it stops being needed"}}}
	for _, line := range summary.Lines {
		e := line.Exception
		where, err := p.where(r.Context(), e.Subject)
		if err != nil {
			return err
		}
		view.Table.Rows = append(view.Table.Rows, []govuk.Cell{{Text: e.Name(), Href: Path + "/" + e.Name(), Tag: stateTag(e, summary.At)}, {Text: where + ", " + headcount(line.People)},
			{Text: e.Reason.Sentence()}, {Text: risk(e)}, {Text: govuk.Date(e.End)}, {Text: e.Sunset.Path.Label()}})
	}
	view.Often = govuk.Table{Caption: "Renewed more than twice", CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Exception"}, {Text: "Renewals", Format: "numeric"}, {Text: "Approved by"}, {Text: "Ends"}}}
	for _, line := range summary.Often {
		approver, err := p.who(r.Context(), line.Exception.ApprovedBy)
		if err != nil {
			return err
		}
		view.Often.Rows = append(view.Often.Rows, []govuk.Cell{{Text: line.Exception.Name(), Href: Path + "/" + line.Exception.Name()},
			{Text: govuk.Number(line.Exception.Renewals), Format: "numeric"}, {Text: approver}, {Text: govuk.Date(line.Exception.End)}})
	}
	if view.Course, err = courseOf(summary); err != nil {
		return err
	}
	return p.templates.Render(w, r, web.Page{Name: "board.html", Title: "Exceptions for the board", Section: Path, View: view})
}

// breaksView is what would go wrong.
type breaksView struct {
	Heading string
	Facts   govuk.SummaryList
	Table   govuk.Table
	None    bool
	Back    govuk.BackLink
}

// mostRows is how many people at services the page shows.
const mostRows = 500

func (p *Pages) breaks(w http.ResponseWriter, r *http.Request) error {
	found, err := p.deps.Board.Breaks(r.Context())
	if err != nil {
		return err
	}
	view := breaksView{Heading: "What would break if all exceptions ended today", None: len(found.Rows) == 0, Back: govuk.BackLink{Text: "Exceptions", Href: Path},
		Facts: govuk.SummaryList{Rows: []govuk.SummaryRow{row("Looked at", "Everything that was decided since "+govuk.Date(found.Since)),
			row("People", headcount(found.People)+", of whom "+govuk.Number(found.NoKey)+" have no security key that works"),
			row("Services", govuk.Number(found.Services)), row("Requests let in only because of an exception", govuk.Number(found.Requests))}},
		Table: govuk.Table{Caption: "Who would not have got in, and where", CaptionClasses: "govuk-visually-hidden", FirstCellIsHeader: true,
			Head: []govuk.Cell{{Text: "Person"}, {Text: "Service"}, {Text: "Exception"}, {Text: "Requests", Format: "numeric"}, {Text: "Last"}, {Text: "Without the exception"}}}}
	named, err := p.names(r)
	if err != nil {
		return err
	}
	for _, broken := range found.Rows[:min(len(found.Rows), mostRows)] {
		name, err := p.who(r.Context(), broken.Person)
		if err != nil {
			return err
		}
		service, err := p.deps.Services.Get(r.Context(), broken.Service)
		if err != nil && !problem.Is(err, services.NotFound) {
			return err
		}
		var under []string
		for _, id := range broken.Exceptions {
			under = append(under, named[id])
		}
		stands := govuk.Cell{Tag: &govuk.Tag{Text: "Locked out", Classes: govuk.Red}, Text: "No key"}
		if broken.WithKey {
			stands = govuk.Cell{Tag: &govuk.Tag{Text: "Asked for their key", Classes: govuk.Green}}
		}
		view.Table.Rows = append(view.Table.Rows, []govuk.Cell{{Text: name, Href: "/admin/people/" + string(broken.Person)}, {Text: service.Name},
			{Text: strings.Join(under, ", "), Href: Path + "/" + under[0]}, {Text: govuk.Number(broken.Requests), Format: "numeric"}, {Text: govuk.DateTime(broken.Last)}, stands})
	}
	return p.templates.Render(w, r, web.Page{Name: "breaks.html", Title: view.Heading, Section: Path, View: view})
}

// names are what people call the exceptions.
func (p *Pages) names(r *http.Request) (map[ids.Exception]string, error) {
	all, err := p.deps.Register.List(r.Context(), exceptions.Filter{})
	named := map[ids.Exception]string{}
	for _, e := range all {
		named[e.ID] = e.Name()
	}
	return named, err
}
