package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/breakglass"
	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/people"
)

type breakGlassCommand struct {
	List    breakGlassList    `cmd:"" help:"List the identities for emergencies, their keys and places, and what is wrong with them."`
	Add     breakGlassAdd     `cmd:"" help:"Add an identity for emergencies and print the one-time link for its key."`
	Place   breakGlassPlace   `cmd:"" help:"Record where a key for emergencies is kept."`
	TestDue breakGlassTestDue `cmd:"" help:"Say which keys are to be tested, and whether two people could open Warder. Exit code 1 when they could not."`
}

type breakGlassList struct{ settings }

func (c *breakGlassList) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		found, err := a.BreakGlass.Readiness(w.ctx)
		if err != nil {
			return err
		}
		table := newTable(w.stdout, "IDENTITY", "NAME", "KEY", "SERIAL NUMBER", "KEPT", "LAST TOUCHED", "WRONG")
		for _, identity := range found.Identities {
			if len(identity.Keys) == 0 {
				table.row(identity.Person.UserName, identity.Person.Name, "none", "", "", "", faults(identity.Faults))
			}
			for _, held := range identity.Keys {
				touched := "never"
				if !held.Touched.IsZero() {
					touched = held.Touched.Format(time.RFC3339)
				}
				table.row(identity.Person.UserName, identity.Person.Name, string(held.Key.ID), cmp.Or(held.Key.Serial, "not known"),
					cmp.Or(held.Key.Place, "not recorded"), touched, faults(append(identity.Faults, held.Faults...)))
			}
		}
		return table.flush()
	})
}

func faults(found []breakglass.Fault) string {
	var words []string
	for _, fault := range found {
		words = append(words, string(fault))
	}
	return cmp.Or(strings.Join(words, ", "), "nothing")
}

type breakGlassAdd struct {
	settings
	UserName string        `arg:"" help:"Name of the identity, such as emergency-north. It is nobody's sign-in name."`
	Name     string        `required:"" help:"What it is called, such as “Key in the York safe”."`
	For      time.Duration `default:"24h" help:"How long the link works."`
}

func (c *breakGlassAdd) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		var link string
		err := a.DB.InTx(w.ctx, func(ctx context.Context) error {
			added, err := a.People.Add(ctx, me(), people.NewPerson{UserName: c.UserName, Name: c.Name, Kind: people.KindBreakGlass})
			if err != nil {
				return err
			}
			link, err = a.Invite(ctx, me(), added.ID, c.For)
			return err
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "Added %s. Open this link once, before %s, with its key at hand:\n%s\n"+
			"Then put the key into its place, record it with `warder breakglass place`, and test it with another key.\n",
			c.UserName, w.now().Add(c.For).Format("2 January 2006 at 15:04"), link)
		return nil
	})
}

type breakGlassPlace struct {
	settings
	Key   string `arg:"" help:"Id of the key (key_…), as list shows it."`
	Place string `arg:"" help:"Where it is kept, such as “Safe in room 12, York”."`
}

func (c *breakGlassPlace) Run(w *world) error {
	key, err := ids.Parse[ids.Key](c.Key)
	if err != nil {
		return breakglass.NotIdentity.Because(err)
	}
	return c.with(w, func(a *app.App) error {
		if err := a.BreakGlass.KeepAt(w.ctx, me(), key, c.Place); err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "%s is kept here: %s.\n", key, strings.TrimSpace(c.Place))
		return nil
	})
}

type breakGlassTestDue struct{ settings }

func (c *breakGlassTestDue) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		found, err := a.BreakGlass.Readiness(w.ctx)
		if err != nil {
			return err
		}
		for _, identity := range found.Identities {
			for _, held := range identity.Keys {
				due := "now"
				if until := held.Touched.Add(breakglass.TestEvery); !held.Touched.IsZero() && until.After(w.now()) {
					due = "by " + until.Format("2 January 2006")
				}
				fmt.Fprintf(w.stdout, "%s (%s): test %s.\n", identity.Person.UserName, held.Key.ID, due)
			}
		}
		if !found.Ready() {
			fmt.Fprintln(w.stdout, "Two people could not be counted on to open Warder in an emergency. `warder breakglass list` says why.")
			return exitFindings
		}
		fmt.Fprintln(w.stdout, "Two people could open Warder in an emergency.")
		return nil
	})
}
