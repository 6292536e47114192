// Package attemptsdb keeps sign-in attempts on SQL: the table signin_attempt.
package attemptsdb

import (
	"context"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/access/signin/attempts"
	"github.com/warder-project/warder/internal/base/db"
)

// Store is the room's store on SQL.
type Store struct{ database *db.DB }

// New returns the store.
func New(database *db.DB) *Store { return &Store{database: database} }

var _ attempts.Store = (*Store)(nil)

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
