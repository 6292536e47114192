package gate

import "github.com/warder-project/warder/internal/base/problem"

// The problems of this room.
var (
	Missing = problem.Define(problem.Conflict, "forecast.missing",
		"Nobody has looked yet whom this policy would lock out.",
		"Make a forecast of this very text: warder policy forecast FILE, or its page under Policy.")
	Stale = problem.Define(problem.Conflict, "forecast.stale",
		"The forecast for this policy is more than a day old, and people and keys have changed since.",
		"Make it again: warder policy forecast FILE, or its page under Policy.")
	Blocked = problem.Define(problem.Conflict, "forecast.blocked",
		"This policy would lock people out.",
		"Read the forecast and put right what it stops at, then make it again. If it cannot wait, two administrators can go against it, on its page.")
	NotYours = problem.Define(problem.Forbidden, "forecast.not_yours",
		"Only an administrator can go against a forecast.",
		"Ask two administrators.")
	Yourself = problem.Define(problem.Forbidden, "forecast.yourself",
		"You have asked for this yourself, so somebody else must approve it.",
		"Ask another administrator to approve it.")
	NotFresh = problem.Define(problem.StepUp, "forecast.not_fresh",
		"To approve this you must have used your security key, with its PIN or your finger, in the last five minutes.",
		"Sign in again and approve it.")
	NoReason = problem.Define(problem.Invalid, "forecast.no_reason",
		"To go against a forecast, a reason is needed.",
		"Give one of 10 to 1,000 characters. It is kept in the audit record.")
	AskedAlready = problem.Define(problem.Conflict, "forecast.asked_already",
		"Somebody has asked for this already.",
		"Open the forecast: another administrator can approve it there.")
	Over = problem.Define(problem.Conflict, "forecast.override_over",
		"This was decided, used, or not decided in time.",
		"Open the forecast to see how it stands, and ask again if it is still needed.")
	NotFound = problem.Define(problem.NotFound, "forecast.override_not_found",
		"Nobody has asked for this.",
		"Open the forecast and look what was asked for.")
)

// Problems lists every problem of this room, for documents and tests.
func Problems() []problem.Definition {
	return []problem.Definition{Missing, Stale, Blocked, NotYours, Yourself, NotFresh, NoReason, AskedAlready, Over, NotFound}
}
