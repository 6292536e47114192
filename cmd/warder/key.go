package main

import (
	"fmt"
	"io"
	"time"

	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/keys"
)

type keyCommand struct {
	Add   keyAdd          `cmd:"" help:"Add a key to the stock."`
	List  keyList         `cmd:"" help:"List keys."`
	Issue keyIssue        `cmd:"" help:"Hand a key to a person."`
	Block keyBlock        `cmd:"" help:"Block a lost or stolen key: sessions made with it end at once."`
	Model keyModelCommand `cmd:"" help:"The models of keys that are allowed, and the roots that prove them."`
}

type keyAdd struct {
	settings
	Serial string `required:"" help:"Serial number printed on the key."`
	Model  string `help:"AAGUID of its model."`
	Label  string `help:"A name for it."`
}

func (c *keyAdd) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		key, err := a.Keys.Add(w.ctx, me(), keys.NewKey{Serial: c.Serial, Model: c.Model, Label: c.Label})
		if err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "Added %s\n", keyLine(key))
		return nil
	})
}

func keyLine(key keys.Key) string {
	serial := key.Serial
	if serial == "" {
		serial = "serial number not known"
	}
	return fmt.Sprintf("%s  %s  %s  %s", key.ID, serial, key.State, key.Label)
}

type keyList struct {
	settings
	State  string `help:"Only keys in this state, such as in_stock, enrolled, lost."`
	Holder string `help:"Only keys of this person (sign-in name)."`
	Text   string `help:"Only keys whose serial number or label contains this."`
}

func (c *keyList) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		filter := keys.Filter{Text: c.Text, State: keys.State(c.State), Limit: 500}
		if c.Holder != "" {
			person, err := a.People.ByUserName(w.ctx, c.Holder)
			if err != nil {
				return err
			}
			filter.Holder = person.ID
		}
		table := newTable(w.stdout, "SERIAL", "STATE", "HOLDER", "MODEL", "LABEL", "ID")
		names := map[ids.Person]string{"": ""}
		for {
			page, next, err := a.Keys.List(w.ctx, filter)
			if err != nil {
				return err
			}
			for _, key := range page {
				if _, known := names[key.Holder]; !known {
					holder, err := a.People.Get(w.ctx, key.Holder)
					if err != nil {
						return err
					}
					names[key.Holder] = holder.UserName
				}
				table.row(key.Serial, string(key.State), names[key.Holder], key.Model, key.Label, string(key.ID))
			}
			if next == "" {
				return table.flush()
			}
			filter.After = next
		}
	})
}

type keyIssue struct {
	settings
	Serial string `required:"" help:"Serial number of the key."`
	To     string `required:"" help:"Sign-in name of the person."`
}

func (c *keyIssue) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		key, err := a.Keys.BySerial(w.ctx, c.Serial)
		if err != nil {
			return err
		}
		person, err := a.People.ByUserName(w.ctx, c.To)
		if err != nil {
			return err
		}
		key, err = a.Keys.Issue(w.ctx, me(), key.ID, person.ID)
		if err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "Issued to %s: %s\n", person.UserName, keyLine(key))
		return nil
	})
}

type keyBlock struct {
	settings
	Serial string `help:"Serial number of the key." xor:"which" required:""`
	ID     string `help:"Or its id (key_…)." xor:"which" required:""`
	Reason string `required:"" enum:"lost,stolen" help:"lost or stolen." placeholder:"REASON"`
	DryRun bool   `help:"Only say what would happen."`
}

var badKeyID = problem.Define(problem.Invalid, "usage.bad_key_id", "This is not the id of a key.", "Copy the id from `warder key list`: it starts with key_.")

func (c *keyBlock) Run(w *world) error {
	reported := w.now()
	return c.with(w, func(a *app.App) error {
		id := ids.Key(c.ID)
		if c.Serial != "" {
			key, err := a.Keys.BySerial(w.ctx, c.Serial)
			if err != nil {
				return err
			}
			id = key.ID
		} else if _, err := ids.Parse[ids.Key](c.ID); err != nil {
			return badKeyID.Because(err)
		}
		if c.DryRun {
			return c.preview(w, a, id)
		}
		outcome, err := a.LostKey.Report(w.ctx, me(), id, keys.Reason(c.Reason), reported)
		if err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "Blocked: %s\nSessions ended: %d. Credentials suspended: %d. In the record after %d ms.\n",
			keyLine(outcome.Key), outcome.SessionsEnded, outcome.CredentialsSuspended, outcome.Took.Milliseconds())
		confirmed, silent, err := a.DB.AwaitLive(w.ctx, patience)
		if err != nil {
			return err
		}
		tellNodes(w.stdout, len(confirmed), len(silent), w.now().Sub(reported))
		return nil
	})
}

// preview says what a block would stop, and changes nothing.
func (c *keyBlock) preview(w *world, a *app.App, id ids.Key) error {
	would, err := a.LostKey.Preview(w.ctx, id, keys.Reason(c.Reason))
	if err != nil {
		return err
	}
	fmt.Fprintf(w.stdout, "Nothing has been changed. Would be blocked for good: %s\nSessions that would end: %d. Credentials that would be suspended: %d.\n",
		keyLine(would.Key), would.SessionsEnded, would.CredentialsSuspended)
	return nil
}

func tellNodes(out io.Writer, confirmed, silent int, took time.Duration) {
	if confirmed+silent == 0 {
		fmt.Fprintln(out, "No server is running; the block holds from its first request.")
		return
	}
	fmt.Fprintf(out, "In force on %d running server(s) after %d ms.\n", confirmed, took.Milliseconds())
	if silent > 0 {
		fmt.Fprintf(out, "%d server(s) have not confirmed. They stop trusting their memory within a second of losing the database, so the block holds there too; check that they are well.\n", silent)
	}
}
