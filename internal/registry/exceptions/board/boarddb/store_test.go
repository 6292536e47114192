package boarddb_test

import (
	"testing"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/registry/exceptions/board/boarddb"
	"github.com/warder-project/warder/internal/registry/exceptions/board/boardtest"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func house(d *db.DB) boardtest.House { return boardtest.House{Store: boarddb.New(d), Tx: d} }

func TestContractOnSQLite(t *testing.T) {
	t.Parallel()
	boardtest.Contract(t, func(t testing.TB) boardtest.House { return house(dbtest.SQLite(t)) })
}

func TestContractOnPostgreSQL(t *testing.T) {
	t.Parallel()
	boardtest.Contract(t, func(t testing.TB) boardtest.House { return house(dbtest.Postgres(t)) })
}
