package versionsweb

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/policy/trials"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/access/rulebook/cases"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
)

// showView is one version.
type showView struct {
	Heading  string
	Banner   *govuk.NotificationBanner
	Back     govuk.BackLink
	Facts    govuk.SummaryList
	Buttons  []govuk.Button
	Compared string       // with what; "" for the one in force
	Changes  *govuk.Table // nil when nothing changes
	Tested   *govuk.Table // nil when there are no cases
	Trial    *trialView   // nil unless in report-only
	Text     string
	Tests    string
}

// trialView is what a version has shown in report-only.
type trialView struct {
	Sentence    string
	Services    *govuk.Table // nil when nothing came out differently
	Departments *govuk.Table
	Latest      *govuk.Table
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	version, err := p.versionOf(r)
	if err != nil {
		return err
	}
	view := showView{Heading: "Policy version " + version.Version, Banner: banner(r), Back: govuk.BackLink{Text: "Policy", Href: section},
		Text: version.Text, Tests: version.Tests}
	if view.Facts, err = p.facts(r.Context(), version); err != nil {
		return err
	}
	view.Buttons = foresight(version)
	if mayWrite(r) {
		view.Buttons = append(buttons(version), view.Buttons...)
	}
	if version.State != versions.Enforced {
		if view.Compared, view.Changes, err = p.compared(r.Context(), version); err != nil {
			return err
		}
	}
	results, err := version.Tested(p.deps.Now())
	if err != nil {
		return err
	}
	view.Tested = testTable(results)
	if version.State == versions.ReportOnly {
		if view.Trial, err = p.trial(r.Context(), version); err != nil {
			return err
		}
	}
	return p.templates.Render(w, r, web.Page{Name: "show.html", Title: view.Heading, Section: section, View: view})
}

func (p *Pages) facts(ctx context.Context, version versions.Version) (govuk.SummaryList, error) {
	saved, err := p.nameOf(ctx, version.SavedBy)
	if err != nil {
		return govuk.SummaryList{}, err
	}
	list := govuk.SummaryList{Rows: []govuk.SummaryRow{
		{Key: govuk.Words{Text: "State"}, Value: govuk.SummaryValue{Tag: stateTag(version.State)}},
		row("Since", govuk.DateTime(version.Since)), row("Number", strconv.FormatInt(version.Number, 10)),
		row("Text saved", govuk.DateTime(version.SavedAt)+" by "+saved+", from "+version.Name)}}
	if !version.PublishedAt.IsZero() {
		published, err := p.nameOf(ctx, version.PublishedBy)
		if err != nil {
			return govuk.SummaryList{}, err
		}
		list.Rows = append(list.Rows, row("Put in force", govuk.DateTime(version.PublishedAt)+" by "+published))
	}
	return list, nil
}

// foresight leads to what can be known of a version before it is in force.
func foresight(version versions.Version) []govuk.Button {
	if version.State != versions.Draft && version.State != versions.ReportOnly {
		return nil
	}
	number := strconv.FormatInt(version.Number, 10)
	return []govuk.Button{{Text: "Try it on the past", Href: section + "/replay?draft=" + number, Classes: govuk.Secondary},
		{Text: "Whom it would lock out", Href: section + "/forecast?version=" + number, Classes: govuk.Secondary}}
}

// buttons lead to what may be done with the version.
func buttons(version versions.Version) []govuk.Button {
	to := func(text, where, classes string) govuk.Button {
		return govuk.Button{Text: text, Href: Path(version.Number) + "/" + where, Classes: classes}
	}
	switch version.State {
	case versions.Draft:
		return []govuk.Button{to("Edit", "edit", ""), to("Try in report-only", reportOnly, govuk.Secondary), to("Put in force", enforce, govuk.Secondary), to("Retire", retire, govuk.Warning)}
	case versions.ReportOnly:
		return []govuk.Button{to("Put in force", enforce, ""), to("Back to draft", draft, govuk.Secondary), to("Retire", retire, govuk.Warning)}
	case versions.Enforced, versions.Retired:
	}
	return nil
}

// compared is how a version differs from the one in force.
func (p *Pages) compared(ctx context.Context, version versions.Version) (string, *govuk.Table, error) {
	next, err := version.Parsed()
	if err != nil {
		return "", nil, err
	}
	current, before, err := p.deps.Policies.Current(ctx)
	with := "version " + current.Version + ", which is in force"
	if problem.Is(err, versions.NonePublished) {
		with, before, err = "no policy: none is in force, and every service is shut", &policy.Policy{}, nil
	}
	if err != nil {
		return "", nil, err
	}
	changes := versions.Changes(before, next)
	if len(changes) == 0 {
		return with, nil, nil
	}
	table := &govuk.Table{Caption: "What would change", CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Rule"}, {Text: "For whom"}, {Text: "What changes"}, {Text: "It becomes"}}}
	for _, change := range changes {
		table.Rows = append(table.Rows, []govuk.Cell{{Text: change.About}, {Text: change.Whom}, {Text: strings.Join(change.What, " ")}, {Tag: directionTag(change.Direction)}})
	}
	return with, table, nil
}

func directionTag(direction versions.Direction) *govuk.Tag {
	tag := &govuk.Tag{Text: direction.Words(), Classes: govuk.Grey}
	switch direction {
	case versions.Tighter:
		tag.Classes = govuk.Blue
	case versions.Looser:
		tag.Classes = govuk.Orange
	case versions.Both:
		tag.Classes = govuk.Yellow
	case versions.Neither:
	}
	return tag
}

func testTable(results []cases.Result) *govuk.Table {
	if len(results) == 0 {
		return nil
	}
	table := &govuk.Table{Caption: "Test cases beside it", CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Case"}, {Text: "Line"}, {Text: "Result"}, {Text: "Expected and found"}}}
	for _, result := range results {
		tag := &govuk.Tag{Text: "Holds", Classes: govuk.Green}
		if !result.Passed() {
			tag = &govuk.Tag{Text: "Does not hold", Classes: govuk.Red}
		}
		table.Rows = append(table.Rows, []govuk.Cell{{Text: result.Case.Name}, {Text: strconv.Itoa(result.Case.Line)}, {Tag: tag}, {Text: strings.Join(result.Faults, "; ")}})
	}
	return table
}

// trial is what the version would have done, by service and department, and to which
// decisions lately.
func (p *Pages) trial(ctx context.Context, version versions.Version) (*trialView, error) {
	report, err := p.deps.Trials.Report(ctx, version.Number, version.Since)
	if err != nil {
		return nil, err
	}
	view := &trialView{Sentence: "It was asked about " + govuk.Number(int(report.Judged)) + " decisions. It would have met " + report.Total.String() + "."}
	if len(report.Services) == 0 {
		return view, nil
	}
	all, err := p.deps.Services.List(ctx)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, service := range all {
		names[string(service.ID)] = service.Name
	}
	view.Services = countTable("By service", "Service", report.Services, func(id string) string { return names[id] })
	view.Departments = countTable("By department", "Department", report.Departments, func(name string) string { return name })
	view.Latest, err = p.latest(ctx, version, names)
	return view, err
}

func countTable(caption, about string, rows []trials.Row, called func(string) string) *govuk.Table {
	head := func(text string) govuk.Cell { return govuk.Cell{Text: text, Format: "numeric"} }
	table := &govuk.Table{Caption: caption, CaptionClasses: "govuk-table__caption--s", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: about}, head("People asked or refused"), head("Asked to sign in again"), head("Refused"), head("Let in with less")}}
	for _, one := range rows {
		name := called(one.Name)
		if name == "" {
			name = "Not known"
		}
		table.Rows = append(table.Rows, []govuk.Cell{{Text: name}, number(one.Count.People), number(one.Count.SteppedUp), number(one.Count.Stopped), number(one.Count.Eased)})
	}
	return table
}

func (p *Pages) latest(ctx context.Context, version versions.Version, names map[string]string) (*govuk.Table, error) {
	found, err := p.deps.Trials.Latest(ctx, version.Number, version.Since)
	if err != nil {
		return nil, err
	}
	table := &govuk.Table{Caption: "Latest decisions that would have come out differently", CaptionClasses: "govuk-table__caption--s",
		Head: []govuk.Cell{{Text: "When"}, {Text: "Person"}, {Text: "Service"}, {Text: "Was"}, {Text: "Would have been"}, {Text: "Because"}}}
	for _, one := range found {
		person, err := p.nameOf(ctx, "person "+string(one.Person))
		if err != nil {
			return nil, err
		}
		because := ""
		if len(one.Reasons) > 0 {
			because = strings.TrimSuffix(string(one.Reasons[0].Code)+", rule "+one.Reasons[0].Rule, ", rule ")
		}
		table.Rows = append(table.Rows, []govuk.Cell{{Text: govuk.DateTime(one.At), Href: "/admin/decisions/" + string(one.Decision)}, {Text: person},
			{Text: names[string(one.Service)]}, {Text: one.Was.Words()}, {Text: one.Effect.Words()}, {Text: because}})
	}
	return table, nil
}

func banner(r *http.Request) *govuk.NotificationBanner {
	words := map[string]string{
		"saved":    "The draft is saved. It decides nothing yet.",
		reportOnly: "It is in report-only: what it would have said is counted from now on, and decides nothing.",
		draft:      "It is a draft again.",
		enforce:    "It is in force. The next request is decided by it.",
		retire:     "It is retired.",
	}
	if text := words[r.URL.Query().Get("done")]; text != "" {
		return &govuk.NotificationBanner{Type: "success", Text: text}
	}
	return nil
}
