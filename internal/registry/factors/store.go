package factors

import (
	"context"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
)

// Store keeps credentials. Writes happen inside a unit of work.
type Store interface {
	Census
	// Add stores a new credential. One that is there already, whoever has it, is
	// problem AlreadyRegistered.
	Add(ctx context.Context, credential Credential) error
	// ByCredentialID finds a credential by the id its key gave it; problem
	// UnknownCredential when there is none.
	ByCredentialID(ctx context.Context, credentialID []byte) (Credential, error)
	// OfPerson lists a person's credentials in every state, oldest first.
	OfPerson(ctx context.Context, person ids.Person) ([]Credential, error)
	// OfKey lists the credentials on a key in every state, oldest first.
	OfKey(ctx context.Context, key ids.Key) ([]Credential, error)
	// OfModel lists the active credentials that have proven a model, oldest first.
	OfModel(ctx context.Context, model string) ([]Credential, error)
	// Used records one use of an active credential; it reports whether it was
	// still active. The last use never goes back, and no day is counted twice.
	Used(ctx context.Context, id ids.Credential, use Use, at time.Time) (bool, error)
	// Change moves a credential from one state to another; it reports whether it
	// was in that state.
	Change(ctx context.Context, change Change) (bool, error)
}

// Census is the part of the store that goes through everybody's credentials.
type Census interface {
	// EachActive calls yield for every active credential, one at a time, in order
	// of person and age. yield must not use the store.
	EachActive(ctx context.Context, yield func(Credential) error) error
	// InDoubt lists the credentials that are suspended for a reason of Doubts, the
	// longest first.
	InDoubt(ctx context.Context) ([]Doubt, error)
}

// Change is one step in the life of a credential.
type Change struct {
	ID       ids.Credential
	From, To State
	Reason   string
	At       time.Time
}
