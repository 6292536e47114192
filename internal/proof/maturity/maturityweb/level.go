package maturityweb

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/chart"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/proof/coverage"
	"github.com/warder-project/warder/internal/proof/evidence"
	"github.com/warder-project/warder/internal/proof/maturity"
)

// levelView is the page of the level.
type levelView struct {
	Heading  string
	AsOf     string
	Snapshot string
	HeldBy   []heldView
	ToSign   []signView
	Chart    chart.View
	HasChart bool
	Levels   []govuk.Table
	Findings []govuk.Details
	Gaps     []string
	Evidence govuk.Table
	Nothing  bool // no evidence at all
	Add      *govuk.Button
}

type heldView struct{ Name, Path, State, Sentence, Next string }

type signView struct{ Name, Path, Sign string }

func (p *Pages) level(w http.ResponseWriter, r *http.Request) error {
	assessment, err := p.deps.Assess(r.Context())
	if err != nil {
		return err
	}
	items, err := p.deps.Evidence(r.Context())
	if err != nil {
		return err
	}
	heading := fmt.Sprintf("Level %d: %s", assessment.Level, assessment.LevelName)
	if assessment.Level == 0 {
		heading = assessment.LevelName
	}
	view := levelView{Heading: heading, AsOf: govuk.Date(assessment.AsOf), Snapshot: assessment.Facts.Snapshot,
		Nothing: len(items) == 0, Evidence: evidenceTable(assessment.Facts.Sources, items)}
	for level := 1; level <= 5 && !view.Nothing; level++ {
		view.Levels = append(view.Levels, levelTable(assessment, level))
	}
	for _, id := range heldBy(assessment, view.Nothing) {
		if c, err := assessment.Find(id); err == nil {
			view.HeldBy = append(view.HeldBy, heldView{c.ID + " " + c.Title, pathOf(c.ID), strings.ToLower(stateName(c.State)), c.Sentence, c.Next})
		}
	}
	for _, id := range assessment.ToSign {
		if c, err := assessment.Find(id); err == nil {
			view.ToSign = append(view.ToSign, signView{c.ID + " " + c.Title, pathOf(c.ID), c.Sign})
		}
	}
	for _, f := range assessment.Facts.Findings {
		view.Findings = append(view.Findings, findingView(f))
	}
	for _, gap := range assessment.Facts.Gaps {
		view.Gaps = append(view.Gaps, gap.Sentence)
	}
	if view.Chart, view.HasChart, err = coverageChart(assessment.People, assessment.Services); err != nil {
		return err
	}
	if viewer := web.ViewerOf(r); viewer.May != nil && viewer.May(EvidenceWrite) {
		view.Add = &govuk.Button{Text: "Add evidence", Href: Path + "/evidence/add"}
	}
	return p.templates.Render(w, r, web.Page{Name: "level.html", Title: heading, Section: Path, View: view})
}

// heldBy is what holds the next level back. Without any evidence that is everything,
// and saying so helps nobody.
func heldBy(assessment *maturity.Assessment, nothing bool) []string {
	if nothing {
		return nil
	}
	return assessment.HeldBy
}

// coverageChart shows the two headline figures and the departments, at most
// twelve, the one with most left to do first.
func coverageChart(people, services coverage.Figure) (chart.View, bool, error) {
	c := chart.Chart{ID: "coverage", Title: "Who is required to use a second factor", Kind: chart.Bars, Unit: "%", Max: 100, LabelsName: "Who",
		Description: "Share of services, of all people and of each department for which policy demands a second factor at every sign-in.",
		Series:      []chart.Series{{Name: "Required"}}}
	add := func(label string, yes, of int) {
		if of > 0 {
			c.Labels = append(c.Labels, label)
			c.Series[0].Values = append(c.Series[0].Values, float64(1000*yes/of)/10)
		}
	}
	add("Services", services.Yes, services.Of)
	add("Everybody", people.Yes, people.Of)
	for i, group := range people.Groups {
		name := group.Name
		if name == "" {
			name = "No department"
		}
		if i < 12 {
			add(name, group.Yes, group.Of)
		}
	}
	if len(c.Labels) == 0 {
		return chart.View{}, false, nil
	}
	view, err := c.View()
	return view, err == nil, err
}

func levelTable(a *maturity.Assessment, level int) govuk.Table {
	table := govuk.Table{Caption: fmt.Sprintf("Level %d: %s", level, maturity.LevelName(level)), CaptionClasses: "govuk-table__caption--m",
		Head: []govuk.Cell{{Text: "Criterion"}, {Text: "State"}, {Text: "Answer"}, {Text: "Evidence"}}, FirstCellIsHeader: true}
	for i := range a.Criteria {
		c := &a.Criteria[i]
		if c.Level != level {
			continue
		}
		table.Rows = append(table.Rows, []govuk.Cell{{Text: c.ID + " " + c.Title, Href: pathOf(c.ID)}, {Tag: tagOf(c.State)}, {Text: c.Sentence}, {Text: ageOf(c)}})
	}
	return table
}

// stateName says a state at the beginning of a line.
func stateName(state maturity.State) string {
	switch state {
	case maturity.Met:
		return "Met"
	case maturity.NotMet:
		return "Not met"
	case maturity.NeedsHuman:
		return "Needs a human"
	case maturity.NotKnown:
	}
	return "Not known"
}

// shortSum is enough of a SHA-256 to find the original by.
func shortSum(sum string) string {
	if len(sum) <= 12 {
		return sum
	}
	return sum[:12] + "…"
}

func pathOf(id string) string { return Path + "/criterion/" + id }

func tagOf(state maturity.State) *govuk.Tag {
	tag := &govuk.Tag{Text: stateName(state)}
	switch state {
	case maturity.Met:
		tag.Classes = govuk.Green
	case maturity.NotMet:
		tag.Classes = govuk.Red
	case maturity.NeedsHuman:
		tag.Classes = govuk.Yellow
	case maturity.NotKnown:
		tag.Classes = govuk.Grey
	}
	return tag
}

func ageOf(c *maturity.Criterion) string {
	switch {
	case len(c.Evidence) == 0:
		return "None needed"
	case len(c.Sources) == 0:
		return "None yet"
	case c.AgeDays < 0:
		return "Age not known"
	case c.AgeDays == 0:
		return "Today’s"
	case c.AgeDays == 1:
		return "1 day old"
	}
	return fmt.Sprintf("%d days old", c.AgeDays)
}

func findingView(f coverage.Finding) govuk.Details {
	text := ""
	for i, example := range f.Examples {
		if i > 0 {
			text += ", "
		}
		text += example
	}
	if f.Count > len(f.Examples) {
		text += fmt.Sprintf(" and %d more", f.Count-len(f.Examples))
	}
	return govuk.Details{SummaryText: fmt.Sprintf("%s (%s)", strings.TrimSuffix(f.Sentence, "."), govuk.Number(f.Count)), Text: text}
}

func evidenceTable(sources []coverage.Source, items []evidence.Item) govuk.Table {
	table := govuk.Table{Caption: "Evidence", CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "File"}, {Text: "What it is"}, {Text: "Exported"}, {Text: "Brought in"}, {Text: "SHA-256"}}}
	bySum := map[string]coverage.Source{}
	for _, source := range sources {
		bySum[source.SHA256] = source
	}
	for _, item := range items {
		exported := "not known"
		if !item.GeneratedAt.IsZero() {
			exported = govuk.Date(item.GeneratedAt) + " (" + item.Basis + ")"
		}
		if source, used := bySum[item.SHA256]; used && source.Note != "" {
			exported += ". " + source.Note
		}
		table.Rows = append(table.Rows, []govuk.Cell{{Text: item.Name}, {Text: coverage.KindName(item.Kind)}, {Text: exported}, {Text: govuk.Date(item.RecordedAt)}, {Text: shortSum(item.SHA256)}})
	}
	return table
}
