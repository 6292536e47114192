package retirement

import (
	"context"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
)

// State is what has become of a disabled method. The zero value is none.
type State string

// The states.
const (
	Disabled State = "disabled"
	Restored State = "restored" // given back by somebody else
	Removed  State = "removed"  // for good
)

// Retired is one method of one person that was disabled.
type Retired struct {
	ID      ids.Retirement
	Secret  ids.Credential
	Person  ids.Person
	Method  assurance.Method
	State   State
	By      audit.Actor
	At      time.Time
	Until   time.Time // until then it can be given back
	EndedBy audit.Actor
	EndedAt time.Time // zero while it is disabled
	Reason  string    // why it was given back
}

// Store keeps what was disabled. Writes happen inside a unit of work.
type Store interface {
	// Add keeps a new one. A secret that is disabled already is the problem Over.
	Add(ctx context.Context, retired Retired) error
	// Get finds one; problem NotFound.
	Get(ctx context.Context, id ids.Retirement) (Retired, error)
	// OfMethod lists at most limit of a method, newest first; of one person, or with
	// "" of everybody.
	OfMethod(ctx context.Context, method assurance.Method, person ids.Person, limit int) ([]Retired, error)
	// Due lists at most limit that are disabled and whose time is over, oldest first.
	Due(ctx context.Context, at time.Time, limit int) ([]Retired, error)
	// End closes one that is disabled; it reports whether it was.
	End(ctx context.Context, ended Retired) (bool, error)
}
