package throttle

import (
	"context"
	"time"
)

// Count is what is remembered of one place, account or pair.
type Count struct {
	Name     string // of what is counted; see names in limits.go
	Account  string // hash of the account; empty for a place
	Kind     string // the method; empty for a place
	Failures int    // in a row, the ones that are being judged included
	Shared   int    // of a pair: how many of them its account has counted too
	Told     int    // how many there were when the record was last told
	Most     int    // failures in a row at which it stops; 0 is never
	// FreeAt is, of a pair, when it may try again; of an account or a place, when
	// its burst is whole again.
	FreeAt time.Time
	At     time.Time // the last guess
}

// Place is where somebody has proven who they are.
type Place struct {
	Account string // hash
	Source  string // prefix
	At      time.Time
}

// Lifted bounds how long what is lifted may still wait: a pair, and an account.
type Lifted struct{ Pair, Account time.Time }

// Store keeps counts and places. Every method that writes is called inside a
// unit of work.
type Store interface {
	// Counts returns those of the named counts that there are, by name.
	Counts(ctx context.Context, names ...string) (map[string]Count, error)
	// Keep writes counts as they are given.
	Keep(ctx context.Context, counts ...Count) error
	// OfAccount returns all counts of an account, in the order of their names.
	OfAccount(ctx context.Context, account string) ([]Count, error)
	// Lift sets the named counts to none and bounds their waits.
	Lift(ctx context.Context, names []string, bound Lifted) error
	// Places returns the latest places of an account, latest first.
	Places(ctx context.Context, account string, most int) ([]Place, error)
	// Glance says in one look how many counts of an account have stopped, and its
	// latest place, if it has one.
	Glance(ctx context.Context, account string) (stopped int, latest Place, err error)
	// KeepPlace writes a place and forgets all but the latest of its account.
	KeepPlace(ctx context.Context, place Place, most int) error
	// Prune forgets what Old says, and the least of what is more than most, but no
	// more than batch counts at once.
	Prune(ctx context.Context, old Old, most, batch int) (int, error)
}

// Old says what may be forgotten: what was last touched before these times.
type Old struct {
	Places time.Time // counts of places
	Few    time.Time // counts of fewer than few failures
	Many   time.Time // other counts that have not stopped
	Usual  time.Time // usual places
}
