package attemptsdb_test

import (
	"testing"

	"github.com/warder-project/warder/internal/access/signin/attempts/attemptsdb"
	"github.com/warder-project/warder/internal/access/signin/attempts/attemptstest"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestStoreKeepsItsContract(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		engine := d.Engine()
		attemptstest.Contract(t, func(t testing.TB) attemptstest.Kept {
			fresh := dbtest.SQLite
			if engine == "postgres" {
				fresh = dbtest.Postgres
			}
			database := fresh(t)
			return attemptstest.Kept{Store: attemptsdb.New(database), Tx: database}
		})
	})
}
