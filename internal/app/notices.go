package app

import (
	"context"
	"fmt"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/mail"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/people"
)

// notify writes a message to the person whom an event concerns, in the event's
// own unit of work. NIST SP 800-63B-4 §4.6: people are told when an authenticator
// is bound to them or taken away, in a way that does not need that authenticator.
func (a *App) notify(ctx context.Context, event audit.Event) error {
	if subject, text := a.aboutSecret(event); subject != "" {
		return a.write(ctx, ids.Person(event.Details["person"]), subject, text)
	}
	switch event.Action {
	case "factor.registered":
		return a.write(ctx, ids.Person(event.Details["person"]), "A security key was registered for you", fmt.Sprintf(
			"A security key has just been registered for you at %s.\n\nIf that was you, there is nothing to do. If it was not, tell the service desk now.", a.Config.PublicURL))
	case "key.blocked":
		return a.write(ctx, ids.Person(event.Details["holder"]), "Your security key has been blocked", fmt.Sprintf(
			"One of your security keys was reported %s and has been blocked. Whatever was signed in with it is signed out.\n\nIf you have another key, go on with that. If you have none, or did not report it, tell the service desk.", event.Details["reason"]))
	case "throttle.stopped":
		return a.write(ctx, ids.Person(event.Subject), "A way of signing in has been stopped for you", fmt.Sprintf(
			"Somebody has tried too often to sign in as you at %s with a wrong %s. That way of signing in does not work for you any more, %s, until you sign in with a security key or the service desk lifts this.\n\nYour security key works as always. If the wrong tries were not yours, tell the service desk now.",
			a.Config.PublicURL, assurance.ParseMethod(event.Details["method"]).Class().Name, stoppedWhere(event.Details["place"])))
	case "enrol.invited":
		return a.write(ctx, ids.Person(event.Subject), "You can register a security key",
			"Somebody has made a one-time link for you, with which you can register a security key. They give you the link themselves; it is never in a message like this one.\n\nIf you did not expect that, tell the service desk.")
	case "pass.issued":
		return a.write(ctx, ids.Person(event.Subject), "A pass was issued for you",
			"Somebody has issued a pass for you: a code with which you can register a new security key, once. They tell you the code themselves; it is never in a message like this one.\n\nIf you did not expect that, tell the service desk now.")
	}
	return nil
}

// stoppedWhere is the part of the world in which a way of signing in has stopped.
func stoppedWhere(place string) string {
	if place == "" {
		return "except from where you usually do"
	}
	return "from " + place
}

// write sends a message to a person who has an address. Who has none is not
// told by mail; nothing fails because of that.
func (a *App) write(ctx context.Context, id ids.Person, subject, text string) error {
	if id == "" {
		return nil
	}
	person, err := a.People.Get(ctx, id)
	if problem.Is(err, people.NotFound) || err == nil && person.Email == "" {
		return nil
	}
	if err != nil {
		return err
	}
	if a.Config.HelpContact != "" {
		text += "\n\nService desk: " + a.Config.HelpContact
	}
	_, err = a.Mail.Send(ctx, mail.Message{To: person.Email, Person: id, Subject: subject, Text: text})
	return err
}
