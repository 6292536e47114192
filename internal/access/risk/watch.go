package risk

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"github.com/warder-project/warder/internal/access/risk/places"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
)

// Setup is what the administrator has given. The zero value knows nothing.
type Setup struct {
	Atlas    places.Atlas
	Networks *places.Networks
	Lists    []*places.List
	Zone     *time.Location // nil is UTC
}

// Sessions ends sessions: sessions.Book does.
type Sessions interface {
	End(ctx context.Context, actor audit.Actor, id ids.Session, reason sessions.Reason) error
}

// Deps is what a Watch needs. All but Failures, Doubtful and Log is required.
type Deps struct {
	Store    Store
	Tx       tx.Runner
	Audit    *audit.Log
	Sessions Sessions
	// Setup is asked each time: files may be read anew while Warder runs.
	Setup func() Setup
	// Failures counts the wrong tries at somebody's account in the last hour.
	Failures func(ctx context.Context, person ids.Person) (int, error)
	// Tell writes a message to a person, in the unit of work in ctx.
	Tell func(ctx context.Context, person ids.Person, subject, text string) error
	// ObjectionAt is the address at which somebody objects with what they were sent.
	ObjectionAt func(token secret.Value) string
	// Doubtful says that changes of other nodes may have been missed: then memory is
	// not believed.
	Doubtful func() bool
	Now      func() time.Time
	Log      *slog.Logger // nil discards
}

// Watch judges where people are signed in. It is safe for concurrent use.
type Watch struct {
	deps   Deps
	memory memory
}

// New returns a Watch. Until Load has succeeded it reads the store for each request.
func New(deps Deps) *Watch {
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Doubtful == nil {
		deps.Doubtful = func() bool { return false }
	}
	return &Watch{deps: deps, memory: memory{held: map[ids.Session]*held{}, moving: map[moving]chan struct{}{}}}
}

func (w *Watch) now() time.Time { return w.deps.Now().UTC().Truncate(time.Millisecond) }

// Visit is somebody at the door: what there is to judge, read once.
type Visit struct {
	event   Event
	history History
	sight   Sight
}

// Raised says that the visit is so unusual that only a key counts.
func (v Visit) Raised() bool { return v.sight.Raised() }

// Visit judges where somebody comes from before they are let in. Problem:
// RouteBlocked.
func (w *Watch) Visit(ctx context.Context, person ids.Person, from Origin) (Visit, error) {
	visit, err := w.visit(ctx, person, from)
	if err != nil {
		return Visit{}, fmt.Errorf("judge where %s comes from: %w", person, err)
	}
	if !visit.history.blocked(from, visit.event.At).IsZero() {
		return Visit{}, RouteBlocked.New()
	}
	return visit, nil
}

func (w *Watch) visit(ctx context.Context, person ids.Person, from Origin) (Visit, error) {
	known, err := w.deps.Store.Known(ctx, person)
	if err != nil {
		return Visit{}, err
	}
	last, err := w.deps.Store.Sights(ctx, Which{Person: person, Limit: 5})
	if err != nil {
		return Visit{}, err
	}
	visit := Visit{history: History{Known: known}, event: w.describe(from, w.now())}
	// Where somebody else was says nothing about where the person can be.
	if at := slices.IndexFunc(last, func(s Sight) bool { return s.Answer != WasNotMe }); at >= 0 {
		visit.history.Previous = &last[at]
	}
	visit.event.Person = person
	if w.deps.Failures != nil {
		if visit.event.Failures, err = w.deps.Failures(ctx, person); err != nil {
			return Visit{}, err
		}
		visit.event.Counted = true
	}
	visit.sight = Judge(visit.event, visit.history)
	return visit, nil
}

// describe says of an origin what the administrator's files say.
func (w *Watch) describe(from Origin, at time.Time) Event {
	setup := w.deps.Setup()
	event := Event{Origin: from, At: at, Place: setup.Atlas.Find(from.Address), Listing: len(setup.Lists) > 0, Zone: setup.Zone}
	event.Names, event.Kind = setup.Networks.Find(from.Address)
	for _, list := range setup.Lists {
		if from.Address.IsValid() && list.Contains(from.Address) {
			event.Lists = append(event.Lists, list.Name)
		}
	}
	return event
}

// Began keeps what a visit was like, with the session that it began, in the unit of
// work that begins it and publishes that.
func (w *Watch) Began(ctx context.Context, session ids.Session, visit Visit) error {
	visit.event.Session = session
	return w.keep(ctx, visit)
}

// Revalidated is Began for a session that began with a re-validation, which
// confirms where the person is.
func (w *Watch) Revalidated(ctx context.Context, session ids.Session, visit Visit) error {
	visit.event.Session, visit.event.Revalidated = session, true
	before := visit.sight
	if err := w.keep(ctx, visit); err != nil {
		return err
	}
	return w.deps.Audit.Record(ctx, audit.Event{Actor: audit.Person(visit.event.Person), Action: "risk.revalidated", Subject: string(visit.event.Person),
		Details: map[string]string{"session": string(session), "country": before.Place.Country, "why": before.Why()}})
}

// keep judges, keeps and learns, inside a unit of work.
func (w *Watch) keep(ctx context.Context, visit Visit) error {
	sight := Judge(visit.event, visit.history)
	if sight.Raised() {
		if err := w.tell(ctx, &sight); err != nil {
			return err
		}
	}
	if err := w.deps.Store.KeepSight(ctx, sight); err != nil {
		return err
	}
	keep, drop := Learn(sight, visit.history, visit.event.Zone)
	return w.deps.Store.Learn(ctx, sight.Person, keep, drop)
}

// tell lets the person know of something unusual, and records it.
func (w *Watch) tell(ctx context.Context, sight *Sight) error {
	token := secret.Token()
	sight.Objection = token.Hash()
	err := w.deps.Audit.Record(ctx, audit.Event{Actor: audit.System("risk"), Action: "risk.raised", Subject: string(sight.Person),
		Details: map[string]string{"session": string(sight.Session), "country": sight.Place.Country, "network": text(sight.Network), "why": sight.Why()}})
	if err != nil {
		return err
	}
	where := sight.Place.Called()
	if where == "" {
		where = "a place we do not know"
	}
	return w.deps.Tell(ctx, sight.Person, "Unusual: you are signed in from "+where, "Your account is signed in, or in use, from "+where+
		" ("+sight.Address.String()+"), at "+sight.At.Format("15:04 on 2 January 2006")+" UTC. It is unusual because "+sight.Why()+
		".\n\nIf that was you, there is nothing to do.\n\nIf it was not you, end it here, without signing in:\n"+w.deps.ObjectionAt(token))
}

// Check is what is known about an address, for whoever sets this up.
func (w *Watch) Check(address netip.Addr) Sight {
	event := w.describe(Origin{Address: address}, w.now())
	return Judge(event, History{})
}

// Unusual is what is unusual about a session, as a sentence that stands after
// "because", "" when nothing is; and whether so much that only a key counts.
func (w *Watch) Unusual(ctx context.Context, session ids.Session) (why string, raised bool, err error) {
	sight, found, err := w.worst(ctx, session)
	if err != nil || !found {
		return "", false, err
	}
	return sight.Why(), sight.Raised(), nil
}

// worst is the worst sight of a session.
func (w *Watch) worst(ctx context.Context, session ids.Session) (Sight, bool, error) {
	all, err := w.deps.Store.Sights(ctx, Which{Sessions: []ids.Session{session}})
	sight, found := Worst(all)
	return sight, found, err
}

// Worst is the first that is raised, else the first; false when there is none.
func Worst(all []Sight) (Sight, bool) {
	for _, sight := range all {
		if sight.Raised() {
			return sight, true
		}
	}
	if len(all) == 0 {
		return Sight{}, false
	}
	return all[0], true
}
