package reviews

import (
	"context"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
)

// Store keeps reviews. Writes happen inside a unit of work.
type Store interface {
	// Add keeps a new one. A second open one of the same exception is problem Closed.
	Add(ctx context.Context, review Review) error
	// Get finds one; problem NotFound.
	Get(ctx context.Context, id ids.Review) (Review, error)
	// Of lists all of an exception, the latest day first.
	Of(ctx context.Context, exception ids.Exception) ([]Review, error)
	// Open lists at most limit open ones whose day is before a moment, the earliest first.
	Open(ctx context.Context, before time.Time, limit int) ([]Review, error)
	// Move gives an open one another day; it reports whether it was open.
	Move(ctx context.Context, moved Review) (bool, error)
	// Close closes one that is open; it reports whether it was.
	Close(ctx context.Context, closed Review) (bool, error)
	// Missed counts those that were missed since a moment.
	Missed(ctx context.Context, since time.Time) (int, error)
}
