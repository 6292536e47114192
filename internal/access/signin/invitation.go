package signin

import (
	"context"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/people"
)

// How long an invitation may last.
const (
	DefaultInvitation  = 24 * time.Hour
	shortestInvitation = time.Minute
	longestInvitation  = 7 * 24 * time.Hour
)

// EnrolPath is the page of an invitation; the token follows.
const EnrolPath = "/enrol/"

// Invitation is a one-time link with which one person can register a key.
type Invitation struct {
	ID        ids.Invitation
	Token     [32]byte // SHA-256 of what is in the link
	Person    ids.Person
	By        audit.Actor
	CreatedAt time.Time
	ExpiresAt time.Time
	ClosedAt  time.Time // used, or replaced by a later one; zero while open
}

// Open says whether the link still works. A clock that has jumped back does
// not make an invitation younger than it is.
func (i Invitation) Open(now time.Time) bool {
	return i.ClosedAt.IsZero() && now.Before(i.ExpiresAt) && !now.Before(i.CreatedAt.Add(-clockSkew))
}

// Administrators is who may do everything. Its owner is access/roles.
type Administrators interface {
	Administrators(ctx context.Context) ([]ids.Person, error)
	Appoint(ctx context.Context, actor audit.Actor, person ids.Person) error
}

// InvitationDeps is what Invitations needs. All of it is required.
type InvitationDeps struct {
	Store          Store
	Tx             tx.Runner
	Audit          *audit.Log
	People         *people.Directory
	Keys           *keys.Register
	Factors        *factors.Factors
	Administrators Administrators
	Now            func() time.Time
}

// Invitations makes one-time links. A link opens a registration and nothing
// more; see Flow.BeginEnrolment.
type Invitations struct{ deps InvitationDeps }

// NewInvitations returns invitations.
func NewInvitations(deps InvitationDeps) *Invitations { return &Invitations{deps: deps} }

// Invite makes a link for a person and withdraws their earlier ones. A ttl of
// zero is DefaultInvitation. The caller has checked that the actor may do this;
// the token is told once, here, and kept only as a hash.
func (i *Invitations) Invite(ctx context.Context, actor audit.Actor, person ids.Person, ttl time.Duration) (secret.Value, error) {
	if ttl == 0 {
		ttl = DefaultInvitation
	}
	if ttl < shortestInvitation || ttl > longestInvitation {
		return secret.Value{}, ErrInvitationTime.New()
	}
	token := secret.Token()
	err := i.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		invited, err := i.deps.People.Get(ctx, person)
		if err != nil {
			return err
		}
		now := i.deps.Now().UTC().Truncate(time.Millisecond)
		// Somebody who starts next week can be invited today; somebody who has left cannot.
		if invited.State != people.Active {
			return ErrPersonMayNot.New()
		}
		invitation := Invitation{
			ID: ids.New[ids.Invitation](), Token: token.Hash(), Person: person, By: actor,
			CreatedAt: now, ExpiresAt: now.Add(ttl),
		}
		if err := i.deps.Store.Invite(ctx, invitation); err != nil {
			return err
		}
		return i.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: "enrol.invited", Subject: string(person),
			Details: map[string]string{"invitation": string(invitation.ID), "expires": invitation.ExpiresAt.Format(time.RFC3339)}})
	})
	if err != nil {
		return secret.Value{}, fmt.Errorf("invite %s: %w", person, err)
	}
	return token, nil
}

// FirstAdministrator makes the link with which the first administrator
// registers a key: the person is added if nobody has the user name, and made an
// administrator. It is refused as soon as there is an administrator who can
// sign in, so that a terminal is not a way around the roles afterwards.
func (i *Invitations) FirstAdministrator(ctx context.Context, actor audit.Actor, userName string) (secret.Value, error) {
	var token secret.Value
	err := i.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		if err := i.refuseSecondFirst(ctx); err != nil {
			return err
		}
		person, err := i.deps.People.ByUserName(ctx, userName)
		if problem.Is(err, people.NotFound) {
			person, err = i.deps.People.Add(ctx, actor, people.NewPerson{UserName: userName, Name: userName, Kind: people.KindPerson})
		}
		if err != nil {
			return err
		}
		if err := i.deps.Administrators.Appoint(ctx, actor, person.ID); err != nil {
			return err
		}
		token, err = i.Invite(ctx, actor, person.ID, DefaultInvitation)
		return err
	})
	if err != nil {
		return secret.Value{}, fmt.Errorf("first administrator: %w", err)
	}
	return token, nil
}

func (i *Invitations) refuseSecondFirst(ctx context.Context) error {
	administrators, err := i.deps.Administrators.Administrators(ctx)
	if err != nil {
		return err
	}
	for _, administrator := range administrators {
		able, err := i.canSignIn(ctx, administrator)
		if err != nil {
			return err
		}
		if able {
			return ErrAdministratorExists.New()
		}
	}
	return nil
}

// canSignIn says whether a person has a key that works.
func (i *Invitations) canSignIn(ctx context.Context, id ids.Person) (bool, error) {
	person, err := i.deps.People.Get(ctx, id)
	if err != nil || !person.MaySignIn(i.deps.Now()) {
		return false, err
	}
	credentials, err := i.deps.Factors.OfPerson(ctx, id)
	if err != nil {
		return false, err
	}
	for _, credential := range credentials {
		if credential.State != factors.Active {
			continue
		}
		key, err := i.deps.Keys.Get(ctx, credential.Key)
		if err != nil {
			return false, err
		}
		if key.State.MaySignIn() {
			return true, nil
		}
	}
	return false, nil
}
