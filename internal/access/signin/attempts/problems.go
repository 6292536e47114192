package attempts

import "github.com/warder-project/warder/internal/base/problem"

// The problems of an attempt. Their codes are those of the sign-in they belong to.
var (
	ErrNotFound = problem.Define(problem.NotFound, "signin.not_found",
		"This sign-in does not exist any more.",
		"Go back to where you were going and start again.")
	ErrForeignBrowser = problem.Define(problem.Forbidden, "signin.foreign_browser",
		"This sign-in was begun in another browser.",
		"Start again in the browser you are using now. If somebody sent you this address, do not use it, and tell your security team.")
	ErrExpired = problem.Define(problem.Conflict, "signin.expired",
		"This sign-in took longer than 10 minutes and has ended.",
		"Start again. Nothing was changed.")
	ErrAlreadyFinished = problem.Define(problem.Conflict, "signin.already_finished",
		"This sign-in is already finished, perhaps in another tab.",
		"Go on in the other tab, or open the page you want again.")
	ErrWrongStep = problem.Define(problem.Conflict, "signin.wrong_step",
		"This sign-in has moved on since the page was shown.",
		"Open the sign-in page again and follow what it says now.")
)

// Problems lists them all, for docs/problems.md.
func Problems() []problem.Definition {
	return []problem.Definition{ErrNotFound, ErrForeignBrowser, ErrExpired, ErrAlreadyFinished, ErrWrongStep}
}
