package decision

import (
	"net/netip"
	"time"

	"github.com/warder-project/warder/internal/access/live"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/services"
)

// Question is one request that wants to enter.
type Question struct {
	Token    [32]byte // SHA-256 of the session token; see HasToken
	HasToken bool
	Host     string // host or host:port as the browser asked for it
	Path     string // as the browser asked for it, without the query
	Method   string
	IP       netip.Addr
	At       time.Time // zero is now

	// Portal says that the token may be of a portal session. A gate never says so:
	// only a session that was begun for this very host counts there, because on
	// localhost browsers send the portal's cookie to every port.
	Portal bool
	// Again says that the request was allowed before and its answer is still being
	// given. It is no use of the session, so that a tab that is left open does not
	// keep it alive; and while it stays allowed nothing more is recorded.
	Again bool
}

// Decision is the answer. The zero value denies.
type Decision struct {
	ID      ids.Decision // "" when it is not recorded; shared by requests of one Record
	At      time.Time
	Person  ids.Person  // "" when nobody is signed in
	Session ids.Session // "" when there is none
	Service ids.Service // "" when no service is there
	Verdict policy.Verdict
	State   policy.SessionState
	// Subject is who asks; nil when that is not known. On Allow it never is.
	Subject *live.Subject
	// Target is the service, and Route the way into it; nil when there is none.
	Target *services.Service
	Route  *services.Route
}

// Record is a decision as it is kept. Requests that the same session sends to the
// same route within about a second, and that are allowed for the same reasons,
// are one decision: they share its ID, and each has its line in Requests. The
// first refusal or step-up is a record of its own; the same again within a second
// is gathered like what is allowed.
type Record struct {
	ID        ids.Decision
	At        time.Time // of the first request
	Person    ids.Person
	Session   ids.Session
	Key       ids.Key
	Service   ids.Service
	Route     ids.Route
	IP        netip.Addr
	Effect    policy.Effect
	Reasons   []policy.Reason
	Policy    string // version
	Require   assurance.Requirement
	Assurance assurance.Assurance
	AuthTime  time.Time
	Requests  []Request     // in order; never empty
	Exception ids.Exception // what it was allowed under; "" when it needed none
	// Input is the facts that policy was asked with, but for what the other fields
	// say: see Facts. Empty when policy was not asked, or when the decision was made
	// before inputs were kept.
	Input []byte
}

// Request is what was asked for.
type Request struct {
	At     time.Time
	Method string
	Path   string // at most 256 bytes
}

// Filter chooses records, newest first. Zero fields choose everything.
type Filter struct {
	Person    ids.Person
	Service   ids.Service
	Effect    string        // "allow", "step_up" or "deny"
	Exception ids.Exception // only what was allowed under it
	After     ids.Decision  // the last record of the page before
	Limit     int           // 1 to 200; 0 is 50
}

// Counts is how many answers there were of each kind since the start.
type Counts struct {
	Allowed     int64 `json:"allowed"`
	SteppedUp   int64 `json:"stepped_up"`
	Denied      int64 `json:"denied"`
	Nobody      int64 `json:"nobody"`       // of these, how many without anybody signed in; they are not recorded
	NotRecorded int64 `json:"not_recorded"` // of Denied, how many because the record was full
}
