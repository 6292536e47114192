package evidence

import "github.com/warder-project/warder/internal/base/problem"

// The problems this room can answer with.
var (
	NoItem = problem.Define(problem.NotFound, "evidence.no_item",
		"There is no such piece of evidence.", "Check the number, or look it up in the list of evidence.")
	Superseded = problem.Define(problem.Conflict, "evidence.superseded",
		"That piece of evidence has already been superseded by a newer one.", "Supersede the newest one instead.")
	Empty = problem.Define(problem.Invalid, "evidence.empty",
		"The file is empty, so there is nothing to keep.", "Choose the right file, or export it again.")
	TooLarge = problem.Define(problem.Invalid, "evidence.too_large",
		"The file is larger than Warder keeps.", "Export it in several files.")
	Unreadable = problem.Define(problem.Unavailable, "evidence.unreadable",
		"The file could not be read to the end, so nothing was kept.", "Check the file and try again.")
	Damaged = problem.Define(problem.Internal, "evidence.damaged",
		"This piece of evidence is not what was brought: it was changed or damaged in the database.",
		"Restore the database from a backup, and find out who could write to it. Do not rely on this piece.")
)

// Problems lists the problems of this room.
func Problems() []problem.Definition {
	return []problem.Definition{NoItem, Superseded, Empty, TooLarge, Unreadable, Damaged}
}
