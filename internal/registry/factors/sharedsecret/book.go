package sharedsecret

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret/totp"
	"github.com/warder-project/warder/internal/registry/password"
)

// Sealer is the part of base/seal that is needed here.
type Sealer interface {
	Seal(plain []byte, row string) ([]byte, error)
	Open(sealed []byte, row string) ([]byte, error)
}

// Deps is what a Book needs. Blocklist and WordsOf may be nil.
type Deps struct {
	Store  Store
	Tx     tx.Runner
	Audit  *audit.Log
	Seal   Sealer
	Hasher *password.Hasher
	Now    func() time.Time

	Blocklist *password.Blocklist
	// WordsOf are words that somebody who knows the person would try: user name,
	// names, the organisation.
	WordsOf func(ctx context.Context, person ids.Person) ([]string, error)
	Codes   totp.Parameters // of new authenticator apps
	Issuer  string          // what the app calls us
}

// Book is the shared secrets of everybody. Every change is one unit of work with its
// audit entry, and is published as tx.Credential. It is safe for concurrent use.
type Book struct{ deps Deps }

// New builds a Book.
func New(deps Deps) (*Book, error) {
	if err := deps.Codes.Check(); err != nil {
		return nil, fmt.Errorf("keep shared secrets: %w", err)
	}
	if deps.Store == nil || deps.Tx == nil || deps.Audit == nil || deps.Seal == nil || deps.Hasher == nil || deps.Now == nil {
		return nil, errors.New("keep shared secrets: something that is needed is missing")
	}
	return &Book{deps: deps}, nil
}

// OfPerson lists a person's secrets in every state, oldest first.
func (b *Book) OfPerson(ctx context.Context, person ids.Person) ([]Secret, error) {
	kept, err := b.deps.Store.OfPerson(ctx, person)
	if err != nil {
		return nil, err
	}
	held := make([]Secret, 0, len(kept))
	for _, one := range kept {
		held = append(held, one.Secret)
	}
	return held, nil
}

// Get finds one secret; problem NotFound.
func (b *Book) Get(ctx context.Context, id ids.Credential) (Secret, error) {
	kept, err := b.deps.Store.Get(ctx, id)
	return kept.Secret, err
}

// Holders lists the people who have an active secret of a method.
func (b *Book) Holders(ctx context.Context, method assurance.Method) ([]ids.Person, error) {
	return b.deps.Store.Holders(ctx, method)
}

// RemoveOwn is Remove by the person themselves. somethingElse says that they have
// another way of signing in, such as a key; without one, the only password and the
// only app stay: nobody should close their own door from outside. Problems:
// NotFound, LastWay.
func (b *Book) RemoveOwn(ctx context.Context, person ids.Person, id ids.Credential, somethingElse bool) (Secret, error) {
	var removed Secret
	err := b.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		held, err := b.deps.Store.OfPerson(ctx, person)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(held, func(one Kept) bool { return one.ID == id && one.State != factors.Revoked })
		if at < 0 {
			return NotFound.New() // of nobody, or of somebody else
		}
		removed = held[at].Secret
		if !somethingElse && signsIn(held) && !signsIn(slices.Delete(slices.Clone(held), at, at+1)) {
			return LastWay.New()
		}
		return b.Remove(ctx, audit.Person(person), id, "removed_by_holder")
	})
	return removed, err
}

// signsIn reports whether somebody can sign in with these alone.
func signsIn(held []Kept) bool {
	return len(usable(held, assurance.Password)) > 0 && len(usable(held, assurance.TOTP)) > 0
}

// Remove takes a secret away for good. reason is a short word for the audit record.
// Whoever is signed in with it is signed out by their next request. Problem: NotFound.
func (b *Book) Remove(ctx context.Context, actor audit.Actor, id ids.Credential, reason string) error {
	err := b.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		kept, err := b.deps.Store.Get(ctx, id)
		if err != nil {
			return err
		}
		if kept.State == factors.Revoked {
			return NotFound.New()
		}
		if err := b.revoke(ctx, actor, kept, reason); err != nil {
			return err
		}
		return b.tellApps(ctx, kept)
	})
	if err != nil {
		return fmt.Errorf("remove shared secret %s: %w", id, err)
	}
	return nil
}

// revoke ends a secret that was read in the same unit of work.
func (b *Book) revoke(ctx context.Context, actor audit.Actor, kept Kept, reason string) error {
	changed, err := b.deps.Store.Change(ctx, factors.Change{
		ID: kept.ID, From: kept.State, To: factors.Revoked, Reason: reason, At: b.deps.Now(),
	})
	if err != nil {
		return err
	}
	if !changed {
		return Changed.New()
	}
	return b.tell(ctx, actor, "secret.removed", kept.Secret, map[string]string{"reason": reason})
}

// tellApps publishes a person's authenticator apps when their password changes: a
// sign-in with both rests on both.
func (b *Book) tellApps(ctx context.Context, of Kept) error {
	if of.Method != assurance.Password {
		return nil
	}
	held, err := b.deps.Store.OfPerson(ctx, of.Person)
	if err != nil {
		return err
	}
	for _, app := range usable(held, assurance.TOTP) {
		if err := tx.Publish(ctx, tx.Credential, string(app.ID)); err != nil {
			return err
		}
	}
	return nil
}

// tell writes the audit entry and publishes the change.
func (b *Book) tell(ctx context.Context, actor audit.Actor, action string, about Secret, details map[string]string) error {
	all := map[string]string{"person": string(about.Person), "method": about.Method.String()}
	for name, value := range details {
		all[name] = value
	}
	err := b.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: action, Subject: string(about.ID), Details: all})
	if err != nil {
		return fmt.Errorf("record %s: %w", action, err)
	}
	return tx.Publish(ctx, tx.Credential, string(about.ID))
}

// row binds what is sealed to its row, and to whose and what it is.
func row(secret Secret) string {
	return "shared_secret:" + string(secret.ID) + ":" + string(secret.Person) + ":" + secret.Method.String()
}

func (b *Book) seal(plain []byte, of Secret) ([]byte, error) {
	sealed, err := b.deps.Seal.Seal(plain, row(of))
	if err != nil {
		return nil, fmt.Errorf("seal shared secret %s: %w", of.ID, err)
	}
	return sealed, nil
}

func (b *Book) open(kept Kept) ([]byte, error) {
	plain, err := b.deps.Seal.Open(kept.Sealed, row(kept.Secret))
	if err != nil {
		return nil, fmt.Errorf("open shared secret %s: %w", kept.ID, err)
	}
	return plain, nil
}

// fresh is a new active secret.
func (b *Book) fresh(person ids.Person, method assurance.Method) Kept {
	return Kept{Secret: Secret{ID: ids.New[ids.Credential](), Person: person, Method: method, State: factors.Active,
		CreatedAt: b.deps.Now().UTC().Truncate(time.Millisecond)}}
}
