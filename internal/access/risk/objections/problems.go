package objections

import "github.com/warder-project/warder/internal/base/problem"

// The problems of this room.
var (
	NoSuchSight = problem.Define(problem.NotFound, "risk.no_such_sight",
		"There is nothing to say about this sign-in any more.",
		"Open your own page to see what is signed in as you.")
	Answered = problem.Define(problem.Conflict, "risk.answered",
		"You have said what this sign-in was.",
		"If that was wrong, tell the service desk.")
	NoSuchCase = problem.Define(problem.NotFound, "risk.no_such_case",
		"There is no such open case.",
		"Look at the list of cases for the right one.")
	FindingMissing = problem.Define(problem.Invalid, "risk.finding_missing",
		"Say what was found.",
		"Enter one line of at most 200 letters, without names of others.")
)

// Problems lists every problem of this room.
func Problems() []problem.Definition {
	return []problem.Definition{NoSuchSight, Answered, NoSuchCase, FindingMissing}
}
