// Package sharedsecretdb keeps shared secrets in the tables shared_secret and
// recovery_code, on either database. It owns the statements and nothing else; what a
// secret is worth is decided in registry/factors/sharedsecret.
package sharedsecretdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret"
)

// Store is a sharedsecret.Store on SQL.
type Store struct{ db *db.DB }

var _ sharedsecret.Store = (*Store)(nil)

// New returns the store.
func New(d *db.DB) *Store { return &Store{db: d} }

// Add keeps a new secret with its recovery codes.
func (s *Store) Add(ctx context.Context, kept sharedsecret.Kept, codes [][32]byte) error {
	_, err := s.db.From(ctx).ExecContext(ctx, `
		insert into shared_secret (
			id, person, method, state, reason, label, sealed, step, created_at, changed_at, last_used_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)`,
		string(kept.ID), string(kept.Person), kept.Method.String(), string(kept.State), kept.Reason, kept.Label,
		sealed(kept.Sealed), kept.Step, db.Millis(kept.CreatedAt), db.Millis(kept.LastUsedAt))
	if db.IsConflict(err, "shared_secret", "") {
		return sharedsecret.Changed.Because(err)
	}
	if err != nil {
		return fmt.Errorf("add shared secret %s: %w", kept.ID, err)
	}
	for _, code := range codes {
		_, err := s.db.From(ctx).ExecContext(ctx, `
			insert into recovery_code (secret, code_hash, used_at)
			values ($1, $2, 0)`, string(kept.ID), code[:])
		if err != nil {
			return fmt.Errorf("add recovery code to %s: %w", kept.ID, err)
		}
	}
	return nil
}

// sealed is never null.
func sealed(bytes []byte) []byte {
	if bytes == nil {
		return []byte{}
	}
	return bytes
}

const columns = `
		s.id, s.person, s.method, s.state, s.reason, s.label, s.sealed, s.step, s.created_at, s.last_used_at,
		(select count(*) from recovery_code c where c.secret = s.id and c.used_at = 0)`

// Get finds one secret.
func (s *Store) Get(ctx context.Context, id ids.Credential) (sharedsecret.Kept, error) {
	kept, err := read(s.db.From(ctx).QueryRowContext(ctx, `
		select`+columns+`
		from shared_secret s
		where s.id = $1`, string(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return sharedsecret.Kept{}, sharedsecret.NotFound.New()
	}
	if err != nil {
		return sharedsecret.Kept{}, fmt.Errorf("read shared secret %s: %w", id, err)
	}
	return kept, nil
}

// OfPerson lists a person's secrets, oldest first.
func (s *Store) OfPerson(ctx context.Context, person ids.Person) ([]sharedsecret.Kept, error) {
	rows, err := s.db.From(ctx).QueryContext(ctx, `
		select`+columns+`
		from shared_secret s
		where s.person = $1
		order by s.created_at, s.id`, string(person))
	if err != nil {
		return nil, fmt.Errorf("read shared secrets of %s: %w", person, err)
	}
	defer rows.Close()
	var found []sharedsecret.Kept
	for rows.Next() {
		kept, err := read(rows)
		if err != nil {
			return nil, fmt.Errorf("read shared secrets of %s: %w", person, err)
		}
		found = append(found, kept)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read shared secrets of %s: %w", person, err)
	}
	return found, nil
}

// row is a *sql.Row or the current row of *sql.Rows.
type row interface{ Scan(into ...any) error }

func read(from row) (sharedsecret.Kept, error) {
	var kept sharedsecret.Kept
	var method string
	var created, used int64
	err := from.Scan(&kept.ID, &kept.Person, &method, &kept.State, &kept.Reason, &kept.Label, &kept.Sealed, &kept.Step,
		&created, &used, &kept.Left)
	kept.Method = assurance.ParseMethod(method)
	kept.CreatedAt, kept.LastUsedAt = db.Time(created), db.Time(used)
	if len(kept.Sealed) == 0 {
		kept.Sealed = nil
	}
	return kept, err
}

// Used records one use of an active secret.
func (s *Store) Used(ctx context.Context, id ids.Credential, step int64, at time.Time) (bool, error) {
	result, err := s.db.From(ctx).ExecContext(ctx, `
		update shared_secret
		set step = $2,
			last_used_at = $3
		where id = $1
		and state = 'active'
		and (method <> 'totp' or step < $2)`,
		string(id), step, db.Millis(at))
	return one(result, err, id)
}

// Spend uses up one recovery code of an active set.
func (s *Store) Spend(ctx context.Context, id ids.Credential, code [32]byte, at time.Time) (int, bool, error) {
	result, err := s.db.From(ctx).ExecContext(ctx, `
		update recovery_code
		set used_at = $3
		where secret = $1
		and code_hash = $2
		and used_at = 0
		and exists (
			select 1
			from shared_secret s
			where s.id = $1
			and s.state = 'active')`,
		string(id), code[:], db.Millis(at))
	spent, err := one(result, err, id)
	if err != nil || !spent {
		return 0, false, err
	}
	if _, err := s.Used(ctx, id, 0, at); err != nil {
		return 0, false, err
	}
	kept, err := s.Get(ctx, id)
	return kept.Left, true, err
}

// Reseal replaces what is sealed in an active secret.
func (s *Store) Reseal(ctx context.Context, id ids.Credential, bytes []byte) (bool, error) {
	result, err := s.db.From(ctx).ExecContext(ctx, `
		update shared_secret
		set sealed = $2
		where id = $1
		and state = 'active'`, string(id), sealed(bytes))
	return one(result, err, id)
}

// Change moves a secret from one state to another. What is revoked is emptied.
func (s *Store) Change(ctx context.Context, change sharedsecret.Change) (bool, error) {
	result, err := s.db.From(ctx).ExecContext(ctx, `
		update shared_secret
		set state = $2,
			reason = $3,
			changed_at = $4,
			sealed = case when $2 = 'revoked' then $6 else sealed end,
			step = case when $2 = 'revoked' then 0 else step end
		where id = $1
		and state = $5`,
		string(change.ID), string(change.To), change.Reason, db.Millis(change.At), string(change.From), []byte{})
	changed, err := one(result, err, change.ID)
	if err != nil || !changed || change.To != sharedsecret.Revoked {
		return changed, err
	}
	_, err = s.db.From(ctx).ExecContext(ctx, `
		delete from recovery_code
		where secret = $1`, string(change.ID))
	if err != nil {
		return false, fmt.Errorf("remove recovery codes of %s: %w", change.ID, err)
	}
	return true, nil
}

// Holders lists the people who have an active secret of a method.
func (s *Store) Holders(ctx context.Context, method assurance.Method) ([]ids.Person, error) {
	rows, err := s.db.From(ctx).QueryContext(ctx, `
		select distinct person
		from shared_secret
		where method = $1
		and state = 'active'
		order by person`, method.String())
	if err != nil {
		return nil, fmt.Errorf("list holders of %s: %w", method, err)
	}
	defer rows.Close()
	var holders []ids.Person
	for rows.Next() {
		var person ids.Person
		if err := rows.Scan(&person); err != nil {
			return nil, fmt.Errorf("list holders of %s: %w", method, err)
		}
		holders = append(holders, person)
	}
	return holders, rows.Err()
}

func one(result sql.Result, err error, id ids.Credential) (bool, error) {
	if err != nil {
		return false, fmt.Errorf("change shared secret %s: %w", id, err)
	}
	changed, err := result.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("change shared secret %s: %w", id, err)
	}
	return changed == 1, nil
}
