// Package invitationsdb keeps one-time links and passes: the table invitation.
package invitationsdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/access/invitations"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
)

// Store is the room's store on SQL.
type Store struct{ database *db.DB }

// New returns the store.
func New(database *db.DB) *Store { return &Store{database: database} }

var _ invitations.Store = (*Store)(nil)

// Add stores an invitation and closes the person's earlier open ones.
func (s *Store) Add(ctx context.Context, i invitations.Invitation) error {
	if _, err := s.Withdraw(ctx, i.Person, i.CreatedAt); err != nil {
		return err
	}
	_, err := s.database.From(ctx).ExecContext(ctx,
		`insert into invitation (id, kind, token_hash, person, actor_kind, actor, recovery, created_at, starts_at, expires_at, closed_at)
		 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)`,
		i.ID, i.Kind, i.Token[:], i.Person, i.By.Kind, i.By.ID, i.Case, db.Millis(i.CreatedAt), db.Millis(i.StartsAt), db.Millis(i.ExpiresAt))
	if err != nil {
		return fmt.Errorf("keep invitation: %w", err)
	}
	return nil
}

// ByToken returns the invitation of a token, or invitations.NotValid.
func (s *Store) ByToken(ctx context.Context, token [32]byte) (invitations.Invitation, error) {
	found := invitations.Invitation{Token: token}
	var created, starts, expires, closed int64
	err := s.database.From(ctx).QueryRowContext(ctx,
		`select id, kind, person, actor_kind, actor, recovery, created_at, starts_at, expires_at, closed_at
		 from invitation
		 where token_hash = $1`, token[:]).Scan(
		&found.ID, &found.Kind, &found.Person, &found.By.Kind, &found.By.ID, &found.Case, &created, &starts, &expires, &closed)
	if errors.Is(err, sql.ErrNoRows) {
		return invitations.Invitation{}, invitations.NotValid.New()
	}
	if err != nil {
		return invitations.Invitation{}, fmt.Errorf("read invitation: %w", err)
	}
	found.CreatedAt, found.StartsAt, found.ExpiresAt, found.ClosedAt = db.Time(created), db.Time(starts), db.Time(expires), db.Time(closed)
	return found, nil
}

// Use closes an invitation that is open at a time.
func (s *Store) Use(ctx context.Context, id ids.Invitation, at time.Time) error {
	changed, err := s.change(ctx,
		`update invitation
		 set closed_at = $2
		 where id = $1 and closed_at = 0 and expires_at > $2`, id, db.Millis(at))
	if err != nil {
		return fmt.Errorf("use invitation: %w", err)
	}
	if changed != 1 {
		return invitations.NotValid.New()
	}
	return nil
}

// Withdraw closes what is open for a person.
func (s *Store) Withdraw(ctx context.Context, person ids.Person, at time.Time) (int, error) {
	closed, err := s.change(ctx,
		`update invitation
		 set closed_at = $2
		 where person = $1 and closed_at = 0`, person, db.Millis(at))
	if err != nil {
		return 0, fmt.Errorf("withdraw invitations of %s: %w", person, err)
	}
	return closed, nil
}

// Purge forgets those whose time was over before a time.
func (s *Store) Purge(ctx context.Context, before time.Time) (int, error) {
	purged, err := s.change(ctx,
		`delete from invitation
		 where expires_at < $1`, db.Millis(before))
	if err != nil {
		return 0, fmt.Errorf("forget old invitations: %w", err)
	}
	return purged, nil
}

func (s *Store) change(ctx context.Context, statement string, args ...any) (int, error) {
	result, err := s.database.From(ctx).ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, err
	}
	changed, err := result.RowsAffected()
	return int(changed), err
}
