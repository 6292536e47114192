package audit

import "github.com/warder-project/warder/internal/base/problem"

// The problems this room can answer with.
var (
	NoAction = problem.Define(problem.Internal, "audit.no_action",
		"An entry of the audit record does not say what was done.",
		"This is a fault in Warder. Please report it with the incident number.")
	OutsideWork = problem.Define(problem.Internal, "audit.outside_work",
		"An entry of the audit record was written apart from the change it describes.",
		"This is a fault in Warder. Please report it with the incident number.")
	BadHead = problem.Define(problem.Unavailable, "audit.bad_head",
		"The head of the audit chain was not written by this Warder, so nothing was added to the chain.",
		"Run warder audit verify. If the master key file was replaced, put the old one back.")
)

// Problems lists every problem of this room.
func Problems() []problem.Definition {
	return []problem.Definition{NoAction, OutsideWork, BadHead}
}
