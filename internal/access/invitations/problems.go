package invitations

import "github.com/warder-project/warder/internal/base/problem"

// The problems of this room.
var (
	NotValid = problem.Define(problem.Forbidden, "invitation.not_valid",
		"This link does not work. It was used, has been replaced, or is too old.",
		"Ask whoever sent it for a new one. A link works once, for a short time.")
	CannotInvite = problem.Define(problem.Forbidden, "invitation.person_not_active",
		"This person’s account is not active, so they cannot be sent a link.",
		"Look at their page to see their state and how they came to it.")
	Enrolled = problem.Define(problem.Conflict, "invitation.break_glass_enrolled",
		"This identity is kept for emergencies and has had its key. It cannot be given another.",
		"For a key in another place, or in place of one that is lost, add one more identity: warder breakglass add. Let the one whose key is lost leave: warder person leave.")
	LifeRefused = problem.Define(problem.Invalid, "invitation.life_refused",
		"A link must last between a minute and 7 days.",
		"Give a time in that range; a day is usual.")
	PassNotValid = problem.Define(problem.Forbidden, "pass.not_valid",
		"This user name and code do not open anything. The code may have been used, replaced, withdrawn, or be too old.",
		"Check both. If they are right, ask the service desk for a new pass.")
	PassMistyped = problem.Define(problem.Invalid, "pass.mistyped",
		"There is a slip in the code.",
		"Compare it with what you were given: sixteen characters in four groups.")
	PassTooEarly = problem.Define(problem.Forbidden, "pass.too_early",
		"This pass does not work yet.",
		"Come back at the time you were given. It has not been used up.")
	PassLifeRefused = problem.Define(problem.Invalid, "pass.life_refused",
		"A pass must last between 5 and 60 minutes.",
		"Give a time in that range. If the person comes later, give a start.")
	PassStartRefused = problem.Define(problem.Invalid, "pass.start_refused",
		"A pass can begin at most 7 days from now.",
		"Issue it nearer to the day on which it is needed.")
	AdministratorExists = problem.Define(problem.Conflict, "invitation.administrator_exists",
		"There is already an administrator with a key that works.",
		"Sign in as that administrator and invite others from there.")
	NotForThem = problem.Define(problem.Conflict, "invitation.name_in_use",
		"The person with this user name is no administrator and cannot be made one by a link.",
		"Run `warder person role NAME administrator` for the person it should be, and `warder person invite NAME` if they have no key.")
)

// Problems lists every problem of this room.
func Problems() []problem.Definition {
	return []problem.Definition{NotValid, CannotInvite, Enrolled, LifeRefused, AdministratorExists, NotForThem,
		PassNotValid, PassMistyped, PassTooEarly, PassLifeRefused, PassStartRefused}
}
