// Package boarddb keeps what all exceptions amounted to on each day: the table
// exception_debt.
package boarddb

import (
	"context"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/registry/exceptions/board"
)

// Store is a board.Store on SQL.
type Store struct{ db *db.DB }

var _ board.Store = (*Store)(nil)

// New returns the store.
func New(d *db.DB) *Store { return &Store{db: d} }

// Put keeps a day.
func (s *Store) Put(ctx context.Context, owed board.Owed) error {
	_, err := s.db.From(ctx).ExecContext(ctx, `
		insert into exception_debt (day, debt, live, people)
		values ($1, $2, $3, $4)
		on conflict (day) do update
		set debt = excluded.debt,
			live = excluded.live,
			people = excluded.people`,
		db.Millis(owed.Day), owed.Debt, owed.Live, owed.People)
	if err != nil {
		return fmt.Errorf("keep exception debt: %w", err)
	}
	return nil
}

// Since lists the days from one on.
func (s *Store) Since(ctx context.Context, since time.Time) ([]board.Owed, error) {
	rows, err := s.db.From(ctx).QueryContext(ctx, `
		select day, debt, live, people
		from exception_debt
		where day >= $1
		order by day`, db.Millis(since))
	if err != nil {
		return nil, fmt.Errorf("read exception debt: %w", err)
	}
	defer rows.Close()
	var found []board.Owed
	for rows.Next() {
		var owed board.Owed
		var at int64
		if err := rows.Scan(&at, &owed.Debt, &owed.Live, &owed.People); err != nil {
			return nil, fmt.Errorf("read exception debt: %w", err)
		}
		owed.Day = db.Time(at)
		found = append(found, owed)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read exception debt: %w", err)
	}
	return found, nil
}
