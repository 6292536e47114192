package live

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/rulebook"
	"github.com/warder-project/warder/internal/registry/services"
)

// cause is a reason to distrust the picture.
type cause int

const (
	unread   cause = iota // Load has not succeeded yet, or a reread failed; Mend tries again
	unheard               // changes of other processes may have been missed; Sure ends it
	causeEnd              // how many there are
)

// doubt remembers why the picture is not to be trusted. Its zero value is trust.
type doubt struct {
	any atomic.Bool

	mu      sync.Mutex
	reasons [causeEnd]string // "" where there is no doubt
	number  int              // grows each time a doubt begins or is renewed
}

func (d *doubt) on() bool { return d.any.Load() }

// enter begins a doubt, and reports whether there was none before.
func (d *doubt) enter(why cause, reason string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if reason == "" {
		reason = "no reason was given"
	}
	d.reasons[why] = reason
	d.number++
	return !d.any.Swap(true)
}

func (d *doubt) has(why cause) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.reasons[why] != ""
}

func (d *doubt) at() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.number
}

// end ends the doubts of these causes, unless one has begun since number was
// taken, and reports whether no doubt is left.
func (d *doubt) end(number int, causes ...cause) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.number != number {
		return false
	}
	for _, why := range causes {
		d.reasons[why] = ""
	}
	d.any.Store(d.reasons != [causeEnd]string{})
	return !d.any.Load()
}

func (d *doubt) told() (bool, string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, reason := range d.reasons {
		if reason != "" {
			return true, reason
		}
	}
	return false, ""
}

// Doubt says that changes may have been missed: until Sure nothing is answered
// from memory. It is the Doubt of the database's Follow.
func (v *View) Doubt(reason string) { v.distrust(unheard, reason) }

func (v *View) distrust(why cause, reason string) {
	if v.doubt.enter(why, reason) {
		v.deps.Log.Warn("live view is in doubt", "reason", reason)
		v.tell(true, reason)
	}
}

func (v *View) tell(doubtful bool, reason string) {
	if v.deps.Changed != nil {
		v.deps.Changed(doubtful, reason)
	}
}

// Sure says that changes are heard again: everything is read anew, and then the
// view is trusted. It is the Sure of the database's Follow. Should the reading
// fail, Mend tries again.
func (v *View) Sure(ctx context.Context) {
	if err := v.reload(ctx, unread, unheard); err != nil {
		v.deps.Log.ErrorContext(ctx, "live view could not be read anew", "error", err)
	}
}

// readSubject answers from the store alone, for a view in doubt.
func (v *View) readSubject(ctx context.Context, hash [32]byte, now time.Time) sight {
	record, found, err := v.deps.Reader.SessionByHash(ctx, hash)
	if err == nil && !found {
		return sight{state: policy.SessionNone}
	}
	var subject *Subject
	if err == nil {
		subject, err = assemble(ctx, v.deps.Reader, &record.Session)
	}
	if err != nil {
		v.deps.Log.ErrorContext(ctx, "session could not be read", "error", err)
		return sight{state: policy.SessionUnknown}
	}
	e := v.remembered(record)
	state := v.settle(e, now)
	var parent *entry
	if state == policy.SessionAlive && record.Session.Parent != "" {
		parent, state = v.readParent(ctx, record.Session, now)
	}
	return sight{subject, state, e, parent}
}

func (v *View) readParent(ctx context.Context, session Session, now time.Time) (*entry, policy.SessionState) {
	parents, err := v.deps.Reader.Sessions(ctx, []string{string(session.Parent)}, time.Time{})
	if err != nil {
		v.deps.Log.ErrorContext(ctx, "session could not be read", "session", session.Parent, "error", err)
		return nil, policy.SessionUnknown
	}
	if len(parents) == 0 {
		return nil, policy.SessionEnded
	}
	parent := v.remembered(parents[0])
	return parent, v.settle(parent, now)
}

// remembered is the session as just read, with the times of use and the expiry
// that only memory may know. Doubt is about what others changed, and these are
// our own.
func (v *View) remembered(record SessionRecord) *entry {
	fresh := newEntry(record)
	v.mu.RLock()
	before := v.sessions[record.Hash]
	v.mu.RUnlock()
	if before != nil {
		fresh.inherit(before)
	}
	return fresh
}

// settle is e.state; a session that is over is ended in the store soon, since
// there is no entry here on which to remember it.
func (v *View) settle(e *entry, now time.Time) policy.SessionState {
	state := e.state(now)
	if state == policy.SessionIdle || state == policy.SessionExpired {
		v.seen.expired(e, state)
	}
	return state
}

// Assemble reads what belongs to a session, and says what has become of it at
// now, from the store alone and without anything that memory knows.
func Assemble(ctx context.Context, reader Reader, session *Session, now time.Time) (*Subject, policy.SessionState, error) {
	subject, err := assemble(ctx, reader, session)
	return subject, stateOf(session.Life(now)), err
}

func assemble(ctx context.Context, reader Reader, session *Session) (*Subject, error) {
	people, err := reader.People(ctx, []string{string(session.Person)})
	if err != nil {
		return nil, err
	}
	keys, err := reader.Keys(ctx, []string{string(session.Key)})
	if err != nil {
		return nil, err
	}
	credentials, err := reader.Credentials(ctx, []string{string(session.Credential)})
	if err != nil {
		return nil, err
	}
	var person *personEntry
	if len(people) > 0 {
		person = newPersonEntry(people[0])
	}
	return newSubject(session, person, first(keys), first(credentials)), nil
}

func first[T any](found []T) *T {
	if len(found) == 0 {
		return nil
	}
	return &found[0]
}

// readFrame reads routes and policy for one request of a view in doubt.
func (v *View) readFrame(ctx context.Context) *Frame {
	frame, err := v.newFrame(ctx, v.frame.Load())
	if err != nil {
		v.deps.Log.ErrorContext(ctx, "services and policy could not be read", "error", err)
		return &Frame{}
	}
	return frame
}

func (v *View) newFrame(ctx context.Context, before *Frame) (*Frame, error) {
	all, err := v.deps.Reader.Services(ctx)
	if err != nil {
		return nil, err
	}
	waivers, err := v.deps.Reader.Exceptions(ctx)
	if err != nil {
		return nil, err
	}
	frame := &Frame{Routes: services.NewTable(all), Waivers: NewWaivers(waivers), Vouched: true}
	return frame, v.readPolicy(ctx, frame, before)
}

func (v *View) readPolicy(ctx context.Context, frame, before *Frame) error {
	texts, err := v.deps.Reader.Policy(ctx)
	if err != nil {
		return err
	}
	frame.trials = v.readTrials(ctx, texts.Trials, before)
	switch {
	case !texts.Published:
		frame.Policy, frame.text = nil, ""
		return nil
	case before.Policy != nil && before.text == texts.Enforced:
		frame.Policy, frame.text = before.Policy, texts.Enforced
		return nil
	}
	parsed, err := rulebook.Parse("policy", []byte(texts.Enforced))
	if err != nil {
		return err
	}
	frame.Policy, frame.text = policy.Compile(parsed), texts.Enforced
	return nil
}

// readTrials makes the policies in report-only ready. One that cannot be read is left
// out: it decides nothing, and must keep nothing else from being decided.
func (v *View) readTrials(ctx context.Context, texts []TrialText, before *Frame) []Trial {
	var trials []Trial
	for _, one := range texts {
		known := slices.IndexFunc(before.trials, func(trial Trial) bool { return trial.Number == one.Number && trial.text == one.Text })
		if known >= 0 {
			trials = append(trials, before.trials[known])
			continue
		}
		parsed, err := rulebook.Parse("policy", []byte(one.Text))
		if err != nil {
			v.deps.Log.WarnContext(ctx, "policy in report-only could not be read", "number", one.Number, "error", err)
			continue
		}
		trials = append(trials, Trial{Number: one.Number, Policy: policy.Compile(parsed), text: one.Text})
	}
	return trials
}
