package invitationsdb_test

import (
	"testing"

	"github.com/warder-project/warder/internal/access/invitations/invitationsdb"
	"github.com/warder-project/warder/internal/access/invitations/invitationstest"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestStoreKeepsItsContract(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		engine := d.Engine()
		invitationstest.Contract(t, func(t testing.TB) invitationstest.Kept {
			fresh := dbtest.SQLite
			if engine == db.Postgres {
				fresh = dbtest.Postgres
			}
			database := fresh(t)
			return invitationstest.Kept{Store: invitationsdb.New(database), Tx: database}
		})
	})
}
