// Package helpdeskdb keeps what agents of the service desk have done, to be counted:
// the table desk_use.
package helpdeskdb

import (
	"context"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/access/helpdesk"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
)

// Store is the room's store on SQL.
type Store struct{ database *db.DB }

// New returns the store.
func New(database *db.DB) *Store { return &Store{database: database} }

var _ helpdesk.Store = (*Store)(nil)

// Note counts one deed of an agent.
func (s *Store) Note(ctx context.Context, agent ids.Person, deed helpdesk.Deed, at time.Time) error {
	_, err := s.database.From(ctx).ExecContext(ctx,
		`insert into desk_use (agent, deed, used_at)
		 values ($1, $2, $3)`, agent, deed, db.Millis(at))
	if err != nil {
		return fmt.Errorf("note a deed of the desk: %w", err)
	}
	return nil
}

// Count says how often an agent, or any, did a deed since a time.
func (s *Store) Count(ctx context.Context, agent ids.Person, deed helpdesk.Deed, since time.Time) (int, error) {
	var count int
	err := s.database.From(ctx).QueryRowContext(ctx,
		`select count(*)
		 from desk_use
		 where ($1 = '' or agent = $1) and deed = $2 and used_at > $3`, agent, deed, db.Millis(since)).Scan(&count)
	if err != nil {
		return 0, fmt.Errorf("count deeds of the desk: %w", err)
	}
	return count, nil
}

// Forget removes what was counted before a time.
func (s *Store) Forget(ctx context.Context, before time.Time) error {
	_, err := s.database.From(ctx).ExecContext(ctx,
		`delete from desk_use
		 where used_at < $1`, db.Millis(before))
	if err != nil {
		return fmt.Errorf("forget deeds of the desk: %w", err)
	}
	return nil
}
