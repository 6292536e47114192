package gatedb_test

import (
	"testing"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/journey/forecast/gate/gatedb"
	"github.com/warder-project/warder/internal/journey/forecast/gate/gatetest"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func house(d *db.DB) gatetest.House { return gatetest.House{Store: gatedb.New(d), Tx: d} }

func TestContractOnSQLite(t *testing.T) {
	t.Parallel()
	gatetest.Contract(t, func(t testing.TB) gatetest.House { return house(dbtest.SQLite(t)) })
}

func TestContractOnPostgreSQL(t *testing.T) {
	t.Parallel()
	gatetest.Contract(t, func(t testing.TB) gatetest.House { return house(dbtest.Postgres(t)) })
}
