// Package signindb keeps sign-in attempts and the key for decoys: the tables
// signin_attempt and signin_decoy.
package signindb

import (
	"context"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/base/db"
)

// Store is the room's store on SQL.
type Store struct{ database *db.DB }

// New returns the store.
func New(database *db.DB) *Store { return &Store{database: database} }

var _ signin.Store = (*Store)(nil)

// Purge forgets attempts whose time ended before a time.
func (s *Store) Purge(ctx context.Context, before time.Time) (int, error) {
	result, err := s.database.From(ctx).ExecContext(ctx,
		`delete from signin_attempt
		 where expires_at < $1`, db.Millis(before))
	if err != nil {
		return 0, fmt.Errorf("forget old attempts: %w", err)
	}
	purged, err := result.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("count old attempts: %w", err)
	}
	return int(purged), nil
}

// DecoyKey returns the key for decoys, which is fresh if there was none yet.
func (s *Store) DecoyKey(ctx context.Context, fresh []byte) ([]byte, error) {
	_, err := s.database.From(ctx).ExecContext(ctx,
		`insert into signin_decoy (name, value)
		 values ('credential', $1)
		 on conflict (name) do nothing`, fresh)
	if err != nil {
		return nil, fmt.Errorf("keep the key for decoys: %w", err)
	}
	var kept []byte
	err = s.database.From(ctx).QueryRowContext(ctx,
		`select value
		 from signin_decoy
		 where name = 'credential'`).Scan(&kept)
	if err != nil {
		return nil, fmt.Errorf("read the key for decoys: %w", err)
	}
	return kept, nil
}
