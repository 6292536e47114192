package factorsdb_test

import (
	"testing"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/audit/auditdb"
	"github.com/warder-project/warder/internal/registry/factors/factorsdb"
	"github.com/warder-project/warder/internal/registry/factors/factorstest"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/keys/keysdb"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func house(d *db.DB) factorstest.House {
	now := factorstest.Monday
	log := audit.New(audit.Deps{Store: auditdb.New(d), Tx: d, Now: now})
	return factorstest.House{
		Store: factorsdb.New(d), Tx: d,
		Keys: keys.New(keys.Deps{Store: keysdb.New(d), Tx: d, Audit: log, Now: now}),
	}
}

func TestContractOnSQLite(t *testing.T) {
	t.Parallel()
	factorstest.Contract(t, func(t testing.TB) factorstest.House { return house(dbtest.SQLite(t)) })
}

func TestContractOnPostgreSQL(t *testing.T) {
	t.Parallel()
	factorstest.Contract(t, func(t testing.TB) factorstest.House { return house(dbtest.Postgres(t)) })
}
