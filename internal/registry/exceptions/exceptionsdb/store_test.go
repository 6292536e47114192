package exceptionsdb_test

import (
	"context"
	"testing"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/registry/exceptions/exceptionsdb"
	"github.com/warder-project/warder/internal/registry/exceptions/exceptionstest"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/people/peopledb"
	"github.com/warder-project/warder/internal/registry/people/peopletest"
	"github.com/warder-project/warder/internal/registry/services/servicesdb"
	"github.com/warder-project/warder/internal/registry/services/servicestest"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestStoreKeepsItsContract(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		engine := d.Engine()
		exceptionstest.Contract(t, func(t testing.TB) exceptionstest.Kept {
			if engine == db.Postgres {
				return opened(t, dbtest.Postgres(t))
			}
			return opened(t, dbtest.SQLite(t))
		})
	})
}

func opened(t testing.TB, d *db.DB) exceptionstest.Kept {
	owner, approver, service := peopletest.Somebody("owner"), peopletest.Somebody("approver"), servicestest.A("payroll")
	route := servicestest.RouteOf(service, "payroll.test", "/")
	err := d.InTx(t.Context(), func(ctx context.Context) error {
		if err := peopledb.New(d).Add(ctx, []people.Person{owner, approver}); err != nil {
			return err
		}
		if err := servicesdb.New(d).Add(ctx, service); err != nil {
			return err
		}
		return servicesdb.New(d).AddRoute(ctx, route)
	})
	if err != nil {
		t.Fatal(err)
	}
	return exceptionstest.Kept{Store: exceptionsdb.New(d), Tx: d, Owner: owner.ID, Approver: approver.ID, Service: service.ID, Route: route.ID}
}
