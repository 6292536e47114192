package sessionsdb_test

import (
	"testing"

	"github.com/warder-project/warder/internal/access/sessions/sessionsdb"
	"github.com/warder-project/warder/internal/access/sessions/sessionstest"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func kept(d *db.DB) sessionstest.Kept {
	return sessionstest.Kept{Store: sessionsdb.New(d), Tx: d}
}

func TestContractOnSQLite(t *testing.T) {
	t.Parallel()
	sessionstest.Contract(t, func(t testing.TB) sessionstest.Kept { return kept(dbtest.SQLite(t)) })
}

func TestContractOnPostgreSQL(t *testing.T) {
	t.Parallel()
	sessionstest.Contract(t, func(t testing.TB) sessionstest.Kept { return kept(dbtest.Postgres(t)) })
}
