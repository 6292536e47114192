// Package usesdb keeps who uses what: the tables service_use and service_use_mark.
package usesdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/access/decision/uses"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
)

// Store is a uses.Store on SQL.
type Store struct{ db *db.DB }

var _ uses.Store = (*Store)(nil)

// New returns the store.
func New(d *db.DB) *Store { return &Store{db: d} }

// Mark is the last decision that was summed up.
func (s *Store) Mark(ctx context.Context) (ids.Decision, error) {
	var mark ids.Decision
	err := s.db.From(ctx).QueryRowContext(ctx, `
		select decision
		from service_use_mark
		where one = 1`).Scan(&mark)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("read mark: %w", err)
	}
	return mark, nil
}

// Sum goes through the next decisions and moves the mark.
func (s *Store) Sum(ctx context.Context, after, upTo ids.Decision, limit int) (bool, error) {
	last, more := upTo, true
	err := s.db.From(ctx).QueryRowContext(ctx, `
		select id
		from decision
		where id > $1
		and id <= $2
		order by id
		limit 1 offset $3`, string(after), string(upTo), limit-1).Scan(&last)
	if errors.Is(err, sql.ErrNoRows) {
		more, err = false, nil
	}
	if err != nil {
		return false, fmt.Errorf("find the next decisions: %w", err)
	}
	_, err = s.db.From(ctx).ExecContext(ctx, `
		insert into service_use (person, service, last_at)
		select person, service, max(at)
		from decision
		where id > $1
		and id <= $2
		and person <> ''
		and service <> ''
		and effect <> 'deny'
		group by person, service
		on conflict (person, service) do update
		set last_at = excluded.last_at
		where excluded.last_at > service_use.last_at`, string(after), string(last))
	if err != nil {
		return false, fmt.Errorf("sum up decisions: %w", err)
	}
	_, err = s.db.From(ctx).ExecContext(ctx, `
		insert into service_use_mark (one, decision)
		values (1, $1)
		on conflict (one) do update
		set decision = excluded.decision
		where excluded.decision > service_use_mark.decision`, string(last))
	if err != nil {
		return false, fmt.Errorf("move mark: %w", err)
	}
	return more, nil
}

// Forget removes what was last used before a time.
func (s *Store) Forget(ctx context.Context, before time.Time) error {
	_, err := s.db.From(ctx).ExecContext(ctx, `
		delete from service_use
		where last_at < $1`, db.Millis(before))
	if err != nil {
		return fmt.Errorf("forget uses: %w", err)
	}
	return nil
}

// Each calls yield for whatever was used since a time.
func (s *Store) Each(ctx context.Context, since time.Time, yield func(ids.Person, ids.Service) error) error {
	rows, err := s.db.From(ctx).QueryContext(ctx, `
		select person, service
		from service_use
		where last_at >= $1
		order by person, service`, db.Millis(since))
	if err != nil {
		return fmt.Errorf("read uses: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var person ids.Person
		var service ids.Service
		if err := rows.Scan(&person, &service); err != nil {
			return fmt.Errorf("read uses: %w", err)
		}
		if err := yield(person, service); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read uses: %w", err)
	}
	return nil
}
