package main

import (
	"log/slog"

	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/app/config"
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
	if err := deed(a); err != nil {
		return err
	}
	// Where no server runs, nobody else would chain what was just recorded.
	if _, err := a.Audit.SealPending(w.ctx); err != nil {
		quiet.Warn("the audit record could not be chained; the next server tries again", "error", err)
	}
	return nil
}
