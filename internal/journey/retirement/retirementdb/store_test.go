package retirementdb_test

import (
	"context"
	"testing"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/journey/retirement/retirementdb"
	"github.com/warder-project/warder/internal/journey/retirement/retirementtest"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret/sharedsecretdb"
	"github.com/warder-project/warder/internal/testkit"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func house(d *db.DB) retirementtest.House {
	return retirementtest.House{Store: retirementdb.New(d), Tx: d, Secret: func(t testing.TB, person ids.Person) ids.Credential {
		t.Helper()
		kept := sharedsecret.Kept{Sealed: []byte{1}, Secret: sharedsecret.Secret{ID: ids.New[ids.Credential](), Person: person,
			Method: assurance.Password, State: factors.Active, CreatedAt: testkit.Start()}}
		if err := d.InTx(t.Context(), func(ctx context.Context) error { return sharedsecretdb.New(d).Add(ctx, kept, nil) }); err != nil {
			t.Fatal(err)
		}
		return kept.ID
	}}
}

func TestContractOnSQLite(t *testing.T) {
	t.Parallel()
	retirementtest.Contract(t, func(t testing.TB) retirementtest.House { return house(dbtest.SQLite(t)) })
}

func TestContractOnPostgreSQL(t *testing.T) {
	t.Parallel()
	retirementtest.Contract(t, func(t testing.TB) retirementtest.House { return house(dbtest.Postgres(t)) })
}
