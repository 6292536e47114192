package helpdeskdb_test

import (
	"testing"

	"github.com/warder-project/warder/internal/access/helpdesk/helpdeskdb"
	"github.com/warder-project/warder/internal/access/helpdesk/helpdesktest"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestStoreKeepsItsContract(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		engine := d.Engine()
		helpdesktest.Contract(t, func(t testing.TB) helpdesktest.Kept {
			fresh := dbtest.SQLite
			if engine == db.Postgres {
				fresh = dbtest.Postgres
			}
			database := fresh(t)
			return helpdesktest.Kept{Store: helpdeskdb.New(database), Tx: database}
		})
	})
}
