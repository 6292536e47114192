package recovery

import (
	"context"
	"fmt"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/people"
)

// NIST SP 800-63B-4 §4.2.3: whoever is recovered is told, in a way that does not
// depend on what is being recovered.

func (d *Desk) tellOpened(ctx context.Context, made Case, person people.Person, objection secret.Value) error {
	text := fmt.Sprintf("Somebody has told the service desk that you cannot sign in: %s. They asked for a way to register a new security key.\n\n"+
		"If that was you, there is nothing to do.\n\nIf it was not you, open this address and stop it. You need not sign in:\n%s\n\nThen tell the service desk.",
		lower(made.Why.Label()), d.deps.ObjectionAt(objection))
	if err := d.deps.Tell(ctx, person.ID, "Somebody says that you cannot sign in", text); err != nil {
		return err
	}
	return d.tellManager(ctx, person, "A colleague cannot sign in", fmt.Sprintf(
		"The service desk is helping %s to a new security key, because somebody asked for it in their name. If you know that they did not ask, tell the service desk now.", person.Name))
}

func (d *Desk) tellManagerAsked(ctx context.Context, c *Case, manager ids.Person) error {
	person, err := d.deps.People.Get(ctx, c.Person)
	if err != nil {
		return err
	}
	return d.deps.Tell(ctx, manager, "Please say whether a colleague has asked for help", fmt.Sprintf(
		"%s says that they cannot sign in. Speak to them yourself, in person or on a number you already have. Then sign in, open “Help with signing in” on your own page, and say with a touch of your key whether it is really them.", person.Name))
}

func (d *Desk) tellCooling(ctx context.Context, c *Case) error {
	person, err := d.deps.People.Get(ctx, c.Person)
	if err != nil {
		return err
	}
	when := c.CoolsUntil.Format("2 January 2006 at 15:04 UTC")
	if err := d.deps.Tell(ctx, person.ID, "A new key for you has been approved", fmt.Sprintf(
		"Two people have approved that a new security key is registered for you, from %s. Nothing can be registered before that.\n\n"+
			"If you have not asked for it, tell the service desk before then, or use the address in the message before this one. Either stops it.", when)); err != nil {
		return err
	}
	return d.tellManager(ctx, person, "A new key for a colleague has been approved", fmt.Sprintf(
		"Two people have approved that a new security key is registered for %s, from %s. If you know that they did not ask, tell the service desk before then.", person.Name, when))
}

func (d *Desk) tellCompleted(ctx context.Context, c *Case) error {
	person, err := d.deps.People.Get(ctx, c.Person)
	if err != nil {
		return err
	}
	text := "With the help of the service desk you have registered a new security key and used it."
	if len(c.Lost) > 0 {
		text += " The keys that you reported stay blocked, and whatever was signed in with them is signed out."
	}
	if err := d.deps.Tell(ctx, person.ID, "You can sign in again", text+"\n\nIf that was not you, tell the service desk now."); err != nil {
		return err
	}
	return d.tellManager(ctx, person, "A colleague can sign in again", fmt.Sprintf(
		"%s has registered a new security key with the help of the service desk. If you know that it was not them, tell the service desk now.", person.Name))
}

func (d *Desk) tellEnded(ctx context.Context, c *Case) error {
	person, err := d.deps.People.Get(ctx, c.Person)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("What the service desk was doing to help you to a new key has ended: %s. Nothing that was given to you for it works any more.", lower(c.State.Label()))
	if c.Credential != "" {
		text += " The key that had been registered is blocked."
	}
	return d.deps.Tell(ctx, person.ID, "Help with signing in has ended", text+"\n\nIf you still cannot sign in, ask the service desk.")
}

// tellManager tells the line manager, if there is one.
func (d *Desk) tellManager(ctx context.Context, person people.Person, subject, text string) error {
	if person.Manager == "" || person.Manager == person.ID {
		return nil
	}
	return d.deps.Tell(ctx, person.Manager, subject, text)
}

// lower begins a label that stands inside a sentence with a small letter.
func lower(label string) string {
	return string(label[0]|' ') + label[1:]
}
