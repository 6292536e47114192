package addressesdb_test

import (
	"testing"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/registry/addresses/addressesdb"
	"github.com/warder-project/warder/internal/registry/addresses/addressestest"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestBothDatabasesKeepAddresses(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		addressestest.Contract(t, addressestest.House{Store: addressesdb.New(d), Tx: d})
	})
}
