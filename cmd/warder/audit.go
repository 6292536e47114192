package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/registry/audit"
)

type auditCommand struct {
	Verify auditVerify `cmd:"" help:"Check the whole chain: finds changed, removed, inserted and reordered entries."`
	Export auditExport `cmd:"" help:"Write entries as JSON lines, in order."`
}

type auditVerify struct{ settings }

func (c *auditVerify) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		report, err := a.Audit.Verify(w.ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "%d entries sealed, %d not sealed yet.\n", report.Sealed, report.Unsealed)
		for _, fault := range report.Faults {
			fmt.Fprintf(w.stdout, "%s: %s\n", fault.Kind, fault.Sentence)
		}
		if !report.Sound() {
			fmt.Fprintln(w.stdout, "The record is not sound. Keep this database as it is, and compare it with a backup.")
			return exitFindings
		}
		fmt.Fprintln(w.stdout, "The record is sound.")
		return nil
	})
}

type auditExport struct {
	settings
	Since string `help:"First day, YYYY-MM-DD." placeholder:"DATE"`
	Until string `help:"Last day, YYYY-MM-DD." placeholder:"DATE"`
}

func (c *auditExport) Run(w *world) error {
	since, err := day("since", c.Since)
	if err != nil {
		return err
	}
	until, err := day("until", c.Until)
	if err != nil {
		return err
	}
	if !until.IsZero() {
		until = until.Add(24 * time.Hour)
	}
	return c.with(w, func(a *app.App) error {
		out := bufio.NewWriter(w.stdout)
		encoder := json.NewEncoder(out)
		if err := a.Audit.Export(w.ctx, since, until, func(entry audit.Entry) error { return encoder.Encode(entry) }); err != nil {
			return err
		}
		return out.Flush()
	})
}
