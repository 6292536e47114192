package main

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/app/assess"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/proof/evidence"
)

type evidenceCommand struct {
	Import   evidenceImport   `cmd:"" help:"Keep an export as evidence. What it is, is found out by itself; a file with a fault is not kept."`
	List     evidenceList     `cmd:"" help:"List the evidence that is kept."`
	Original evidenceOriginal `cmd:"" help:"Write out an original as it was brought, after checking its hash."`
	Assess   evidenceAssess   `cmd:"" help:"Work out the maturity level from the evidence that is kept."`
}

type evidenceImport struct {
	settings
	File       string `arg:"" help:"The export."`
	ExportedAt string `help:"The day it was exported, if the file does not say." placeholder:"DATE"`
	Another    bool   `help:"This is one more page of an export: it does not take the place of the pages before it."`
}

func (c *evidenceImport) Run(w *world) error {
	exported, err := day("exported-at", c.ExportedAt)
	if err != nil {
		return err
	}
	file, err := os.Open(c.File)
	if err != nil {
		return unreadable.Because(err).At(fileMessage(c.File, err))
	}
	defer file.Close()
	return c.with(w, func(a *app.App) error {
		kept, err := a.Proof().Add(w.ctx, me(), assess.Upload{Name: c.File, File: file, ExportedAt: exported, Another: c.Another})
		if err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "Kept as %s: %s, %d bytes, SHA-256 %s.\n", kept.ID, kept.Kind, kept.Size, kept.SHA256)
		if kept.Supersedes != "" {
			fmt.Fprintf(w.stdout, "It takes the place of %s, which is kept too.\n", kept.Supersedes)
		}
		return nil
	})
}

type evidenceList struct{ settings }

func (c *evidenceList) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		items, err := a.Evidence.List(w.ctx, evidence.Filter{})
		if err != nil {
			return err
		}
		table := newTable(w.stdout, "ID", "KIND", "FILE", "EXPORTED", "RECORDED", "BYTES", "SHA-256")
		for _, item := range items {
			exported := "not known"
			if !item.GeneratedAt.IsZero() {
				exported = item.GeneratedAt.Format("2006-01-02")
			}
			table.row(string(item.ID), item.Kind, item.Name, exported, item.RecordedAt.Format("2006-01-02"), fmt.Sprint(item.Size), item.SHA256)
		}
		return table.flush()
	})
}

type evidenceOriginal struct {
	settings
	ID string `arg:"" help:"Its id (evd_…)."`
}

var badEvidenceID = problem.Define(problem.Invalid, "usage.bad_evidence_id", "This is not the id of a piece of evidence.", "Copy the id from `warder evidence list`: it starts with evd_.")

// Run writes nothing until the whole original has been read and its hash is right.
func (c *evidenceOriginal) Run(w *world) error {
	id, err := ids.Parse[ids.Evidence](c.ID)
	if err != nil {
		return badEvidenceID.Because(err)
	}
	return c.with(w, func(a *app.App) error {
		_, original, err := a.Evidence.Open(w.ctx, id)
		if err != nil {
			return err
		}
		var whole bytes.Buffer
		if _, err := io.Copy(&whole, original); err != nil {
			return err
		}
		_, err = whole.WriteTo(w.stdout)
		return err
	})
}

type evidenceAssess struct {
	settings
	form
}

func (c *evidenceAssess) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		answer, err := a.Proof().Assess(w.ctx)
		if err != nil {
			return err
		}
		return c.write(w, answer)
	})
}
