package maturityweb

import (
	"fmt"
	"net/http"

	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/proof/coverage"
	"github.com/warder-project/warder/internal/proof/maturity"
)

// mostShown is how many names a list on the page has.
const mostShown = 200

// criterionView is the page of one criterion.
type criterionView struct {
	Back    govuk.BackLink
	Heading string
	Wording string
	Facts   govuk.SummaryList
	Figures []figureView
	Lists   []listView
}

type figureView struct {
	Heading  string
	Question string
	Gaps     []string
	Facts    govuk.SummaryList
	Members  []govuk.Table
}

type listView struct {
	Title string
	Items []string
}

func (p *Pages) criterion(w http.ResponseWriter, r *http.Request) error {
	assessment, err := p.deps.Assess(r.Context())
	if err != nil {
		return err
	}
	c, err := assessment.Find(r.PathValue("id"))
	if err != nil {
		return err
	}
	view := criterionView{Back: govuk.BackLink{Text: "Back to the levels", Href: Path}, Heading: c.ID + " " + c.Title, Wording: c.Wording, Facts: factsOf(c)}
	for _, f := range c.Figures {
		view.Figures = append(view.Figures, figureOf(f))
	}
	for _, list := range c.Lists {
		view.Lists = append(view.Lists, listView(list))
	}
	return p.templates.Render(w, r, web.Page{Name: "criterion.html", Title: view.Heading, Section: Path, View: view})
}

func row(key, text string) govuk.SummaryRow {
	return govuk.SummaryRow{Key: govuk.Words{Text: key}, Value: govuk.SummaryValue{Text: text}}
}

func factsOf(c *maturity.Criterion) govuk.SummaryList {
	list := govuk.SummaryList{Rows: []govuk.SummaryRow{{Key: govuk.Words{Text: "State"}, Value: govuk.SummaryValue{Tag: tagOf(c.State)}}, row("Answer", c.Sentence)}}
	for _, one := range []struct{ key, text string }{{"Next step", c.Next}, {"To be signed", c.Sign}, {"How Warder reads it", c.Reading}, {"Evidence", ageOf(c)}} {
		if one.text != "" {
			list.Rows = append(list.Rows, row(one.key, one.text))
		}
	}
	for _, source := range c.Sources {
		list.Rows = append(list.Rows, row(coverage.KindName(source.Kind), source.Name+" (SHA-256 "+shortSum(source.SHA256)+")"))
	}
	for _, kind := range c.Missing {
		list.Rows = append(list.Rows, row(coverage.KindName(kind), "Not given"))
	}
	return list
}

func figureOf(f coverage.Figure) figureView {
	view := figureView{Heading: fmt.Sprintf("%s of %s %s", govuk.Number(f.Yes), govuk.Number(f.Of), f.Unit), Question: f.Sentence,
		Facts: govuk.SummaryList{Rows: []govuk.SummaryRow{row("Yes", govuk.Number(f.Yes)), row("No", govuk.Number(f.No)), row("Not known", govuk.Number(f.NotKnown))}}}
	for _, e := range f.Excluded {
		view.Facts.Rows = append(view.Facts.Rows, row("Left out by the rule "+e.Rule, fmt.Sprintf("%s. %s", govuk.Number(e.Count), e.Sentence)))
	}
	for _, gap := range f.Why {
		view.Gaps = append(view.Gaps, gap.Sentence)
	}
	view.Members = membersOf(f)
	return view
}

// membersOf are the lists behind a figure.
func membersOf(f coverage.Figure) []govuk.Table {
	titles := [...]string{"Yes", "No", "Not known", "Left out of the count"}
	totals := [...]int{f.Yes, f.No, f.NotKnown, f.Left()}
	var rows [len(titles)][][]govuk.Cell
	want := 0
	for _, total := range totals {
		want += min(total, mostShown)
	}
	f.Walk(func(u coverage.Unit) bool {
		at := 2
		switch {
		case u.Excluded != coverage.Counted:
			at = 3
		case u.Fact == coverage.Yes:
			at = 0
		case u.Fact == coverage.No:
			at = 1
		}
		if len(rows[at]) < mostShown {
			rows[at] = append(rows[at], []govuk.Cell{{Text: u.Name}, {Text: u.In}, {Text: u.Why}})
			want--
		}
		return want > 0
	})
	var tables []govuk.Table
	for i, title := range titles {
		if totals[i] == 0 {
			continue
		}
		caption := fmt.Sprintf("%s: %s", title, govuk.Number(totals[i]))
		if totals[i] > mostShown {
			caption += fmt.Sprintf(" (the first %d are shown; warder assess --explain lists all)", mostShown)
		}
		tables = append(tables, govuk.Table{Caption: caption, CaptionClasses: "govuk-table__caption--s", FirstCellIsHeader: true,
			Head: []govuk.Cell{{Text: "Name"}, {Text: "In"}, {Text: "Why"}}, Rows: rows[i]})
	}
	return tables
}
