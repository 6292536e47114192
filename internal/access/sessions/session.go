package sessions

import (
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
)

// Session is one browser signed in at one place.
type Session struct {
	ID         ids.Session
	Parent     ids.Session // the portal session a gate session hangs from; "" for a portal session
	Host       string      // the host a gate session is for, lower case, with a port unless it is 80 or 443; "" for a portal session
	Person     ids.Person
	Credential ids.Credential
	Key        ids.Key // "" when it was begun without one: see Keyless
	Assurance  assurance.Assurance
	AMR        []string  // RFC 8176 §2
	AuthTime   time.Time // when the person proved who they are; of a gate session its parent's
	CreatedAt  time.Time
	LastSeenAt time.Time // may lag behind by as long as live views gather, see Touch
	// AbsoluteEnd is when it ends even if it is used.
	AbsoluteEnd time.Time
	EndedAt     time.Time // zero while it has not been ended
	EndReason   Reason    // "" while it has not been ended
	IP          string    // where it was begun
	UserAgent   string    // with what, shortened
}

// Begun is a session that was begun a moment ago, as it was kept: what is
// published of it.
type Begun struct {
	Hash    [32]byte // SHA-256 of the token
	Session Session
}

// Reason says in one stable word why a session ended.
type Reason string

// The reasons. Rooms above may have their own.
const (
	SignedOut     Reason = "signed_out"
	EndedByHolder Reason = "ended_by_holder" // from the list of one's own sessions
	EndedByDesk   Reason = "ended_by_desk"
	KeyLost       Reason = "key_lost"
	KeyStolen     Reason = "key_stolen"
	KeyRemoved    Reason = "key_removed"   // its holder signs in with it no more
	KeyWithdrawn  Reason = "key_withdrawn" // its whole model may not be used any more
	PersonLeft    Reason = "person_left"
	Replaced      Reason = "replaced" // by a stronger sign-in in the same browser
	IdleTooLong   Reason = "idle"
	Expired       Reason = "expired"
)

// Life says whether a session may be used. The zero value may not.
type Life uint8

// The lives.
const (
	Unknown    Life = iota
	Ended           // somebody ended it
	Idle            // not used for longer than its level allows
	Over            // older than its level allows
	FromFuture      // begun or used after now: the clock has jumped back
	Alive
)

// skew is how far another node's clock may be ahead of ours.
const skew = time.Minute

// Life says what has become of the session at now, itself alone: whoever asks
// about a gate session asks about its parent as well.
func (s *Session) Life(now time.Time) Life { return s.LifeSeen(s.LastSeenAt, now) }

// LifeSeen is Life for whoever knows better when the session was last used.
func (s *Session) LifeSeen(lastSeen, now time.Time) Life {
	idle, absolute := assurance.Limits(s.Assurance.AAL)
	switch {
	case !s.EndedAt.IsZero() || s.EndReason != "":
		return Ended
	case idle <= 0 || absolute <= 0 || s.CreatedAt.IsZero():
		return Over // nothing proven: may not live at all
	case s.CreatedAt.Sub(now) > skew || lastSeen.Sub(now) > skew:
		// A clock that jumps back must not give a session its time again.
		return FromFuture
	case !now.Before(s.AbsoluteEnd) || now.Sub(s.AuthTime) >= absolute:
		return Over
	case now.Sub(lastSeen) >= idle:
		return Idle
	}
	return Alive
}

// IdleUntil is when the session ends if it is not used again.
func (s *Session) IdleUntil() time.Time {
	idle, _ := assurance.Limits(s.Assurance.AAL)
	end := s.LastSeenAt.Add(idle)
	if s.AbsoluteEnd.Before(end) {
		return s.AbsoluteEnd
	}
	return end
}

// NewSession is what a sign-in has found out.
type NewSession struct {
	Person     ids.Person
	Credential ids.Credential
	Key        ids.Key
	Assurance  assurance.Assurance
	AMR        []string
	Until      time.Time // when it ends whatever happens; zero is as long as its level allows, and no more
	IP         string
	UserAgent  string
	// Cause is what began it, recorded together with its beginning and about it; of
	// the zero value nothing is recorded.
	Cause audit.Event
}

// Keyless says that sessions begun with a method hang from a secret of the
// person's and not from a key.
func Keyless(method assurance.Method) bool { return method == assurance.TOTP }

// sound says that a session may be begun with this at all. A code from an app
// alone is one factor, and signs nobody in.
func (n NewSession) sound() bool {
	have := n.Assurance
	if n.Person == "" || n.Credential == "" || !have.Method.SignsIn() {
		return false
	}
	if Keyless(have.Method) {
		return n.Key == "" && have == assurance.OfSecrets(assurance.Password, assurance.TOTP)
	}
	_, absolute := assurance.Limits(have.AAL)
	return n.Key != "" && absolute > 0
}
