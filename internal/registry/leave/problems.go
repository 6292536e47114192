package leave

import "github.com/warder-project/warder/internal/base/problem"

// The problems of this room.
var (
	PeriodRefused = problem.Define(problem.Invalid, "leave.period_refused",
		"It is not clear of which days the leave calendar speaks.",
		"Give the first and the last day, at most two years apart.")
	AbsenceRefused = problem.Define(problem.Invalid, "leave.absence_refused",
		"An absence ends before it begins, or is nobody’s.",
		"Correct the file and import it again. Nothing has been changed.")
)

// Problems lists every problem of this room, for documents and tests.
func Problems() []problem.Definition { return []problem.Definition{PeriodRefused, AbsenceRefused} }
