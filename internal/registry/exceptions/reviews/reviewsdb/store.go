// Package reviewsdb keeps the reviews of exceptions: the table exception_review.
package reviewsdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/exceptions/reviews"
)

// Store is a reviews.Store on SQL.
type Store struct{ db *db.DB }

var _ reviews.Store = (*Store)(nil)

// New returns the store.
func New(d *db.DB) *Store { return &Store{db: d} }

const columns = `
		id, exception, due, lapses, reviewer, state, opened_at, asked_at, outcome, cause, note, new_end, decided_by, closed_at`

// Add keeps a new one.
func (s *Store) Add(ctx context.Context, r reviews.Review) error {
	_, err := s.db.From(ctx).ExecContext(ctx, `
		insert into exception_review (
			id, exception, due, lapses, reviewer, state, opened_at, asked_at, outcome, cause, note, new_end, decided_by, closed_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		string(r.ID), string(r.Exception), db.Millis(r.Due), db.Millis(r.Lapses), string(r.Reviewer), string(r.State), db.Millis(r.OpenedAt), db.Millis(r.AskedAt),
		string(r.Outcome), string(r.Cause), r.Note, db.Millis(r.NewEnd), string(r.By), db.Millis(r.ClosedAt))
	if db.IsConflict(err, "exception_review", "exception") {
		return reviews.Closed.Because(err)
	}
	if err != nil {
		return fmt.Errorf("keep review %s: %w", r.ID, err)
	}
	return nil
}

// Get finds one.
func (s *Store) Get(ctx context.Context, id ids.Review) (reviews.Review, error) {
	found, err := read(s.db.From(ctx).QueryRowContext(ctx, `
		select`+columns+`
		from exception_review
		where id = $1`, string(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return reviews.Review{}, reviews.NotFound.New()
	}
	if err != nil {
		return reviews.Review{}, fmt.Errorf("read review %s: %w", id, err)
	}
	return found, nil
}

// Of lists all of an exception, the latest day first.
func (s *Store) Of(ctx context.Context, exception ids.Exception) ([]reviews.Review, error) {
	return s.many(ctx, `
		select`+columns+`
		from exception_review
		where exception = $1
		order by due desc, opened_at desc, id`, string(exception))
}

// Open lists open ones whose day is before a moment.
func (s *Store) Open(ctx context.Context, before time.Time, limit int) ([]reviews.Review, error) {
	return s.many(ctx, `
		select`+columns+`
		from exception_review
		where state = 'open'
		and due < $1
		order by due, id
		limit $2`, db.Millis(before), limit)
}

// Move gives an open one another day.
func (s *Store) Move(ctx context.Context, r reviews.Review) (bool, error) {
	return s.change(ctx, r.ID, `
		update exception_review
		set due = $2,
			lapses = $3,
			reviewer = $4,
			asked_at = $5
		where id = $1
		and state = 'open'`,
		string(r.ID), db.Millis(r.Due), db.Millis(r.Lapses), string(r.Reviewer), db.Millis(r.AskedAt))
}

// Close closes one that is open.
func (s *Store) Close(ctx context.Context, r reviews.Review) (bool, error) {
	return s.change(ctx, r.ID, `
		update exception_review
		set state = $2,
			outcome = $3,
			cause = $4,
			note = $5,
			new_end = $6,
			decided_by = $7,
			closed_at = $8
		where id = $1
		and state = 'open'`,
		string(r.ID), string(r.State), string(r.Outcome), string(r.Cause), r.Note, db.Millis(r.NewEnd), string(r.By), db.Millis(r.ClosedAt))
}

// Missed counts those that were missed since a moment.
func (s *Store) Missed(ctx context.Context, since time.Time) (int, error) {
	var count int
	err := s.db.From(ctx).QueryRowContext(ctx, `
		select count(*)
		from exception_review
		where state = 'missed'
		and closed_at >= $1`, db.Millis(since)).Scan(&count)
	if err != nil {
		return 0, fmt.Errorf("count missed reviews: %w", err)
	}
	return count, nil
}

func (s *Store) change(ctx context.Context, id ids.Review, statement string, arguments ...any) (bool, error) {
	result, err := s.db.From(ctx).ExecContext(ctx, statement, arguments...)
	if err != nil {
		return false, fmt.Errorf("change review %s: %w", id, err)
	}
	changed, err := result.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("change review %s: %w", id, err)
	}
	return changed == 1, nil
}

func (s *Store) many(ctx context.Context, query string, arguments ...any) ([]reviews.Review, error) {
	rows, err := s.db.From(ctx).QueryContext(ctx, query, arguments...)
	if err != nil {
		return nil, fmt.Errorf("read reviews: %w", err)
	}
	defer rows.Close()
	var found []reviews.Review
	for rows.Next() {
		one, err := read(rows)
		if err != nil {
			return nil, fmt.Errorf("read reviews: %w", err)
		}
		found = append(found, one)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read reviews: %w", err)
	}
	return found, nil
}

// row is a *sql.Row or the current row of *sql.Rows.
type row interface{ Scan(into ...any) error }

func read(from row) (reviews.Review, error) {
	var r reviews.Review
	var due, lapses, opened, asked, end, closed int64
	err := from.Scan(&r.ID, &r.Exception, &due, &lapses, &r.Reviewer, &r.State, &opened, &asked, &r.Outcome, &r.Cause, &r.Note, &end, &r.By, &closed)
	r.Due, r.Lapses, r.OpenedAt, r.AskedAt = db.Time(due), db.Time(lapses), db.Time(opened), db.Time(asked)
	r.NewEnd, r.ClosedAt = db.Time(end), db.Time(closed)
	return r, err
}
