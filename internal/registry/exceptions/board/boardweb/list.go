package boardweb

import (
	"net/http"
	"slices"
	"time"

	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/chart"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/exceptions"
	"github.com/warder-project/warder/internal/registry/exceptions/board"
)

// listView is the board of exceptions.
type listView struct {
	Banner *govuk.NotificationBanner
	Facts  govuk.SummaryList
	Table  govuk.Table
	None   bool
	Course *chart.View
	Over   govuk.Table
	NoOver bool
	New    *govuk.Button
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	summary, err := p.deps.Board.Summary(r.Context())
	if err != nil {
		return err
	}
	view := listView{None: len(summary.Lines) == 0, NoOver: len(summary.Over) == 0, Facts: govuk.SummaryList{Rows: []govuk.SummaryRow{
		row("In force", counted(summary.InForce, "exception")),
		row("Waiting for approval", counted(summary.Proposed, "proposal")+" and "+counted(summary.Asked, "renewal")),
		row("With a step that has slipped", govuk.Number(summary.Slipped)),
		row("With a review that is overdue", govuk.Number(summary.Overdue)),
		row("Debt", govuk.Number(summary.Debt)+" (people × days left × risk)"),
	}}}
	if may(r, web.ExceptionsWrite) {
		view.New = &govuk.Button{Text: "Ask for an exception", Href: Path + "/new"}
	}
	if view.Table, err = p.table(r, summary); err != nil {
		return err
	}
	if view.Over, err = p.overTable(r, summary.Over); err != nil {
		return err
	}
	if summary.InForce > 0 || slices.ContainsFunc(summary.Course, func(point board.Point) bool { return point.Debt > 0 }) {
		if view.Course, err = courseOf(summary); err != nil {
			return err
		}
	}
	return p.templates.Render(w, r, web.Page{Name: "list.html", Title: "Exceptions", Section: Path, View: view})
}

func (p *Pages) table(r *http.Request, summary board.Summary) (govuk.Table, error) {
	table := govuk.Table{Caption: "Exceptions that are in force or asked for", CaptionClasses: "govuk-visually-hidden", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Exception"}, {Text: "For"}, {Text: "State"}, {Text: "Time left"}, {Text: "Risk"}, {Text: "Steps that slip"}, {Text: "Next review"}, {Text: "Debt", Format: "numeric"}}}
	for _, line := range summary.Lines {
		e := line.Exception
		where, err := p.where(r.Context(), e.Subject)
		if err != nil {
			return govuk.Table{}, err
		}
		slips := govuk.Cell{Text: "None"}
		if len(line.Slipped) > 0 {
			slips = govuk.Cell{Text: govuk.Number(len(line.Slipped)), Tag: &govuk.Tag{Text: "Slipped", Classes: govuk.Red}}
		}
		review := govuk.Cell{Text: "None before its end"}
		if line.Review.ID != "" {
			review = govuk.Cell{Text: govuk.Date(line.Review.Due), Href: reviewPath(line.Review.ID)}
			if line.Overdue {
				review.Tag = &govuk.Tag{Text: "Overdue", Classes: govuk.Red}
			}
		}
		state := govuk.Cell{Tag: stateTag(e, summary.At)}
		if e.Renewal.Asked() {
			state.Text = "Renewal asked for"
		}
		table.Rows = append(table.Rows, []govuk.Cell{{Text: e.Name(), Href: Path + "/" + e.Name()}, {Text: where + ", " + headcount(line.People)}, state,
			{Text: left(e.End.Sub(summary.At))}, {Text: risk(e)}, slips, review, {Text: govuk.Number(line.Debt), Format: "numeric"}})
	}
	return table, nil
}

func (p *Pages) overTable(r *http.Request, over []exceptions.Exception) (govuk.Table, error) {
	table := govuk.Table{Caption: "Over within the last 30 days", CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Exception"}, {Text: "For"}, {Text: "How"}, {Text: "When"}}}
	for _, e := range over {
		where, err := p.where(r.Context(), e.Subject)
		if err != nil {
			return govuk.Table{}, err
		}
		how, when := "At its end", e.End
		if e.State == exceptions.Ended {
			how, when = e.Ending, e.EndedAt
		}
		table.Rows = append(table.Rows, []govuk.Cell{{Text: e.Name(), Href: Path + "/" + e.Name()}, {Text: where}, {Text: how}, {Text: govuk.DateTime(when)}})
	}
	return table, nil
}

func risk(e exceptions.Exception) string {
	return e.Risk.Level().Label() + ", " + govuk.Number(e.Risk.Score()) + " of 25"
}

// ownView are the exceptions somebody answers for.
type ownView struct {
	Table govuk.Table
	None  bool
	Back  govuk.BackLink
}

func (p *Pages) listOwn(w http.ResponseWriter, r *http.Request) error {
	all, err := p.deps.Register.List(r.Context(), exceptions.Filter{})
	if err != nil {
		return err
	}
	now := p.deps.Now()
	view := ownView{Back: govuk.BackLink{Text: "My keys", Href: "/me"}, Table: govuk.Table{Caption: "Exceptions you answer for, or whose service you answer for",
		CaptionClasses: "govuk-visually-hidden", FirstCellIsHeader: true, Head: []govuk.Cell{{Text: "Exception"}, {Text: "For"}, {Text: "State"}, {Text: "Time left"}}}}
	for _, e := range all {
		if mine, err := p.mine(r, e); err != nil {
			return err
		} else if !mine || e.State.Over() && now.Sub(e.End) > 90*24*time.Hour {
			continue
		}
		where, err := p.where(r.Context(), e.Subject)
		if err != nil {
			return err
		}
		remains := "Over"
		if !e.State.Over() {
			remains = left(e.End.Sub(now))
		}
		view.Table.Rows = append(view.Table.Rows, []govuk.Cell{{Text: e.Name(), Href: OwnPath + "/" + e.Name()}, {Text: where}, {Tag: stateTag(e, now)}, {Text: remains}})
	}
	view.None = len(view.Table.Rows) == 0
	return p.templates.Render(w, r, web.Page{Name: "own.html", Title: "Exceptions you answer for", Section: "/me", View: view})
}
