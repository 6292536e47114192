package people

import "github.com/warder-project/warder/internal/base/problem"

// What can go wrong in this room.
var (
	NotFound = problem.Define(problem.NotFound, "people.not_found",
		"There is no such person.",
		"Check the user name, or look for the person in the list of people.")
	Malformed = problem.Define(problem.Invalid, "people.malformed",
		"Some of what you gave about this person cannot be stored.",
		"Correct what is marked and try again.")
	UserNameTaken = problem.Define(problem.Conflict, "people.user_name_taken",
		"Somebody already has this user name.",
		"Choose another user name, or open the person who has it.")
	EmailTaken = problem.Define(problem.Conflict, "people.email_taken",
		"Somebody already has this e-mail address.",
		"Check the address, or find the person who has it. One address belongs to one person.")
	ManagerNotFound = problem.Define(problem.Invalid, "people.manager_not_found",
		"The line manager is not in the directory.",
		"Add the line manager first, or leave the line manager out.")
	StateRefused = problem.Define(problem.Conflict, "people.state_refused",
		"This person's state does not allow that.",
		"Look at the person's page to see their state and how they came to it.")
	MomentRefused = problem.Define(problem.Invalid, "people.moment_refused",
		"Somebody can only be suspended from now, not from a time to come.",
		"Leave the time out to suspend them now, or give a last working day instead.")
	ImportRefused = problem.Define(problem.Invalid, "people.import_refused",
		"The people were not imported: some of the rows cannot be stored. Nothing has been changed.",
		"Correct the rows that are listed and import the file again.")
	GroupNotFound = problem.Define(problem.NotFound, "people.group_not_found",
		"There is no such group.",
		"Check the name of the group, or add the group first.")
	GroupTaken = problem.Define(problem.Conflict, "people.group_taken",
		"There is already a group of this name.",
		"Use the group that exists, or choose another name.")
	GroupMalformed = problem.Define(problem.Invalid, "people.group_malformed",
		"This cannot be the name of a group.",
		"Use 1 to 64 lower-case letters, digits, dots, underscores and hyphens, starting with a letter or digit.")
)

// Problems lists every problem of this room.
func Problems() []problem.Definition {
	return []problem.Definition{NotFound, Malformed, UserNameTaken, EmailTaken, ManagerNotFound, StateRefused,
		MomentRefused, ImportRefused, GroupNotFound, GroupTaken, GroupMalformed}
}
