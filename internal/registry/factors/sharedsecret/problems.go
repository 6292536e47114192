package sharedsecret

import "github.com/warder-project/warder/internal/base/problem"

// What can go wrong when something is set up.
var (
	PasswordShort = problem.Define(problem.Invalid, "secret.password_short",
		"The password is too short.",
		"Use at least 15 characters. Four or five words that do not belong together are easy to remember.")
	PasswordLong = problem.Define(problem.Invalid, "secret.password_long",
		"The password is too long.",
		"Use at most 256 characters.")
	PasswordUnreadable = problem.Define(problem.Invalid, "secret.password_unreadable",
		"The password has characters in it that cannot be typed on every keyboard, such as a line break.",
		"Leave them out. Letters, accents, digits, signs and spaces of any language are fine.")
	PasswordGuessable = problem.Define(problem.Invalid, "secret.password_guessable",
		"That password is one of the first that somebody would try.",
		"It is on a list of common passwords, or made only of common words, rows of keys, dates, your own name or your organisation’s. Use words that nobody would connect with you or with each other.")
	OfferGone = problem.Define(problem.Conflict, "secret.offer_gone",
		"Setting up the app took too long, or was begun by somebody else.",
		"Start again: remove the entry that your app has made, and scan the new code.")
	TooManyApps = problem.Define(problem.Conflict, "secret.too_many_apps",
		"You have as many authenticator apps as you can have.",
		"Remove one that you no longer use.")
	LabelTooLong = problem.Define(problem.Invalid, "secret.label_too_long",
		"The name for the app is too long.",
		"Use at most 60 characters.")
	Changed = problem.Define(problem.Conflict, "secret.changed",
		"It was changed in another window at the same moment.",
		"Look at what is there now, and try again if you still want to change it.")
	NotAccepted = problem.Define(problem.Forbidden, "secret.not_accepted",
		"Your organisation does not accept this way of signing in.",
		"Use your security key. If you have none, ask the service desk for one.")
	LastWay = problem.Define(problem.Conflict, "secret.last_way",
		"It cannot be removed, because you could not sign in any more.",
		"Register a security key first. If somebody else may know it, change it instead, and tell the service desk.")
	CodesNeedKey = problem.Define(problem.Forbidden, "secret.codes_need_key",
		"You have registered a security key before, so recovery codes are made with a key only.",
		"Use a key that works. If you have none, use a recovery code that you already have, or ask the service desk for a pass.")
	NotFound = problem.Define(problem.NotFound, "secret.not_found",
		"There is no such password, app or set of codes.",
		"It may have been removed in another window.")
)

// What can go wrong when something is used.
var (
	WrongPassword = problem.Define(problem.Forbidden, "secret.password_wrong",
		"The user name or the password is not right.",
		"Check both, and whether Caps Lock is on. If you have forgotten the password, ask the service desk.")
	WrongCode = problem.Define(problem.Forbidden, "secret.code_wrong",
		"The code from your app is not right.",
		"Type the code that the app shows now. If it is never right, set your phone’s clock to be set automatically.")
	CodeUsed = problem.Define(problem.Forbidden, "secret.code_used",
		"That code has been used already. Each code works once.",
		"Wait for the app to show the next one. If you have not used it, somebody may be reading your codes: tell the security team.")
	WrongRecoveryCode = problem.Define(problem.Forbidden, "secret.recovery_code_wrong",
		"The recovery code is not right, or has been used.",
		"Use the next code of your newest list. If none is left, ask the service desk.")
	Busy = problem.Define(problem.Unavailable, "secret.busy",
		"Too many people are signing in with a password at this moment.",
		"Try again in a few seconds. Signing in with a security key is not affected.")
)

// Problems lists every problem of this room.
func Problems() []problem.Definition {
	return []problem.Definition{
		PasswordShort, PasswordLong, PasswordUnreadable, PasswordGuessable, OfferGone, TooManyApps, LabelTooLong, Changed, NotAccepted, LastWay, CodesNeedKey, NotFound,
		WrongPassword, WrongCode, CodeUsed, WrongRecoveryCode, Busy,
	}
}
