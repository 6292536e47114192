package methods

import "github.com/warder-project/warder/internal/base/problem"

// What can go wrong in this room.
var (
	LastStrong = problem.Define(problem.Conflict, "method.last_strong",
		"This is the only key with which you can sign in, so you cannot remove it yourself.",
		"Register another key first. If this one is lost, report it lost. For anything else, ask the service desk.")
	LastAdministrator = problem.Define(problem.Conflict, "method.last_administrator",
		"You are the last administrator who can sign in, and this would leave you with a single key. If you lost that one, nobody could administer Warder.",
		"Register another key first, or make somebody else an administrator. If this key is lost, report it lost: that always works.")
	NothingToRemove = problem.Define(problem.Conflict, "method.nothing_to_remove",
		"Nobody can sign in with this key as it is, so there is nothing to remove.",
		"Look at your keys to see the state of this one. Hand a key in that you do not need.")
	FindingMissing = problem.Define(problem.Invalid, "method.finding_missing",
		"It is not said what was found.",
		"Write in a sentence what the key, its holder and the devices showed. At most 200 letters.")
	NotFresh = problem.Define(problem.StepUp, "method.not_fresh",
		"Removing a key needs you to have used a key a moment ago.",
		"Use your key again, then remove the other one.")
)

// Problems lists every problem of this room, for documents and tests.
func Problems() []problem.Definition {
	return []problem.Definition{LastStrong, LastAdministrator, NothingToRemove, FindingMissing, NotFresh}
}
