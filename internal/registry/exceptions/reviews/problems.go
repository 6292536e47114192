package reviews

import "github.com/warder-project/warder/internal/base/problem"

// What can go wrong in this room.
var (
	NotFound = problem.Define(problem.NotFound, "reviews.not_found",
		"There is no such review.",
		"Look at the list of reviews.")
	NotYours = problem.Define(problem.Forbidden, "reviews.not_yours",
		"An exception is reviewed by somebody who may approve it, who does not own it and whom it is not for.",
		"Ask the reviewer whom the page names.")
	Closed = problem.Define(problem.Conflict, "reviews.closed",
		"This review is over: somebody has done it, it was missed, or the exception has ended.",
		"Look at the exception.")
	TooEarly = problem.Define(problem.Conflict, "reviews.too_early",
		"It is too early for this review: what is seen today says little about then.",
		"Review it within the 30 days before its day. To end the exception, open its page.")
	Malformed = problem.Define(problem.Invalid, "reviews.malformed",
		"The review cannot be kept as it is.",
		"Correct what is marked and try again.")
)

// Problems lists every problem of this room.
func Problems() []problem.Definition {
	return []problem.Definition{NotFound, NotYours, Closed, TooEarly, Malformed}
}
