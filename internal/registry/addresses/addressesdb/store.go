// Package addressesdb keeps former addresses in the table former_email, on either
// database.
package addressesdb

import (
	"context"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/addresses"
)

// Store is an addresses.Store on SQL.
type Store struct{ db *db.DB }

var _ addresses.Store = (*Store)(nil)

// New returns the store.
func New(d *db.DB) *Store { return &Store{db: d} }

// Remember keeps an address.
func (s *Store) Remember(ctx context.Context, person ids.Person, email string, replacedAt time.Time) error {
	_, err := s.db.From(ctx).ExecContext(ctx, `
		insert into former_email (person, email, replaced_at)
		values ($1, $2, $3)
		on conflict (person, email) do update
		set replaced_at = excluded.replaced_at`, string(person), email, db.Millis(replacedAt))
	if err != nil {
		return fmt.Errorf("keep an address: %w", err)
	}
	return nil
}

// Forget removes old addresses.
func (s *Store) Forget(ctx context.Context, before time.Time) error {
	_, err := s.db.From(ctx).ExecContext(ctx, `
		delete from former_email
		where replaced_at < $1`, db.Millis(before))
	if err != nil {
		return fmt.Errorf("forget addresses: %w", err)
	}
	return nil
}

// Replaced lists a person's former addresses, the longest ago first.
func (s *Store) Replaced(ctx context.Context, person ids.Person, after time.Time) ([]string, error) {
	rows, err := s.db.From(ctx).QueryContext(ctx, `
		select email
		from former_email
		where person = $1
		and replaced_at > $2
		order by replaced_at, email`, string(person), db.Millis(after))
	if err != nil {
		return nil, fmt.Errorf("read addresses: %w", err)
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var email string
		if err := rows.Scan(&email); err != nil {
			return nil, fmt.Errorf("read addresses: %w", err)
		}
		found = append(found, email)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read addresses: %w", err)
	}
	return found, nil
}
