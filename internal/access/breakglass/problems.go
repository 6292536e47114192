package breakglass

import "github.com/warder-project/warder/internal/base/problem"

// What can go wrong in this room.
var (
	Malformed = problem.Define(problem.Invalid, "breakglass.malformed",
		"Something is missing from what you entered.",
		"Correct what is marked and try again.")
	NoKeys = problem.Define(problem.Unavailable, "breakglass.no_keys",
		"No key for emergencies is registered, so Warder cannot be opened here.",
		"On the machine that Warder runs on, use: warder recover.")
	NotFound = problem.Define(problem.NotFound, "breakglass.not_found",
		"There is no such use of the emergency access.",
		"Look at the list of uses, or begin again.")
	NotThisKey = problem.Define(problem.Forbidden, "breakglass.not_this_key",
		"This key is not one that is kept for emergencies, or may no longer be used.",
		"Use a key that is kept for emergencies. To sign in with your own key, use the ordinary page.")
	NotHardware = problem.Define(problem.Forbidden, "breakglass.not_hardware",
		"This key does not prove that it is hardware of an allowed model, or did not check its PIN.",
		"Use another key that is kept for emergencies, with its PIN.")
	SamePerson = problem.Define(problem.Forbidden, "breakglass.same_identity",
		"This is the key that was touched first, or one of the same identity.",
		"A second person must touch a key that is kept in another place.")
	SameHolder = problem.Define(problem.Invalid, "breakglass.same_holder",
		"This is the name of the person who touched the first key.",
		"It takes two people. The second person gives their own name.")
	TooLate = problem.Define(problem.Conflict, "breakglass.lapsed",
		"The keys were not both touched within 10 minutes.",
		"Begin again, with both people at the same computer.")
	OtherBrowser = problem.Define(problem.Forbidden, "breakglass.other_browser",
		"This was begun in another browser, or the page is too old.",
		"Begin again, and touch both keys in the same browser.")
	MovedOn = problem.Define(problem.Conflict, "breakglass.moved_on",
		"Somebody else was faster, or this has been done already.",
		"Open the page again and look at what it says now.")
	AlreadyUsed = problem.Define(problem.Conflict, "breakglass.answer_used",
		"This answer of the key has been used already.",
		"Begin again.")
	NotOpen = problem.Define(problem.Unauthenticated, "breakglass.not_open",
		"This emergency access is over.",
		"Sign in with your own key. If the emergency goes on, two people can open Warder again.")
	NotToReview = problem.Define(problem.Conflict, "breakglass.not_to_review",
		"This is not waiting for a review.",
		"It can be reviewed once, when it is over. Look at the list again.")
	OwnReview = problem.Define(problem.Forbidden, "breakglass.own_review",
		"You had a part in this, so you cannot review it.",
		"Ask another administrator to review it.")
	NotIdentity = problem.Define(problem.NotFound, "breakglass.not_identity",
		"This is not a key that is kept for emergencies.",
		"Look at the page for emergency access to see which keys are.")
)

// Problems lists every problem of this room.
func Problems() []problem.Definition {
	return []problem.Definition{Malformed, NoKeys, NotFound, NotThisKey, NotHardware, SamePerson, SameHolder, TooLate, OtherBrowser,
		MovedOn, AlreadyUsed, NotOpen, NotToReview, OwnReview, NotIdentity}
}
