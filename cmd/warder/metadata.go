package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/feeds/fido"
	"github.com/warder-project/warder/internal/registry/keys"
)

// importMetadata puts a list in use and says what came of it.
func importMetadata(w *world, a *app.App, name string, from io.Reader) error {
	list, err := a.ReadMetadata(name, from)
	if err != nil {
		return err
	}
	plan, err := a.Metadata.Import(w.ctx, me(), list)
	if err != nil {
		return err
	}
	if plan.Same {
		return sayTo(w.stdout, "FIDO metadata number %d is in use already. Nothing was changed.\n", list.Number)
	}
	if err := tellMetadataPlan(w.stdout, a.Now(), plan); err != nil {
		return err
	}
	return sayTo(w.stdout, "It is in use now.\n")
}

// foreseeMetadata says what importing a list would do, and changes nothing.
func foreseeMetadata(w *world, a *app.App, name string, from io.Reader) error {
	list, err := a.ReadMetadata(name, from)
	if err != nil {
		return err
	}
	plan, err := a.Metadata.Foresee(w.ctx, list)
	if err != nil {
		return err
	}
	if !plan.Same {
		if err := tellMetadataPlan(w.stdout, a.Now(), plan); err != nil {
			return err
		}
	}
	return sayTo(w.stdout, "Nothing was changed.\n")
}

// tellPlan says what an import means, model by model.
func tellMetadataPlan(out io.Writer, now time.Time, plan fido.Plan) error {
	if err := tellMetadata(out, now, *plan.List, len(plan.List.Entries)); err != nil {
		return err
	}
	if len(plan.Models) == 0 {
		return sayTo(out, "\nNo model is listed here, so it concerns nobody.\n")
	}
	fmt.Fprintln(out)
	table := newTable(out, "MODEL", "COUNTED AS", "COUNTS AS", "CREDENTIALS", "PEOPLE", "SESSIONS CHANGED", "LEFT WITHOUT A KEY", "FIDO SAYS")
	for _, model := range plan.Models {
		table.row(model.Model.Vendor+" "+model.Model.Name, model.Before.Words(), model.After.Words(), fmt.Sprint(model.Credentials),
			fmt.Sprint(model.People), fmt.Sprint(model.Sessions), fmt.Sprint(model.Stranded), statusWords(model.Then))
	}
	if err := table.flush(); err != nil {
		return err
	}
	if len(plan.Unknown) > 0 {
		return sayTo(out, "This Warder does not know these statuses and does nothing about them: %s. Read what they mean.\n", strings.Join(plan.Unknown, ", "))
	}
	return nil
}

func tellMetadata(out io.Writer, now time.Time, list fido.List, entries int) error {
	state := "is expected by " + list.NextUpdate.Format(time.DateOnly)
	if list.Stale(now) {
		state = "was expected by " + list.NextUpdate.Format(time.DateOnly) + ": this one is out of date"
	}
	root := "the root that the FIDO Alliance uses"
	if !list.Root.Production() {
		root = "not the root that the FIDO Alliance uses, and believed because warder.yaml says so"
	}
	return sayTo(out, "FIDO metadata number %d. The next one %s.\nSigned by %s, under %s (%s), which ends on %s.\nIt says: %s\nMakes in it: %d; %d of another protocol left out.\n",
		list.Number, state, list.Signer, list.Root.Name, root, list.Root.Until.UTC().Format(time.DateOnly), list.LegalHeader, entries, list.Ignored)
}

// showMetadata says how the list in use stands, and every listed model with it. It
// reports whether somebody should do something about it.
func showMetadata(w *world, a *app.App) (findings bool, err error) {
	ctx, out := w.ctx, w.stdout
	kept, found, err := a.Metadata.Current(ctx)
	if err != nil {
		return false, err
	}
	standings, err := a.Metadata.Standings(ctx)
	if err != nil {
		return false, err
	}
	findings = !found || kept.Stale(a.Now())
	if found {
		err = tellMetadata(out, a.Now(), kept.List, kept.Count)
	} else {
		err = sayTo(out, "No FIDO metadata was ever imported: what the FIDO Alliance knows about your models is not known here.\n")
	}
	if err != nil {
		return false, err
	}
	fmt.Fprintln(out)
	table := newTable(out, "AAGUID", "MODEL", "ALLOWED", "COUNTS AS", "FIDO SAYS")
	for _, one := range standings {
		says := "not known"
		if one.Listed {
			says = statusWords(one.Reports)
		}
		table.row(one.Model.AAGUID, one.Model.Vendor+" "+one.Model.Name, fmt.Sprint(one.Model.Allowed), one.Worth.Words(), says)
		findings = findings || one.Model.Allowed && slices.ContainsFunc(one.Model.Warnings, func(w keys.Warning) bool { return w.InForce(a.Now()) })
	}
	return findings, table.flush()
}

// statusWords writes reports in order, with the days that are known.
func statusWords(reports []fido.Report) string {
	if reports == nil {
		return "not known"
	}
	words := make([]string, len(reports))
	for i, report := range reports {
		words[i] = report.Words()
	}
	if len(words) == 0 {
		return "nothing"
	}
	return strings.Join(words, ", ")
}

// sayTo writes one sentence.
func sayTo(out io.Writer, format string, a ...any) error {
	_, err := fmt.Fprintf(out, format, a...)
	return err
}
