package hr

import "github.com/warder-project/warder/internal/base/problem"

// NoRows is a file that names columns and nobody. It is far more often an export
// that went wrong than a department without people.
var NoRows = problem.Define(problem.Invalid, "hr.no_rows",
	"The file has the names of the columns and no people.",
	"Check that the export has finished, and export it again.")

// Problems lists the problems of this room; those about the form of the file are
// table.Problems.
func Problems() []problem.Definition { return []problem.Definition{NoRows} }
