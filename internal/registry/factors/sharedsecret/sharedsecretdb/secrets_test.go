package sharedsecretdb_test

import (
	"testing"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret/sharedsecretdb"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret/sharedsecrettest"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func house(d *db.DB) sharedsecrettest.House {
	return sharedsecrettest.House{Store: sharedsecretdb.New(d), Tx: d}
}

func TestContractOnSQLite(t *testing.T) {
	t.Parallel()
	sharedsecrettest.Contract(t, func(t testing.TB) sharedsecrettest.House { return house(dbtest.SQLite(t)) })
}

func TestContractOnPostgreSQL(t *testing.T) {
	t.Parallel()
	sharedsecrettest.Contract(t, func(t testing.TB) sharedsecrettest.House { return house(dbtest.Postgres(t)) })
}
