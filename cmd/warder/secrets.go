package main

import (
	"fmt"

	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/registry/audit"
)

type secretsCommand struct {
	Rotate secretsRotate `cmd:"" help:"Add a new master key; what was sealed before stays readable."`
}

type secretsRotate struct{ settings }

func (c *secretsRotate) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		before := a.Seal.Fingerprint()
		if err := a.Seal.Rotate(); err != nil {
			return err
		}
		err := a.RecordAlone(w.ctx, audit.Event{Actor: me(), Action: "seal.rotated", Subject: a.Seal.Fingerprint(), Details: map[string]string{"before": before}})
		if err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "New values are sealed with key %s. Keep a copy of %s in a safe place, and restart every server so that it reads the new key.\n", a.Seal.Fingerprint(), a.Config.MasterKey)
		return nil
	})
}
