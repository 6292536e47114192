package live

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/services"
)

// Book is what the view tells sessions: sessions.Book is one.
type Book interface {
	Touch(ctx context.Context, seen map[ids.Session]time.Time) error
	Expire(ctx context.Context, id ids.Session, reason sessions.Reason) error
}

// Deps is what a View needs.
type Deps struct {
	Reader Reader
	Book   Book
	Now    func() time.Time
	Log    *slog.Logger // nil discards
	// Changed is told when the view begins or ceases to be in doubt, for the
	// health page. May be nil.
	Changed func(doubt bool, reason string)
}

// View is the picture. It is safe for concurrent use. A new View is in doubt
// until Load has succeeded.
type View struct {
	deps Deps

	// applying is held by whoever reads the store in order to change the
	// picture: one at a time, so that an older reading never follows a newer.
	applying sync.Mutex

	mu          sync.RWMutex // guards the maps and generation
	sessions    map[[32]byte]*entry
	byID        map[ids.Session]*entry
	people      map[ids.Person]*personEntry
	keys        map[ids.Key]*Key
	credentials map[ids.Credential]*Credential
	generation  uint64 // grows with every change of people, keys, credentials or parents

	frame atomic.Pointer[Frame]
	doubt doubt

	seen seen
}

// New makes an empty View.
func New(deps Deps) *View {
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	v := &View{deps: deps, sessions: map[[32]byte]*entry{}, byID: map[ids.Session]*entry{},
		people: map[ids.Person]*personEntry{}, keys: map[ids.Key]*Key{}, credentials: map[ids.Credential]*Credential{}}
	v.frame.Store(&Frame{})
	v.doubt.enter(unread, "nothing has been read yet")
	return v
}

// Subject says who the session with this token hash belongs to, and what has
// become of the session at now. The Subject is nil when there is no such session
// or it is not known. A session that is alive counts as used at now.
//
// A session begun on another node a moment ago may not be here yet; it is then
// SessionNone, and its browser is sent to sign in, which it already has.
func (v *View) Subject(ctx context.Context, hash [32]byte, now time.Time) (*Subject, policy.SessionState) {
	sight := v.look(ctx, hash, now)
	if sight.state == policy.SessionAlive {
		v.seen.note(sight.own, now)
		if sight.parent != nil {
			// Using a gate is activity of the person whose portal session it hangs from.
			v.seen.note(sight.parent, now)
		}
	}
	return sight.subject, sight.state
}

// Look is Subject for whoever asks without the person having done anything: the
// session does not count as used.
func (v *View) Look(ctx context.Context, hash [32]byte, now time.Time) (*Subject, policy.SessionState) {
	sight := v.look(ctx, hash, now)
	return sight.subject, sight.state
}

// sight is what one look has found.
type sight struct {
	subject     *Subject
	state       policy.SessionState
	own, parent *entry // own is never nil when state is SessionAlive
}

func (v *View) look(ctx context.Context, hash [32]byte, now time.Time) sight {
	if v.doubt.on() {
		return v.readSubject(ctx, hash, now)
	}
	v.mu.RLock()
	e := v.sessions[hash]
	var subject *Subject
	if e != nil {
		subject = v.current(e)
	}
	v.mu.RUnlock()
	if e == nil {
		return sight{state: policy.SessionNone}
	}
	state := v.judge(ctx, e, now)
	if state == policy.SessionAlive && e.session.Parent != "" {
		state = policy.SessionEnded
		if subject.parent != nil {
			state = v.judge(ctx, subject.parent, now)
		}
	}
	return sight{subject, state, e, subject.parent}
}

// current is the subject of e in the present generation. mu is held for reading.
func (v *View) current(e *entry) *Subject {
	if subject := e.subject.Load(); subject != nil && subject.generation == v.generation {
		return subject
	}
	s := &e.session
	subject := newSubject(s, v.people[s.Person], v.keys[s.Key], v.credentials[s.Credential])
	subject.generation = v.generation
	if s.Parent != "" {
		subject.parent = v.byID[s.Parent]
		if subject.parent == nil {
			return subject // not kept, in case the parent is only late
		}
	}
	e.subject.Store(subject)
	return subject
}

// judge is e.state, but before a session is called idle the store is asked
// whether another node has seen it used. That happens once: afterwards it is
// idle for good.
func (v *View) judge(ctx context.Context, e *entry, now time.Time) policy.SessionState {
	state := e.state(now)
	if e.over.Load() != 0 {
		return state
	}
	if state == policy.SessionIdle {
		record, found, err := v.deps.Reader.SessionByHash(ctx, e.hash)
		if err != nil {
			v.deps.Log.ErrorContext(ctx, "session could not be read", "session", e.session.ID, "error", err)
			return policy.SessionUnknown
		}
		if !found {
			return policy.SessionEnded
		}
		e.sawAt(record.Session.LastSeenAt.UnixMilli())
		state = e.state(now)
	}
	if state == policy.SessionIdle || state == policy.SessionExpired {
		if e.over.CompareAndSwap(0, uint32(state)) {
			v.seen.expired(e, state)
		}
	}
	return state
}

// Frame is the routes and the policy to decide by.
func (v *View) Frame(ctx context.Context) *Frame {
	if v.doubt.on() {
		return v.readFrame(ctx)
	}
	return v.frame.Load()
}

// Routes is the routing table of the last reading; nil before the first. It is
// for finding where to pass a request on to: whether the request may pass is
// asked of the decision desk, which looks at the Frame.
func (v *View) Routes() *services.Table { return v.frame.Load().Routes }

// Policy is the policy of the last reading; nil when there is none. See Routes.
func (v *View) Policy() *policy.Compiled { return v.frame.Load().Policy }

// Trials are the policies in report-only of the last reading. See Routes.
func (v *View) Trials() []Trial { return v.frame.Load().trials }

// Doubtful reports whether the view is in doubt, and why.
func (v *View) Doubtful() (bool, string) { return v.doubt.told() }

// Count says how many sessions the view holds, ended ones of the last hour included.
func (v *View) Count() int {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return len(v.sessions)
}
