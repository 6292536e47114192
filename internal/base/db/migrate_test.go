package db_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestAllStepsArriveAtTheGoldenSchema fails whenever a migration is added. Look
// at what changes, then write the golden files anew with
//
//	go test ./internal/base/db -run GoldenSchema -update
func TestAllStepsArriveAtTheGoldenSchema(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		got := schema(t, d)
		path := filepath.Join("testdata", "schema."+d.Engine()+".sql")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
			t.Errorf("the schema differs from %s; write it anew with -update (-want +got):\n%s", path, diff)
		}
	})
}

// Each query gives the definitions of one sort of thing, one text column, sorted.
var schemaQueries = map[string][]string{
	db.SQLite: {`
		select sql || ';'
		from sqlite_master
		where sql is not null and tbl_name not like 'schema_step%' and tbl_name not like 'sqlite_%'
		order by tbl_name, type desc, name`},
	db.Postgres: {`
		select 'column ' || c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
		|| case when a.attnotnull then ' not null' else '' end
		|| coalesce(' default ' || pg_get_expr(x.adbin, x.adrelid), '')
		from pg_class c
		join pg_namespace n on n.oid = c.relnamespace
		join pg_attribute a on a.attrelid = c.oid
		left join pg_attrdef x on x.adrelid = c.oid and x.adnum = a.attnum
		where n.nspname = 'public' and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped and c.relname <> 'schema_step'
		order by c.relname collate "C", a.attnum`, `
		select 'constraint ' || c.relname || '.' || r.conname || ' ' || pg_get_constraintdef(r.oid)
		from pg_constraint r
		join pg_class c on c.oid = r.conrelid
		join pg_namespace n on n.oid = c.relnamespace
		where n.nspname = 'public' and c.relname <> 'schema_step'
		order by c.relname collate "C", r.conname collate "C"`, `
		select indexdef
		from pg_indexes
		where schemaname = 'public' and tablename <> 'schema_step'
		order by tablename collate "C", indexname collate "C"`},
}

func schema(t *testing.T, d *db.DB) string {
	t.Helper()
	var text strings.Builder
	text.WriteString("-- Written by go test ./internal/base/db -run GoldenSchema -update\n")
	for _, query := range schemaQueries[d.Engine()] {
		rows, err := d.From(t.Context()).QueryContext(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			text.WriteString(line + "\n")
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return text.String()
}

// TestEnginesDifferInFewPlaces keeps "one text for both" true (docs/sql.md).
func TestEnginesDifferInFewPlaces(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no migrations found: %v", err)
	}
	var marked []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for number, line := range strings.Split(string(text), "\n") {
			_, engine, ok := strings.Cut(line, "-- only:")
			if !ok {
				continue
			}
			marked = append(marked, fmt.Sprintf("%s:%d", file, number+1))
			if engine = strings.TrimSpace(engine); engine != db.SQLite && engine != db.Postgres {
				t.Errorf("%s:%d: %q is no engine", file, number+1, engine)
			}
		}
	}
	if len(marked) > 20 {
		t.Errorf("%d lines are for one engine only, want at most 20: %v", len(marked), marked)
	}
}

func TestProcessesThatStartTogetherMigrateOnce(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]func(t *testing.T) string{
		"sqlite": func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "new.db") },
		"postgres": func(t *testing.T) string {
			address := dbtest.PostgresURL(t)
			d := dbtest.Open(t, address)
			mustRun(t, d, "drop schema public cascade")
			mustRun(t, d, "create schema public")
			return address
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := address(t)
			var group sync.WaitGroup
			for range 3 {
				d := dbtest.Open(t, address)
				group.Go(func() {
					if err := d.Migrate(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			group.Wait()
			d := dbtest.Open(t, address)
			if err := d.Migrate(t.Context()); err != nil {
				t.Errorf("on a migrated database: %v", err)
			}
			publish(t, d, "works")
		})
	}
}

func TestADatabaseOfANewerWarderIsRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		mustRun(t, d, "insert into schema_step (version_id, is_applied) values (20990101000000, true)")
		if err := d.Migrate(t.Context()); !problem.Is(err, db.Newer) {
			t.Errorf("got %v, want the problem %s", err, db.Newer.Code)
		}
	})
}
