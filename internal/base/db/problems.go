package db

import "github.com/warder-project/warder/internal/base/problem"

// The problems this room can answer with.
var (
	BadAddress = problem.Define(problem.Invalid, "db.bad_address",
		"The database address is not one Warder understands.",
		"Write sqlite:PATH for a file, or postgres://USER@HOST/NAME for a PostgreSQL server.")
	CannotOpen = problem.Define(problem.Unavailable, "db.cannot_open",
		"The database could not be opened.",
		"Check that the folder exists, that Warder's user may write to it, and that the disk is healthy.")
	InUse = problem.Define(problem.Unavailable, "db.in_use",
		"Another Warder is already serving from this database file.",
		"Stop the other process first, or give this one its own database. For several nodes use PostgreSQL.")
	Full = problem.Define(problem.Unavailable, "db.full",
		"The disk that holds the database is full. Nothing was changed.",
		"Free some space on that disk, then try again. Warder carries on by itself as soon as there is room.")
	Faulty = problem.Define(problem.Unavailable, "db.disk_fault",
		"The disk that holds the database does not take what is written to it.",
		"Look at the disk, and at limits on the size of files. Warder carries on by itself as soon as it can write again.")
	Busy = problem.Define(problem.Unavailable, "db.busy",
		"Too many changes were being made at the same time. Nothing was changed.",
		"Wait a moment and try again.")
	Unreachable = problem.Define(problem.Unavailable, "db.unreachable",
		"The database server could not be reached.",
		"Check that the PostgreSQL server is running and that Warder may connect to it, then try again.")
	Newer = problem.Define(problem.Unavailable, "db.newer",
		"The database was made by a newer version of Warder.",
		"Start the newer version, or restore the backup that was taken before the upgrade.")
)

// Problems lists every problem of this room.
func Problems() []problem.Definition {
	return []problem.Definition{BadAddress, CannotOpen, InUse, Full, Faulty, Busy, Unreachable, Newer}
}
