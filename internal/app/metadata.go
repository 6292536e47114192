package app

import (
	"context"
	"io"
	"os"
	"time"

	"github.com/warder-project/warder/internal/base/health"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/feeds/fido"
)

// ReadMetadata reads a list of the FIDO Metadata Service that the configured root signs.
func (a *App) ReadMetadata(name string, from io.Reader) (*fido.List, error) {
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
