package live

import (
	"context"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/exceptions"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/services"
)

// The things a view copies, under the names by which livedb, which knows this
// room only, speaks of them.
type (
	Session       = sessions.Session
	SessionReason = sessions.Reason
	Person        = people.Person
	PersonKind    = people.Kind
	PersonState   = people.State
	Key           = keys.Key
	KeyState      = keys.State
	KeyReason     = keys.Reason
	Service       = services.Service
	ServiceState  = services.State
	Route         = services.Route
	Action        = services.Action
	Headers       = services.IdentityHeaders
	Exception     = exceptions.Exception
)

// ExceptionApproved is the state in which an exception counts.
const ExceptionApproved = exceptions.Approved

// Stricter is what an exception drops to when its review is missed.
func Stricter(floor assurance.Requirement) exceptions.Fallback {
	return exceptions.Fallback{Kind: exceptions.Stricter, Floor: floor}
}

// Reader reads the store. It sees everything that has been committed. Where refs
// are nil, everything is meant; what there is none of is simply left out.
type Reader interface {
	// Sessions without refs leaves out those that ended before since.
	Sessions(ctx context.Context, refs []string, since time.Time) ([]SessionRecord, error)
	SessionByHash(ctx context.Context, hash [32]byte) (SessionRecord, bool, error)
	People(ctx context.Context, refs []string) ([]PersonRecord, error)
	Keys(ctx context.Context, refs []string) ([]Key, error)
	Credentials(ctx context.Context, refs []string) ([]Credential, error)
	Services(ctx context.Context) ([]Service, error)
	// Exceptions are those that are approved, with what decides: whom they are for, the
	// floor, and their time.
	Exceptions(ctx context.Context) ([]Exception, error)
	// Policy is the text that is enforced, and those in report-only, as of one moment.
	Policy(ctx context.Context) (PolicyTexts, error)
}

// PolicyTexts is what there is to judge by.
type PolicyTexts struct {
	Enforced  string
	Published bool // Enforced is a text; none has been published otherwise
	Trials    []TrialText
}

// TrialText is a policy in report-only.
type TrialText struct {
	Number int64
	Text   string
}

// SessionRecord is a session with what its browser is known by.
type SessionRecord struct {
	Hash    [32]byte // SHA-256 of the token
	Session Session
}

// PersonRecord is a person with the names of their groups and of the roles they hold here.
type PersonRecord struct {
	Person Person
	Groups []string
	Roles  []string
}

// Credential is what a view needs to know of what a session was begun with: a key's
// registration, or an authenticator app, which has no key.
type Credential struct {
	ID     ids.Credential
	Person ids.Person
	Key    ids.Key
	Active bool
	// Since is from when it has been what it is: a session of an earlier sign-in was
	// begun with something else. Zero is always.
	Since time.Time
}

// Frame is what requests are routed and judged by. It never changes.
type Frame struct {
	Routes  *services.Table  // nil when not known
	Policy  *policy.Compiled // nil when none is published, or not known
	Waivers *Waivers         // who may sign in with less; nil is nobody
	// Vouched says that all are current. Without it nobody may be allowed.
	Vouched bool

	text   string // the policy text, to compile it only when it changes
	trials []Trial
}

// Trial is a policy in report-only, made ready.
type Trial struct {
	Number int64
	Policy *policy.Compiled

	text string
}
