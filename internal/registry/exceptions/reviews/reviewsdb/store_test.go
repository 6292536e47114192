package reviewsdb_test

import (
	"context"
	"testing"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/exceptions"
	"github.com/warder-project/warder/internal/registry/exceptions/exceptionsdb"
	"github.com/warder-project/warder/internal/registry/exceptions/exceptionstest"
	"github.com/warder-project/warder/internal/registry/exceptions/reviews/reviewsdb"
	"github.com/warder-project/warder/internal/registry/exceptions/reviews/reviewstest"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/people/peopledb"
	"github.com/warder-project/warder/internal/registry/people/peopletest"
	"github.com/warder-project/warder/internal/registry/services/servicesdb"
	"github.com/warder-project/warder/internal/registry/services/servicestest"
	"github.com/warder-project/warder/internal/testkit"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func house(t testing.TB, d *db.DB) reviewstest.House {
	owner, service := peopletest.Somebody("owner"), servicestest.A("payroll")
	err := d.InTx(t.Context(), func(ctx context.Context) error {
		if err := peopledb.New(d).Add(ctx, []people.Person{owner}); err != nil {
			return err
		}
		return servicesdb.New(d).Add(ctx, service)
	})
	if err != nil {
		t.Fatal(err)
	}
	return reviewstest.House{Store: reviewsdb.New(d), Tx: d, Exception: func(t testing.TB) ids.Exception {
		t.Helper()
		e := exceptionstest.Proposal(service.ID, owner.ID)
		e.ID, e.State, e.Version, e.ProposedBy = ids.New[ids.Exception](), exceptions.Proposed, 1, audit.Command("root")
		e.Start, e.ProposedAt, e.ChangedAt = testkit.Start(), testkit.Start(), testkit.Start()
		if err := d.InTx(t.Context(), func(ctx context.Context) error { _, err := exceptionsdb.New(d).Add(ctx, e); return err }); err != nil {
			t.Fatal(err)
		}
		return e.ID
	}}
}

func TestContractOnSQLite(t *testing.T) {
	t.Parallel()
	reviewstest.Contract(t, func(t testing.TB) reviewstest.House { return house(t, dbtest.SQLite(t)) })
}

func TestContractOnPostgreSQL(t *testing.T) {
	t.Parallel()
	reviewstest.Contract(t, func(t testing.TB) reviewstest.House { return house(t, dbtest.Postgres(t)) })
}
