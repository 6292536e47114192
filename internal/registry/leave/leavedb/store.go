// Package leavedb keeps the leave calendar: the tables leave_calendar and leave_absence.
package leavedb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/leave"
)

// Store is a leave.Store on SQL.
type Store struct{ db *db.DB }

var _ leave.Store = (*Store)(nil)

// New returns the store.
func New(d *db.DB) *Store { return &Store{db: d} }

// Add keeps a period, and forgets those that lie within it.
func (s *Store) Add(ctx context.Context, period leave.Period, absences []leave.Absence) error {
	_, err := s.db.From(ctx).ExecContext(ctx, `
		delete from leave_calendar
		where first_day >= $1
		and last_day <= $2`, db.Millis(period.First), db.Millis(period.Last))
	if err != nil {
		return fmt.Errorf("forget leave calendars: %w", err)
	}
	_, err = s.db.From(ctx).ExecContext(ctx, `
		insert into leave_calendar (id, first_day, last_day, imported_at, imported_by)
		values ($1, $2, $3, $4, $5)`,
		string(period.ID), db.Millis(period.First), db.Millis(period.Last), db.Millis(period.ImportedAt), period.ImportedBy)
	if err != nil {
		return fmt.Errorf("keep leave calendar: %w", err)
	}
	for _, absence := range absences {
		_, err := s.db.From(ctx).ExecContext(ctx, `
			insert into leave_absence (calendar, person, first_day, last_day)
			values ($1, $2, $3, $4)
			on conflict (calendar, person, first_day, last_day) do nothing`,
			string(period.ID), string(absence.Person), db.Millis(absence.First), db.Millis(absence.Last))
		if err != nil {
			return fmt.Errorf("keep absence of %s: %w", absence.Person, err)
		}
	}
	return nil
}

// Covering is the newest period that the day lies in.
func (s *Store) Covering(ctx context.Context, day time.Time) (leave.Period, bool, error) {
	var period leave.Period
	var first, last, at int64
	err := s.db.From(ctx).QueryRowContext(ctx, `
		select id, first_day, last_day, imported_at, imported_by
		from leave_calendar
		where first_day <= $1
		and last_day >= $1
		order by imported_at desc, id desc
		limit 1`, db.Millis(day)).Scan(&period.ID, &first, &last, &at, &period.ImportedBy)
	if errors.Is(err, sql.ErrNoRows) {
		return leave.Period{}, false, nil
	}
	if err != nil {
		return leave.Period{}, false, fmt.Errorf("read leave calendar: %w", err)
	}
	period.First, period.Last, period.ImportedAt = db.Time(first), db.Time(last), db.Time(at)
	return period, true, nil
}

// Away lists the absences of a period on a day.
func (s *Store) Away(ctx context.Context, period ids.Calendar, day time.Time) ([]leave.Absence, error) {
	rows, err := s.db.From(ctx).QueryContext(ctx, `
		select person, first_day, last_day
		from leave_absence
		where calendar = $1
		and first_day <= $2
		and last_day >= $2
		order by person, first_day`, string(period), db.Millis(day))
	if err != nil {
		return nil, fmt.Errorf("read absences: %w", err)
	}
	defer rows.Close()
	var found []leave.Absence
	for rows.Next() {
		var absence leave.Absence
		var first, last int64
		if err := rows.Scan(&absence.Person, &first, &last); err != nil {
			return nil, fmt.Errorf("read absences: %w", err)
		}
		absence.First, absence.Last = db.Time(first), db.Time(last)
		found = append(found, absence)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read absences: %w", err)
	}
	return found, nil
}

// Forget removes the periods that ended before a day.
func (s *Store) Forget(ctx context.Context, before time.Time) error {
	_, err := s.db.From(ctx).ExecContext(ctx, `
		delete from leave_calendar
		where last_day < $1`, db.Millis(before))
	if err != nil {
		return fmt.Errorf("forget leave calendars: %w", err)
	}
	return nil
}
