package retirement

import "github.com/warder-project/warder/internal/base/problem"

// What can go wrong in this room.
var (
	NotOurs = problem.Define(problem.Invalid, "retirement.not_ours",
		"Warder does not keep this method, so it cannot take it away.",
		"Retire password, totp or recovery_code here. What you have seen in another system is taken away there.")
	NotFound = problem.Define(problem.NotFound, "retirement.not_found",
		"There is no such disabled method.",
		"Look at the list of what was disabled.")
	Over = problem.Define(problem.Conflict, "retirement.over",
		"This cannot be undone any more.",
		"It was removed, given back, or replaced. The person can set the method up again if the policy accepts it.")
	SameHand = problem.Define(problem.Forbidden, "retirement.same_hand",
		"Whoever disabled a method, or whose it is, cannot be the one who gives it back.",
		"Ask another administrator to undo it.")
	NoReason = problem.Define(problem.Invalid, "retirement.no_reason",
		"It must be on record why a weak method is given back.",
		"Say why, in up to 500 characters.")
	DaysRefused = problem.Define(problem.Invalid, "retirement.days_refused",
		"A method stays disabled for 1 to 90 days before it is removed.",
		"Give a number of days from 1 to 90.")
)

// Problems lists every problem of this room.
func Problems() []problem.Definition {
	return []problem.Definition{NotOurs, NotFound, Over, SameHand, NoReason, DaysRefused}
}
