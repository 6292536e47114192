package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/warder-project/warder/internal/app/demo"
)

type demoCommand struct {
	Dir   string `default:"warder-demo" help:"Directory that holds the demo. Default: warder-demo." placeholder:"DIR"`
	Port  int    `default:"8420" help:"Port of the portal; the three ports after it are used too. 0: any that are free."`
	Reset bool   `help:"Remove the demo, then start afresh." xor:"mode"`
	Tour  bool   `help:"Walk through the whole story without a browser, in a directory of its own, and print it. Exit 0 only if each step did what it says." xor:"mode"`
	Log   string `help:"Write the server's log to this file." placeholder:"FILE"`
}

func (c *demoCommand) Run(w *world) error {
	log, closeLog, err := c.openLog()
	if err != nil {
		return err
	}
	defer closeLog()
	if c.Tour {
		directory, err := os.MkdirTemp("", "warder-tour-")
		if err != nil {
			return unwritable.Because(err).At(fileMessage(os.TempDir(), err))
		}
		defer os.RemoveAll(directory)
		passed, err := demo.Tour(w.ctx, demo.Options{Directory: filepath.Join(directory, "demo"), Log: log}, w.stdout)
		if err == nil && !passed {
			return exitFindings
		}
		return err
	}
	if c.Reset {
		if err := demo.Reset(w.ctx, c.Dir); err != nil {
			return err
		}
	}
	d, err := demo.Open(w.ctx, demo.Options{Directory: c.Dir, Port: c.Port, Log: log})
	if err != nil {
		return err
	}
	return d.Run(w.ctx, func() { d.Announce(w.stdout) })
}

func (c *demoCommand) openLog() (*slog.Logger, func(), error) {
	if c.Log == "" {
		return slog.New(slog.DiscardHandler), func() {}, nil
	}
	file, err := os.OpenFile(c.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, unwritable.Because(err).At(fileMessage(c.Log, err))
	}
	return slog.New(slog.NewJSONHandler(file, nil)), func() {
		if err := file.Close(); err != nil {
			fmt.Fprintln(os.Stderr, "warder: the log may not be complete:", err)
		}
	}, nil
}
