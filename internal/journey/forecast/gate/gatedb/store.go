// Package gatedb keeps forecasts and overrides: the tables policy_forecast and
// policy_override.
package gatedb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/journey/forecast/gate"
)

// Store is a gate.Store on SQL.
type Store struct{ db *db.DB }

var _ gate.Store = (*Store)(nil)

// New returns the store.
func New(d *db.DB) *Store { return &Store{db: d} }

// Keep adds a forecast.
func (s *Store) Keep(ctx context.Context, k gate.Kept) error {
	_, err := s.db.From(ctx).ExecContext(ctx, `
		insert into policy_forecast (
			id, draft, version, against, for_day, scope, made_at, made_by_kind, made_by_id, people, blockers, findings)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		string(k.ID), k.Draft, k.Version, k.Against, db.Millis(k.For), string(k.Scope), db.Millis(k.MadeAt), string(k.MadeBy.Kind), k.MadeBy.ID,
		k.People, k.Blockers, k.Findings)
	if err != nil {
		return fmt.Errorf("keep forecast %s: %w", k.ID, err)
	}
	return nil
}

// Latest is the newest forecast of a text against a version.
func (s *Store) Latest(ctx context.Context, draft, against string) (gate.Kept, bool, error) {
	var k gate.Kept
	var day, made int64
	err := s.db.From(ctx).QueryRowContext(ctx, `
		select id, draft, version, against, for_day, scope, made_at, made_by_kind, made_by_id, people, blockers, findings
		from policy_forecast
		where draft = $1
		and against = $2
		order by made_at desc, blockers desc, id desc
		limit 1`, draft, against).Scan(&k.ID, &k.Draft, &k.Version, &k.Against, &day, &k.Scope, &made, &k.MadeBy.Kind, &k.MadeBy.ID, &k.People, &k.Blockers, &k.Findings)
	if errors.Is(err, sql.ErrNoRows) {
		return gate.Kept{}, false, nil
	}
	if err != nil {
		return gate.Kept{}, false, fmt.Errorf("read forecast: %w", err)
	}
	k.For, k.MadeAt = db.Time(day), db.Time(made)
	return k, true, nil
}

const columns = `
		id, draft, version, against, forecast, reason, state, asked_by, asked_at, until, decided_by, decided_at, used_at`

// Ask adds an override.
func (s *Store) Ask(ctx context.Context, o gate.Override) error {
	_, err := s.db.From(ctx).ExecContext(ctx, `
		insert into policy_override (
			id, draft, version, against, forecast, reason, state, asked_by, asked_at, until, decided_by, decided_at, used_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		string(o.ID), o.Draft, o.Version, o.Against, string(o.Forecast), o.Reason, string(o.State), string(o.AskedBy), db.Millis(o.AskedAt), db.Millis(o.Until),
		string(o.DecidedBy), db.Millis(o.DecidedAt), db.Millis(o.UsedAt))
	if err != nil {
		return fmt.Errorf("keep override %s: %w", o.ID, err)
	}
	return nil
}

// Get finds an override.
func (s *Store) Get(ctx context.Context, id ids.Override) (gate.Override, error) {
	found, err := read(s.db.From(ctx).QueryRowContext(ctx, `
		select`+columns+`
		from policy_override
		where id = $1`, string(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return gate.Override{}, gate.NotFound.New()
	}
	if err != nil {
		return gate.Override{}, fmt.Errorf("read override %s: %w", id, err)
	}
	return found, nil
}

// Of is the newest override of a text against a version.
func (s *Store) Of(ctx context.Context, draft, against string) (gate.Override, bool, error) {
	found, err := read(s.db.From(ctx).QueryRowContext(ctx, `
		select`+columns+`
		from policy_override
		where draft = $1
		and against = $2
		order by asked_at desc, id desc
		limit 1`, draft, against))
	if errors.Is(err, sql.ErrNoRows) {
		return gate.Override{}, false, nil
	}
	if err != nil {
		return gate.Override{}, false, fmt.Errorf("read override: %w", err)
	}
	return found, true, nil
}

// Move changes an override that is in a state.
func (s *Store) Move(ctx context.Context, o gate.Override, from gate.State) (bool, error) {
	result, err := s.db.From(ctx).ExecContext(ctx, `
		update policy_override
		set state = $3,
			decided_by = $4,
			decided_at = $5,
			used_at = $6
		where id = $1
		and state = $2`, string(o.ID), string(from), string(o.State), string(o.DecidedBy), db.Millis(o.DecidedAt), db.Millis(o.UsedAt))
	if err != nil {
		return false, fmt.Errorf("move override %s: %w", o.ID, err)
	}
	changed, err := result.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("move override %s: %w", o.ID, err)
	}
	return changed == 1, nil
}

func read(row *sql.Row) (gate.Override, error) {
	var o gate.Override
	var asked, until, decided, used int64
	err := row.Scan(&o.ID, &o.Draft, &o.Version, &o.Against, &o.Forecast, &o.Reason, &o.State, &o.AskedBy, &asked, &until, &o.DecidedBy, &decided, &used)
	o.AskedAt, o.Until, o.DecidedAt, o.UsedAt = db.Time(asked), db.Time(until), db.Time(decided), db.Time(used)
	return o, err
}
