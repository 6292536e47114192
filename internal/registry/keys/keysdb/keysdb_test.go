package keysdb_test

import (
	"testing"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/audit/auditdb"
	"github.com/warder-project/warder/internal/registry/keys/keysdb"
	"github.com/warder-project/warder/internal/registry/keys/keystest"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func house(d *db.DB) keystest.House {
	return keystest.House{
		Store: keysdb.New(d), Models: keysdb.NewModels(d), Tx: d,
		Audit: audit.New(audit.Deps{Store: auditdb.New(d), Tx: d, Now: keystest.Monday}),
	}
}

func TestContractOnSQLite(t *testing.T) {
	t.Parallel()
	keystest.Contract(t, func(t testing.TB) keystest.House { return house(dbtest.SQLite(t)) })
}

func TestContractOnPostgreSQL(t *testing.T) {
	t.Parallel()
	keystest.Contract(t, func(t testing.TB) keystest.House { return house(dbtest.Postgres(t)) })
}
