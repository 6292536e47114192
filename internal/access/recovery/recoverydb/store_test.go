package recoverydb_test

import (
	"testing"

	"github.com/warder-project/warder/internal/access/recovery/recoverydb"
	"github.com/warder-project/warder/internal/access/recovery/recoverytest"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestStoreKeepsItsContract(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		engine := d.Engine()
		recoverytest.Contract(t, func(t testing.TB) recoverytest.Kept {
			fresh := dbtest.SQLite
			if engine == db.Postgres {
				fresh = dbtest.Postgres
			}
			database := fresh(t)
			return recoverytest.Kept{Store: recoverydb.New(database), Tx: database}
		})
	})
}
