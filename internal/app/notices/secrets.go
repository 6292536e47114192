package notices

import (
	"strconv"

	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret"
)

// aboutSecret is the message about a change of a password, an app or recovery codes;
// without a subject there is none.
func aboutSecret(event audit.Event, site string) (subject, text string) {
	const notYou = "\n\nIf that was you, there is nothing to do. If it was not, tell the service desk now."
	at := " at " + site + "."
	name := map[string]string{"password": "password", "totp": "authenticator app", "recovery_code": "set of recovery codes"}[event.Details["method"]]
	switch event.Action {
	case "secret.password_set":
		return "A password was set for you", "A password has just been set for you" + at + notYou
	case "secret.password_changed":
		return "Your password was changed", "Your password has just been changed" + at + " Whatever was signed in with the old one is signed out." + notYou
	case "secret.app_added":
		return "An authenticator app was added for you", "An authenticator app that shows one-time codes has just been added for you" + at + notYou
	case "secret.codes_made":
		return "New recovery codes were made for you", "New recovery codes have just been made for you" + at + " Older ones do not work any more." + notYou
	case "secret.removed":
		return "Your " + name + " was removed", "Your " + name + " has just been removed" + at + " It cannot be used any more." + notYou
	case "secret.disabled":
		return "Your " + name + " no longer works", "Your " + name + " has just been disabled" + at + " You sign in with your security key, as you have done lately. If that is not possible, tell the service desk: it can be given back for some days."
	case "secret.restored":
		return "Your " + name + " works again", "Your " + name + " has just been given back" + at + notYou
	case "secret.recovery_code_used":
		return "One of your recovery codes was used", "One of your recovery codes has just been used" + at + " " + codesLeft(event.Details["left"]) + notYou
	}
	return "", ""
}

// codesLeft says how many recovery codes are left, and when that is too few.
func codesLeft(left string) string {
	n, err := strconv.Atoi(left)
	switch {
	case err != nil:
		return ""
	case n == 0:
		return "None is left: make new ones as soon as you are signed in with a key."
	case n == 1:
		return "1 is left: make new ones as soon as you are signed in with a key."
	case n <= sharedsecret.Low:
		return left + " are left: make new ones soon."
	}
	return left + " are left."
}
