package replayweb

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/warder-project/warder/internal/access/decision/replay"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
)

// reportView is the form, and what came of it.
type reportView struct {
	Back   govuk.BackLink
	None   bool // there is no version to try
	Draft  govuk.Select
	Days   govuk.Select
	Try    govuk.Button
	Report *resultView // nil before anything was tried
}

// resultView is the report.
type resultView struct {
	Title   string
	Answer  string // in one sentence
	Partial string // how to get the rest, when this is not all
	Numbers govuk.SummaryList
	Tables  []govuk.Table
}

func (p *Pages) report(w http.ResponseWriter, r *http.Request) error {
	asked := trialOf(r.URL.Query())
	all, err := p.deps.Policies.List(r.Context())
	if err != nil {
		return err
	}
	view := reportView{Back: govuk.BackLink{Text: "Policy", Href: policyPath}, None: len(all) == 0, Draft: draftChoice(all, asked.number), Days: dayChoice(asked.days),
		Try: govuk.Button{Text: "Try it", Classes: govuk.Secondary}}
	if asked.number != 0 {
		if view.Report, err = p.result(r, asked); err != nil {
			return err
		}
	}
	return p.templates.Render(w, r, web.Page{Name: "report.html", Title: "Try a policy on the past", Section: policyPath, View: view})
}

func draftChoice(all []versions.Version, chosen int64) govuk.Select {
	choice := govuk.Select{Name: "draft", Label: govuk.Label{Text: "Version"}, Value: strconv.FormatInt(chosen, 10)}
	for _, version := range all {
		choice.Items = append(choice.Items, govuk.SelectItem{Value: strconv.FormatInt(version.Number, 10), Text: version.Version + " (" + version.State.Words() + ")"})
	}
	return choice
}

func dayChoice(chosen int) govuk.Select {
	choice := govuk.Select{Name: "days", Label: govuk.Label{Text: "Tried on"}, Value: strconv.Itoa(chosen)}
	for _, one := range periods() {
		choice.Items = append(choice.Items, govuk.SelectItem{Value: strconv.Itoa(one.days), Text: one.text})
	}
	return choice
}

func (p *Pages) result(r *http.Request, asked trial) (*resultView, error) {
	version, draft, err := p.draft(r.Context(), asked.number)
	if err != nil {
		return nil, err
	}
	report, err := p.deps.Player.Report(r.Context(), draft, p.span(asked), replay.Limits{Most: p.deps.Most})
	if err != nil {
		return nil, err
	}
	view := &resultView{Title: "Had version " + version.Version + " been in force", Answer: answer(&report), Numbers: numbers(&report, asked)}
	if !report.Whole {
		view.Partial = "There are more decisions than a page can wait for. These are the latest " + strconv.FormatInt(report.Total.All(), 10) + ", back to " + govuk.DateTime(report.Reached) +
			". For all of them, run on the server: warder policy replay --draft " + strconv.FormatInt(version.Number, 10)
	}
	if report.Total.Different() == 0 {
		return view, nil
	}
	for _, one := range []struct {
		caption, field string
		lines          []replay.Line
	}{
		{"By service", "service", report.Services}, {"By department", "department", report.Departments},
		{"Because of the rules", "rule", report.Rules}, {"Decided under version", "", report.Versions},
	} {
		view.Tables = append(view.Tables, lineTable(one.caption, one.lines, asked, one.field, nil))
	}
	persons, err := p.named(r, report.Persons)
	if err != nil {
		return nil, err
	}
	caption := "By person"
	if report.People > len(report.Persons) {
		caption = "By person, those with the most of " + strconv.Itoa(report.People)
	}
	view.Tables = append(view.Tables, lineTable(caption, report.Persons, asked, "person", persons))
	return view, nil
}

// answer is what an administrator wants to know first.
func answer(report *replay.Report) string {
	judged, different := report.Total.Judged(), report.Total.Different()
	switch {
	case judged == 0:
		return "There are no decisions of this time that could be made again, so nothing can be said."
	case different == 0:
		return "Nothing would have been decided otherwise, in " + counted(judged, "decision") + "."
	}
	return counted(different, "decision") + " of " + strconv.FormatInt(judged, 10) + " would have been decided otherwise, for " + counted(int64(report.People), "person") + "."
}

func counted(count int64, what string) string {
	switch {
	case count == 1:
		return "1 " + what
	case what == "person":
		return strconv.FormatInt(count, 10) + " people"
	}
	return strconv.FormatInt(count, 10) + " " + what + "s"
}

func numbers(report *replay.Report, asked trial) govuk.SummaryList {
	var list govuk.SummaryList
	row := func(key string, count int64, href string) {
		list.Rows = append(list.Rows, govuk.SummaryRow{Key: govuk.Words{Text: key}, Value: govuk.SummaryValue{Text: strconv.FormatInt(count, 10), Href: href}})
	}
	for _, kind := range replay.Kinds() {
		count, href := report.Total.Of(kind), ""
		if count > 0 {
			href = singles(asked, "kind", kind.String())
		}
		row(inTable(kind), count, href)
	}
	row("As it was", report.Total.Of(replay.Same), "")
	for _, kind := range []replay.Kind{replay.Elsewhere, replay.Unjudged} {
		if count := report.Total.Of(kind); count > 0 {
			row(inTable(kind), count, "")
		}
	}
	return list
}

// inTable is a kind at the beginning of a line.
func inTable(kind replay.Kind) string {
	switch kind {
	case replay.Stopped:
		return "Would be stopped"
	case replay.Asked:
		return "Would be asked to sign in, and was let in"
	case replay.LetIn:
		return "Would be let in, and was not"
	case replay.Offered:
		return "Would be asked to sign in, and was refused"
	case replay.Same:
		return "As it was"
	case replay.Elsewhere:
		return "Refused before any policy is asked"
	case replay.Unjudged:
	}
	return "Cannot be told: the facts were not kept"
}

func lineTable(caption string, lines []replay.Line, asked trial, field string, names map[string]string) govuk.Table {
	table := govuk.Table{Caption: caption, CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Name"}, {Text: "Stopped", Format: "numeric"}, {Text: "Asked", Format: "numeric"}, {Text: "Let in", Format: "numeric"}, {Text: "Asked, not refused", Format: "numeric"}}}
	for _, line := range lines {
		if line.Counts.Different() == 0 {
			continue
		}
		first := govuk.Cell{Text: line.Named()}
		if name, known := names[line.Name]; known {
			first.Text = name
		}
		if field != "" && line.Name != "" {
			first.Href = singles(asked, field, line.Name)
		}
		row := []govuk.Cell{first}
		for _, kind := range []replay.Kind{replay.Stopped, replay.Asked, replay.LetIn, replay.Offered} {
			row = append(row, govuk.Cell{Text: strconv.FormatInt(line.Counts.Of(kind), 10), Format: "numeric"})
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

// singles is the address of the decisions behind a number.
func singles(asked trial, field, value string) string {
	query := asked.query()
	query.Set(field, value)
	return (&url.URL{Path: singlesPath, RawQuery: query.Encode()}).String()
}

func (p *Pages) named(r *http.Request, lines []replay.Line) (map[string]string, error) {
	names := map[string]string{}
	for _, line := range lines {
		name, err := p.personName(r.Context(), ids.Person(line.Name))
		if err != nil {
			return nil, err
		}
		names[line.Name] = name
	}
	return names, nil
}
