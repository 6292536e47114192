package main

import (
	"context"
	"fmt"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/registry/people"
)

type personSuspend struct {
	settings
	UserName string `arg:"" help:"Sign-in name."`
	Reason   string `required:"" help:"Why, for the audit record."`
}

func (c *personSuspend) Run(w *world) error {
	return c.change(w, c.UserName, sessions.EndedByDesk, func(ctx context.Context, a *app.App, person people.Person) (people.Person, error) {
		return a.People.Suspend(ctx, me(), person.ID, w.now(), c.Reason)
	})
}

type personReinstate struct {
	settings
	UserName string `arg:"" help:"Sign-in name."`
	Reason   string `required:"" help:"Why, for the audit record."`
}

func (c *personReinstate) Run(w *world) error {
	return c.change(w, c.UserName, sessions.EndedByDesk, func(ctx context.Context, a *app.App, person people.Person) (people.Person, error) {
		return a.People.Reinstate(ctx, me(), person.ID, c.Reason)
	})
}

type personLeave struct {
	settings
	UserName string `arg:"" help:"Sign-in name."`
	On       string `help:"Last working day, YYYY-MM-DD. Today, earlier, or not given: nothing of theirs works any more from now on." placeholder:"DATE"`
	Reason   string `help:"Why, for the audit record."`
}

func (c *personLeave) Run(w *world) error {
	on, err := day("on", c.On)
	if err != nil {
		return err
	}
	return c.change(w, c.UserName, sessions.PersonLeft, func(ctx context.Context, a *app.App, person people.Person) (people.Person, error) {
		return a.People.Leave(ctx, me(), person.ID, on, c.Reason)
	})
}

type personSignOut struct {
	settings
	UserName string `arg:"" help:"Sign-in name."`
}

func (c *personSignOut) Run(w *world) error {
	return c.change(w, c.UserName, sessions.EndedByDesk, func(_ context.Context, _ *app.App, person people.Person) (people.Person, error) {
		return person, nil
	})
}

// change does a deed to somebody and ends all their sessions, in one unit of
// work. Sessions are ended and not only refused, so that none is alive again when
// somebody is reinstated. Whoever leaves on a day to come keeps theirs until then.
func (s settings) change(w *world, userName string, why sessions.Reason, deed func(context.Context, *app.App, people.Person) (people.Person, error)) error {
	return s.with(w, func(a *app.App) error {
		person, err := a.People.ByUserName(w.ctx, userName)
		if err != nil {
			return err
		}
		ended := 0
		err = a.DB.InTx(w.ctx, func(ctx context.Context) error {
			if person, err = deed(ctx, a, person); err != nil {
				return err
			}
			if why == sessions.PersonLeft && person.State != people.Left {
				return nil
			}
			ended, err = a.Sessions.EndOfPerson(ctx, me(), person.ID, why)
			return err
		})
		if err != nil {
			return err
		}
		is := "is " + string(person.State)
		if person.State == people.Left {
			is = "has left"
		}
		fmt.Fprintf(w.stdout, "%s %s. Last working day: %s. Sessions ended: %d.\n", person.UserName, is, dateOr(person.Ends, "not set"), ended)
		return nil
	})
}
