package places

import "github.com/warder-project/warder/internal/base/problem"

// Unusable is a file that cannot be used.
var Unusable = problem.Define(problem.Invalid, "risk.file_unusable",
	"A file with places or networks cannot be used.",
	"Correct the line named, or get the file anew from where it came from. Until then what it would say is not known.")

// Problems lists every problem of this room.
func Problems() []problem.Definition { return []problem.Definition{Unusable} }
