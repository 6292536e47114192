// Package keysetdb keeps the sealed signing keys of doors/gateway/keyset in the
// table signing_key. Only this package knows that table.
package keysetdb

import (
	"context"
	"time"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/doors/gateway/keyset"
)

// Store implements keyset.Store.
type Store struct{ db *db.DB }

// New returns a Store on d.
func New(d *db.DB) *Store { return &Store{db: d} }

// SigningKeys implements keyset.Store.
func (s *Store) SigningKeys(ctx context.Context, since time.Time) ([]keyset.Sealed, error) {
	rows, err := s.db.From(ctx).QueryContext(ctx, `
		select key_id, private_key, created_at
		from signing_key
		where created_at >= $1
		order by created_at, key_id`, db.Millis(since))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var keys []keyset.Sealed
	for rows.Next() {
		var key keyset.Sealed
		var created int64
		if err := rows.Scan(&key.ID, &key.Sealed, &created); err != nil {
			return nil, err
		}
		key.CreatedAt = db.Time(created)
		keys = append(keys, key)
	}
	return keys, rows.Err()
}

// AddSigningKey implements keyset.Store.
func (s *Store) AddSigningKey(ctx context.Context, key keyset.Sealed) error {
	_, err := s.db.From(ctx).ExecContext(ctx, `
		insert into signing_key (key_id, private_key, created_at)
		values ($1, $2, $3)`, key.ID, key.Sealed, db.Millis(key.CreatedAt))
	return err
}
