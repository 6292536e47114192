package stepup

import "github.com/warder-project/warder/internal/base/problem"

// The problems of this room.
var (
	NotFound = problem.Define(problem.NotFound, "stepup.not_found",
		"There is nothing here that waits for your key.",
		"Go back to the application and do it again. What waits is there for ten minutes, for the person who asked for it.")
	Over = problem.Define(problem.Conflict, "stepup.over",
		"This has been decided already, or has waited too long.",
		"Go back to the application and do it again.")
	WrongKey = problem.Define(problem.Forbidden, "stepup.not_your_key",
		"That was not a key of yours.",
		"Use your own security key.")
	TooWeak = problem.Define(problem.Forbidden, "stepup.key_too_weak",
		"This needs a security key that asks for its PIN or your fingerprint, and that no fake website could use.",
		"Use another of your keys, or ask the service desk for one.")
	NotGranted = problem.Define(problem.Forbidden, "stepup.not_granted",
		"Nobody has touched their key for this, or it has been used, or its time is over.",
		"Go back to the application and do it again.")
)

// TooMany: what waits is kept, and the room for that is bounded.
var TooMany = problem.Define(problem.TooMany, "stepup.too_many",
	"Too much of yours waits for your key already.",
	"Touch your key for what waits, or say no to it; or wait ten minutes.")

// Problems lists them.
func Problems() []problem.Definition {
	return []problem.Definition{NotFound, Over, WrongKey, TooWeak, NotGranted, TooMany}
}
