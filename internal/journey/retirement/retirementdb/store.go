// Package retirementdb keeps what was disabled: the table retirement.
package retirementdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/journey/retirement"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// Store is a retirement.Store on SQL.
type Store struct{ db *db.DB }

var _ retirement.Store = (*Store)(nil)

// New returns the store.
func New(d *db.DB) *Store { return &Store{db: d} }

const columns = `
		id, secret, person, method, state, by_kind, by_id, at, until, ended_by_kind, ended_by_id, ended_at, reason`

// Add keeps a new one.
func (s *Store) Add(ctx context.Context, r retirement.Retired) error {
	_, err := s.db.From(ctx).ExecContext(ctx, `
		insert into retirement (
			id, secret, person, method, state, by_kind, by_id, at, until, ended_by_kind, ended_by_id, ended_at, reason)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		string(r.ID), string(r.Secret), string(r.Person), r.Method.String(), string(r.State), string(r.By.Kind), r.By.ID,
		db.Millis(r.At), db.Millis(r.Until), string(r.EndedBy.Kind), r.EndedBy.ID, db.Millis(r.EndedAt), r.Reason)
	if db.IsConflict(err, "retirement", "secret") {
		return retirement.Over.Because(err)
	}
	if err != nil {
		return fmt.Errorf("keep retirement %s: %w", r.ID, err)
	}
	return nil
}

// Get finds one.
func (s *Store) Get(ctx context.Context, id ids.Retirement) (retirement.Retired, error) {
	found, err := read(s.db.From(ctx).QueryRowContext(ctx, `
		select`+columns+`
		from retirement
		where id = $1`, string(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return retirement.Retired{}, retirement.NotFound.New()
	}
	if err != nil {
		return retirement.Retired{}, fmt.Errorf("read retirement %s: %w", id, err)
	}
	return found, nil
}

// OfMethod lists those of a method, newest first.
func (s *Store) OfMethod(ctx context.Context, method assurance.Method, person ids.Person, limit int) ([]retirement.Retired, error) {
	return s.many(ctx, `
		select`+columns+`
		from retirement
		where method = $1
		and ($2 = '' or person = $2)
		order by at desc, id
		limit $3`, method.String(), string(person), limit)
}

// Due lists those whose time is over.
func (s *Store) Due(ctx context.Context, at time.Time, limit int) ([]retirement.Retired, error) {
	return s.many(ctx, `
		select`+columns+`
		from retirement
		where state = 'disabled'
		and until <= $1
		order by until, id
		limit $2`, db.Millis(at), limit)
}

// End closes one that is disabled.
func (s *Store) End(ctx context.Context, r retirement.Retired) (bool, error) {
	result, err := s.db.From(ctx).ExecContext(ctx, `
		update retirement
		set state = $2,
			ended_by_kind = $3,
			ended_by_id = $4,
			ended_at = $5,
			reason = $6
		where id = $1
		and state = 'disabled'`,
		string(r.ID), string(r.State), string(r.EndedBy.Kind), r.EndedBy.ID, db.Millis(r.EndedAt), r.Reason)
	if err != nil {
		return false, fmt.Errorf("end retirement %s: %w", r.ID, err)
	}
	changed, err := result.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("end retirement %s: %w", r.ID, err)
	}
	return changed == 1, nil
}

func (s *Store) many(ctx context.Context, query string, arguments ...any) ([]retirement.Retired, error) {
	rows, err := s.db.From(ctx).QueryContext(ctx, query, arguments...)
	if err != nil {
		return nil, fmt.Errorf("read retirements: %w", err)
	}
	defer rows.Close()
	var found []retirement.Retired
	for rows.Next() {
		one, err := read(rows)
		if err != nil {
			return nil, fmt.Errorf("read retirements: %w", err)
		}
		found = append(found, one)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read retirements: %w", err)
	}
	return found, nil
}

// row is a *sql.Row or the current row of *sql.Rows.
type row interface{ Scan(into ...any) error }

func read(from row) (retirement.Retired, error) {
	var r retirement.Retired
	var method string
	var at, until, ended int64
	err := from.Scan(&r.ID, &r.Secret, &r.Person, &method, &r.State, &r.By.Kind, &r.By.ID, &at, &until, &r.EndedBy.Kind, &r.EndedBy.ID, &ended, &r.Reason)
	r.Method = assurance.ParseMethod(method)
	r.At, r.Until, r.EndedAt = db.Time(at), db.Time(until), db.Time(ended)
	return r, err
}
