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

// Enforce keeps a version and supersedes the one before.
func (s *Store) Enforce(ctx context.Context, version versions.Version) (versions.Version, error) {
	h := s.db.From(ctx)
	err := h.QueryRowContext(ctx, `
		select coalesce(max(number), 0) + 1
		from policy_version`).Scan(&version.Number)
	if err != nil {
		return versions.Version{}, fmt.Errorf("number policy %s: %w", version.Version, err)
	}
	_, err = h.ExecContext(ctx, `
		update policy_version
		set state = 'superseded'
		where state = 'enforced'`)
	if err != nil {
		return versions.Version{}, fmt.Errorf("supersede policy: %w", err)
	}
	_, err = h.ExecContext(ctx, `
		insert into policy_version (number, version, name, body, state, published_by, published_at)
		values ($1, $2, $3, $4, $5, $6, $7)`,
		version.Number, version.Version, version.Name, version.Text, string(version.State), version.PublishedBy, db.Millis(version.PublishedAt))
	if db.IsConflict(err, "policy_version", "version") {
		return versions.Version{}, versions.VersionTaken.Because(err)
	}
	if err != nil {
		return versions.Version{}, fmt.Errorf("keep policy %s: %w", version.Version, err)
	}
	return version, nil
}

const columns = `number, version, name, body, state, published_by, published_at`

// Enforced reads the version that is enforced.
func (s *Store) Enforced(ctx context.Context) (versions.Version, bool, error) {
	found, err := s.where(ctx, "state = 'enforced'")
	if err != nil || len(found) == 0 {
		return versions.Version{}, false, err
	}
	return found[0], true, nil
}

// List reads all versions, newest first.
func (s *Store) List(ctx context.Context) ([]versions.Version, error) {
	return s.where(ctx, "1 = 1")
}

func (s *Store) where(ctx context.Context, condition string) ([]versions.Version, error) {
	rows, err := s.db.From(ctx).QueryContext(ctx, `
		select `+columns+`
		from policy_version
		where `+condition+`
		order by number desc`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return scanAll(rows)
}

func scanAll(rows *sql.Rows) ([]versions.Version, error) {
	var found []versions.Version
	for rows.Next() {
		var version versions.Version
		var published int64
		err := rows.Scan(&version.Number, &version.Version, &version.Name, &version.Text, &version.State, &version.PublishedBy, &published)
		if err != nil {
			return nil, err
		}
		version.PublishedAt = db.Time(published)
		found = append(found, version)
	}
	return found, rows.Err()
}
