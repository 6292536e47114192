package boardweb

import (
	"github.com/warder-project/warder/internal/base/web/chart"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/exceptions/board"
)

// courseOf draws the burn-down: what was owed, week by week, and what the ends as they
// are today will leave of it.
func courseOf(summary board.Summary) (*chart.View, error) {
	was := chart.Series{Name: "What there was"}
	plan := chart.Series{Name: "As planned"}
	drawn := chart.Chart{ID: "burn-down", Title: "Exception debt", Kind: chart.Lines, LabelsName: "Week of",
		Description: "The debt of all exceptions, which is people times days left times risk, " + govuk.Number(summary.Debt) + " today."}
	for i, point := range summary.Course {
		known, planned := chart.Unknown(), chart.Unknown()
		if point.Known && !point.Planned {
			known = float64(point.Debt)
		}
		// Today is the end of the one line and the beginning of the other.
		if point.Planned || i+1 < len(summary.Course) && summary.Course[i+1].Planned {
			planned = float64(point.Debt)
		}
		drawn.Labels = append(drawn.Labels, point.Day.Format("2 Jan"))
		was.Values, plan.Values = append(was.Values, known), append(plan.Values, planned)
	}
	drawn.Series = []chart.Series{was, plan}
	view, err := drawn.View()
	return &view, err
}
