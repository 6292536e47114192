package cloud

import "github.com/warder-project/warder/internal/base/problem"

var (
	problemWrongKind = problem.Define(problem.Invalid, "export.wrong_kind",
		"This file is not the export that was expected, so nothing was read from it.",
		"Check which file goes with which option, and export it again if need be.")
	problemMalformed = problem.Define(problem.Invalid, "export.malformed",
		"This export cannot be read, so nothing was taken from it.",
		"Export it again with the cloud's own tool and do not edit it by hand.")
	problemTruncated = problem.Define(problem.Invalid, "export.truncated",
		"This export is cut off, so nothing was taken from it.",
		"Export it again and check that the whole file was written and copied.")
	problemTooLarge = problem.Define(problem.Invalid, "export.too_large",
		"This export is larger than Warder will read, so nothing was taken from it.",
		"Check that it is the right file. Pages of a large export may be given as separate files.")
	problemUnreadable = problem.Define(problem.Unavailable, "export.unreadable",
		"This export could not be read to the end.",
		"Check the disk and the file, then try again.")
)

// Problems lists the problems of this room.
func Problems() []problem.Definition {
	return []problem.Definition{problemWrongKind, problemMalformed, problemTruncated, problemTooLarge, problemUnreadable}
}
