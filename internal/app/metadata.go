package app

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/warder-project/warder/internal/base/health"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/feeds/fido"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/keys"
)

// readMetadata reads a list of the FIDO Metadata Service that the configured root signs.
func (a *App) readMetadata(name string, from io.Reader) (*fido.List, error) {
	var roots []byte
	if path := a.Config.MetadataRoot; path != "" {
		var err error
		if roots, err = os.ReadFile(path); err != nil {
			return nil, fido.RootMalformed.Because(err).At(problem.Field{Name: "metadata_root", File: path, Message: "It cannot be read."})
		}
	}
	trust, err := fido.ReadTrust(roots, a.Config.MetadataSigner)
	if err != nil {
		return nil, err
	}
	return fido.Read(name, from, trust, a.Now())
}

// ImportMetadata puts a list in use and says what came of it.
func (a *App) ImportMetadata(ctx context.Context, actor audit.Actor, out io.Writer, name string, from io.Reader) error {
	list, err := a.readMetadata(name, from)
	if err != nil {
		return err
	}
	plan, err := a.Metadata.Import(ctx, actor, list)
	if err != nil {
		return err
	}
	if plan.Same {
		return tell(out, "FIDO metadata number %d is in use already. Nothing was changed.\n", list.Number)
	}
	if err := a.tellPlan(out, plan); err != nil {
		return err
	}
	return tell(out, "It is in use now.\n")
}

// ForeseeMetadata says what importing a list would do, and changes nothing.
func (a *App) ForeseeMetadata(ctx context.Context, out io.Writer, name string, from io.Reader) error {
	list, err := a.readMetadata(name, from)
	if err != nil {
		return err
	}
	plan, err := a.Metadata.Foresee(ctx, list)
	if err != nil {
		return err
	}
	if !plan.Same {
		if err := a.tellPlan(out, plan); err != nil {
			return err
		}
	}
	return tell(out, "Nothing was changed.\n")
}

// tellPlan says what an import means, model by model.
func (a *App) tellPlan(out io.Writer, plan fido.Plan) error {
	if err := a.tellList(out, *plan.List, len(plan.List.Entries)); err != nil {
		return err
	}
	if len(plan.Models) == 0 {
		return tell(out, "\nNo model is listed here, so it concerns nobody.\n")
	}
	fmt.Fprintln(out)
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "MODEL\tCOUNTED AS\tCOUNTS AS\tCREDENTIALS\tPEOPLE\tSESSIONS CHANGED\tLEFT WITHOUT A KEY\tFIDO SAYS")
	for _, model := range plan.Models {
		fmt.Fprintf(table, "%s %s\t%s\t%s\t%d\t%d\t%d\t%d\t%s\n", model.Model.Vendor, model.Model.Name, model.Before.Words(), model.After.Words(),
			model.Credentials, model.People, model.Sessions, model.Stranded, statusWords(model.Then))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if len(plan.Unknown) > 0 {
		return tell(out, "This Warder does not know these statuses and does nothing about them: %s. Read what they mean.\n", strings.Join(plan.Unknown, ", "))
	}
	return nil
}

func (a *App) tellList(out io.Writer, list fido.List, entries int) error {
	state := "is expected by " + list.NextUpdate.Format(time.DateOnly)
	if list.Stale(a.Now()) {
		state = "was expected by " + list.NextUpdate.Format(time.DateOnly) + ": this one is out of date"
	}
	root := "the root that the FIDO Alliance uses"
	if !list.Root.Production() {
		root = "not the root that the FIDO Alliance uses, and believed because warder.yaml says so"
	}
	return tell(out, "FIDO metadata number %d. The next one %s.\nSigned by %s, under %s (%s), which ends on %s.\nIt says: %s\nMakes in it: %d; %d of another protocol left out.\n",
		list.Number, state, list.Signer, list.Root.Name, root, list.Root.Until.UTC().Format(time.DateOnly), list.LegalHeader, entries, list.Ignored)
}

// ShowMetadata says how the list in use stands, and every listed model with it. It
// reports whether somebody should do something about it.
func (a *App) ShowMetadata(ctx context.Context, out io.Writer) (findings bool, err error) {
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
		err = a.tellList(out, kept.List, kept.Count)
	} else {
		err = tell(out, "No FIDO metadata was ever imported: what the FIDO Alliance knows about your models is not known here.\n")
	}
	if err != nil {
		return false, err
	}
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "\nAAGUID\tMODEL\tALLOWED\tCOUNTS AS\tFIDO SAYS")
	for _, one := range standings {
		says := "not known"
		if one.Listed {
			says = statusWords(one.Reports)
		}
		fmt.Fprintf(table, "%s\t%s %s\t%t\t%s\t%s\n", one.Model.AAGUID, one.Model.Vendor, one.Model.Name, one.Model.Allowed, one.Worth.Words(), says)
		findings = findings || one.Model.Allowed && slices.ContainsFunc(one.Model.Warnings, func(w keys.Warning) bool { return w.InForce(a.Now()) })
	}
	return findings, table.Flush()
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

func tell(out io.Writer, format string, a ...any) error {
	_, err := fmt.Fprintf(out, format, a...)
	return err
}

// The conditions of the metadata.
const (
	metadataMissing = "fido.metadata_missing"
	metadataStale   = "fido.metadata_stale"
)

// watchMetadata says on the health page that the list is missing or out of date. Nothing
// depends on it.
func (a *App) watchMetadata(ctx context.Context) {
	kept, found, err := a.Metadata.Current(ctx)
	if err != nil {
		a.Log.Warn("FIDO metadata could not be looked up", "error", err)
		return
	}
	a.Health.Clear(metadataMissing)
	a.Health.Clear(metadataStale)
	switch {
	case !found:
		a.Health.Set(health.Condition{Code: metadataMissing, Severity: health.Warning,
			Cause: "No list of the FIDO Metadata Service was ever imported, so warnings about models of keys are not known here.",
			Next:  "Get the list from the FIDO Alliance and run warder mds import."})
	case kept.Stale(a.Now()):
		a.Health.Set(health.Condition{Code: metadataStale, Severity: health.Warning,
			Cause: "The list of the FIDO Metadata Service in use is out of date: the next one was expected by " + kept.NextUpdate.Format(time.DateOnly) + ". Newer warnings about models of keys are not known here.",
			Next:  "Get the newest list from the FIDO Alliance and run warder mds import."})
	}
}
