package throttledb_test

import (
	"testing"

	"github.com/warder-project/warder/internal/access/throttle/throttledb"
	"github.com/warder-project/warder/internal/access/throttle/throttletest"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestStoreKeepsItsContract(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		engine := d.Engine()
		throttletest.Contract(t, func(t testing.TB) throttletest.Kept {
			fresh := dbtest.SQLite
			if engine == db.Postgres {
				fresh = dbtest.Postgres
			}
			database := fresh(t)
			return throttletest.Kept{Store: throttledb.New(database), Tx: database}
		})
	})
}
