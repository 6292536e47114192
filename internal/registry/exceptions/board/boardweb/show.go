package boardweb

import (
	"net/http"
	"strconv"

	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/exceptions"
	"github.com/warder-project/warder/internal/registry/exceptions/reviews"
	"github.com/warder-project/warder/internal/registry/exceptions/sunset"
)

// showView is everything about one exception.
type showView struct {
	Heading    string
	Banner     *govuk.NotificationBanner
	Waits      string // what somebody is waited for
	Facts      govuk.SummaryList
	Deeds      []govuk.Button
	Controls   govuk.Table
	Milestones govuk.Table
	NoSteps    bool
	Reviews    govuk.Table
	NoReviews  bool
	Uses       govuk.Table
	NoUses     bool
	Back       govuk.BackLink
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	e, err := p.find(r)
	if err != nil {
		return err
	}
	view := showView{Heading: "Exception " + e.Name(), Banner: banner(r), Back: govuk.BackLink{Text: "Exceptions", Href: base(r)}}
	if view.Facts.Rows, err = p.facts(r, e); err != nil {
		return err
	}
	if view.Deeds, err = p.offered(r, e); err != nil {
		return err
	}
	switch {
	case e.State == exceptions.Proposed:
		view.Waits = "It relaxes nothing yet. To be approved by: " + e.Route().Label() + "."
	case e.Renewal.Asked():
		view.Waits = "A renewal until " + govuk.DateTime(e.Renewal.End) + " is asked for: " + e.Renewal.Reason + " To be approved by: " + e.Route().Label() + "."
	}
	view.Controls = p.controls(r, e)
	view.Milestones, view.NoSteps = p.milestones(r, e), len(e.Sunset.Milestones) == 0
	if view.Reviews, err = p.reviewTable(r, e); err != nil {
		return err
	}
	if view.Uses, err = p.uses(r, e); err != nil {
		return err
	}
	view.NoReviews, view.NoUses = len(view.Reviews.Rows) == 0, len(view.Uses.Rows) == 0
	section := Path
	if base(r) == OwnPath {
		section = "/me"
	}
	return p.templates.Render(w, r, web.Page{Name: "show.html", Title: view.Heading, Section: section, View: view})
}

func (p *Pages) facts(r *http.Request, e exceptions.Exception) ([]govuk.SummaryRow, error) {
	ctx := r.Context()
	where, err := p.where(ctx, e.Subject)
	if err != nil {
		return nil, err
	}
	whom, err := p.whom(ctx, e.Subject)
	if err != nil {
		return nil, err
	}
	owner, err := p.who(ctx, e.Owner)
	if err != nil {
		return nil, err
	}
	asked, err := p.actorName(ctx, e.ProposedBy)
	if err != nil {
		return nil, err
	}
	approver, err := p.who(ctx, e.ApprovedBy)
	if err != nil {
		return nil, err
	}
	if !e.ApprovedAt.IsZero() {
		approver += ", " + govuk.DateTime(e.ApprovedAt)
	}
	now := p.deps.Now()
	state := govuk.SummaryRow{Key: govuk.Words{Text: "State"}, Value: govuk.SummaryValue{Tag: stateTag(e, now)}}
	if e.Ending != "" {
		state.Value.Lines = []string{e.Ending}
	}
	missed := "It ends"
	if e.OnOverdue.Kind == exceptions.Stricter {
		missed = "More is asked: " + e.OnOverdue.Floor.String()
	}
	rows := []govuk.SummaryRow{state, lines("For", whom), row("Where", where), row("What is still asked", e.Floor.String()),
		{Key: govuk.Words{Text: "Why"}, Value: govuk.SummaryValue{Text: e.Reason.Sentence(), Lines: []string{e.Narrative}}},
		{Key: govuk.Words{Text: "Risk"}, Value: govuk.SummaryValue{Text: risk(e) + ": likelihood " + strconv.Itoa(e.Risk.Likelihood) + ", impact " + strconv.Itoa(e.Risk.Impact), Lines: []string{e.Risk.Narrative}}},
		row("Owner", owner), row("Asked for by", asked+", "+govuk.DateTime(e.ProposedAt)), row("Approved by", approver),
		row("From", govuk.DateTime(e.Start)), {Key: govuk.Words{Text: "Until"}, Value: govuk.SummaryValue{Text: govuk.DateTime(e.End)}},
		row("If a review is missed", missed)}
	if e.State == exceptions.Approved && now.Before(e.End) {
		rows[10].Value.Lines = []string{left(e.End.Sub(now)) + " left"}
		if !e.Lapses.IsZero() && e.Lapses.Before(e.End) {
			rows = append(rows, row("To be reviewed before", govuk.DateTime(e.Lapses)))
		}
	}
	if e.Renewals > 0 {
		rows = append(rows, row("Renewed", counted(e.Renewals, "time")))
	}
	return append(rows, lines("Evidence", e.Evidence)), nil
}

func (p *Pages) controls(r *http.Request, e exceptions.Exception) govuk.Table {
	table := govuk.Table{Caption: "What makes up for it", CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "What is done"}, {Text: "How it is tested"}, {Text: "Last test"}, {Text: "Record a test"}}}
	for i, control := range e.Controls {
		last := govuk.Cell{Tag: &govuk.Tag{Text: control.Result.Label(), Classes: govuk.Yellow}}
		switch control.Result {
		case exceptions.Works:
			last.Tag.Classes = govuk.Green
		case exceptions.Fails:
			last.Tag.Classes = govuk.Red
		}
		if !control.TestedAt.IsZero() {
			last.Text = govuk.Date(control.TestedAt)
		}
		test := govuk.Cell{Text: "No"}
		if e.State == exceptions.Approved && p.tends(r) {
			test = govuk.Cell{Text: "Test " + strconv.Itoa(i+1), Href: deedPath(r, e, "test") + "?number=" + strconv.Itoa(i+1)}
		}
		table.Rows = append(table.Rows, []govuk.Cell{{Text: control.Text}, {Text: control.How}, last, test})
	}
	return table
}

func (p *Pages) milestones(r *http.Request, e exceptions.Exception) govuk.Table {
	now := p.deps.Now()
	table := govuk.Table{Caption: "How it stops being needed: " + e.Sunset.Path.Label(), CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Step"}, {Text: "By"}, {Text: "Shown by"}, {Text: "State"}, {Text: "Change"}}}
	for i, step := range e.Sunset.Milestones {
		state := govuk.Cell{Tag: &govuk.Tag{Text: "To do", Classes: govuk.Blue}}
		switch {
		case !step.Done.IsZero():
			state = govuk.Cell{Text: govuk.Date(step.Done), Tag: &govuk.Tag{Text: "Reached", Classes: govuk.Green}}
		case sunset.Slipped(step, now):
			state = govuk.Cell{Text: counted(sunset.Late(step, now), "day") + " behind", Tag: &govuk.Tag{Text: "Slipped", Classes: govuk.Red}}
		}
		change := govuk.Cell{Text: "No"}
		if e.State == exceptions.Approved && step.Done.IsZero() && p.tends(r) {
			change = govuk.Cell{Text: "Step " + strconv.Itoa(i+1), Href: deedPath(r, e, "step") + "?number=" + strconv.Itoa(i+1)}
		}
		table.Rows = append(table.Rows, []govuk.Cell{{Text: step.Text}, {Text: govuk.Date(step.Due)}, {Text: sunset.Words(step.Proof)}, state, change})
	}
	return table
}

// tends reports whether the viewer may do what its owner may: on their own pages they
// answer for what they see.
func (p *Pages) tends(r *http.Request) bool { return base(r) == OwnPath || may(r, web.ExceptionsWrite) }

func (p *Pages) reviewTable(r *http.Request, e exceptions.Exception) (govuk.Table, error) {
	table := govuk.Table{Caption: "Reviews", CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Due"}, {Text: "State"}, {Text: "By"}, {Text: "What came of it"}}}
	all, err := p.deps.Reviews.Of(r.Context(), e.ID)
	if err != nil {
		return govuk.Table{}, err
	}
	for _, review := range all {
		if review.State == reviews.Dropped {
			continue
		}
		by, outcome := review.Reviewer, ""
		if review.State == reviews.Done {
			by, outcome = review.By, review.Outcome.Label()+": "+review.Note
		}
		name, err := p.who(r.Context(), by)
		if err != nil {
			return govuk.Table{}, err
		}
		day := govuk.Cell{Text: govuk.Date(review.Due)}
		if review.State == reviews.Open && base(r) == Path {
			day.Href = reviewPath(review.ID)
		}
		table.Rows = append(table.Rows, []govuk.Cell{day, {Text: review.State.Label()}, {Text: name}, {Text: outcome}})
	}
	return table, nil
}

// mostUses is how many lines of uses the page shows.
const mostUses = 200

func (p *Pages) uses(r *http.Request, e exceptions.Exception) (govuk.Table, error) {
	table := govuk.Table{Caption: "Used by, and from where", CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Person"}, {Text: "Service"}, {Text: "From"}, {Text: "Requests", Format: "numeric"}, {Text: "Last"}}}
	uses, err := p.deps.Uses(r.Context(), e.ID)
	if err != nil {
		return govuk.Table{}, err
	}
	for _, use := range uses[:min(len(uses), mostUses)] {
		name, err := p.who(r.Context(), use.Person)
		if err != nil {
			return govuk.Table{}, err
		}
		where, err := p.where(r.Context(), exceptions.Subject{Service: use.Service})
		if err != nil {
			return govuk.Table{}, err
		}
		table.Rows = append(table.Rows, []govuk.Cell{{Text: name}, {Text: where}, {Text: use.Address}, {Text: govuk.Number(use.Requests), Format: "numeric"}, {Text: govuk.DateTime(use.Last)}})
	}
	return table, nil
}

func banner(r *http.Request) *govuk.NotificationBanner {
	text := ""
	switch r.URL.Query().Get("done") {
	case "proposed":
		text = "It is proposed, and relaxes nothing until somebody else approves it."
	case "approve":
		text = "It is approved."
	case "refuse":
		text = "It is refused."
	case "end":
		text = "It has ended. The next request is asked for what the policy asks."
	case "shorten":
		text = "It ends sooner now."
	case "renew":
		text = "The renewal is asked for. Until somebody else approves it, the exception ends when it would have ended."
	case "withdraw":
		text = "The proposal is withdrawn."
	case "test":
		text = "The test is on record."
	case "step":
		text = "The step is changed."
	default:
		return nil
	}
	return &govuk.NotificationBanner{Type: "success", Text: text}
}
