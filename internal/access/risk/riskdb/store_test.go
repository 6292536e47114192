package riskdb_test

import (
	"testing"

	"github.com/warder-project/warder/internal/access/risk/riskdb"
	"github.com/warder-project/warder/internal/access/risk/risktest"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestStoreKeepsItsContract(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		engine := d.Engine()
		risktest.Contract(t, func(t testing.TB) risktest.Kept {
			fresh := dbtest.SQLite
			if engine == db.Postgres {
				fresh = dbtest.Postgres
			}
			database := fresh(t)
			return risktest.Kept{Store: riskdb.New(database), DB: database}
		})
	})
}
