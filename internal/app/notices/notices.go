// Package notices holds the words of what people are told about their account:
// which event is told to whom, and how. NIST SP 800-63B-4 §4.6: people are told
// when an authenticator is bound to them or taken away. Where they are told, and
// that a message is kept with its event, is for internal/app.
package notices

import (
	"fmt"
	"slices"
	"strings"

	"github.com/warder-project/warder/internal/access/methods"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
)

// Message is what one person is told.
type Message struct {
	Person        ids.Person
	Subject, Text string
}

func say(person ids.Person, subject, text string) (Message, bool) {
	return Message{person, subject, text}, true
}

// About is the message about an event, if it is told to anybody. site is the
// address of Warder.
func About(event audit.Event, site string) (Message, bool) {
	if subject, text := aboutSecret(event, site); subject != "" {
		return say(ids.Person(event.Details["person"]), subject, text)
	}
	switch event.Action {
	case "factor.registered":
		return say(ids.Person(event.Details["person"]), "A security key was registered for you", fmt.Sprintf(
			"A security key has just been registered for you at %s.\n\nIf that was you, there is nothing to do. %s", site, notMe))
	case "factor.revoked", "factor.suspended":
		if subject, text := stopped(event); subject != "" {
			return say(ids.Person(event.Details["person"]), subject, text)
		}
	case "key.blocked":
		return say(ids.Person(event.Details["holder"]), "Your security key has been blocked", fmt.Sprintf(
			"One of your security keys was reported %s and has been blocked. Whatever was signed in with it is signed out.\n\nIf you have another key, go on with that. If you have none, or did not report it, tell the service desk.", event.Details["reason"]))
	case "throttle.stopped":
		return say(ids.Person(event.Subject), "A way of signing in has been stopped for you", fmt.Sprintf(
			"Somebody has tried too often to sign in as you at %s with a wrong %s. That way of signing in does not work for you any more, %s, until you sign in with a security key or the service desk lifts this.\n\nYour security key works as always. If the wrong tries were not yours, tell the service desk now.",
			site, assurance.ParseMethod(event.Details["method"]).Class().Name, stoppedWhere(event.Details["place"])))
	case "enrol.invited":
		return say(ids.Person(event.Subject), "You can register a security key",
			"Somebody has made a one-time link for you, with which you can register a security key. They give you the link themselves; it is never in a message like this one.\n\nIf you did not expect that, tell the service desk.")
	case "pass.issued":
		return say(ids.Person(event.Subject), "A pass was issued for you",
			"Somebody has issued a pass for you: a code with which you can register a new security key, once. They tell you the code themselves; it is never in a message like this one.\n\nIf you did not expect that, tell the service desk now.")
	case "person.changed":
		if slices.Contains(strings.Split(event.Details["fields"], ","), "email") {
			return say(ids.Person(event.Subject), "The address for messages about your account was changed",
				"Messages about your account now go to another e-mail address. For 30 days you also get them at the address you had before.\n\n"+
					"If you expected that, there is nothing to do. If you did not, tell the service desk now: somebody may be trying to keep from you what they do with your account.")
		}
	}
	return Message{}, false
}

// notMe is what to do when somebody else did it. It names no link to follow: who
// is used to follow links in such messages follows the false ones too.
const notMe = "If it was not you, tell the service desk now. If you can still sign in, open Warder as you always do, " +
	"end the sessions under “My keys” that you do not recognise, and report every key lost that is not in your hands."

// stopped is the message about a registration that may not be used any more. What
// follows from a key that was reported is told with the key.
func stopped(event audit.Event) (subject, text string) {
	switch reason := event.Details["reason"]; reason {
	case string(keys.Lost), string(keys.Stolen):
		return "", ""
	case methods.Removed:
		return "A security key was removed from your account", "A security key has just been removed from your account, from your own pages. " +
			"Nobody can sign in with it any more, and what was signed in with it is signed out. Hand the key in at the service desk.\n\n" +
			"If that was you, there is nothing else to do. " + notMe
	case factors.CloneReason:
		return "One of your security keys was stopped: there may be a copy", "One of your security keys was just used in a way that a second, copied key would cause. " +
			"Nobody can sign in with it any more, you neither.\n\nUse your other key, if you have one. Keep the stopped one and tell the service desk: the security team will want to see it."
	case factors.LookedInto:
		return "Your stopped key was looked into", "One of your keys had been stopped because there might be a copy of it. That has been looked into, and the key is removed from your account for good. " +
			"Hand it in at the service desk, which can tell you what was found and gives you another."
	case factors.BackupReason:
		return "One of your passkeys was stopped: it can be copied", "One of your passkeys was just used by a device on which it can be copied to others, which it could not before. " +
			"Nobody can sign in with it any more, you neither.\n\nUse your other key, if you have one, and tell the service desk what has changed on your device. " + notMe
	}
	return "One of your security keys was stopped", "Nobody can sign in with one of your security keys any more, and what was signed in with it is signed out.\n\n" +
		"Use your other key, if you have one. The service desk can tell you why it was stopped."
}

// stoppedWhere is the part of the world in which a way of signing in has stopped.
func stoppedWhere(place string) string {
	if place == "" {
		return "except from where you usually do"
	}
	return "from " + place
}
