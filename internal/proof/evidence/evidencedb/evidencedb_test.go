package evidencedb_test

import (
	"testing"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/proof/evidence/evidencedb"
	"github.com/warder-project/warder/internal/proof/evidence/evidencetest"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestStoreKeepsItsContract(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { evidencetest.Contract(t, d, evidencedb.New(d)) })
}
