package db

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

const migrationTable = "schema_step"

// Migrate brings the schema up to what this program knows: each missing file
// of migrations/ is run in a transaction of its own and recorded. It only goes
// forward. A database that has steps this program does not know is refused
// with Newer.
func (d *DB) Migrate(ctx context.Context) error {
	if d.engine == SQLite {
		release, err := lockFolder(d.path)
		if err != nil {
			return CannotOpen.Because(err)
		}
		defer release()
	}
	steps, err := migrationSteps(d.engine)
	if err != nil {
		return err
	}
	provider, err := d.migrationProvider(steps)
	if err != nil {
		return fmt.Errorf("prepare migrations: %w", err)
	}
	if err := d.refuseNewer(ctx, provider, steps); err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		if IsFull(err) {
			return Full.Because(err)
		}
		return fmt.Errorf("migrate database: %w", err)
	}
	return nil
}

func (d *DB) migrationProvider(steps []*goose.Migration) (*goose.Provider, error) {
	options := []goose.ProviderOption{
		goose.WithGoMigrations(steps...),
		goose.WithDisableGlobalRegistry(true),
		goose.WithTableName(migrationTable),
		goose.WithSlog(d.log),
		// Branches are merged in any order; a step with an earlier time is still run.
		goose.WithAllowOutofOrder(true),
	}
	dialect := goose.DialectSQLite3
	if d.engine == Postgres {
		dialect = goose.DialectPostgres
		// Nodes that start together must not migrate together.
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 120))
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	return goose.NewProvider(dialect, d.write, nil, options...)
}

func (d *DB) refuseNewer(ctx context.Context, provider *goose.Provider, steps []*goose.Migration) error {
	reached, err := provider.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if newest := steps[len(steps)-1].Version; reached > newest {
		return Newer.Detailf("It has step %d; this program knows steps up to %d.", reached, newest)
	}
	return nil
}

// migrationSteps reads the files in the order of their time. The first 14
// characters of a file's name are its number.
func migrationSteps(engine string) ([]*goose.Migration, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql") // sorted
	if err != nil {
		return nil, err
	}
	var steps []*goose.Migration
	for _, name := range names {
		text, err := fs.ReadFile(migrations, name)
		if err != nil {
			return nil, err
		}
		base := strings.TrimPrefix(name, "migrations/")
		if len(base) < 16 || base[14] != '_' {
			return nil, fmt.Errorf("migration %s: its name must be YYYYMMDDHHMMSS_room_what.sql", base)
		}
		number, err := strconv.ParseInt(base[:14], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("migration %s: its name must start with a time: %w", base, err)
		}
		statements := forEngine(string(text), engine)
		steps = append(steps, goose.NewGoMigration(number, &goose.GoFunc{
			RunTx: func(ctx context.Context, t *sql.Tx) error {
				if _, err := t.ExecContext(ctx, statements); err != nil {
					return fmt.Errorf("migration %s: %w", base, err)
				}
				return nil
			},
		}, nil))
	}
	return steps, nil
}

const onlyMarker = "-- only: "

// forEngine leaves out what is marked for the other engine. A marker at the end
// of a line is about that line; on a line of its own it is about the statement
// that follows, up to its semicolon.
func forEngine(text, engine string) string {
	var kept strings.Builder
	skipping := false
	for line := range strings.Lines(text) {
		before, only, marked := strings.Cut(line, onlyMarker)
		foreign := marked && strings.TrimSpace(only) != engine
		switch {
		case marked && strings.TrimSpace(before) == "":
			skipping = foreign
		case skipping:
			skipping = !strings.HasSuffix(strings.TrimSpace(line), ";")
		case !foreign:
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// Pending lists the steps that this program knows and the database has not taken, in
// order, by the names of their files. It changes nothing. A database that was never
// migrated lacks all of them.
func (d *DB) Pending(ctx context.Context) ([]string, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql") // sorted
	if err != nil {
		return nil, err
	}
	taken := map[string]bool{}
	rows, err := d.From(ctx).QueryContext(ctx, `
		select version_id
		from `+migrationTable+`
		where is_applied`)
	if err != nil {
		return nil, CannotOpen.Because(err)
	}
	defer rows.Close()
	for rows.Next() {
		var version int64
		if err := rows.Scan(&version); err != nil {
			return nil, err
		}
		taken[strconv.FormatInt(version, 10)] = true
	}
	var pending []string
	for _, name := range names {
		if base := strings.TrimPrefix(name, "migrations/"); !taken[base[:14]] {
			pending = append(pending, base)
		}
	}
	return pending, rows.Err()
}
