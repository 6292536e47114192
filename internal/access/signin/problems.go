package signin

import (
	"slices"

	"github.com/warder-project/warder/internal/access/invitations"
	"github.com/warder-project/warder/internal/access/signin/attempts"
	"github.com/warder-project/warder/internal/base/problem"
)

// The problems of this room.
var (
	ErrTooManyTries = problem.Define(problem.TooMany, "signin.too_many_tries",
		"Too many answers were wrong in this sign-in.",
		"Start again with another key, or ask the service desk.")
	ErrNotEnough = problem.Define(problem.Forbidden, "signin.not_enough",
		"You used your key correctly, but this needs a stronger way of signing in.",
		"Sign in with a key that has what is missing. If you do not have one, ask the service desk for it; they can see this refusal.")
	ErrPersonMayNot = problem.Define(problem.Forbidden, "signin.person_may_not",
		"Your account is not active, so you cannot sign in.",
		"Ask your line manager or the service desk. Your key is not broken.")
	ErrKeptForEmergencies = problem.Define(problem.Forbidden, "signin.kept_for_emergencies",
		"This key is kept for emergencies and signs nobody in by itself.",
		"Sign in with your own key. In an emergency, open the page for emergency access together with the holder of another such key.")
	ErrNotHardware = problem.Define(problem.Forbidden, "signin.not_hardware",
		"A key that is kept for emergencies must prove that it is hardware of a model your organisation allows, and this one does not.",
		"Use a key of an allowed model, and choose Allow when the browser asks to see its make and model.")
	ErrOtherPerson = problem.Define(problem.Forbidden, "signin.other_person",
		"This key belongs to somebody else.",
		"Use the key that was issued to you.")
	ErrUseNewKey = problem.Define(problem.Invalid, "signin.use_new_key",
		"That was not the key you have just registered.",
		"Use the new key, so that we both know it works.")
	ErrAnswerMissing = problem.Define(problem.Invalid, "signin.answer_missing",
		"The page did not send an answer from a key.",
		"Try again. If it happens every time, allow scripts on this page or use another browser.")
	ErrStepUnknown = problem.Define(problem.Invalid, "signin.step_unknown",
		"The address asks for a strength of signing in that does not exist.",
		"Open the page or service you want from its own address.")
	ErrNotFresh = problem.Define(problem.StepUp, "signin.not_fresh",
		"You need to have signed in with your key, with its PIN or fingerprint, in the last 10 minutes to add another key.",
		"Sign in again with a key you have.")
	ErrSessionGone = problem.Define(problem.Unauthenticated, "signin.session_gone",
		"You are not signed in any more, so the key was not added.",
		"Sign in and add the key again.")
	ErrSecretMissing = problem.Define(problem.Invalid, "signin.secret_missing",
		"You have not typed anything.",
		"Type it and try again, or use a security key.")
	ErrNotAccepted = problem.Define(problem.Forbidden, "signin.way_not_accepted",
		"That way of signing in is not accepted here any more.",
		"Sign in with your security key. If you have none, ask the service desk for one.")
	ErrWithdrawn = problem.Define(problem.Forbidden, "signin.way_withdrawn",
		"What you proved a moment ago does not count any more. It was changed, or is not accepted any longer.",
		"Start again, with your security key if you have one.")
	ErrUseYourKey = problem.Define(problem.Forbidden, "signin.use_your_key",
		"You have a security key, so a password and a code are not enough for this, and cannot add another key.",
		"Start again and use your key. If you have lost it, report it to the service desk at once; they help you to a new one.")
	ErrRecover = problem.Define(problem.Forbidden, "signin.recover_first",
		"You had a security key before, so a password and a code cannot give you a new one.",
		"Use a recovery code if you have one, or ask the service desk for a pass.")
	ErrHoldsRole = problem.Define(problem.Forbidden, "signin.holds_role",
		"You hold a role in Warder, so neither passwords nor codes can give you a key.",
		"Use a key that works. If you have none, ask another administrator for a link to your first key, or the service desk to open a case for a new one.")
	ErrInsecureAddress = problem.Define(problem.Invalid, "signin.insecure_address",
		"Browsers allow security keys only on https addresses and on http://localhost.",
		"Set the base URL to an https address, with the name people type. For a trial on this machine use http://localhost.")
)

// Problems lists them all, for docs/problems.md.
func Problems() []problem.Definition {
	return []problem.Definition{ErrTooManyTries, ErrNotEnough, ErrPersonMayNot, ErrKeptForEmergencies, ErrNotHardware, ErrOtherPerson, ErrUseNewKey, ErrAnswerMissing,
		ErrStepUnknown, ErrNotFresh, ErrSessionGone,
		ErrSecretMissing, ErrNotAccepted, ErrWithdrawn, ErrUseYourKey, ErrRecover, ErrHoldsRole, ErrInsecureAddress}
}

// definition finds the problem with which an attempt has ended by its code; an
// unknown code is answered with the strictest ending, never with none.
func definition(code string) problem.Definition {
	for _, known := range slices.Concat(attempts.Problems(), Problems(), []problem.Definition{invitations.NotValid}) {
		if known.Code == code {
			return known
		}
	}
	return attempts.ErrNotFound
}
