package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/recall"
	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/registry/keys"
)

type keyModelCommand struct {
	Put  modelPut  `cmd:"" help:"Add a model or change it."`
	List modelList `cmd:"" help:"List models."`
}

type modelPut struct {
	settings
	AAGUID        string `arg:"" name:"aaguid" help:"AAGUID of the model, a lower-case UUID."`
	Vendor        string `required:"" help:"Who makes it."`
	Name          string `required:"" help:"What it is called."`
	Roots         string `xor:"roots" help:"PEM file with the certificates its attestation must chain to." placeholder:"FILE"`
	RootsFromMDS  bool   `name:"roots-from-mds" xor:"roots" help:"Copy those certificates from the FIDO metadata that was imported."`
	HardwareBound bool   `help:"Its maker states that private keys cannot leave it."`
	OwnRoots      bool   `help:"The roots sign this model and no other, so its certificates need not name it."`

	CertificateKey []string `help:"Certificate made for this model alone, as the SHA-1 of its public key in hexadecimal; may be repeated. For keys whose own AAGUID is zero (U2F, Apple): give such a model any UUID." placeholder:"HEX"`

	Deny   bool `help:"Do not let anybody register it."`
	DryRun bool `help:"Say what it would mean for credentials that exist, and change nothing."`
}

func (c *modelPut) Run(w *world) error {
	model := keys.Model{AAGUID: c.AAGUID, Vendor: c.Vendor, Name: c.Name, Allowed: !c.Deny, HardwareBound: c.HardwareBound, OwnRoots: c.OwnRoots, CertificateKeys: c.CertificateKey}
	if c.Roots != "" {
		source, err := input(w, c.Roots)
		if err != nil {
			return err
		}
		defer source.Close()
		if model.Roots, err = io.ReadAll(io.LimitReader(source, 1<<20)); err != nil {
			return unreadable.Because(err).At(fileMessage(c.Roots, err))
		}
	}
	return c.with(w, func(a *app.App) error {
		if c.RootsFromMDS {
			var err error
			if model.Roots, err = a.Metadata.Roots(w.ctx, model); err != nil {
				return err
			}
		}
		if c.DryRun {
			return foreseeModel(w, a, model)
		}
		return putModel(w, a, model)
	})
}

type modelList struct{ settings }

func (c *modelList) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		models, err := a.Models.List(w.ctx)
		if err != nil {
			return err
		}
		table := newTable(w.stdout, "AAGUID", "VENDOR", "NAME", "ALLOWED", "HARDWARE", "ROOTS", "OWN ROOTS", "CERTIFICATES", "WARNINGS")
		for _, model := range models {
			roots, err := keys.ParseRoots(model.Roots)
			if len(model.Roots) > 0 && err != nil {
				return err
			}
			table.row(model.AAGUID, model.Vendor, model.Name, yesNo(model.Allowed), yesNo(model.HardwareBound), fmt.Sprint(len(roots)), yesNo(model.OwnRoots), fmt.Sprint(len(model.CertificateKeys)), warnings(model, w.now()))
		}
		return table.flush()
	})
}

// warnings are those in force.
func warnings(model keys.Model, at time.Time) string {
	var kinds []string
	for _, one := range model.Warnings {
		if one.InForce(at) {
			kinds = append(kinds, string(one.Kind))
		}
	}
	return strings.Join(kinds, " ")
}

func yesNo(fact bool) string {
	if fact {
		return "yes"
	}
	return "no"
}

// putModel adds a model or changes it, and says what may be done with it now.
func putModel(w *world, a *app.App, model keys.Model) error {
	out := w.stdout
	effect, err := a.Recall.Put(w.ctx, me(), model)
	if err != nil {
		return err
	}
	kept, verb := effect.Model, "may be registered"
	switch {
	case !kept.Allowed:
		verb = "may not be registered"
	case !effect.After.Register:
		verb = "is allowed, but may not be registered while there is a warning about it"
	}
	if _, err := fmt.Fprintf(out, "%s %s (%s) %s.\n", kept.Vendor, kept.Name, kept.AAGUID, verb); err != nil {
		return err
	}
	if effect.Sessions == 0 {
		return nil
	}
	if !effect.After.SignIn {
		_, err = fmt.Fprintf(out, "Sessions that ended: %d.\n", effect.Sessions)
		return err
	}
	_, err = fmt.Fprintf(out, "Sessions that count as %s from their next request on: %d.\n", effect.After.Words(), effect.Sessions)
	return err
}

// foreseeModel says what a change of a model would mean for those who have such keys, and
// changes nothing.
func foreseeModel(w *world, a *app.App, model keys.Model) error {
	out := w.stdout
	effect, err := a.Recall.Foresee(w.ctx, model)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Credentials of this model in use: %d. People who have them: %d.\n", effect.Credentials, effect.People)
	if effect.Credentials > 0 {
		tellWorth(out, effect)
	}
	_, err = fmt.Fprintln(out, "Nothing was changed.")
	return err
}

// tellWorth says what changes for those who have keys of the model.
func tellWorth(out io.Writer, effect recall.Effect) {
	fmt.Fprintf(out, "They count as %s now, and would count as %s.\n", effect.Before.Words(), effect.After.Words())
	switch {
	case effect.Sessions == 0:
	case effect.After.SignIn:
		fmt.Fprintf(out, "Sessions that would count for less from their next request on: %d.\n", effect.Sessions)
	default:
		fmt.Fprintf(out, "Sessions that would end: %d.\n", effect.Sessions)
	}
}
