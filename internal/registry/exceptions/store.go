package exceptions

import (
	"context"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
)

// Store keeps exceptions. Every method that writes is called inside a unit of work.
type Store interface {
	// Add stores a new exception and gives it the next number.
	Add(ctx context.Context, made Exception) (int64, error)
	// ByID returns an exception, or NotFound.
	ByID(ctx context.Context, id ids.Exception) (Exception, error)
	// Advance stores what may change, if the kept one still has changed.Version, and
	// gives it the next version; MovedOn when it has another.
	Advance(ctx context.Context, changed Exception) error
	// List returns exceptions, the latest number first.
	List(ctx context.Context, filter Filter) ([]Exception, error)
	// Warn notes that somebody was warned that many days before that end; false when
	// they had been already.
	Warn(ctx context.Context, warning Warning) (bool, error)
}

// Filter narrows a list; what is empty does not narrow it.
type Filter struct {
	Number  int64
	State   State
	Service ids.Service
	Owner   ids.Person
	InForce time.Time // only those in force at that moment
	Limit   int       // 0 is all of them
}

// Warning is one warning of an end to come. An end that moves is warned of anew.
type Warning struct {
	Exception ids.Exception
	Person    ids.Person
	End       time.Time
	Days      int
	At        time.Time
}
