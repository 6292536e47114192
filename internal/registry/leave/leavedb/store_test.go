package leavedb_test

import (
	"testing"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/registry/leave/leavedb"
	"github.com/warder-project/warder/internal/registry/leave/leavetest"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func house(d *db.DB) leavetest.House { return leavetest.House{Store: leavedb.New(d), Tx: d} }

func TestContractOnSQLite(t *testing.T) {
	t.Parallel()
	leavetest.Contract(t, func(t testing.TB) leavetest.House { return house(dbtest.SQLite(t)) })
}

func TestContractOnPostgreSQL(t *testing.T) {
	t.Parallel()
	leavetest.Contract(t, func(t testing.TB) leavetest.House { return house(dbtest.Postgres(t)) })
}
