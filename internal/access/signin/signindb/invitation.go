package signindb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
)

// Invite stores an invitation and closes the person's earlier open ones.
func (s *Store) Invite(ctx context.Context, i signin.Invitation) error {
	_, err := s.database.From(ctx).ExecContext(ctx,
		`update invitation
		 set closed_at = $2
		 where person = $1 and closed_at = 0`, i.Person, db.Millis(i.CreatedAt))
	if err != nil {
		return fmt.Errorf("withdraw earlier invitations: %w", err)
	}
	_, err = s.database.From(ctx).ExecContext(ctx,
		`insert into invitation (id, token_hash, person, actor_kind, actor, created_at, expires_at, closed_at)
		 values ($1, $2, $3, $4, $5, $6, $7, 0)`,
		i.ID, i.Token[:], i.Person, i.By.Kind, i.By.ID, db.Millis(i.CreatedAt), db.Millis(i.ExpiresAt))
	if err != nil {
		return fmt.Errorf("keep invitation: %w", err)
	}
	return nil
}

// Invitation returns the invitation of a token, or signin.ErrLinkNotValid.
func (s *Store) Invitation(ctx context.Context, token [32]byte) (signin.Invitation, error) {
	found := signin.Invitation{Token: token}
	var created, expires, closed int64
	err := s.database.From(ctx).QueryRowContext(ctx,
		`select id, person, actor_kind, actor, created_at, expires_at, closed_at
		 from invitation
		 where token_hash = $1`, token[:]).Scan(
		&found.ID, &found.Person, &found.By.Kind, &found.By.ID, &created, &expires, &closed)
	if errors.Is(err, sql.ErrNoRows) {
		return signin.Invitation{}, signin.ErrLinkNotValid.New()
	}
	if err != nil {
		return signin.Invitation{}, fmt.Errorf("read invitation: %w", err)
	}
	found.CreatedAt, found.ExpiresAt, found.ClosedAt = db.Time(created), db.Time(expires), db.Time(closed)
	return found, nil
}

// UseInvitation closes an invitation that is open at a time.
func (s *Store) UseInvitation(ctx context.Context, id ids.Invitation, at time.Time) error {
	result, err := s.database.From(ctx).ExecContext(ctx,
		`update invitation
		 set closed_at = $2
		 where id = $1 and closed_at = 0 and expires_at > $2`, id, db.Millis(at))
	if err != nil {
		return fmt.Errorf("use invitation: %w", err)
	}
	changed, err := result.RowsAffected()
	if err != nil {
		return fmt.Errorf("use invitation: %w", err)
	}
	if changed != 1 {
		return signin.ErrLinkNotValid.New()
	}
	return nil
}
