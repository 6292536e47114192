package invitations

import (
	"context"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/people"
)

// How long a link may last.
const (
	UsualLife    = 24 * time.Hour
	shortestLife = time.Minute
	longestLife  = 7 * 24 * time.Hour
)

// Invitation is one link.
type Invitation struct {
	ID        ids.Invitation
	Token     [32]byte // SHA-256 of what is in the link
	Person    ids.Person
	By        audit.Actor
	CreatedAt time.Time
	ExpiresAt time.Time
	ClosedAt  time.Time // used, or replaced by a later one; zero while open
}

// clockSkew is how far back another node's clock may be.
const clockSkew = time.Minute

// Open says whether the link works. A clock that has jumped back does not make
// a link younger than it is.
func (i Invitation) Open(now time.Time) bool {
	return i.ClosedAt.IsZero() && now.Before(i.ExpiresAt) && !now.Before(i.CreatedAt.Add(-clockSkew))
}

// Store keeps links. Every method that writes is called inside a unit of work.
type Store interface {
	// Add stores a link and closes the person's earlier open ones.
	Add(ctx context.Context, invitation Invitation) error
	// ByToken returns the link of a token, or NotValid.
	ByToken(ctx context.Context, token [32]byte) (Invitation, error)
	// Use closes a link that is open at a time, or answers NotValid.
	Use(ctx context.Context, id ids.Invitation, at time.Time) error
	// Purge forgets links whose time was over before a time, and says how many.
	Purge(ctx context.Context, before time.Time) (int, error)
}

// Administrators is who may do everything. Its owner is access/roles.
type Administrators interface {
	Administrators(ctx context.Context) ([]ids.Person, error)
	Appoint(ctx context.Context, actor audit.Actor, person ids.Person) error
}

// Deps is what a Desk needs. All of it is required.
type Deps struct {
	Store          Store
	Tx             tx.Runner
	Audit          *audit.Log
	People         *people.Directory
	Keys           *keys.Register
	Factors        *factors.Factors
	Administrators Administrators
	Now            func() time.Time
}

// Desk makes links and knows which of them work.
type Desk struct{ deps Deps }

// New returns a desk.
func New(deps Deps) *Desk { return &Desk{deps: deps} }

// Invite makes a link for a person and withdraws their earlier ones. A life of
// zero is UsualLife. The caller has checked that the actor may do this; the token
// is told once, here, and kept only as a hash. Problems: LifeRefused,
// CannotInvite, Enrolled, people.NotFound.
func (d *Desk) Invite(ctx context.Context, actor audit.Actor, person ids.Person, life time.Duration) (secret.Value, error) {
	if life == 0 {
		life = UsualLife
	}
	if life < shortestLife || life > longestLife {
		return secret.Value{}, LifeRefused.New()
	}
	token := secret.Token()
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		invited, err := d.deps.People.Get(ctx, person)
		if err != nil {
			return err
		}
		// Somebody who starts next week can be invited today; somebody who has left cannot.
		if invited.State != people.Active {
			return CannotInvite.New()
		}
		if err := d.refuseEnrolled(ctx, invited); err != nil {
			return err
		}
		now := d.deps.Now().UTC().Truncate(time.Millisecond)
		made := Invitation{
			ID: ids.New[ids.Invitation](), Token: token.Hash(), Person: person, By: actor,
			CreatedAt: now, ExpiresAt: now.Add(life),
		}
		if err := d.deps.Store.Add(ctx, made); err != nil {
			return err
		}
		return d.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: "enrol.invited", Subject: string(person),
			Details: map[string]string{"invitation": string(made.ID), "expires": made.ExpiresAt.Format(time.RFC3339)}})
	})
	if err != nil {
		return secret.Value{}, fmt.Errorf("invite %s: %w", person, err)
	}
	return token, nil
}

// Opened returns the link that has this token, if it works. It changes nothing,
// so that a mail program that looks at a link does not use it up. Problem: NotValid.
func (d *Desk) Opened(ctx context.Context, token secret.Value) (Invitation, error) {
	found, err := d.deps.Store.ByToken(ctx, token.Hash())
	if err != nil {
		return Invitation{}, err
	}
	if !found.Open(d.deps.Now()) {
		return Invitation{}, NotValid.New()
	}
	return found, nil
}

// Use uses a link up, in the unit of work of what it was used for. Of any number
// of callers one succeeds. Problem: NotValid.
func (d *Desk) Use(ctx context.Context, id ids.Invitation) error {
	return d.deps.Store.Use(ctx, id, d.deps.Now())
}

// remembered is how long a link that is over can still say so.
const remembered = time.Hour

// Purge forgets links whose time has been over for an hour, and says how many.
func (d *Desk) Purge(ctx context.Context) (int, error) {
	var purged int
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		var err error
		purged, err = d.deps.Store.Purge(ctx, d.deps.Now().Add(-remembered))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("forget old invitations: %w", err)
	}
	return purged, nil
}
