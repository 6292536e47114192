package attempts

import (
	"context"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
)

// Store keeps attempts. Every method that writes must be called
// inside a unit of work.
type Store interface {
	// Add stores a new attempt.
	Add(ctx context.Context, attempt Attempt) error
	// ByID returns an attempt, or ErrNotFound.
	ByID(ctx context.Context, id ids.Attempt) (Attempt, error)
	// Advance stores what changed if the kept attempt still has attempt.Version,
	// and gives it the next version. ErrWrongStep when it has moved on.
	Advance(ctx context.Context, attempt Attempt) error
	// Purge forgets attempts that ended before a time, and says how many.
	Purge(ctx context.Context, before time.Time) (int, error)
}
