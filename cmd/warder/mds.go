package main

import "github.com/warder-project/warder/internal/app"

type mdsCommand struct {
	Import mdsImport `cmd:"" help:"Put a list of the FIDO Metadata Service in use: what it warns of holds from the next request on."`
	Show   mdsShow   `cmd:"" help:"Show the list in use and how each listed model stands. Exit code 1 when it is missing or out of date, or warns of an allowed model."`
}

type mdsImport struct {
	settings
	File   string `arg:"" help:"The list as the FIDO Alliance gives it (blob.jwt), or - for standard input."`
	DryRun bool   `help:"Say which models, credentials and people it concerns, and change nothing."`
}

func (c *mdsImport) Run(w *world) error {
	source, err := input(w, c.File)
	if err != nil {
		return err
	}
	defer source.Close()
	return c.with(w, func(a *app.App) error {
		if c.DryRun {
			return foreseeMetadata(w, a, c.File, source)
		}
		return importMetadata(w, a, c.File, source)
	})
}

type mdsShow struct{ settings }

func (c *mdsShow) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		findings, err := showMetadata(w, a)
		if err == nil && findings {
			return exitFindings
		}
		return err
	})
}
