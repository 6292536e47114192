package sharedsecret

import (
	"context"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/factors"
)

// The life of a secret is that of any credential; under these names the store, which
// knows this room only, speaks of it.
type (
	State  = factors.State
	Change = factors.Change
)

// Revoked is the end of a secret's life.
const Revoked = factors.Revoked

// Store keeps shared secrets. Writes happen inside a unit of work.
type Store interface {
	// Add keeps a new secret, with the hashes of its recovery codes if it has any.
	// A second one with the same id, and a second password or set of codes of one
	// person that is not revoked, is the problem Changed.
	Add(ctx context.Context, kept Kept, codes [][32]byte) error
	// Get finds one; problem NotFound.
	Get(ctx context.Context, id ids.Credential) (Kept, error)
	// OfPerson lists a person's secrets in every state, oldest first.
	OfPerson(ctx context.Context, person ids.Person) ([]Kept, error)
	// Used records one use of an active secret; of an authenticator app only when
	// step is later than the last one used. It reports whether it was recorded.
	Used(ctx context.Context, id ids.Credential, step int64, at time.Time) (bool, error)
	// Spend uses up one code of an active set, and says how many are left; false
	// when there is no such code, or it was used before.
	Spend(ctx context.Context, id ids.Credential, code [32]byte, at time.Time) (left int, spent bool, err error)
	// Reseal replaces what is sealed in an active secret.
	Reseal(ctx context.Context, id ids.Credential, sealed []byte) (bool, error)
	// Change moves a secret from one state to another, and reports whether it was in
	// that state. Of what is revoked nothing is kept but that it was there.
	Change(ctx context.Context, change Change) (bool, error)
	// Holders lists the people who have an active secret of a method, in order.
	Holders(ctx context.Context, method assurance.Method) ([]ids.Person, error)
}
