package dbtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"
)

// errNoPostgres says that there is no server program on this machine.
var errNoPostgres = errors.New("no PostgreSQL server programs found (initdb, postgres)")

// server is a running PostgreSQL with a migrated template database.
type server struct {
	admin    *sql.DB
	address  *url.URL // of the database "postgres"
	template string
	made     atomic.Int64
}

var postgres = sync.OnceValues(func() (*server, error) {
	address := os.Getenv("WARDER_TEST_POSTGRES")
	if address == "" {
		var err error
		if address, err = startCluster(); err != nil {
			return nil, err
		}
	}
	return prepare(address)
})

// prepare makes the template: migrations run once, and each test gets a copy.
func prepare(address string) (*server, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("read address of PostgreSQL: %w", err)
	}
	admin, err := sql.Open("pgx", address)
	if err != nil {
		return nil, err
	}
	// Copying a template needs it unused; one at a time keeps that simple.
	admin.SetMaxOpenConns(1)
	s := &server{admin: admin, address: parsed, template: fmt.Sprintf("warder_test_%d", os.Getpid())}
	if _, err := admin.Exec("drop database if exists " + s.template); err != nil {
		return nil, fmt.Errorf("drop old template: %w", err)
	}
	if _, err := admin.Exec("create database " + s.template + " template template0"); err != nil {
		return nil, fmt.Errorf("create template: %w", err)
	}
	if err := migrate(s.named(s.template)); err != nil {
		return nil, fmt.Errorf("migrate template: %w", err)
	}
	return s, nil
}

// named is the address of another database of the same server.
func (s *server) named(database string) string {
	address := *s.address
	address.Path = "/" + database
	return address.String()
}

// PostgresURL is the address of an empty migrated database, dropped when the
// test ends. Without server programs the test is skipped, or fails when
// WARDER_REQUIRE_POSTGRES=1.
func PostgresURL(t testing.TB) string {
	t.Helper()
	s, err := postgres()
	if errors.Is(err, errNoPostgres) && os.Getenv("WARDER_REQUIRE_POSTGRES") != "1" {
		t.Skipf("NOT TESTED ON POSTGRESQL: %v", err)
	}
	if err != nil {
		t.Fatalf("start PostgreSQL: %v", err)
	}
	name := fmt.Sprintf("%s_%d", s.template, s.made.Add(1))
	ctx := context.Background()
	if _, err := s.admin.ExecContext(ctx, "create database "+name+" template "+s.template); err != nil {
		t.Fatalf("create database: %v", err)
	}
	t.Cleanup(func() {
		if _, err := s.admin.ExecContext(ctx, "drop database "+name+" with (force)"); err != nil {
			t.Errorf("drop database: %v", err)
		}
	})
	return s.named(name)
}
