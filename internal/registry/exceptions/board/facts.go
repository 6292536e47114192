package board

import (
	"strconv"

	"github.com/warder-project/warder/internal/base/days"
)

// Fact is one line of the summary.
type Fact struct{ Name, Value string }

// Facts are the summary in words, for the page and for the command.
func (s Summary) Facts() []Fact {
	before := "not known a quarter ago"
	if !s.Before.Day.IsZero() {
		before = strconv.Itoa(s.Before.Debt) + " on " + days.Format(s.Before.Day)
	}
	return []Fact{
		{"In force", strconv.Itoa(s.InForce) + "; people they are for: " + strconv.Itoa(s.People)},
		{"Of them of a high risk", strconv.Itoa(s.High)},
		{"At services under the NHS policy", strconv.Itoa(s.Yearly)},
		{"Waiting for approval", strconv.Itoa(s.Proposed) + " new; renewals: " + strconv.Itoa(s.Asked)},
		{"End within 30 days", strconv.Itoa(s.Soon)},
		{"Over within the last 30 days", strconv.Itoa(len(s.Over))},
		{"Behind the plan to do without them", strconv.Itoa(s.Slipped)},
		{"Reviews overdue", strconv.Itoa(s.Overdue) + "; missed within a quarter: " + strconv.Itoa(s.Missed)},
		{"With a control that fails or was never tested", strconv.Itoa(s.Untested)},
		{"Renewed more than twice", strconv.Itoa(len(s.Often))},
		{"Debt (people × days left × risk)", strconv.Itoa(s.Debt) + "; " + before},
	}
}
