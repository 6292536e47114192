package hr

import "github.com/warder-project/warder/internal/base/problem"

// What can go wrong with an HR file beyond its form.
var (
	// NoRows is a file that names columns and nobody. It is far more often an
	// export that went wrong than a department without people.
	NoRows = problem.Define(problem.Invalid, "hr.no_rows",
		"The file has the names of the columns and no people.",
		"Check that the export has finished, and export it again.")
	TooManyPeople = problem.Define(problem.Invalid, "hr.too_many_people",
		"The file has more people than Warder takes from one file. Nothing has been stored.",
		"Check that it is the right file, and that the export did not write people more than once.")
)

// Problems lists the problems of this room; those about the form of the file are
// table.Problems.
func Problems() []problem.Definition { return []problem.Definition{NoRows, TooManyPeople} }
