// Package trialsdb keeps what policies in report-only would have said, in the tables
// policy_trial and policy_trial_day, on either database. It owns the statements; what
// is kept and when is in access/policy/trials.
package trialsdb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/access/policy/trials"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
)

// Store is a trials.Store on SQL.
type Store struct{ db *db.DB }

var _ trials.Store = (*Store)(nil)

// New returns the store.
func New(d *db.DB) *Store { return &Store{db: d} }

// Keep writes the differences and the counts.
func (s *Store) Keep(ctx context.Context, found []trials.Difference, day time.Time, judged map[int64]int64) error {
	h := s.db.From(ctx)
	for i := range found {
		d := &found[i]
		_, err := h.ExecContext(ctx, `
			insert into policy_trial (`+columns+`)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
			on conflict (number, decision) do nothing`,
			d.Number, string(d.Decision), db.Millis(d.At), string(d.Person), string(d.Service), d.Department, d.Was.String(), d.Effect.String(), d.ReasonCodes())
		if err != nil {
			return fmt.Errorf("keep what policy number %d would have said of %s: %w", d.Number, d.Decision, err)
		}
	}
	for number, count := range judged {
		_, err := h.ExecContext(ctx, `
			insert into policy_trial_day (number, day, judged)
			values ($1, $2, $3)
			on conflict (number, day) do update
			set judged = policy_trial_day.judged + excluded.judged`, number, db.Millis(day), count)
		if err != nil {
			return fmt.Errorf("count what policy number %d was asked: %w", number, err)
		}
	}
	return nil
}

const columns = `number, decision, at, person, service, department, was, effect, reasons`

// counted is what is counted of the differences of a policy.
const counted = `
	count(*) filter (where was = 'allow' and effect = 'step_up'),
	count(*) filter (where effect = 'deny'),
	count(*) filter (where effect = 'allow' or was = 'deny'),
	count(distinct case when effect = 'deny' or was = 'allow' then person end)`

// Report counts.
func (s *Store) Report(ctx context.Context, number int64, since time.Time) (trials.Report, error) {
	report := trials.Report{Since: since}
	h := s.db.From(ctx)
	err := h.QueryRowContext(ctx, `
		select coalesce(sum(judged), 0)
		from policy_trial_day
		where number = $1
		and day >= $2`, number, db.Millis(since.UTC().Truncate(24*time.Hour))).Scan(&report.Judged)
	if err != nil {
		return trials.Report{}, err
	}
	err = h.QueryRowContext(ctx, `
		select `+counted+`
		from policy_trial
		where number = $1
		and at >= $2`, number, db.Millis(since)).Scan(&report.Total.SteppedUp, &report.Total.Stopped, &report.Total.Eased, &report.Total.People)
	if err != nil {
		return trials.Report{}, err
	}
	if report.Services, err = s.by(ctx, "service", number, since); err != nil {
		return trials.Report{}, err
	}
	report.Departments, err = s.by(ctx, "department", number, since)
	return report, err
}

// by counts for each value of a column.
func (s *Store) by(ctx context.Context, column string, number int64, since time.Time) ([]trials.Row, error) {
	rows, err := s.db.From(ctx).QueryContext(ctx, `
		select `+column+`, `+counted+`
		from policy_trial
		where number = $1
		and at >= $2
		group by `+column+`
		order by 5 desc, 1`, number, db.Millis(since))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []trials.Row
	for rows.Next() {
		var row trials.Row
		if err := rows.Scan(&row.Name, &row.Count.SteppedUp, &row.Count.Stopped, &row.Count.Eased, &row.Count.People); err != nil {
			return nil, err
		}
		found = append(found, row)
	}
	return found, rows.Err()
}

// OfDecision reads what would have been said of one decision.
func (s *Store) OfDecision(ctx context.Context, id ids.Decision) ([]trials.Difference, error) {
	return s.read(ctx, `
		select `+columns+`
		from policy_trial
		where decision = $1
		order by number`, string(id))
}

// List reads differences, newest first.
func (s *Store) List(ctx context.Context, number int64, since time.Time, limit int) ([]trials.Difference, error) {
	return s.read(ctx, `
		select `+columns+`
		from policy_trial
		where number = $1
		and at >= $2
		order by at desc, decision
		limit $3`, number, db.Millis(since), limit)
}

func (s *Store) read(ctx context.Context, query string, args ...any) ([]trials.Difference, error) {
	rows, err := s.db.From(ctx).QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []trials.Difference
	for rows.Next() {
		difference, err := scan(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, difference)
	}
	return found, rows.Err()
}

func scan(rows *sql.Rows) (trials.Difference, error) {
	var d trials.Difference
	var at int64
	var was, effect, reasons string
	err := rows.Scan(&d.Number, &d.Decision, &at, &d.Person, &d.Service, &d.Department, &was, &effect, &reasons)
	d.At = db.Time(at)
	d.Read(was, effect, reasons)
	return d, err
}

// Forget drops the counts of days before a moment.
func (s *Store) Forget(ctx context.Context, before time.Time) error {
	_, err := s.db.From(ctx).ExecContext(ctx, `
		delete from policy_trial_day
		where day < $1`, db.Millis(before))
	return err
}
