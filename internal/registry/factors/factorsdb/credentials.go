// Package factorsdb keeps credentials in the table credential, on either database.
// It owns the statements and nothing else; what a credential is worth is decided
// in registry/factors.
package factorsdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/factors"
)

// Store is a factors.Store on SQL.
type Store struct{ db *db.DB }

var _ factors.Store = (*Store)(nil)

// New returns the store.
func New(d *db.DB) *Store { return &Store{db: d} }

const columns = `
		id, person, key, credential_id, public_key, model, attestation, hardware_bound, sign_count, transports,
		backup_eligible, backed_up, state, reason, label, created_at, last_used_at, days_used`

// Add stores a new credential.
func (s *Store) Add(ctx context.Context, c factors.Credential) error {
	_, err := s.db.From(ctx).ExecContext(ctx, `
		insert into credential (
			id, person, key, credential_id, public_key, model, attestation, hardware_bound, sign_count, transports,
			backup_eligible, backed_up, state, reason, label, created_at, changed_at, last_used_at, days_used)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16, $17, $18)`,
		string(c.ID), string(c.Person), string(c.Key), c.CredentialID, c.PublicKey, c.Model, string(c.Attestation),
		c.HardwareBound, int64(c.SignCount), strings.Join(c.Transports, " "), c.BackupEligible, c.BackedUp,
		string(c.State), c.Reason, c.Label, db.Millis(c.CreatedAt), db.Millis(c.LastUsedAt), int64(c.DaysUsed))
	if db.IsConflict(err, "credential", "credential_id") {
		return factors.AlreadyRegistered.Because(err)
	}
	if err != nil {
		return fmt.Errorf("add credential %s: %w", c.ID, err)
	}
	return nil
}

// ByCredentialID returns the credential that a key calls by this id.
func (s *Store) ByCredentialID(ctx context.Context, credentialID []byte) (factors.Credential, error) {
	credential, err := read(s.db.From(ctx).QueryRowContext(ctx, `
		select`+columns+`
		from credential
		where credential_id = $1`, credentialID))
	if errors.Is(err, sql.ErrNoRows) {
		return factors.Credential{}, factors.UnknownCredential.New()
	}
	if err != nil {
		return factors.Credential{}, fmt.Errorf("read credential: %w", err)
	}
	return credential, nil
}

// OfPerson lists a person's credentials, oldest first.
func (s *Store) OfPerson(ctx context.Context, person ids.Person) ([]factors.Credential, error) {
	return s.many(ctx, `
		select`+columns+`
		from credential
		where person = $1
		order by created_at, id`, string(person))
}

// OfKey lists the credentials on a key, oldest first.
func (s *Store) OfKey(ctx context.Context, key ids.Key) ([]factors.Credential, error) {
	return s.many(ctx, `
		select`+columns+`
		from credential
		where key = $1
		order by created_at, id`, string(key))
}

// OfModel lists the active credentials that have proven a model, oldest first.
func (s *Store) OfModel(ctx context.Context, model string) ([]factors.Credential, error) {
	return s.many(ctx, `
		select`+columns+`
		from credential
		where model = $1
		and state = 'active'
		and attestation = 'verified'
		order by created_at, id`, model)
}

// Used records a use of an active credential. A clock that jumps back neither takes
// the last use back nor makes a day count twice.
func (s *Store) Used(ctx context.Context, id ids.Credential, use factors.Use, at time.Time) (bool, error) {
	day := at.UTC().Truncate(24 * time.Hour)
	result, err := s.db.From(ctx).ExecContext(ctx, `
		update credential
		set sign_count = $2,
			backed_up = $3,
			days_used = days_used + case when last_used_at < $5 then 1 else 0 end,
			last_used_at = case when last_used_at < $4 then $4 else last_used_at end
		where id = $1
		and state = 'active'`,
		string(id), int64(use.SignCount), use.BackedUp, db.Millis(at), db.Millis(day))
	return one(result, err, id)
}

// Change moves a credential from one state to another.
func (s *Store) Change(ctx context.Context, change factors.Change) (bool, error) {
	result, err := s.db.From(ctx).ExecContext(ctx, `
		update credential
		set state = $2,
			reason = $3,
			changed_at = $4
		where id = $1
		and state = $5`,
		string(change.ID), string(change.To), change.Reason, db.Millis(change.At), string(change.From))
	return one(result, err, change.ID)
}

func one(result sql.Result, err error, id ids.Credential) (bool, error) {
	if err != nil {
		return false, fmt.Errorf("change credential %s: %w", id, err)
	}
	changed, err := result.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("change credential %s: %w", id, err)
	}
	return changed == 1, nil
}

// EachActive calls yield for every active credential, in order of person and age.
func (s *Store) EachActive(ctx context.Context, yield func(factors.Credential) error) error {
	return s.each(ctx, yield, `
		select`+columns+`
		from credential
		where state = 'active'
		order by person, created_at, id`)
}

// InDoubt lists the credentials that were suspended by themselves, the longest first.
func (s *Store) InDoubt(ctx context.Context) ([]factors.Doubt, error) {
	reasons := factors.Doubts()
	arguments := make([]any, len(reasons))
	for i, reason := range reasons {
		arguments[i] = reason
	}
	rows, err := s.db.From(ctx).QueryContext(ctx, `
		select`+columns+`, changed_at
		from credential
		where state = 'suspended'
		and reason in (`+db.In(1, len(reasons))+`)
		order by changed_at, id`, arguments...)
	if err != nil {
		return nil, fmt.Errorf("read credentials: %w", err)
	}
	defer rows.Close()
	var found []factors.Doubt
	for rows.Next() {
		var since int64
		credential, err := read(rows, &since)
		if err != nil {
			return nil, fmt.Errorf("read credentials: %w", err)
		}
		found = append(found, factors.Doubt{Credential: credential, Since: db.Time(since)})
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read credentials: %w", err)
	}
	return found, nil
}

func (s *Store) many(ctx context.Context, query, argument string) ([]factors.Credential, error) {
	var found []factors.Credential
	err := s.each(ctx, func(credential factors.Credential) error {
		found = append(found, credential)
		return nil
	}, query, argument)
	return found, err
}

func (s *Store) each(ctx context.Context, yield func(factors.Credential) error, query string, arguments ...any) error {
	rows, err := s.db.From(ctx).QueryContext(ctx, query, arguments...)
	if err != nil {
		return fmt.Errorf("read credentials: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		credential, err := read(rows)
		if err != nil {
			return fmt.Errorf("read credentials: %w", err)
		}
		if err := yield(credential); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read credentials: %w", err)
	}
	return nil
}

// row is a *sql.Row or the current row of *sql.Rows.
type row interface{ Scan(into ...any) error }

// read takes a credential, and what else was selected after it.
func read(from row, more ...any) (factors.Credential, error) {
	var c factors.Credential
	var count, created, used, days int64
	var transports string
	err := from.Scan(append([]any{&c.ID, &c.Person, &c.Key, &c.CredentialID, &c.PublicKey, &c.Model, &c.Attestation,
		&c.HardwareBound, &count, &transports, &c.BackupEligible, &c.BackedUp, &c.State, &c.Reason, &c.Label,
		&created, &used, &days}, more...)...)
	c.SignCount, c.Transports, c.DaysUsed = uint32(count), strings.Fields(transports), int(days)
	c.CreatedAt, c.LastUsedAt = db.Time(created), db.Time(used)
	if len(c.Transports) == 0 {
		c.Transports = nil
	}
	return c, err
}
