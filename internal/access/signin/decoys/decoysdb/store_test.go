package decoysdb_test

import (
	"context"
	"errors"
	"testing"

	"github.com/warder-project/warder/internal/access/signin/decoys/decoysdb"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestFirstKeyForDecoysIsKept(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		store := decoysdb.New(d)
		read := func(fresh string) (key []byte) {
			t.Helper()
			if err := d.InTx(t.Context(), func(ctx context.Context) error {
				var err error
				if key, err = store.Key(ctx, []byte(fresh)); err == nil && len(key) == 0 {
					err = errors.New("the key for decoys is empty")
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return key
		}
		if first, second := read("first"), read("second"); string(first) != "first" || string(second) != "first" {
			t.Errorf("the key for decoys is %q, then %q; want the first one to stay", first, second)
		}
	})
}
