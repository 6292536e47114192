package signindb_test

import (
	"testing"

	"github.com/warder-project/warder/internal/access/signin/signindb"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestStoreKeepsItsContract(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		engine := d.Engine()
		signintest.Contract(t, func(t testing.TB) signintest.Kept {
			fresh := dbtest.SQLite
			if engine == "postgres" {
				fresh = dbtest.Postgres
			}
			database := fresh(t)
			return signintest.Kept{Store: signindb.New(database), Tx: database}
		})
	})
}
