package live

import (
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/sessions"
)

// Subject is who a session belongs to and what it was begun with, as of one
// moment. It never changes; a newer one takes its place.
type Subject struct {
	Session *Session
	Person  *Person // nil when there is no such person any more
	Groups  policy.Groups
	Roles   policy.Groups // at Warder's own administration
	Key     *Key          // nil when there is no such key any more

	credentialActive policy.Truth
	keyMaySignIn     policy.Truth
	generation       uint64
	maySignIn        atomic.Uint64 // see personMaySignIn
	parent           *entry        // of a gate session; nil when there is none
}

// Fill puts what is known about the subject, and the state of the session, into
// the facts.
func (s *Subject) Fill(facts *policy.Facts, state policy.SessionState) {
	facts.Session = state
	facts.SessionEnd = string(s.Session.EndReason)
	facts.Assurance = s.Session.Assurance
	facts.AuthTime = s.Session.AuthTime
	facts.CredentialActive = s.credentialActive
	facts.Groups = s.Groups
	facts.PersonKnown, facts.KeyKnown, facts.NoKey = policy.No, policy.No, s.Session.Key == ""
	if s.Person != nil {
		facts.PersonKnown = policy.Yes
		facts.PersonMaySignIn = policy.Of(s.personMaySignIn(facts.At))
		facts.PersonState = string(s.Person.State)
		facts.UserName, facts.Department = s.Person.UserName, s.Person.Department
		facts.Roles, facts.Privileged = s.Roles, policy.Of(len(s.Roles.Names()) > 0)
	}
	if s.Key != nil {
		facts.KeyKnown = policy.Yes
		facts.KeyMaySignIn = s.keyMaySignIn
		facts.KeyState = string(s.Key.State)
	}
}

// personMaySignIn is the directory's answer, remembered for the minute it is for:
// employment begins and ends at midnight, and working out which midnight it is
// costs more than the rest of a decision.
func (s *Subject) personMaySignIn(at time.Time) bool {
	minute := uint64(at.Unix()/60) << 1
	if known := s.maySignIn.Load(); known != 0 && known&^1 == minute {
		return known&1 == 1
	}
	answer := s.Person.MaySignIn(at)
	if answer {
		minute |= 1
	}
	s.maySignIn.Store(minute)
	return answer
}

// newSubject puts together what was read. person, key and credential may be nil.
func newSubject(session *Session, person *personEntry, key *Key, credential *Credential) *Subject {
	subject := &Subject{Session: session, Key: key, credentialActive: policy.No}
	if person != nil {
		subject.Person, subject.Groups, subject.Roles = &person.person, person.groups, person.roles
	}
	if key != nil {
		// A key that has passed to somebody else is not this person's any more.
		subject.keyMaySignIn = policy.Of(key.State.MaySignIn() && key.Holder == session.Person)
	}
	if credential != nil {
		subject.credentialActive = policy.Of(credential.Active && credential.Person == session.Person &&
			credential.Key == session.Key && !session.AuthTime.Before(credential.Since))
	}
	return subject
}

// entry is one session in the view.
type entry struct {
	hash    [32]byte
	session Session                 // as read; only LastSeenAt may be behind seen
	subject atomic.Pointer[Subject] // nil, or of some generation
	seen    atomic.Int64            // last use, in milliseconds; only grows
	waiting atomic.Bool             // seen is newer than the store knows
	over    atomic.Uint32           // policy.SessionState once seen idle or expired; then for good
}

func newEntry(record SessionRecord) *entry {
	e := &entry{hash: record.Hash, session: record.Session}
	e.seen.Store(record.Session.LastSeenAt.UnixMilli())
	return e
}

// inherit keeps what only memory knows when a session is read again.
func (e *entry) inherit(before *entry) {
	e.sawAt(before.seen.Load())
	e.over.Store(before.over.Load())
}

func (e *entry) sawAt(millis int64) {
	for {
		old := e.seen.Load()
		if millis <= old || e.seen.CompareAndSwap(old, millis) {
			return
		}
	}
}

// state is what has become of this session alone.
func (e *entry) state(now time.Time) policy.SessionState {
	life := e.session.LifeSeen(time.UnixMilli(e.seen.Load()), now)
	if over := e.over.Load(); over != 0 && life != sessions.Ended {
		return policy.SessionState(over)
	}
	return stateOf(life)
}

func stateOf(life sessions.Life) policy.SessionState {
	switch life {
	case sessions.Alive:
		return policy.SessionAlive
	case sessions.Ended:
		return policy.SessionEnded
	case sessions.Idle:
		return policy.SessionIdle
	case sessions.Over:
		return policy.SessionExpired
	case sessions.FromFuture:
		return policy.SessionFromFuture
	case sessions.Unknown:
	}
	return policy.SessionUnknown
}

type personEntry struct {
	person Person
	groups policy.Groups
	roles  policy.Groups
}

// Where is a session and where it is in use. Again says that nobody is there: an
// answer that is still being given is looked at again.
type Where struct {
	Session *Session
	From    netip.Addr
	Again   bool
}

// Unusual is what is unusual about that. Its owner is access/risk.
type Unusual struct {
	Network policy.Network
	Signals policy.Signals
	Ended   string // why the session has been ended because of it; "" when it has not
}
