// Package decoysdb keeps the key that decoys are made from: the table signin_decoy.
package decoysdb

import (
	"context"
	"fmt"

	"github.com/warder-project/warder/internal/access/signin/decoys"
	"github.com/warder-project/warder/internal/base/db"
)

// Store is the room's store on SQL.
type Store struct{ database *db.DB }

// New returns the store.
func New(database *db.DB) *Store { return &Store{database: database} }

var _ decoys.Store = (*Store)(nil)

// Key returns the key for decoys, which is fresh if there was none yet.
func (s *Store) Key(ctx context.Context, fresh []byte) ([]byte, error) {
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
