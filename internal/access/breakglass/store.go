package breakglass

import (
	"context"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
)

// Store keeps uses. Writes happen inside a unit of work.
type Store interface {
	// Add keeps a new use. A second one of the same challenge is AlreadyUsed.
	Add(ctx context.Context, use Use) error
	// ByID returns a use, or NotFound.
	ByID(ctx context.Context, id ids.Use) (Use, error)
	// ByChallenge returns the use that began with a challenge; false when there is none.
	ByChallenge(ctx context.Context, challenge [32]byte) (Use, bool, error)
	// Move stores a use that was in state from, or answers MovedOn.
	Move(ctx context.Context, use Use, from State) error
	// List lists uses, newest first.
	List(ctx context.Context, which Query) ([]Use, error)
	// Touched gives when each key last took part in a test or an opening.
	Touched(ctx context.Context) (map[ids.Key]time.Time, error)
}

// Query narrows a list of uses. The zero value is everything.
type Query struct {
	State State   // only in this state
	After ids.Use // only those that come after this one
	Limit int     // at most so many; 0 is all
}
