package dbtest

import (
	"context"
	"testing"

	"github.com/warder-project/warder/internal/base/db"
)

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	for range 3 {
		Each(t, func(t *testing.T, d *db.DB) {
			ctx := context.Background()
			err := d.InTx(ctx, func(ctx context.Context) error {
				_, err := d.From(ctx).ExecContext(ctx, "insert into live_node (node, started_at, heard_at) values ($1, $2, $3)", "n", 1, 1)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			var n int
			if err := d.From(ctx).QueryRowContext(ctx, "select count(*) from live_node").Scan(&n); err != nil {
				t.Fatal(err)
			}
			if n != 1 {
				t.Errorf("live_node has %d rows, want the one of this test", n)
			}
		})
	}
}
