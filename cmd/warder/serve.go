package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/app/config"
	"github.com/warder-project/warder/internal/base/tx"
)

type serveCommand struct{ settings }

func (c *serveCommand) Run(w *world) error {
	checked, err := c.load()
	if err != nil {
		return err
	}
	return app.Serve(w.ctx, app.Settings{Config: checked, Log: newLog(w, checked), Now: w.now}, me(), w.stdout)
}

// newLog writes JSON lines to standard error.
func newLog(w *world, c config.Config) *slog.Logger {
	levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
	return slog.New(slog.NewJSONHandler(w.stderr, &slog.HandlerOptions{Level: levels[c.LogLevel]}))
}

// with opens Warder for one command, beside a server that may be running.
func (s settings) with(w *world, deed func(a *app.App) error) error {
	checked, err := s.load()
	if err != nil {
		return err
	}
	quiet := slog.New(slog.NewTextHandler(w.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	a, err := app.Open(w.ctx, app.Settings{Config: checked, Log: quiet, Now: w.now})
	if err != nil {
		return err
	}
	defer a.Close()
	changed := false
	a.DB.OnCommit(func(context.Context, []tx.Change) { changed = true })
	if err := deed(a); err != nil {
		return err
	}
	// Where no server runs, nobody else would chain what was just recorded.
	if _, err := a.Audit.SealPending(w.ctx); err != nil {
		quiet.Warn("the audit record could not be chained; the next server tries again", "error", err)
	}
	if !changed {
		return nil
	}
	// What was changed is in force when the command has ended.
	_, silent, err := a.DB.AwaitLive(w.ctx, patience)
	if err == nil && len(silent) > 0 {
		quiet.Warn("not every server has confirmed the change; one that has lost the database stops trusting its memory within a second", "servers", len(silent))
	}
	return err
}

// patience is how long a command waits for running servers to confirm.
const patience = 3 * time.Second
