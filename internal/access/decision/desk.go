package decision

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/warder-project/warder/internal/access/live"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/policy/trials"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/services"
)

// Store keeps decisions.
type Store interface {
	// Keep writes the records, inside a unit of work. One that is there already
	// is left as it is.
	Keep(ctx context.Context, records []Record) error
	// List gives at most filter.Limit records, newest first.
	List(ctx context.Context, filter Filter) ([]Record, error)
	// Get answers false when there is no such record.
	Get(ctx context.Context, id ids.Decision) (Record, bool, error)
	// Forget removes at most so many records below an identifier, the oldest first,
	// inside a unit of work, and says how many there were.
	Forget(ctx context.Context, below ids.Decision, most int) (int64, error)
}

// Deps is what a Desk needs.
type Deps struct {
	View  *live.View
	Store Store
	Tx    tx.Runner
	Now   func() time.Time
	Log   *slog.Logger // nil discards

	// Room is how many allowed requests may wait to be written; 0 is 8192.
	Room int
	// Patience is how long a request waits for room before it is refused; 0 is
	// a quarter of a second.
	Patience time.Duration
	// Changed is told when writing begins or ceases to fail, for the health
	// page. May be nil.
	Changed func(failing bool)

	// Trials keeps what policies in report-only would have said. May be nil: they are
	// not asked.
	Trials *trials.Book

	// Audit is told of what is removed, and Months is how long a decision is kept.
	// Without both nothing is ever removed.
	Audit  *audit.Log
	Months int

	// Unusual is asked for every request of a session that is alive. May be nil.
	Unusual func(ctx context.Context, where live.Where) live.Unusual

	// For Explain only.
	Reader      live.Reader
	SessionsOf  func(ctx context.Context, person ids.Person) ([]live.Session, error)
	Credentials func(ctx context.Context, person ids.Person) ([]factors.Credential, error)
	Suppose     func(ctx context.Context, credential factors.Credential) (assurance.Assurance, error)
}

// Desk answers requests. It is safe for concurrent use.
type Desk struct {
	deps    Deps
	waiting *waiting
	repeats repeats
	untried untried

	allowed, steppedUp, denied, nobody, notRecorded atomic.Int64
}

// New makes a Desk.
func New(deps Deps) *Desk {
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Room <= 0 {
		deps.Room = 8192
	}
	if deps.Patience <= 0 {
		deps.Patience = 250 * time.Millisecond
	}
	return &Desk{deps: deps, waiting: newWaiting(deps.Room), repeats: repeats{first: map[repeat]time.Time{}}}
}

// Ask answers one request. When it allows, it has used memory only, and the
// decision waits to be written; otherwise, when somebody is known, the decision
// has been written, or the same one has been within the last second.
func (d *Desk) Ask(ctx context.Context, q *Question) Decision {
	decision := Decision{At: q.At}
	if decision.At.IsZero() {
		decision.At = d.deps.Now()
	}
	// Decided by what is kept, so that it can be decided again.
	decision.At = decision.At.Truncate(time.Millisecond)
	facts := policy.Facts{At: decision.At, Session: policy.SessionNone}
	d.decide(ctx, q, &decision, &facts)
	switch decision.Verdict.Effect {
	case policy.Allow:
		if !q.Again {
			d.admit(ctx, q, &decision, &facts)
		}
	case policy.StepUp:
		d.steppedUp.Add(1)
		d.refuse(ctx, q, &decision, &facts)
	case policy.Deny:
		d.denied.Add(1)
		d.refuse(ctx, q, &decision, &facts)
	}
	return decision
}

// pathMost is the longest path that rules are asked about. A longer one is not known to
// them, and so counts as any of those they are for.
const pathMost = 2048

// decide gathers the facts and asks policy.
func (d *Desk) decide(ctx context.Context, q *Question, decision *Decision, facts *policy.Facts) {
	frame := d.deps.View.Frame(ctx)
	facts.Vouched = frame.Vouched
	outcome := services.NoRoute
	if frame.Routes != nil {
		decision.Target, decision.Route, outcome = frame.Routes.Find(q.Host, q.Path, q.Method)
		facts.ServiceKnown = policy.Of(decision.Target != nil)
	}
	if decision.Target != nil {
		decision.Service = decision.Target.ID
		facts.Service = decision.Target.Slug
		facts.ServiceAdmitted = policy.Of(outcome == services.Found && decision.Target.State == services.Admitted)
	}
	facts.Method = q.Method
	if len(q.Path) <= pathMost {
		facts.Path = q.Path
	}
	if decision.Route != nil {
		facts.Route = string(decision.Route.ID)
	}
	if q.HasToken {
		d.identify(ctx, q, decision, facts)
	}
	if decision.Subject != nil && decision.Route != nil {
		facts.Exceptions = frame.Waivers.For(decision.Person, decision.Subject.Groups, decision.Service, decision.Route.ID, decision.At)
	}
	decision.State = facts.Session
	switch outcome {
	case services.AmbiguousPath:
		decision.Verdict = refused(CodeAmbiguousPath, frame.Policy.Version())
	case services.MethodRefused:
		decision.Verdict = refused(CodeMethodRefused, frame.Policy.Version())
	case services.NoRoute, services.Closed, services.Found:
		decision.Verdict = frame.Policy.Decide(facts)
	}
}

// identify finds out whose session it is.
func (d *Desk) identify(ctx context.Context, q *Question, decision *Decision, facts *policy.Facts) {
	look := d.deps.View.Subject
	if q.Again {
		look = d.deps.View.Look
	}
	subject, state := look(ctx, q.Token, decision.At)
	facts.Session = state
	if subject == nil {
		return
	}
	if !q.opens(subject.Session) {
		facts.Session = policy.SessionNone
		return
	}
	subject.Fill(facts, state)
	if d.deps.Unusual != nil && state == policy.SessionAlive {
		unusual := d.deps.Unusual(ctx, live.Where{Session: subject.Session, From: q.IP, Again: q.Again})
		facts.Network, facts.Signals = unusual.Network, unusual.Signals
		if unusual.Ended != "" {
			facts.Session, facts.SessionEnd = policy.SessionEnded, unusual.Ended
		}
	}
	decision.Subject = subject
	decision.Person, decision.Session = subject.Session.Person, subject.Session.ID
}

// opens reports whether a session is good for what is asked. A gate session is
// good for its own host only: an application that gets hold of one must not
// enter another with it.
func (q *Question) opens(session *live.Session) bool {
	if session.Parent == "" {
		return q.Portal
	}
	return sameHost(session.Host, q.Host)
}

// sameHost compares as browsers do: without regard to case or to the port that
// goes without saying.
func sameHost(a, b string) bool { return strings.EqualFold(bare(a), bare(b)) }

func bare(host string) string {
	return strings.TrimSuffix(strings.TrimSuffix(host, ":443"), ":80")
}

// admit puts an allowed decision where Run will find it, or refuses when there
// is no room.
func (d *Desk) admit(ctx context.Context, q *Question, decision *Decision, facts *policy.Facts) {
	if d.waiting.put(ctx, wish{q, decision, facts}, d.deps.Patience) {
		d.allowed.Add(1)
		return
	}
	d.denied.Add(1)
	d.notRecorded.Add(1)
	decision.Verdict = refused(CodeNotRecorded, decision.Verdict.PolicyVersion)
	d.deps.Log.ErrorContext(ctx, "request refused: the record of decisions is full", "service", decision.Service)
}

// refuse records a refusal or a step-up of somebody who is known.
func (d *Desk) refuse(ctx context.Context, q *Question, decision *Decision, facts *policy.Facts) {
	if decision.Person == "" {
		d.nobody.Add(1)
		return
	}
	same := repeatOf(q, decision)
	if !d.repeats.isFirst(same, decision.At) {
		if _, ok := d.waiting.tryPut(wish{q, decision, facts}); ok {
			return
		}
	}
	decision.ID = newID(decision.At)
	record := recordOf(wish{q, decision, facts})
	record.Requests = []Request{requestOf(q, decision.At)}
	if err := d.keep(context.WithoutCancel(ctx), []Record{record}); err != nil {
		d.repeats.forget(same)
		// The answer stays no. That it is missing from the record is an error
		// the operator hears of.
		d.deps.Log.ErrorContext(ctx, "refusal could not be recorded", "decision", record.ID,
			"person", record.Person, "service", record.Service, "effect", record.Effect.String(), "error", err)
		d.tell(true)
		return
	}
	d.untried.add(record)
}

func (d *Desk) keep(ctx context.Context, records []Record) error {
	return d.deps.Tx.InTx(ctx, func(ctx context.Context) error { return d.deps.Store.Keep(ctx, records) })
}

func (d *Desk) tell(failing bool) {
	if d.deps.Changed != nil {
		d.deps.Changed(failing)
	}
}

// Counts gives the numbers since the start.
func (d *Desk) Counts() Counts {
	return Counts{Allowed: d.allowed.Load(), SteppedUp: d.steppedUp.Load(), Denied: d.denied.Load(),
		Nobody: d.nobody.Load(), NotRecorded: d.notRecorded.Load()}
}

// Get finds a recorded decision. Problems: NotFound.
func (d *Desk) Get(ctx context.Context, id ids.Decision) (Record, error) {
	record, found, err := d.deps.Store.Get(ctx, id)
	if err != nil {
		return Record{}, fmt.Errorf("read decision %s: %w", id, err)
	}
	if !found {
		return Record{}, NotFound.New()
	}
	return record, nil
}

// List gives recorded decisions, newest first, and the filter's After for the
// next page; "" when this is the last. What is still waiting to be written is
// not in it. Problems: FilterMalformed.
func (d *Desk) List(ctx context.Context, filter Filter) ([]Record, ids.Decision, error) {
	if err := filter.check(); err != nil {
		return nil, "", err
	}
	page := filter.Limit
	filter.Limit++ // one more tells whether there is a next page
	records, err := d.deps.Store.List(ctx, filter)
	if err != nil {
		return nil, "", fmt.Errorf("list decisions: %w", err)
	}
	if len(records) <= page {
		return records, "", nil
	}
	return records[:page], records[page-1].ID, nil
}
