package main

import (
	"cmp"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/app"
)

type personTries struct {
	settings
	UserName string `arg:"" help:"Sign-in name."`
	Forget   bool   `help:"Forget the wrong tries, once you are sure who asks for it. What waits then waits five minutes at most."`
}

func (c *personTries) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		person, err := a.People.ByUserName(w.ctx, c.UserName)
		if err != nil {
			return err
		}
		if c.Forget {
			lifted, err := a.Throttle.Lift(w.ctx, me(), person.UserName)
			if err != nil {
				return err
			}
			fmt.Fprintf(w.stdout, "The wrong tries of %s are forgotten. Counts that held them back: %d.\n", person.UserName, lifted)
			return nil
		}
		standings, err := a.Throttle.Standings(w.ctx, person.UserName)
		if err != nil {
			return err
		}
		if len(standings) == 0 {
			fmt.Fprintf(w.stdout, "Nothing holds %s back.\n", person.UserName)
			return nil
		}
		table := newTable(w.stdout, "METHOD", "FROM", "WRONG TRIES IN A ROW", "NOW")
		for _, one := range standings {
			now := "may try"
			switch {
			case one.Stopped:
				now = "stopped"
			case one.Wait > 0:
				now = "waits " + one.Wait.Round(time.Second).String()
			}
			table.row(one.Kind, cmp.Or(one.Place, "all but the usual places"), fmt.Sprint(one.Failures), now)
		}
		return table.flush()
	})
}
