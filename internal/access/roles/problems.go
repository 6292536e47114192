package roles

import "github.com/warder-project/warder/internal/base/problem"

// What can go wrong in this room.
var (
	Unknown = problem.Define(problem.Invalid, "roles.unknown",
		"There is no such role.",
		"Use administrator, security_lead, key_custodian, service_desk, auditor, exercise_lead or risk_owner.")
	NotYours = problem.Define(problem.Forbidden, "roles.not_yours_to_give",
		"You cannot give or take a role that may do more than you may.",
		"Ask an administrator to do it.")
	Yourself = problem.Define(problem.Forbidden, "roles.yourself",
		"You cannot give yourself a role.",
		"Ask another administrator to do it.")
	LastAdministrator = problem.Define(problem.Conflict, "roles.last_administrator",
		"This is the last administrator who can sign in. Without them nobody could administer Warder.",
		"Make somebody else an administrator first.")
	CannotHold = problem.Define(problem.Conflict, "roles.cannot_hold",
		"This person cannot sign in, so they cannot hold a role.",
		"Look at their state and their dates of employment, and choose somebody who works here.")
)

// Problems lists every problem of this room.
func Problems() []problem.Definition {
	return []problem.Definition{Unknown, NotYours, Yourself, LastAdministrator, CannotHold}
}
