package main

import (
	"fmt"
	"io"
	"time"

	"github.com/warder-project/warder/internal/access/standing"
	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/registry/people"
)

type personSuspend struct {
	settings
	UserName string `arg:"" help:"Sign-in name."`
	Reason   string `required:"" help:"Why, for the audit record."`
	DryRun   bool   `help:"Only say what would happen."`
}

func (c *personSuspend) Run(w *world) error {
	return c.change(w, c.UserName, standing.Order{Deed: standing.Suspend, Reason: c.Reason}, c.DryRun)
}

type personReinstate struct {
	settings
	UserName string `arg:"" help:"Sign-in name."`
	Reason   string `required:"" help:"Why, for the audit record."`
	DryRun   bool   `help:"Only say what would happen."`
}

func (c *personReinstate) Run(w *world) error {
	return c.change(w, c.UserName, standing.Order{Deed: standing.Reinstate, Reason: c.Reason}, c.DryRun)
}

type personLeave struct {
	settings
	UserName string `arg:"" help:"Sign-in name."`
	On       string `help:"Last working day, YYYY-MM-DD. Today, earlier, or not given: nothing of theirs works any more from now on." placeholder:"DATE"`
	Reason   string `help:"Why, for the audit record."`
	DryRun   bool   `help:"Only say what would happen."`
}

func (c *personLeave) Run(w *world) error {
	on, err := day("on", c.On)
	if err != nil {
		return err
	}
	return c.change(w, c.UserName, standing.Order{Deed: standing.Leave, On: on, Reason: c.Reason}, c.DryRun)
}

type personSignOut struct {
	settings
	UserName string `arg:"" help:"Sign-in name."`
	DryRun   bool   `help:"Only say what would happen."`
}

func (c *personSignOut) Run(w *world) error {
	return c.change(w, c.UserName, standing.Order{Deed: standing.SignOut}, c.DryRun)
}

// change does a deed to somebody, or says what it would do.
func (s settings) change(w *world, userName string, order standing.Order, dryRun bool) error {
	return s.with(w, func(a *app.App) error {
		person, err := a.People.ByUserName(w.ctx, userName)
		if err != nil {
			return err
		}
		order.Person = person.ID
		if dryRun {
			preview, err := a.Standing.Preview(w.ctx, order)
			if err != nil {
				return err
			}
			return tellPreview(w.stdout, preview)
		}
		outcome, err := a.Standing.Do(w.ctx, me(), order)
		if err != nil {
			return err
		}
		is := "is " + string(outcome.Person.State)
		if outcome.Person.State == people.Left {
			is = "has left"
		}
		fmt.Fprintf(w.stdout, "%s %s. Last working day: %s. Sessions ended: %d.\n", person.UserName, is, dateOr(outcome.Person.Ends, "not set"), outcome.SessionsEnded)
		if len(outcome.Keys) > 0 {
			fmt.Fprintln(w.stdout, "Keys that must come back:")
			for _, key := range outcome.Keys {
				fmt.Fprintln(w.stdout, "  "+keyLine(key))
			}
		}
		return nil
	})
}

// tellPreview says what a deed would do.
func tellPreview(out io.Writer, preview standing.Preview) error {
	fmt.Fprintf(out, "Nothing has been changed. %s is %s and would be %s. Sessions that would end: %d. Keys that must come back: %d.\n",
		preview.Person.UserName, preview.Person.State, preview.Becomes, len(preview.Sessions), len(preview.Keys))
	if len(preview.Sessions) > 0 {
		sessions := newTable(out, "SESSION", "WHERE", "BROWSER", "LAST USED")
		for _, session := range preview.Sessions {
			sessions.row(string(session.ID), session.Place(), session.Browser(), session.LastSeenAt.UTC().Format(time.RFC3339))
		}
		if err := sessions.flush(); err != nil {
			return err
		}
	}
	for _, key := range preview.Keys {
		fmt.Fprintln(out, "  "+keyLine(key))
	}
	return nil
}
