package breakglassdb_test

import (
	"testing"

	"github.com/warder-project/warder/internal/access/breakglass/breakglassdb"
	"github.com/warder-project/warder/internal/access/breakglass/breakglasstest"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func kept(d *db.DB) breakglasstest.Kept {
	return breakglasstest.Kept{Store: breakglassdb.New(d), Tx: d}
}

func TestContractOnSQLite(t *testing.T) {
	t.Parallel()
	breakglasstest.Contract(t, func(t testing.TB) breakglasstest.Kept { return kept(dbtest.SQLite(t)) })
}

func TestContractOnPostgreSQL(t *testing.T) {
	t.Parallel()
	breakglasstest.Contract(t, func(t testing.TB) breakglasstest.Kept { return kept(dbtest.Postgres(t)) })
}
