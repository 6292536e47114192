package seal

import "github.com/warder-project/warder/internal/base/problem"

// The problems this room can answer with.
var (
	KeyMissing = problem.Define(problem.Unavailable, "seal.key_missing",
		"The master key file is not there, and the database holds values that only its key can open.",
		"Put the master key file back from its backup. Warder does not make a new one, because what is sealed would be lost.")
	KeyExposed = problem.Define(problem.Unavailable, "seal.key_exposed",
		"The master key file can be read or changed by other users of this machine.",
		"Run chmod 600 on the file. If somebody else may have read it, rotate the master key.")
	KeyGarbled = problem.Define(problem.Unavailable, "seal.key_garbled",
		"The master key file is not a master key, or it is damaged.",
		"Put the file back from its backup. Do not delete it: what is sealed can be opened with this key only.")
	KeyUnreadable = problem.Define(problem.Unavailable, "seal.key_unreadable",
		"The master key file could not be read or written.",
		"Check that the file and its folder belong to Warder's user and that the disk is healthy and not full.")
	WrongKey = problem.Define(problem.Unavailable, "seal.wrong_key",
		"The master key file does not belong to this database. Warder does not start, so that nothing is sealed with the wrong key.",
		"Put the master key file that was used with this database in place, or point Warder to the right database.")
	NotOurs = problem.Define(problem.Internal, "seal.not_ours",
		"A sealed value could not be opened: it was changed, belongs to another row, or was sealed with another key.",
		"Run warder audit verify, and compare the database with its last backup.")
)

// Problems lists every problem of this room.
func Problems() []problem.Definition {
	return []problem.Definition{KeyMissing, KeyExposed, KeyGarbled, KeyUnreadable, WrongKey, NotOurs}
}
