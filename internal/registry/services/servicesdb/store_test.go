package servicesdb_test

import (
	"context"
	"testing"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/people/peopledb"
	"github.com/warder-project/warder/internal/registry/people/peopletest"
	"github.com/warder-project/warder/internal/registry/services/servicesdb"
	"github.com/warder-project/warder/internal/registry/services/servicestest"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestSQLiteKeepsServices(t *testing.T) {
	t.Parallel()
	servicestest.Contract(t, func(t *testing.T) servicestest.Opened { return opened(t, dbtest.SQLite(t)) })
}

func TestPostgresKeepsServices(t *testing.T) {
	t.Parallel()
	servicestest.Contract(t, func(t *testing.T) servicestest.Opened { return opened(t, dbtest.Postgres(t)) })
}

func opened(t *testing.T, d *db.DB) servicestest.Opened {
	owner := peopletest.Somebody("owner")
	err := d.InTx(t.Context(), func(ctx context.Context) error { return peopledb.New(d).Add(ctx, []people.Person{owner}) })
	if err != nil {
		t.Fatal(err)
	}
	return servicestest.Opened{Store: servicesdb.New(d), Tx: d, Owner: owner.ID}
}
