package helpdesk

import (
	"context"
	"time"

	"github.com/warder-project/warder/internal/access/recovery"
	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/people"
)

// Store keeps what agents have done. Every method that writes is called inside a
// unit of work.
type Store interface {
	// Note counts one deed of an agent.
	Note(ctx context.Context, agent ids.Person, deed Deed, at time.Time) error
	// Count says how often an agent did a deed since a time; "" counts all agents.
	Count(ctx context.Context, agent ids.Person, deed Deed, since time.Time) (int, error)
	// Forget removes what was counted before a time.
	Forget(ctx context.Context, before time.Time) error
}

// Deps is what a Desk needs. All of it is required.
type Deps struct {
	Store    Store
	Tx       tx.Runner
	Audit    *audit.Log
	People   *people.Directory
	Keys     *keys.Register
	Factors  *factors.Factors
	Roles    *roles.Roster
	Recovery *recovery.Desk
	// Alarm says whether an agent was held back within the last day.
	Alarm func(on bool)
	Now   func() time.Time
}

// Desk is where agents look people up. It is safe for concurrent use.
type Desk struct{ deps Deps }

// New returns a desk.
func New(deps Deps) *Desk { return &Desk{deps: deps} }

func (d *Desk) now() time.Time { return d.deps.Now().UTC().Truncate(time.Millisecond) }

// The problems of this room.
var (
	Nobody = problem.Define(problem.NotFound, "helpdesk.nobody",
		"Nobody has exactly this user name or employee number.",
		"Ask for it again, letter by letter. A part of a name is not enough.")
	TooManyLookUps = problem.Define(problem.TooMany, "helpdesk.too_many_look_ups",
		"You have looked up more people in the last hour than the service desk may.",
		"Wait. If it really is so busy, tell the security lead, who can see this refusal.")
	TooManyCases = problem.Define(problem.TooMany, "helpdesk.too_many_cases",
		"You have opened more cases in the last day than the service desk may.",
		"Ask a colleague to open it, and tell the security lead, who can see this refusal.")
)

// Problems lists them all, for docs/problems.md.
func Problems() []problem.Definition {
	return []problem.Definition{Nobody, TooManyLookUps, TooManyCases}
}
