package forecastweb

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/journey/forecast"
	"github.com/warder-project/warder/internal/journey/forecast/gate"
	"github.com/warder-project/warder/internal/registry/people"
)

// mostShown is how many people of one list the page shows; the command lists all.
const mostShown = 300

// showView is a forecast.
type showView struct {
	Heading  string
	None     bool // nothing is in force, and no version was asked about
	Basis    string
	Verdict  string
	Stops    bool
	Kept     string // whether it counts
	Number   string // of the version
	Used     string
	Make     *govuk.Button
	Summary  govuk.Table
	Lists    []listView
	Services *govuk.Table
	Load     string
	Override *overrideView
	Ask      *askView
	Pack     *govuk.Button // of the version in force
	Action   string
	Back     govuk.BackLink
}

// listView is what is behind one number.
type listView struct {
	ID      string
	Heading string
	Next    string
	More    string
	Table   *govuk.Table // nil for what is about nobody in particular
}

// askView is the form by which the first administrator asks.
type askView struct {
	Reason govuk.Textarea
	Do     govuk.Button
	Action string
}

// overrideView is what became of it.
type overrideView struct {
	Facts   govuk.SummaryList
	Approve *govuk.Button
	Refuse  *govuk.Button
	Action  string // of both, without the last word
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	question, err := asked(r)
	if err != nil {
		return err
	}
	made, draft, err := p.deps.Look(r.Context(), question)
	if problem.Is(err, versions.NonePublished) {
		view := showView{Heading: "Whom a policy would lock out", None: true, Back: govuk.BackLink{Text: "Policy", Href: section}}
		return p.templates.Render(w, r, web.Page{Name: "show.html", Title: view.Heading, Section: section, View: view})
	}
	if err != nil {
		return err
	}
	standing, err := p.deps.Gate.Standing(r.Context(), draft)
	if err != nil {
		return err
	}
	view := showView{Heading: "Whom version " + made.Version + " would lock out", Basis: made.Basis(), Summary: summary(made), Load: load(made.Load),
		Number: strconv.FormatInt(question.Version, 10), Action: Path, Back: govuk.BackLink{Text: "Policy", Href: section}}
	if question.Days > 0 {
		view.Used = strconv.Itoa(question.Days)
	}
	view.Verdict, view.Stops = verdict(made)
	view.Kept = p.counts(standing)
	view.Services = byService(made)
	for _, finding := range made.Findings {
		view.Lists = append(view.Lists, listOf(finding))
	}
	if mayDecide(r) && question.Version == 0 {
		view.Pack = &govuk.Button{Text: "Write the draft “Privileged first”", Classes: govuk.Secondary, PreventDoubleClick: true}
	}
	if mayDecide(r) {
		view.Make = &govuk.Button{Text: "Make the forecast now", PreventDoubleClick: true}
		if err := p.against(r, &view, standing); err != nil {
			return err
		}
	}
	return p.templates.Render(w, r, web.Page{Name: "show.html", Title: view.Heading, Section: section, View: view})
}

func mayDecide(r *http.Request) bool {
	may := web.ViewerOf(r).May
	return may != nil && may(web.RolesWrite)
}

func verdict(made *forecast.Forecast) (string, bool) {
	switch blockers := len(made.Blockers()); blockers {
	case 0:
		return "Nothing stops this version from being enforced.", false
	case 1:
		return "One finding stops this version from being enforced.", true
	default:
		return govuk.Number(blockers) + " findings stop this version from being enforced.", true
	}
}

// counts says whether a forecast that was made still counts.
func (p *Pages) counts(standing gate.Standing) string {
	kept := standing.Kept
	switch {
	case kept == nil:
		return "What you see is how it is now. Nobody has made the forecast yet, and without one the version is not enforced."
	case !kept.Good(standing.Now):
		return "The forecast that was made on " + govuk.DateTime(kept.MadeAt) + " is more than a day old and does not count any more."
	case kept.Blockers > 0:
		return "The forecast that was made on " + govuk.DateTime(kept.MadeAt) + " stops the version. Once you have put things right, make it again."
	}
	return "The forecast that was made on " + govuk.DateTime(kept.MadeAt) + " counts until " + govuk.DateTime(kept.MadeAt.Add(gate.Fresh)) + "."
}

// summary has every kind, also those of which there is none.
func summary(made *forecast.Forecast) govuk.Table {
	table := govuk.Table{Caption: "What was found", CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Finding"}, {Text: "People", Format: "numeric"}, {Text: "Effect"}}}
	for _, kind := range forecast.Kinds() {
		row := []govuk.Cell{{Text: kind.Title()}, {Text: "None", Format: "numeric"}, {Text: "–"}}
		if finding, found := made.Find(kind); found {
			row[0].Href = "#" + string(kind)
			row[1].Text = govuk.Number(len(finding.People))
			if len(finding.People) == 0 {
				row[1].Text = "Everybody"
			}
			row[2] = govuk.Cell{Tag: &govuk.Tag{Text: "Note", Classes: govuk.Grey}}
			if finding.Blocks {
				row[2] = govuk.Cell{Tag: &govuk.Tag{Text: "Stops it", Classes: govuk.Red}}
			}
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

func listOf(finding forecast.Finding) listView {
	view := listView{ID: string(finding.Kind), Heading: finding.Kind.Title(), Next: finding.Kind.Next()}
	if len(finding.People) == 0 {
		return view
	}
	shown := finding.People
	if len(shown) > mostShown {
		view.More = "And " + govuk.Number(len(shown)-mostShown) + " more: list them on the server with “warder policy forecast”."
		shown = shown[:mostShown]
	}
	view.Table = &govuk.Table{Caption: finding.Kind.Title(), CaptionClasses: "govuk-visually-hidden", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Person"}, {Text: "User name"}, {Text: "Department"}, {Text: "What is asked"}, {Text: "Besides"}}}
	for i := range shown {
		entry := &shown[i]
		var asks []string
		for _, at := range entry.At {
			asks = append(asks, at.String())
		}
		view.Table.Rows = append(view.Table.Rows, []govuk.Cell{{Text: entry.Name, Href: "/admin/people/" + string(entry.ID)}, {Text: entry.UserName},
			{Text: entry.Department}, {Text: strings.Join(asks, "; ")}, {Text: strings.Join(entry.Notes, " ")}})
	}
	return view
}

func byService(made *forecast.Forecast) *govuk.Table {
	if len(made.ByName) == 0 {
		return nil
	}
	table := &govuk.Table{Caption: "By service", CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Service"}, {Text: "Judged", Format: "numeric"}, {Text: "Locked out", Format: "numeric"}, {Text: "User names"}}}
	const mostNamed = 50
	for _, service := range made.ByName {
		names := service.Locked
		if len(names) > mostNamed {
			names = append(names[:mostNamed:mostNamed], "and "+govuk.Number(len(service.Locked)-mostNamed)+" more")
		}
		table.Rows = append(table.Rows, []govuk.Cell{{Text: service.Service}, {Text: govuk.Number(service.Judged), Format: "numeric"},
			{Text: govuk.Number(len(service.Locked)), Format: "numeric"}, {Text: strings.Join(names, ", ")}})
	}
	return table
}

func load(load forecast.Load) string {
	return "Expect about " + govuk.Number(load.Contacts) + ". " + load.Assumption
}

// against is how it stands with going against the forecast.
func (p *Pages) against(r *http.Request, view *showView, standing gate.Standing) error {
	kept, override := standing.Kept, standing.Override
	if override != nil {
		shown, err := p.overrideOf(r, *override, standing.Now)
		if err != nil {
			return err
		}
		view.Override = &shown
	}
	waiting := override != nil && (override.Open(standing.Now) || override.Usable(standing.Now))
	if kept == nil || !kept.Good(standing.Now) || kept.Blockers == 0 || waiting {
		return nil
	}
	view.Ask = &askView{Action: Path + "/against", Do: govuk.Button{Text: "Ask another administrator", Classes: govuk.Warning, PreventDoubleClick: true},
		Reason: govuk.Textarea{Name: "reason", ID: "reason", Label: govuk.Label{Text: "Why can it not wait?"}, Hint: govuk.Hint{Text: "10 to 1,000 characters. It is kept in the audit record."}}}
	return nil
}

func (p *Pages) overrideOf(r *http.Request, override gate.Override, now time.Time) (overrideView, error) {
	first, err := p.name(r, override.AskedBy)
	if err != nil {
		return overrideView{}, err
	}
	view := overrideView{Action: Path + "/against/" + string(override.ID), Facts: govuk.SummaryList{Rows: []govuk.SummaryRow{
		row("Asked by", first+", "+govuk.DateTime(override.AskedAt)), row("Reason", override.Reason), row("State", stateOf(override, now)), row("Until", govuk.DateTime(override.Until))}}}
	if override.DecidedBy != "" {
		second, err := p.name(r, override.DecidedBy)
		if err != nil {
			return overrideView{}, err
		}
		view.Facts.Rows = append(view.Facts.Rows, row("Decided by", second+", "+govuk.DateTime(override.DecidedAt)))
	}
	if override.Open(now) && override.AskedBy != web.ViewerOf(r).Person {
		view.Approve = &govuk.Button{Text: "Approve, with my key just touched", Classes: govuk.Warning, PreventDoubleClick: true}
	}
	if override.Open(now) || override.Usable(now) {
		view.Refuse = &govuk.Button{Text: "Refuse it", Classes: govuk.Secondary, PreventDoubleClick: true}
	}
	return view, nil
}

func stateOf(override gate.Override, now time.Time) string {
	switch {
	case override.Open(now):
		return "Waits for another administrator"
	case override.Usable(now):
		return "Approved: the version can be enforced once"
	case override.State == gate.Used:
		return "Used on " + govuk.DateTime(override.UsedAt)
	case override.State == gate.Refused:
		return "Refused"
	}
	return "Over: it was not decided or used in time"
}

func row(name, text string) govuk.SummaryRow {
	return govuk.SummaryRow{Key: govuk.Words{Text: name}, Value: govuk.SummaryValue{Text: text}}
}

func (p *Pages) name(r *http.Request, id ids.Person) (string, error) {
	person, err := p.deps.People.Get(r.Context(), id)
	if problem.Is(err, people.NotFound) {
		return "Somebody who is not in the directory", nil
	}
	return person.Name, err
}
