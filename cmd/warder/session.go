package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/standing"
	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/base/ids"
)

type sessionCommand struct {
	List sessionList `cmd:"" help:"List browsers that are signed in, newest first."`
	End  sessionEnd  `cmd:"" help:"End one session with what was opened from it, or all of a person."`
}

type sessionList struct {
	settings
	Person string `help:"Only sessions of this person (sign-in name)."`
}

func (c *sessionList) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		filter := sessions.Filter{Limit: 500}
		if c.Person != "" {
			person, err := a.People.ByUserName(w.ctx, c.Person)
			if err != nil {
				return err
			}
			filter.Person = person.ID
		}
		table := newTable(w.stdout, "ID", "PERSON", "SIGNED IN", "LAST USED", "BROWSER", "ADDRESS", "SIGNED IN WITH", "KEY", "SERVICES")
		names := map[ids.Person]string{}
		for {
			page, next, err := a.Sessions.List(w.ctx, filter)
			if err != nil {
				return err
			}
			for i := range page {
				one := &page[i]
				if _, known := names[one.Person]; !known {
					person, err := a.People.Get(w.ctx, one.Person)
					if err != nil {
						return err
					}
					names[one.Person] = person.UserName
				}
				table.row(string(one.ID), names[one.Person], one.CreatedAt.UTC().Format(time.RFC3339), one.LastUsed().UTC().Format(time.RFC3339),
					one.Browser(), one.IP, one.Method(), string(one.Key), strings.Join(one.Hosts(), ", "))
			}
			if next == "" {
				return table.flush()
			}
			filter.After = next
		}
	})
}

type sessionEnd struct {
	settings
	ID     string `help:"Id of the session (ses_…)." xor:"which" required:""`
	Person string `help:"Or sign-in name: all sessions of this person." xor:"which" required:""`
	DryRun bool   `help:"Only say what would happen."`
}

func (c *sessionEnd) Run(w *world) error {
	if c.Person != "" {
		return c.change(w, c.Person, standing.Order{Deed: standing.SignOut}, c.DryRun)
	}
	id, err := ids.Parse[ids.Session](c.ID)
	if err != nil {
		return sessions.NoSuch.Because(err)
	}
	return c.with(w, func(a *app.App) error {
		open, err := a.Sessions.Look(w.ctx, id)
		if err != nil {
			return err
		}
		services := strings.Join(open.Hosts(), ", ")
		if services == "" {
			services = "none"
		}
		if c.DryRun {
			fmt.Fprintf(w.stdout, "Nothing has been changed. It would end %s on %s. Services that would close with it: %s.\n", open.ID, open.Browser(), services)
			return nil
		}
		if err := a.Sessions.End(w.ctx, me(), id, sessions.EndedByDesk); err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "Ended %s on %s. Services that closed with it: %s.\n", open.ID, open.Browser(), services)
		return nil
	})
}

type riskCommand struct {
	Show  riskShow  `cmd:"" help:"Show all that is kept of where and when somebody signs in."`
	Check riskCheck `cmd:"" help:"Say what the files and named networks of warder.yaml say of an address."`
}

type riskShow struct {
	settings
	Person string `arg:"" help:"Sign-in name."`
}

func (c *riskShow) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		return newTable(w.stdout, "WHAT", "VALUE", "FIRST", "LAST", "CONFIRMED OR WHY").all(a.Risk.Show(w.ctx, c.Person))
	})
}

type riskCheck struct {
	settings
	Address string `arg:"" help:"An IP address."`
}

func (c *riskCheck) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		return newTable(w.stdout, "WHAT", "VALUE").all(a.Risk.About(c.Address))
	})
}
