package standing

import "github.com/warder-project/warder/internal/base/problem"

// UnknownDeed: it is not said what is to be done.
var UnknownDeed = problem.Define(problem.Invalid, "standing.unknown_deed",
	"It is not said what is to happen to this person.", "Choose to suspend them, reinstate them, record that they leave, or sign them out.")

// Problems lists every problem of this room, for documents and tests.
func Problems() []problem.Definition { return []problem.Definition{UnknownDeed} }
