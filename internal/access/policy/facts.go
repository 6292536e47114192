package policy

import (
	"slices"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/registry/assurance"
)

// Truth is a fact that may be missing. The zero value is "not known", which
// refuses.
type Truth uint8

// The three values.
const (
	Unknown Truth = iota
	No
	Yes
)

// Of turns a known fact into a Truth.
func Of(fact bool) Truth {
	if fact {
		return Yes
	}
	return No
}

// SessionState says what has become of the session of a request. The zero value
// is "not known", which denies.
type SessionState uint8

// The states.
const (
	SessionUnknown    SessionState = iota // it could not be looked up
	SessionNone                           // the request has none, or one that nobody knows
	SessionEnded                          // somebody or something ended it: see Facts.SessionEnd
	SessionIdle                           // not used for longer than its level allows
	SessionExpired                        // older than its level allows
	SessionFromFuture                     // began or was used after now: a clock is wrong
	SessionAlive
)

// Facts are what is known about one request. The zero value is denied.
type Facts struct {
	At time.Time // when the request came

	// Vouched says that whoever gathered the facts knows them to be current.
	// A view that may be stale leaves it false.
	Vouched bool

	ServiceKnown    Truth
	ServiceAdmitted Truth
	Service         string // slug

	Session    SessionState
	SessionEnd string // why it ended, when it has: "key_lost", "signed_out", …

	PersonKnown     Truth
	PersonMaySignIn Truth  // the directory's answer for At
	PersonState     string // "active", "suspended", "left": chooses the sentence, never the effect
	Groups          Groups

	// NoKey says that the session was begun without a key, so that there is none to
	// ask about. What it was begun with instead is the credential.
	NoKey        bool
	KeyKnown     Truth
	KeyMaySignIn Truth
	KeyState     string // "enrolled", "lost", "stolen", …: chooses the sentence, never the effect

	CredentialActive Truth

	Assurance assurance.Assurance
	AuthTime  time.Time

	UserName   string // "" when not known
	Department string // "" when not known
	Roles      Groups // the roles at Warder's own administration that the person holds
	Privileged Truth  // holds any role that administers

	Route, Method, Path string // of the request, "" when there is none; Route is the route's ID
	Network             Network
	Device              Truth // managed by the organisation
	Signals             Signals

	// Exceptions are those that may apply to this person at this service and route.
	// Whether one does at this moment is decided here.
	Exceptions []Exception
}

// Network is where a request came from. The zero value is not known.
type Network struct {
	Known bool
	Names []string // the named networks that the address lies in
}

// Signals are what is unusual about a request. Each is Unknown unless it was
// worked out.
type Signals struct {
	NewNetwork, NewASN, NewCountry, ImpossibleTravel, NewDevice, UnusualHour, FailureBurst, ListedNetwork, KeyReportedLost Truth

	Country string // two capital letters; "" when not known
}

// Groups is the set of names of the groups a person is in. It never changes and
// is made once per person, not per request.
type Groups struct {
	names []string // sorted, each once
	key   string   // the same, joined: what verdicts are remembered by
}

// GroupsOf makes the set.
func GroupsOf(names ...string) Groups {
	if len(names) == 0 {
		return Groups{}
	}
	sorted := slices.Compact(slices.Sorted(slices.Values(names)))
	return Groups{names: sorted, key: strings.Join(sorted, "\x00")}
}

// Names lists them in order. The caller must not change the list.
func (g Groups) Names() []string { return g.names }

// Contains reports whether name is in the set.
func (g Groups) Contains(name string) bool {
	_, found := slices.BinarySearch(g.names, name)
	return found
}
