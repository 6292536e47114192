package auditdb_test

import (
	"context"
	"testing"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/registry/audit/auditdb"
	"github.com/warder-project/warder/internal/registry/audit/audittest"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestSQLiteKeepsTheRecord(t *testing.T) {
	t.Parallel()
	audittest.Contract(t, func(t *testing.T) audittest.Opened { return opened(t, dbtest.SQLite(t)) })
}

func TestPostgresKeepsTheRecord(t *testing.T) {
	t.Parallel()
	audittest.Contract(t, func(t *testing.T) audittest.Opened { return opened(t, dbtest.Postgres(t)) })
}

func opened(t *testing.T, d *db.DB) audittest.Opened {
	return audittest.Opened{
		Store:   auditdb.New(d),
		Tx:      d,
		Retries: d.Retries,
		Tamper: func(statements ...string) {
			t.Helper()
			err := d.InTx(t.Context(), func(ctx context.Context) error {
				for _, statement := range statements {
					if _, err := d.From(ctx).ExecContext(ctx, statement); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatalf("tamper: %v", err)
			}
		},
	}
}
