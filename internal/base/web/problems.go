package web

import "github.com/warder-project/warder/internal/base/problem"

// The problems this room answers with.
var (
	SignInNeeded = problem.Define(problem.Unauthenticated, "web.sign_in_needed",
		"You need to sign in to see this page.", "Sign in with your security key.")
	StepUpNeeded = problem.Define(problem.StepUp, "web.step_up_needed",
		"You need to sign in again, more strongly or more recently, to do this.", "Sign in again with your security key.")
	NotAllowed = problem.Define(problem.Forbidden, "web.not_allowed",
		"You are signed in, but you are not allowed to see this page.",
		"If you need it for your work, ask an administrator to give you the role.")
	NotFound = problem.Define(problem.NotFound, "web.not_found",
		"There is no page at this address.", "Check the address, or go back to the start page.")
	WrongMethod = problem.Define(problem.Invalid, "web.wrong_method",
		"This address cannot be used in this way.", "Go back and use the buttons on the page.")
	CrossSite = problem.Define(problem.Forbidden, "web.cross_site",
		"Another website tried to do this for you, and it was stopped.",
		"If you meant to do it, open the page here and try again.")
	TooLarge = problem.Define(problem.Invalid, "web.too_large",
		"What you sent is larger than this page accepts.", "Send a smaller file, or split it.")
	TooOften = problem.Define(problem.TooMany, "web.too_often",
		"There have been too many requests from your network in a short time.",
		"Wait a minute, then try again.")
	WrongAddress = problem.Define(problem.Invalid, "web.wrong_address",
		"You are at the wrong address.", "Use the right address of this service.")
	Unexpected = problem.Define(problem.Internal, "web.unexpected",
		"Something went wrong on our side.",
		"Try again. If it happens again, tell the people who run this service the incident number.")
)

// Problems lists every problem of this room.
func Problems() []problem.Definition {
	return []problem.Definition{SignInNeeded, StepUpNeeded, NotAllowed, NotFound, WrongMethod, CrossSite, TooLarge, TooOften, WrongAddress, Unexpected}
}

// stepUp is StepUpNeeded that knows to which level.
type stepUp struct {
	cause     *problem.Error
	aal       int
	phishable bool // a sign-in that could be phished would do
}

func (s stepUp) Error() string { return s.cause.Error() }
func (s stepUp) Unwrap() error { return s.cause } // so that problem.Of finds it

// StepUpTo is the problem StepUpNeeded that sends the person to sign in again
// at least at this authenticator assurance level.
func StepUpTo(aal int) error { return stepUp{cause: StepUpNeeded.New(), aal: aal} }

// StepUpAnyWay is StepUpTo where a sign-in that could be phished is enough.
func StepUpAnyWay(aal int) error { return stepUp{cause: StepUpNeeded.New(), aal: aal, phishable: true} }
