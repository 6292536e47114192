package fidodb_test

import (
	"testing"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/feeds/fido/fidodb"
	"github.com/warder-project/warder/internal/feeds/fido/fidotest"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func house(d *db.DB) fidotest.House { return fidotest.House{Store: fidodb.New(d), Tx: d} }

func TestContractOnSQLite(t *testing.T) {
	t.Parallel()
	fidotest.Contract(t, func(t testing.TB) fidotest.House { return house(dbtest.SQLite(t)) })
}

func TestContractOnPostgreSQL(t *testing.T) {
	t.Parallel()
	fidotest.Contract(t, func(t testing.TB) fidotest.House { return house(dbtest.Postgres(t)) })
}
