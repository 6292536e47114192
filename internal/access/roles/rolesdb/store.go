// Package rolesdb keeps the roster in the table role_grant.
package rolesdb

import (
	"context"

	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
)

// Store is a roles.Store on SQL.
type Store struct{ db *db.DB }

// New returns the store.
func New(d *db.DB) *Store { return &Store{db: d} }

var _ roles.Store = (*Store)(nil)

// Put stores a grant.
func (s *Store) Put(ctx context.Context, grant roles.Grant) error {
	_, err := s.db.From(ctx).ExecContext(ctx, `
		insert into role_grant (person_id, role, at)
		values ($1, $2, $3)
		on conflict (person_id, role) do nothing`, grant.Person, grant.Role, db.Millis(grant.At))
	return err
}

// Remove removes a grant.
func (s *Store) Remove(ctx context.Context, person ids.Person, role roles.Role) error {
	_, err := s.db.From(ctx).ExecContext(ctx, `
		delete from role_grant
		where person_id = $1
		and role = $2`, person, role)
	return err
}

// Of lists a person's grants.
func (s *Store) Of(ctx context.Context, person ids.Person) ([]roles.Grant, error) {
	return s.grants(ctx, `
		select person_id, role, at
		from role_grant
		where person_id = $1
		order by role`, person)
}

// Holders lists the grants of a role.
func (s *Store) Holders(ctx context.Context, role roles.Role) ([]roles.Grant, error) {
	return s.grants(ctx, `
		select person_id, role, at
		from role_grant
		where role = $1
		order by person_id`, role)
}

// All lists every grant.
func (s *Store) All(ctx context.Context) ([]roles.Grant, error) {
	return s.grants(ctx, `
		select person_id, role, at
		from role_grant
		order by person_id, role`)
}

func (s *Store) grants(ctx context.Context, query string, args ...any) ([]roles.Grant, error) {
	rows, err := s.db.From(ctx).QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var grants []roles.Grant
	for rows.Next() {
		var grant roles.Grant
		var at int64
		if err := rows.Scan(&grant.Person, &grant.Role, &at); err != nil {
			return nil, err
		}
		grant.At = db.Time(at)
		grants = append(grants, grant)
	}
	return grants, rows.Err()
}
