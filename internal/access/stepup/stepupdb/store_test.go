package stepupdb_test

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/stepup/stepupdb"
	"github.com/warder-project/warder/internal/access/stepup/stepuptest"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/seal"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestSQLiteKeepsStepUps(t *testing.T) {
	t.Parallel()
	stepuptest.Contract(t, func(t *testing.T) stepuptest.Opened { return opened(t, dbtest.SQLite(t)) })
}

func TestPostgresKeepsStepUps(t *testing.T) {
	t.Parallel()
	stepuptest.Contract(t, func(t *testing.T) stepuptest.Opened { return opened(t, dbtest.Postgres(t)) })
}

func opened(t *testing.T, d *db.DB) stepuptest.Opened {
	sealer, err := seal.OpenKeyFile(filepath.Join(t.TempDir(), "master.key"), true)
	if err != nil {
		t.Fatal(err)
	}
	return stepuptest.Opened{Store: stepupdb.New(d, sealer), Tx: d}
}

func TestContentIsSealed(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	held := stepuptest.A(time.Now())
	if err := d.InTx(t.Context(), func(ctx context.Context) error { return opened(t, d).Store.Add(ctx, held) }); err != nil {
		t.Fatal(err)
	}
	var kept []byte
	if err := d.From(t.Context()).QueryRowContext(t.Context(), "select body from step_up").Scan(&kept); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(kept, held.Body) {
		t.Errorf("the content stands in the database: %q", kept)
	}
}
