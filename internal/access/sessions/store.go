package sessions

import (
	"context"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// Store is what Book needs kept. Hashes are SHA-256 of what the browser holds.
type Store interface {
	// Begin keeps a new session. A second one with the same hash or id is an error.
	Begin(ctx context.Context, session Session, hash [32]byte) error
	// ByHash and ByID answer false when there is no such session.
	ByHash(ctx context.Context, hash [32]byte) (Session, bool, error)
	ByID(ctx context.Context, id ids.Session) (Session, bool, error)
	// List lists the sessions that nothing has ended, newest first.
	List(ctx context.Context, which Query) ([]Session, error)
	// End ends what which names and has not ended, with the gate sessions that
	// hang from it, and says which those were.
	End(ctx context.Context, which Which, reason Reason, at time.Time) ([]ids.Session, error)
	// Lower replaces what those of the sessions count as that have not ended.
	Lower(ctx context.Context, all []ids.Session, have assurance.Assurance, amr []string) error
	// Touch moves LastSeenAt forward, never back, of sessions that have not ended.
	Touch(ctx context.Context, seen map[ids.Session]time.Time) error
	Tickets
}

// Tickets is what Book needs kept of the way from the portal to a gate.
type Tickets interface {
	// KeepTicket keeps a ticket, and drops those that are out of date.
	KeepTicket(ctx context.Context, ticket Ticket) error
	// TakeTicket removes the ticket and gives it, to exactly one caller; false for
	// all others, for another host and after its time.
	TakeTicket(ctx context.Context, hash [32]byte, host string, at time.Time) (Ticket, bool, error)
}

// Query narrows a list of sessions that nothing has ended. The zero value is all
// of them.
type Query struct {
	Person  ids.Person    // only theirs
	Keys    []ids.Key     // only those begun with one of these
	Parents []ids.Session // only gate sessions that hang from these
	Portal  bool          // only portal sessions
	Not     *Overdue      // without those whose time is up; its Limit does not matter
	After   ids.Session   // only those that come after this one
	Limit   int           // at most so many; 0 is all
}

// Ticket is the promise of one gate session.
type Ticket struct {
	Hash    [32]byte
	Parent  ids.Session
	Host    string
	Expires time.Time
}

// Which names sessions to end. Exactly one of the first four is set, or Overdue.
type Which struct {
	Session ids.Session
	Key     ids.Key
	Keys    []ids.Key
	Person  ids.Person
	Overdue *Overdue
}

// Overdue names sessions whose time is up: past their absolute end, or last seen
// at or before the moment of their level.
type Overdue struct {
	AbsoluteBy time.Time
	SeenBy     map[int]time.Time // by assurance level 1 to 3
	Limit      int               // at most so many at once
}
