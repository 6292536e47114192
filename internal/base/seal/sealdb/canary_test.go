package sealdb_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/seal"
	"github.com/warder-project/warder/internal/base/seal/sealdb"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestAWrongMasterKeyIsNoticedAtStart(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		folder := t.TempDir()
		right, other := filepath.Join(folder, "right.key"), filepath.Join(folder, "other.key")
		for range 2 { // the first start and the second
			if _, err := sealdb.Open(t.Context(), d, right); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := seal.OpenKeyFile(other, true); err != nil {
			t.Fatal(err)
		}
		_, err := sealdb.Open(t.Context(), d, other)
		if !problem.Is(err, seal.WrongKey) {
			t.Errorf("with another key: got %v, want the problem %s", err, seal.WrongKey.Code)
		}
	})
}

func TestALostMasterKeyIsNotReplacedByANewOne(t *testing.T) {
	t.Parallel()
	d, path := dbtest.SQLite(t), filepath.Join(t.TempDir(), "master.key")
	if _, err := sealdb.Open(t.Context(), d, path); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	_, err := sealdb.Open(t.Context(), d, path)
	if !problem.Is(err, seal.KeyMissing) {
		t.Errorf("got %v, want the problem %s", err, seal.KeyMissing.Code)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a new key file was made beside values that only the old one opens")
	}
}

func TestTheCanaryOutlivesARotation(t *testing.T) {
	t.Parallel()
	d, path := dbtest.SQLite(t), filepath.Join(t.TempDir(), "master.key")
	sealer, err := sealdb.Open(t.Context(), d, path)
	if err != nil {
		t.Fatal(err)
	}
	if err := sealer.Rotate(); err != nil {
		t.Fatal(err)
	}
	if _, err := sealdb.Open(t.Context(), d, path); err != nil {
		t.Errorf("after a rotation: %v", err)
	}
}
