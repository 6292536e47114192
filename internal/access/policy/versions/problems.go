package versions

import "github.com/warder-project/warder/internal/base/problem"

// The problems of this room.
var (
	VersionTaken = problem.Define(problem.Conflict, "policy.version_taken",
		"Another policy text is kept under this version already.",
		"Give the text a version of its own, in its line “version:”, and try again.")
	NonePublished = problem.Define(problem.NotFound, "policy.none_published",
		"No policy has been published yet, so nobody may use any service.",
		"Publish one: warder policy publish FILE.")
	NotFound = problem.Define(problem.NotFound, "policy.no_such_version",
		"There is no policy version of this number.",
		"List them: warder policy versions, or the page Policy.")
	NotInThisState = problem.Define(problem.Conflict, "policy.not_in_this_state",
		"A version in this state cannot be changed like this.",
		"Look at its state. A draft is edited; report-only goes back to draft first; the one in force is only ever replaced by another; what is retired is saved again under a new version.")
	ChangedMeanwhile = problem.Define(problem.Conflict, "policy.changed_meanwhile",
		"Somebody else has changed this version since you looked at it. Nothing of yours has been done.",
		"Look at what they changed, then decide again.")
	ReplacedMeanwhile = problem.Define(problem.Conflict, "policy.replaced_meanwhile",
		"Another policy has been put in force since you compared yours with it. Nothing has been changed.",
		"Compare yours with the one that is in force now, then decide again.")
	TooManyOnTrial = problem.Define(problem.Conflict, "policy.report_only_full",
		"Three versions are in report-only already. Each is asked for every decision.",
		"Take one back to draft, or retire it, first.")
	Unforeseen = problem.Define(problem.Conflict, "policy.unforeseen",
		"This policy asks for more than the one in force, and nothing here can say whom it would lock out. It was not put in force.",
		"Run it in report-only until the server that makes the forecast can be asked.")
)

// Problems lists every problem of this room, for documents and tests.
func Problems() []problem.Definition {
	return []problem.Definition{VersionTaken, NonePublished, NotFound, NotInThisState,
		ChangedMeanwhile, ReplacedMeanwhile, TooManyOnTrial, Unforeseen}
}
