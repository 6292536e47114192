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

// Kind says how an invitation is told. The zero value is none and opens nothing.
type Kind string

// The kinds.
const (
	KindLink Kind = "link" // an address
	KindPass Kind = "pass" // a code that is typed with the user name
)

// How long a link may last.
const (
	UsualLife    = 24 * time.Hour
	shortestLife = time.Minute
	longestLife  = 7 * 24 * time.Hour
)

// Invitation is one link or pass.
type Invitation struct {
	ID        ids.Invitation
	Kind      Kind
	Token     [32]byte // SHA-256 of what is in the link; of a pass, of its code and its person
	Person    ids.Person
	By        audit.Actor
	Case      ids.Recovery // the recovery case it belongs to; "" when there is none
	CreatedAt time.Time
	StartsAt  time.Time // before which it does not work
	ExpiresAt time.Time
	ClosedAt  time.Time // used, withdrawn, or replaced by a later one; zero while open
}

// clockSkew is how far back another node's clock may be.
const clockSkew = time.Minute

// Open says whether it works. A clock that has jumped back does not make it
// younger than it is.
func (i Invitation) Open(now time.Time) bool {
	return i.ClosedAt.IsZero() && !i.over(now) && !now.Before(i.StartsAt.Add(-clockSkew))
}

// over says that its time is up, or that it was made by a clock that is now behind.
func (i Invitation) over(now time.Time) bool {
	return !now.Before(i.ExpiresAt) || now.Before(i.CreatedAt.Add(-clockSkew))
}

// Store keeps invitations. Every method that writes is called inside a unit of work.
type Store interface {
	// Add stores an invitation and closes the person's earlier open ones.
	Add(ctx context.Context, invitation Invitation) error
	// ByToken returns the invitation of a token, or NotValid.
	ByToken(ctx context.Context, token [32]byte) (Invitation, error)
	// Use closes an invitation that is open at a time, or answers NotValid.
	Use(ctx context.Context, id ids.Invitation, at time.Time) error
	// Withdraw closes what is open for a person, and says how many that were.
	Withdraw(ctx context.Context, person ids.Person, at time.Time) (int, error)
	// Purge forgets those whose time was over before a time, and says how many.
	Purge(ctx context.Context, before time.Time) (int, error)
}

// Administrators is who may do everything. Its owner is access/roles.
type Administrators interface {
	Administrators(ctx context.Context) ([]ids.Person, error)
	Appoint(ctx context.Context, actor audit.Actor, person ids.Person) error
}

// Follower hears, in the unit of work in which it happens, what became of what an
// invitation opened. Its owner is access/recovery.
type Follower interface {
	// Registered: an invitation was used, and this credential came of it.
	Registered(ctx context.Context, invitation ids.Invitation, credential ids.Credential) error
	// Confirmed: the credential has been used for the first time.
	Confirmed(ctx context.Context, credential ids.Credential) error
}

// Deps is what a Desk needs. All but Follower is required.
type Deps struct {
	Store          Store
	Tx             tx.Runner
	Audit          *audit.Log
	People         *people.Directory
	Keys           *keys.Register
	Factors        *factors.Factors
	Administrators Administrators
	Guard          Guard
	Follower       Follower // nil when nobody follows
	Now            func() time.Time
}

// Desk makes links and passes and knows which of them work.
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
	now := d.deps.Now().UTC().Truncate(time.Millisecond)
	made := Invitation{
		ID: ids.New[ids.Invitation](), Kind: KindLink, Token: token.Hash(), Person: person, By: actor,
		CreatedAt: now, StartsAt: now, ExpiresAt: now.Add(life),
	}
	if err := d.keep(ctx, made, "enrol.invited", map[string]string{}); err != nil {
		return secret.Value{}, fmt.Errorf("invite %s: %w", person, err)
	}
	return token, nil
}

// keep stores an invitation and records it.
func (d *Desk) keep(ctx context.Context, made Invitation, action string, details map[string]string) error {
	return d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		invited, err := d.deps.People.Get(ctx, made.Person)
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
		if err := d.deps.Store.Add(ctx, made); err != nil {
			return err
		}
		details["invitation"], details["expires"] = string(made.ID), made.ExpiresAt.Format(time.RFC3339)
		return d.deps.Audit.Record(ctx, audit.Event{Actor: made.By, Action: action, Subject: string(made.Person), Details: details})
	})
}

// Opened returns the link that has this token, if it works. It changes nothing,
// so that a mail program that looks at a link does not use it up. Problem: NotValid.
func (d *Desk) Opened(ctx context.Context, token secret.Value) (Invitation, error) {
	found, err := d.deps.Store.ByToken(ctx, token.Hash())
	if err != nil {
		return Invitation{}, err
	}
	// What is kept of a pass is a hash too, and must not be reached as an address.
	if found.Kind != KindLink || !found.Open(d.deps.Now()) {
		return Invitation{}, NotValid.New()
	}
	return found, nil
}

// Use uses an invitation up, in the unit of work of what it was used for. Of any number
// of callers one succeeds. Problem: NotValid.
func (d *Desk) Use(ctx context.Context, id ids.Invitation) error {
	return d.deps.Store.Use(ctx, id, d.deps.Now())
}

// Registered tells the follower what came of an invitation, in the unit of work
// that used it.
func (d *Desk) Registered(ctx context.Context, id ids.Invitation, credential ids.Credential) error {
	if d.deps.Follower == nil {
		return nil
	}
	return d.deps.Follower.Registered(ctx, id, credential)
}

// Confirmed tells the follower that a credential was used for the first time;
// "" is none that an invitation led to.
func (d *Desk) Confirmed(ctx context.Context, credential ids.Credential) error {
	if d.deps.Follower == nil || credential == "" {
		return nil
	}
	return d.deps.Follower.Confirmed(ctx, credential)
}

// remembered is how long one that is over can still say so.
const remembered = time.Hour

// Purge forgets those whose time has been over for an hour, and says how many.
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
