package recovery

import (
	"context"

	"github.com/warder-project/warder/internal/base/ids"
)

// Store keeps cases. Every method that writes is called
// inside a unit of work.
type Store interface {
	// Open stores a new case; AlreadyOpen when the person has an open one.
	Open(ctx context.Context, made Case) error
	// ByID returns a case with its approvals, oldest first, or NotFound.
	ByID(ctx context.Context, id ids.Recovery) (Case, error)
	// Advance stores what changed if the kept case still has changed.Version, and gives
	// it the next version; WrongStep when it has moved on. Approvals are not stored by it.
	Advance(ctx context.Context, changed Case) error
	// Approve stores one approval; AlreadyInvolved when that person has approved.
	Approve(ctx context.Context, id ids.Recovery, approval Approval) error
	// List returns cases with their approvals, newest first.
	List(ctx context.Context, filter Filter) ([]Case, error)
}

// Filter narrows a list; what is empty does not narrow it.
type Filter struct {
	Person     ids.Person
	Pass       ids.Invitation
	Credential ids.Credential
	Objection  [32]byte
	Open       bool // only cases that are not over
	Limit      int  // 0 is 100
}
