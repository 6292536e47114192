package exceptions

import "github.com/warder-project/warder/internal/base/problem"

// What can go wrong in this room.
var (
	NotFound = problem.Define(problem.NotFound, "exceptions.not_found",
		"There is no such exception.",
		"Look for it in the list of exceptions; people call them E-001 and so on.")
	Malformed = problem.Define(problem.Invalid, "exceptions.malformed",
		"The exception cannot be saved as it is.",
		"Correct what is marked and try again.")
	NoEnd = problem.Define(problem.Invalid, "exceptions.no_end",
		"An exception without an end cannot be saved.",
		"Say on which day and at which minute it ends.")
	TooLong = problem.Define(problem.Invalid, "exceptions.too_long",
		"That is longer than an exception of this risk may last.",
		"Choose an earlier end, or lower the risk by what makes up for it. It can be renewed.")
	MovedOn = problem.Define(problem.Conflict, "exceptions.moved_on",
		"The exception is not in a state in which that can be done, or somebody has just changed it.",
		"Look at it again.")
	NotYours = problem.Define(problem.Forbidden, "exceptions.not_yours",
		"You may not do that with this exception.",
		"Ask its owner, or somebody who may propose exceptions.")
	SamePerson = problem.Define(problem.Forbidden, "exceptions.same_person",
		"An exception is approved by somebody who does not own it, has not asked for it, and whom it is not for.",
		"Ask somebody else who may approve it.")
	NotYourRoute = problem.Define(problem.Forbidden, "exceptions.not_your_route",
		"A risk like this is approved by somebody else.",
		"Ask whoever the page of the exception names.")
	NotFresh = problem.Define(problem.StepUp, "exceptions.not_fresh",
		"Approving needs your security key, touched a moment ago.",
		"Sign in again with your key, then approve.")
	NeedsKey = problem.Define(problem.Forbidden, "exceptions.needs_key",
		"A command cannot approve, because it has no key that somebody could touch.",
		"Open the page of the exception, sign in with your key, and approve it there.")
)

// Problems lists every problem of this room.
func Problems() []problem.Definition {
	return []problem.Definition{NotFound, Malformed, NoEnd, TooLong, MovedOn, NotYours, SamePerson, NotYourRoute, NotFresh, NeedsKey}
}
