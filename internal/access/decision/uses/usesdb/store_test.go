package usesdb_test

import (
	"testing"

	"github.com/warder-project/warder/internal/access/decision/decisiondb"
	"github.com/warder-project/warder/internal/access/decision/uses/usesdb"
	"github.com/warder-project/warder/internal/access/decision/uses/usestest"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func house(d *db.DB) usestest.House {
	return usestest.House{Store: usesdb.New(d), Decisions: decisiondb.New(d), Tx: d}
}

func TestContractOnSQLite(t *testing.T) {
	t.Parallel()
	usestest.Contract(t, func(t testing.TB) usestest.House { return house(dbtest.SQLite(t)) })
}

func TestContractOnPostgreSQL(t *testing.T) {
	t.Parallel()
	usestest.Contract(t, func(t testing.TB) usestest.House { return house(dbtest.Postgres(t)) })
}
