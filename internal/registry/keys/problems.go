package keys

import "github.com/warder-project/warder/internal/base/problem"

// What can go wrong in this room.
var (
	NotFound = problem.Define(problem.NotFound, "key.not_found",
		"There is no such security key.",
		"Check the serial number, or look for the key in the list of keys.")
	Malformed = problem.Define(problem.Invalid, "key.malformed",
		"Some of what you gave about this key cannot be stored.",
		"Correct what is marked and try again.")
	SerialTaken = problem.Define(problem.Conflict, "key.serial_taken",
		"This serial number belongs to a key that is not issued to you.",
		"Check the number printed on the key. If it is right, ask the service desk to issue the key to you.")
	AlreadyEnrolled = problem.Define(problem.Conflict, "key.already_enrolled",
		"The key with this serial number is already set up.",
		"Check the number printed on the key. If you have reset the key, return it to the service desk first.")
	SerialMismatch = problem.Define(problem.Conflict, "key.serial_mismatch",
		"The serial number you typed is not the one the key itself gives.",
		"Type the number printed on the key you are holding, or leave it empty.")
	SerialNotIssued = problem.Define(problem.Conflict, "key.serial_not_issued",
		"The serial number in this key is not that of the key you were given.",
		"Use the key that was issued to you. If it is the right one, ask the service desk to correct its serial number.")
	ModelMismatch = problem.Define(problem.Conflict, "key.model_mismatch",
		"The key you used is not the model that is recorded for this serial number.",
		"Use the key that was issued to you. If it is the right one, ask the service desk to correct its record.")
	BadTransition = problem.Define(problem.Conflict, "key.bad_transition",
		"The state of this key does not allow that.",
		"Look at the key’s page to see its state and what can be done with it now.")
	Blocked = problem.Define(problem.Forbidden, "key.blocked",
		"This key has been reported lost or stolen.",
		"Hand the key in to the service desk. It must be wiped before anybody may use it again.")
	ReasonUnknown = problem.Define(problem.Invalid, "key.reason_unknown",
		"The reason for blocking a key is either lost or stolen.",
		"Say lost if it may turn up again, stolen if somebody else may have it.")
	HolderMissing = problem.Define(problem.Invalid, "key.holder_missing",
		"It is not said who is to have this key.",
		"Name the person who gets the key.")
	ModelMalformed = problem.Define(problem.Invalid, "key.model_malformed",
		"This model of key cannot be stored.",
		"Correct what is marked and try again.")
	WarningMalformed = problem.Define(problem.Invalid, "key.warning_malformed",
		"One of the warnings about models of keys cannot be stored.",
		"Correct what is marked and try again.")
)

// Problems lists every problem of this room.
func Problems() []problem.Definition {
	return []problem.Definition{NotFound, Malformed, SerialTaken, AlreadyEnrolled, SerialMismatch, SerialNotIssued, ModelMismatch,
		BadTransition, Blocked, ReasonUnknown, HolderMissing, ModelMalformed, WarningMalformed}
}
