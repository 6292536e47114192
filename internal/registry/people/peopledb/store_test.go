package peopledb_test

import (
	"testing"

	"github.com/warder-project/warder/internal/registry/people/peopledb"
	"github.com/warder-project/warder/internal/registry/people/peopletest"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestSQLiteKeepsPeople(t *testing.T) {
	t.Parallel()
	peopletest.Contract(t, func(t *testing.T) peopletest.Opened {
		d := dbtest.SQLite(t)
		return peopletest.Opened{Store: peopledb.New(d), Tx: d}
	})
}

func TestPostgresKeepsPeople(t *testing.T) {
	t.Parallel()
	peopletest.Contract(t, func(t *testing.T) peopletest.Opened {
		d := dbtest.Postgres(t)
		return peopletest.Opened{Store: peopledb.New(d), Tx: d}
	})
}
