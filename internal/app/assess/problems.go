package assess

import "github.com/warder-project/warder/internal/base/problem"

var (
	problemNoDate = problem.Define(problem.Invalid, "assess.no_date",
		"An assessment is for a day, and none was given.",
		"Give the day as --as-of 2026-11-23.")
	problemNoCloud = problem.Define(problem.Invalid, "assess.no_cloud",
		"Only the clouds aws and entra can be declared as not used.",
		"Use --not-used aws or --not-used entra.")
	problemNoExport = problem.Define(problem.Invalid, "assess.no_export",
		"This file is none of the exports Warder reads, so it was not kept.",
		"Bring an AWS credential report, list of MFA devices or account summary, an Entra export of registration details, conditional access policies or the authentication methods policy, or a staff list in CSV.")
)

// Problems lists the problems of this room.
func Problems() []problem.Definition {
	return []problem.Definition{problemNoDate, problemNoCloud, problemNoExport}
}
