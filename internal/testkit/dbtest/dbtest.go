// Package dbtest gives tests a migrated database of their own: SQLite in a
// temporary file, and PostgreSQL in a private cluster that is started once per
// test process, listens on a socket in a temporary folder only, and is gone when
// the process ends, however it ends.
//
// It leaves what is tested to the rooms: a store's contract runs through Each,
// once on every engine.
//
// Environment: WARDER_TEST_POSTGRES is the postgres:// address of a running
// server on which databases may be made; it is used instead of a private
// cluster. WARDER_REQUIRE_POSTGRES=1 turns "no PostgreSQL here" from a skip
// into a failure.
package dbtest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/warder-project/warder/internal/base/db"
)

// Each runs f on every engine, as subtests "sqlite" and "postgres" that run in
// parallel, each with an empty migrated database.
func Each(t *testing.T, f func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, SQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		f(t, Postgres(t))
	})
}

// SQLite is an empty migrated database in a temporary folder.
func SQLite(t testing.TB) *db.DB {
	t.Helper()
	return Open(t, SQLiteURL(t))
}

// Postgres is an empty migrated database of the private cluster.
func Postgres(t testing.TB) *db.DB {
	t.Helper()
	return Open(t, PostgresURL(t))
}

// Open opens address and closes it when the test ends. Use it with SQLiteURL
// or PostgresURL to open one database more than once.
func Open(t testing.TB, address string) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), db.Options{URL: address})
	if err != nil {
		t.Fatalf("open database: %v", err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close database: %v", err)
		}
	})
	return d
}

// sqliteTemplate is the bytes of an empty migrated database, made once.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "warder-template-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "template.db")
	if err := migrate("sqlite:" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// SQLiteURL is the address of an empty migrated database.
func SQLiteURL(t testing.TB) string {
	t.Helper()
	template, err := sqliteTemplate()
	if err != nil {
		t.Fatalf("make template database: %v", err)
	}
	path := filepath.Join(t.TempDir(), "warder.db")
	if err := os.WriteFile(path, template, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

func migrate(address string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, db.Options{URL: address})
	if err != nil {
		return err
	}
	if err := d.Migrate(ctx); err != nil {
		d.Close()
		return err
	}
	return d.Close()
}
