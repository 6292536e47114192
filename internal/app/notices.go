package app

import (
	"context"
	"errors"

	"github.com/warder-project/warder/internal/app/notices"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/mail"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/people"
)

// notify writes to the person whom an event concerns, in its unit of work. NIST SP 800-63B-4
// §4.6: people are told when an authenticator is bound or taken away, without needing it.
func (a *App) notify(ctx context.Context, event audit.Event) error {
	heard, err := a.Alarm.Hear(ctx, event)
	if err = errors.Join(err, a.Exceptions.Hear(ctx, event)); heard || err != nil {
		return err
	}
	if err := a.Risk.Heard(ctx, event); err != nil {
		return err
	}
	if message, tells := notices.About(event, a.Config.PublicURL); tells && message.Person != "" {
		return a.write(ctx, message.Person, message.Subject, message.Text)
	}
	return nil
}

// write sends a message to a person, to the address they have and to those they had
// until a short time ago: what is done to an account right after its address was
// changed reaches its owner all the same. Who has no address is not told by mail;
// nothing fails because of that, nor because of an address that no mail can go to.
func (a *App) write(ctx context.Context, id ids.Person, subject, text string) error {
	person, err := a.People.Get(ctx, id)
	if problem.Is(err, people.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	addresses, err := a.Addresses.Former(ctx, person.ID, person.Email)
	if err != nil {
		return err
	}
	if person.Email != "" {
		addresses = append([]string{person.Email}, addresses...)
	}
	text += "\n\nThis is about the account " + person.UserName + " at " + a.Config.PublicURL + "."
	if a.Config.HelpContact != "" {
		text += "\nService desk: " + a.Config.HelpContact
	}
	for _, address := range addresses {
		_, err := a.Mail.Send(ctx, mail.Message{To: address, Person: person.ID, Subject: subject, Text: text})
		if problem.Is(err, mail.BadAddress) {
			a.Log.WarnContext(ctx, "a message could not be addressed", "person", string(person.ID))
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}
