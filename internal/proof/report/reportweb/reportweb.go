// Package reportweb prints an assessment as one HTML file that can be mailed
// and opened years later: no script, nothing loaded from elsewhere, the style
// inside. Every figure opens to the list behind it.
package reportweb

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"path"

	"github.com/warder-project/warder/internal/proof/coverage"
	"github.com/warder-project/warder/internal/proof/maturity"
)

//go:embed assessment.html
var files embed.FS

type assessmentView struct {
	Level      int
	LevelName  string
	AsOf       string
	Snapshot   string
	HeldBy     []criterionView
	ToSign     []criterionView
	Headline   []figureView
	Levels     []levelView
	Sources    []sourceView
	Gaps       []coverage.Gap
	Findings   []findingView
	Thresholds maturity.Thresholds
}

type levelView struct {
	Level    int
	Name     string
	Criteria []criterionView
}

type criterionView struct {
	ID, Title, State, Class, Counts string
	Wording, Reading, Answer        string
	Next, Sign, Age                 string
	Figures                         []figureView
	Lists                           []maturity.List
	Missing                         []string
}

type figureView struct {
	Unit, Question  string
	Yes, Of         int
	No, NotKnown    int
	Share           string
	YesWidth        string // per mille of the bar, as SVG units
	NoAt, NoWidth   string
	Complete        bool
	Gaps            []coverage.Gap
	Excluded        []coverage.Exclusion
	Lists           []memberList
	Departments     []coverage.Group
	ShowDepartments bool
}

type memberList struct {
	Title string
	Total int
	Shown []coverage.Unit
	Cut   int // how many are not shown
}

type sourceView struct{ Kind, Name, SHA256, When, Note string }

type findingView struct {
	Count    int
	Sentence string
	Examples []string
}

// HTML writes the file. limit is how many names a list shows at most.
func HTML(w io.Writer, a *maturity.Assessment, limit int) error {
	page, err := template.ParseFS(files, "assessment.html")
	if err != nil {
		return fmt.Errorf("parse the report page: %w", err)
	}
	return page.Execute(w, viewOf(a, limit))
}

func viewOf(a *maturity.Assessment, limit int) assessmentView {
	view := assessmentView{Level: a.Level, LevelName: a.LevelName, AsOf: a.AsOf.UTC().Format("2 January 2006"),
		Snapshot: a.Facts.Snapshot, Gaps: a.Facts.Gaps, Thresholds: a.Thresholds,
		Headline: []figureView{figureOf(a.People, limit), figureOf(a.Services, limit)}}
	for level := 1; level <= 5; level++ {
		view.Levels = append(view.Levels, levelView{Level: level, Name: maturity.LevelName(level)})
	}
	for i := range a.Criteria {
		c := &a.Criteria[i]
		at := &view.Levels[c.Level-1]
		at.Criteria = append(at.Criteria, criterionOf(c, limit))
	}
	for _, id := range a.HeldBy {
		if c, err := a.Find(id); err == nil {
			view.HeldBy = append(view.HeldBy, criterionOf(c, 0))
		}
	}
	for _, id := range a.ToSign {
		if c, err := a.Find(id); err == nil {
			view.ToSign = append(view.ToSign, criterionOf(c, 0))
		}
	}
	for _, s := range a.Facts.Sources {
		when := "date not known"
		if !s.GeneratedAt.IsZero() {
			when = fmt.Sprintf("%s (%s), %d days old", s.GeneratedAt.Format("2 January 2006"), s.Basis, s.AgeDays)
		}
		view.Sources = append(view.Sources, sourceView{coverage.KindName(s.Kind), path.Base(s.Name), s.SHA256, when, s.Note})
	}
	for _, f := range a.Facts.Findings {
		view.Findings = append(view.Findings, findingView{f.Count, f.Sentence, f.Examples})
	}
	return view
}

func criterionOf(c *maturity.Criterion, limit int) criterionView {
	view := criterionView{ID: c.ID, Title: c.Title, State: string(c.State), Wording: c.Wording, Reading: c.Reading,
		Answer: c.Sentence, Next: c.Next, Sign: c.Sign, Lists: c.Lists, Missing: c.Missing}
	switch c.State {
	case maturity.Met:
		view.Class = "met"
	case maturity.NotMet:
		view.Class = "notmet"
	case maturity.NeedsHuman:
		view.Class = "human"
	case maturity.NotKnown:
		view.Class = "notknown"
	}
	switch c.Role {
	case maturity.Gate:
		view.Counts = "Counts for the level."
	case maturity.Proportion:
		view.Counts = "Says whether a level is enough for you; never holds a higher one back."
	case maturity.Advice:
		view.Counts = "Advice; does not count."
	}
	if c.AgeDays >= 0 {
		view.Age = fmt.Sprintf("Evidence up to %d days old.", c.AgeDays)
	}
	for _, f := range c.Figures {
		view.Figures = append(view.Figures, figureOf(f, limit))
	}
	return view
}

func figureOf(f coverage.Figure, limit int) figureView {
	view := figureView{Unit: f.Unit, Question: f.Sentence, Yes: f.Yes, No: f.No, NotKnown: f.NotKnown, Of: f.Of,
		Complete: f.Complete, Gaps: f.Why, Excluded: f.Excluded, Share: "nobody to count"}
	if f.Of > 0 {
		view.Share = fmt.Sprintf("%.1f%%", 100*float64(f.Yes)/float64(f.Of))
		yes, no := 600*f.Yes/f.Of, 600*f.No/f.Of
		view.YesWidth, view.NoAt, view.NoWidth = fmt.Sprint(yes), fmt.Sprint(yes), fmt.Sprint(no)
	}
	if f.Unit == "people" && len(f.Groups) <= 60 {
		view.Departments, view.ShowDepartments = f.Groups, len(f.Groups) > 0
	}
	if limit > 0 {
		view.Lists = listsOf(f, limit)
	}
	return view
}

func listsOf(f coverage.Figure, limit int) []memberList {
	lists := []memberList{{Title: "Yes", Total: f.Yes}, {Title: "No", Total: f.No},
		{Title: "Not known", Total: f.NotKnown}, {Title: "Left out of the count", Total: f.Left()}}
	want := 0 // how many will be shown; then the walk can end
	for i := range lists {
		lists[i].Cut = max(lists[i].Total-limit, 0)
		want += lists[i].Total - lists[i].Cut
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
		if len(lists[at].Shown) < limit {
			lists[at].Shown = append(lists[at].Shown, u)
			want--
		}
		return want > 0
	})
	return lists
}
