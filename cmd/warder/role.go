package main

import (
	"fmt"

	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/app"
)

type personRole struct {
	settings
	UserName string `arg:"" help:"Sign-in name."`
	Role     string `arg:"" enum:"administrator,security_lead,key_custodian,service_desk,auditor,exercise_lead,risk_owner" help:"administrator, security_lead, key_custodian, service_desk, auditor, exercise_lead or risk_owner."`
	Revoke   bool   `help:"Take the role away."`
}

func (c *personRole) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		person, err := a.People.ByUserName(w.ctx, c.UserName)
		if err != nil {
			return err
		}
		if c.Revoke {
			if err := a.Roles.Revoke(w.ctx, me(), person.ID, roles.Role(c.Role)); err != nil {
				return err
			}
			fmt.Fprintf(w.stdout, "%s is no longer %s.\n", person.UserName, c.Role)
			return nil
		}
		if err := a.Roles.Grant(w.ctx, me(), person.ID, roles.Role(c.Role)); err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "%s is now %s.\n", person.UserName, c.Role)
		return nil
	})
}
