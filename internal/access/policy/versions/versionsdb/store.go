// Package versionsdb keeps policy texts in the table policy_version, on either
// database. It owns the statements; the rules are in access/policy/versions.
package versionsdb

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/base/db"
)

// Store is a versions.Store on SQL.
type Store struct{ db *db.DB }

var _ versions.Store = (*Store)(nil)

// New returns the store.
func New(d *db.DB) *Store { return &Store{db: d} }

// Add keeps a version under the next number.
func (s *Store) Add(ctx context.Context, version versions.Version) (versions.Version, error) {
	h := s.db.From(ctx)
	err := h.QueryRowContext(ctx, `
		select coalesce(max(number), 0) + 1
		from policy_version`).Scan(&version.Number)
	if err != nil {
		return versions.Version{}, fmt.Errorf("number policy %s: %w", version.Version, err)
	}
	_, err = h.ExecContext(ctx, `
		insert into policy_version (`+columns+`)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, arguments(version)...)
	return version, taken(version, err)
}

// Update keeps a version in the place of its revision before.
func (s *Store) Update(ctx context.Context, version versions.Version, revision int64) (bool, error) {
	result, err := s.db.From(ctx).ExecContext(ctx, `
		update policy_version
		set version = $2, name = $3, body = $4, tests = $5, state = $6, revision = $7,
			saved_by = $8, saved_at = $9, published_by = $10, published_at = $11, since = $12
		where number = $1
		and revision = $13`, append(arguments(version), revision)...)
	if err != nil {
		return false, taken(version, err)
	}
	changed, err := result.RowsAffected()
	return changed == 1, err
}

func taken(version versions.Version, err error) error {
	switch {
	case err == nil:
		return nil
	case db.IsConflict(err, "policy_version", "version"):
		return versions.VersionTaken.Because(err)
	}
	return fmt.Errorf("keep policy %s: %w", version.Version, err)
}

const columns = `number, version, name, body, tests, state, revision, saved_by, saved_at, published_by, published_at, since`

func arguments(v versions.Version) []any {
	return []any{v.Number, v.Version, v.Name, v.Text, v.Tests, string(v.State), v.Revision,
		v.SavedBy, db.Millis(v.SavedAt), v.PublishedBy, db.Millis(v.PublishedAt), db.Millis(v.Since)}
}

// Get reads one version.
func (s *Store) Get(ctx context.Context, number int64) (versions.Version, bool, error) {
	return s.one(ctx, "number = $1", number)
}

// Enforced reads the version that is enforced.
func (s *Store) Enforced(ctx context.Context) (versions.Version, bool, error) {
	return s.one(ctx, "state = 'enforced'")
}

func (s *Store) one(ctx context.Context, condition string, args ...any) (versions.Version, bool, error) {
	found, err := s.where(ctx, condition, args...)
	if err != nil || len(found) == 0 {
		return versions.Version{}, false, err
	}
	return found[0], true, nil
}

// List reads all versions, newest first.
func (s *Store) List(ctx context.Context) ([]versions.Version, error) {
	return s.where(ctx, "1 = 1")
}

func (s *Store) where(ctx context.Context, condition string, args ...any) ([]versions.Version, error) {
	rows, err := s.db.From(ctx).QueryContext(ctx, `
		select `+columns+`
		from policy_version
		where `+condition+`
		order by number desc`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return scanAll(rows)
}

func scanAll(rows *sql.Rows) ([]versions.Version, error) {
	var found []versions.Version
	for rows.Next() {
		var v versions.Version
		var saved, published, since int64
		err := rows.Scan(&v.Number, &v.Version, &v.Name, &v.Text, &v.Tests, &v.State, &v.Revision,
			&v.SavedBy, &saved, &v.PublishedBy, &published, &since)
		if err != nil {
			return nil, err
		}
		v.SavedAt, v.PublishedAt, v.Since = db.Time(saved), db.Time(published), db.Time(since)
		found = append(found, v)
	}
	return found, rows.Err()
}
