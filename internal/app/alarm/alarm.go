// Package alarm makes the noise about an emergency access: mails to everybody who
// administers Warder, health conditions on every node, and a notice above the pages.
// What an emergency access is, and when it is over, is access/breakglass’s.
package alarm

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/warder-project/warder/internal/access/breakglass"
	"github.com/warder-project/warder/internal/access/breakglass/breakglassweb"
	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/base/health"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/mail"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/registry/audit"
)

// Deps is what a Bell needs. All but SecurityContact is required.
type Deps struct {
	BreakGlass *breakglass.Desk
	Roles      *roles.Roster
	Mail       *mail.Outbox
	Health     *health.Board
	Log        *slog.Logger
	// Write sends a message to a person, if they can be written to.
	Write           func(ctx context.Context, person ids.Person, subject, text string) error
	PublicURL       string
	SecurityContact string // an e-mail address; may be empty
}

// Bell makes the noise.
type Bell struct{ deps Deps }

// New makes a Bell.
func New(deps Deps) *Bell { return &Bell{deps: deps} }

// watchEvery is how many seconds lie between two looks at the emergency access.
const watchEvery = 5

// Watch keeps this node's health conditions about the emergency access.
func (b *Bell) Watch(ctx context.Context, ticks <-chan time.Time) {
	for count := 0; ; count++ {
		if count%watchEvery == 0 {
			if err := b.Look(ctx); err != nil && ctx.Err() == nil {
				b.deps.Log.Error("the emergency access could not be looked at", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticks:
		}
	}
}

// Look sets and clears the conditions, as things are now.
func (b *Bell) Look(ctx context.Context) error {
	found, err := b.deps.BreakGlass.Conditions(ctx)
	if err != nil {
		return err
	}
	so := map[string]bool{}
	for _, condition := range found {
		so[condition.Code] = true
		b.deps.Health.Set(condition)
	}
	for _, code := range breakglass.ConditionCodes() {
		if !so[code] {
			b.deps.Health.Clear(code)
		}
	}
	return nil
}

// Notice stands on every page of those who may see the emergency access,
// while Warder is open in one.
func (b *Bell) Notice(ctx context.Context, viewer web.Viewer) (web.Link, error) {
	if viewer.May == nil || !viewer.May(web.BreakGlassRead) {
		return web.Link{}, nil
	}
	use, open, err := b.deps.BreakGlass.OpenNow(ctx)
	if err != nil || !open {
		return web.Link{}, err
	}
	return web.Link{Path: breakglassweb.AdminPath + "/uses/" + string(use.ID),
		Label: fmt.Sprintf("Warder is open in an emergency: %s and %s are administrators until %s UTC.", use.First.Holder, use.Second.Holder, use.Until.Format("15:04"))}, nil
}

// Hear tells whoever must hear of an event about the emergency access, and reports
// whether it was one. It is called in the event's own unit of work.
func (b *Bell) Hear(ctx context.Context, event audit.Event) (bool, error) {
	subject, text := b.about(event)
	if subject == "" {
		return false, nil
	}
	return true, b.ring(ctx, subject, text)
}

// about is what everybody who administers Warder is told of an event; empty when it
// is about something else.
func (b *Bell) about(event audit.Event) (subject, text string) {
	said := event.Details
	test := said["purpose"] == string(breakglass.Test)
	where := b.deps.PublicURL + breakglassweb.AdminPath
	switch event.Action {
	case "breakglass.first_key":
		if test {
			return "", ""
		}
		return "Somebody has begun to open Warder in an emergency", fmt.Sprintf(
			"%s has touched one of the keys for emergencies and gives this reason:\n\n%s\n\nNothing is open yet: a second person has ten minutes to touch another key. If you do not know why, ask now.", said["first_holder"], said["reason"])
	case "breakglass.opened":
		return "Warder is open in an emergency", fmt.Sprintf(
			"%s and %s have opened Warder with two keys for emergencies. They are administrators until %s at the latest.\n\nThe reason they gave:\n\n%s\n\nIf you do not know why, end it now: %s",
			said["first_holder"], said["second_holder"], said["until"], said["reason"], where)
	case "breakglass.tested":
		return "The emergency access was tested", fmt.Sprintf("%s and %s have touched two keys for emergencies in a test. Nothing was opened.\n\n%s", said["first_holder"], said["second_holder"], said["reason"])
	case "breakglass.lapsed":
		if test {
			return "", ""
		}
		return "An emergency access was begun and not completed", fmt.Sprintf(
			"%s touched one of the keys for emergencies, and nobody touched a second one in time. Nothing was opened.\n\nThe reason they gave:\n\n%s\n\nFind out why: somebody had a key in hand that is kept for emergencies.", said["first_holder"], said["reason"])
	case "breakglass.ended":
		return "The emergency access is over, and waits for a review", fmt.Sprintf("The emergency access of %s and %s is over. An administrator who had no part in it must look at what was done and record it: %s", said["first_holder"], said["second_holder"], where)
	case "recover.used":
		return "Somebody has used warder recover on the host", fmt.Sprintf(
			"The user %s of the machine that Warder runs on has made a one-time link that makes an administrator, with the command `warder recover`.\n\nThe reason they gave:\n\n%s\n\nAn administrator who had no part in it must look at it and record that: %s", event.Actor.ID, said["reason"], where)
	}
	return "", ""
}

// ring writes to everybody who administers Warder or leads its security, and to
// the security contact. Somebody who cannot be written to does not stop it: in an
// emergency nothing must fail for want of an address.
func (b *Bell) ring(ctx context.Context, subject, text string) error {
	told := map[ids.Person]bool{}
	grants, err := b.deps.Roles.All(ctx)
	if err != nil {
		return err
	}
	for _, grant := range grants {
		if told[grant.Person] || grant.Role != roles.Administrator && grant.Role != roles.SecurityLead {
			continue
		}
		told[grant.Person] = true
		if err := b.deps.Write(ctx, grant.Person, subject, text); err != nil {
			return err
		}
	}
	if b.deps.SecurityContact == "" {
		return nil
	}
	_, err = b.deps.Mail.Send(ctx, mail.Message{To: b.deps.SecurityContact, Subject: subject, Text: text})
	if problem.Is(err, mail.BadAddress) {
		return nil
	}
	return err
}
