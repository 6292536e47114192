package risk

import (
	"context"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
)

// Store keeps what is known, sights and cases. Every method that writes is called
// inside a unit of work.
type Store interface {
	// Known lists what is known of a person.
	Known(ctx context.Context, person ids.Person) ([]Known, error)
	// Learn keeps and drops things that are known of a person.
	Learn(ctx context.Context, person ids.Person, keep, drop []Known) error
	// KeepSight keeps a sight, in place of the one of the same session and network.
	KeepSight(ctx context.Context, sight Sight) error
	// Sights lists sights, the latest first.
	Sights(ctx context.Context, which Which) ([]Sight, error)
	// Forget drops what was last seen before a time, but open cases, and says how
	// much that was.
	Forget(ctx context.Context, before time.Time) (int, error)
	Cases
}

// Cases keeps cases.
type Cases interface {
	OpenCase(ctx context.Context, opened Case) error
	// CloseCase answers false when there is no such case, or it is closed.
	CloseCase(ctx context.Context, closed Case) (bool, error)
	// Cases lists cases, open ones first, then the latest.
	Cases(ctx context.Context, open bool, limit int) ([]Case, error)
}

// Which narrows a list of sights; what is empty does not narrow it.
type Which struct {
	Person    ids.Person
	Sessions  []ids.Session
	Objection [32]byte
	Live      bool // only of sessions that nothing has ended
	Raised    bool // only raised ones
	Limit     int  // 0 is all
}

// Case is somebody's word that a sign-in was not theirs, until somebody has looked
// into it.
type Case struct {
	ID       ids.RiskCase
	Person   ids.Person
	Session  ids.Session
	Network  string
	Device   string
	OpenedAt time.Time
	ClosedAt time.Time  // zero while it is open
	ClosedBy ids.Person // "" while it is open
	Finding  string
}
