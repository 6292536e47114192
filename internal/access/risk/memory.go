package risk

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
)

// patience is how long one request may wait for the judgement of a new network.
const patience = 2 * time.Second

// memory is what requests are answered from.
type memory struct {
	applying sync.Mutex // held by whoever reads the store to change the copy

	mu     sync.RWMutex
	held   map[ids.Session]*held // what it points to never changes
	moving map[moving]chan struct{}
	loaded bool
}

type moving struct {
	session ids.Session
	network netip.Prefix
}

// held is what is known of one session: as much as a request needs.
type held struct {
	spots []spot
	apart bool // it is in use at two places that nobody can be at
}

type spot struct {
	network netip.Prefix
	signals policy.Signals
}

func hold(sights []Sight) *held {
	h := &held{}
	for i := range sights {
		h.spots = append(h.spots, spot{sights[i].Network, sights[i].Signals})
		h.apart = h.apart || sights[i].Signals.ImpossibleTravel == policy.Yes
	}
	return h
}

// fill puts the signals of a network into the facts; false when the session was not
// seen there.
func (h *held) fill(facts *policy.Facts, from netip.Addr) bool {
	if h == nil {
		return false
	}
	from = from.Unmap()
	for i := range h.spots {
		one := &h.spots[i]
		if !one.network.Contains(from) && (from.IsValid() || one.network.IsValid()) {
			continue
		}
		facts.Signals = one.signals
		if h.apart {
			facts.Signals.ImpossibleTravel = policy.Yes
		}
		return true
	}
	return false
}

// Load reads the sights of all sessions that are alive.
func (w *Watch) Load(ctx context.Context) error {
	w.memory.applying.Lock()
	defer w.memory.applying.Unlock()
	all, err := w.deps.Store.Sights(ctx, Which{Live: true})
	if err != nil {
		w.memory.mu.Lock()
		w.memory.loaded = false
		w.memory.mu.Unlock()
		return fmt.Errorf("load what is known of sessions: %w", err)
	}
	bySession := map[ids.Session][]Sight{}
	for _, sight := range all {
		bySession[sight.Session] = append(bySession[sight.Session], sight)
	}
	w.memory.mu.Lock()
	defer w.memory.mu.Unlock()
	w.memory.held = make(map[ids.Session]*held, len(bySession))
	for session, sights := range bySession {
		w.memory.held[session] = hold(sights)
	}
	w.memory.loaded = true
	return nil
}

// Apply rereads the sights of sessions that have changed, before it returns. App
// registers it beside the live view's.
func (w *Watch) Apply(ctx context.Context, changes []tx.Change) {
	var changed []ids.Session
	for _, change := range changes {
		if change.Topic == tx.Session && change.Ref == "" {
			w.distrust(ctx, w.Load(ctx))
			return
		}
		if begun, ok := change.Begun.(*sessions.Begun); ok && begun.Session.Parent != "" {
			continue // a gate session is judged as its parent is
		}
		if change.Topic == tx.Session {
			changed = append(changed, ids.Session(change.Ref))
		}
	}
	if len(changed) > 0 {
		w.distrust(ctx, w.reread(ctx, changed))
	}
}

func (w *Watch) reread(ctx context.Context, changed []ids.Session) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	w.memory.applying.Lock()
	defer w.memory.applying.Unlock()
	found, err := w.deps.Store.Sights(ctx, Which{Sessions: changed, Live: true})
	if err != nil {
		return err
	}
	bySession := map[ids.Session][]Sight{}
	for _, sight := range found {
		bySession[sight.Session] = append(bySession[sight.Session], sight)
	}
	w.memory.mu.Lock()
	defer w.memory.mu.Unlock()
	for _, session := range changed {
		if sights := bySession[session]; len(sights) > 0 {
			w.memory.held[session] = hold(sights)
		} else {
			delete(w.memory.held, session)
		}
	}
	return nil
}

// distrust reads the store for each request until Load succeeds again.
func (w *Watch) distrust(ctx context.Context, err error) {
	if err == nil {
		return
	}
	w.deps.Log.ErrorContext(ctx, "what is known of sessions could not be read", "error", err)
	w.memory.mu.Lock()
	defer w.memory.mu.Unlock()
	w.memory.loaded = false
}

// Mend loads everything again if a reading failed. Call it now and then.
func (w *Watch) Mend(ctx context.Context) error {
	w.memory.mu.RLock()
	loaded := w.memory.loaded
	w.memory.mu.RUnlock()
	if loaded {
		return nil
	}
	return w.Load(ctx)
}

// Request is what Fill needs to know of one.
type Request struct {
	Session ids.Session // the portal session
	Person  ids.Person
	From    netip.Addr
	// Again says that nobody is there: an answer is only looked at again.
	Again bool
}

// Network puts the named networks of an address into the facts.
func (w *Watch) Network(facts *policy.Facts, from netip.Addr) {
	names, _ := w.deps.Setup().Networks.Find(from)
	facts.Network = policy.Network{Known: from.IsValid(), Names: names}
}

// Fill puts the signals of a request into the facts. It uses memory only, but for
// the first request of a session from a network where it was not seen before, which
// is judged and kept. What cannot be found out is not known.
func (w *Watch) Fill(ctx context.Context, facts *policy.Facts, request Request) {
	known, err := w.look(ctx, request.Session)
	if err == nil && (known.fill(facts, request.From) || request.Again) {
		return
	}
	if err == nil {
		if known, err = w.move(ctx, request); err == nil {
			known.fill(facts, request.From)
			return
		}
	}
	if problem.Is(err, RouteBlocked) {
		facts.Session, facts.SessionEnd = policy.SessionEnded, string(NotMe)
		return
	}
	w.deps.Log.ErrorContext(ctx, "what is unusual about a request could not be found out", "session", request.Session, "error", err)
}

// look is what memory knows of a session, or the store while memory is in doubt.
func (w *Watch) look(ctx context.Context, session ids.Session) (*held, error) {
	w.memory.mu.RLock()
	known, loaded := w.memory.held[session], w.memory.loaded
	w.memory.mu.RUnlock()
	if loaded && !w.deps.Doubtful() {
		return known, nil
	}
	sights, err := w.deps.Store.Sights(ctx, Which{Sessions: []ids.Session{session}})
	if err != nil {
		return nil, err
	}
	return hold(sights), nil
}

// move judges a session where it was not seen before. Of several requests at once,
// one does, and the others wait for it.
func (w *Watch) move(ctx context.Context, request Request) (*held, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	key := moving{request.Session, NetworkOf(request.From)}
	w.memory.mu.Lock()
	done, other := w.memory.moving[key]
	if !other {
		done = make(chan struct{})
		w.memory.moving[key] = done
	}
	w.memory.mu.Unlock()
	if other {
		select {
		case <-done:
			return w.look(ctx, request.Session)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	defer func() {
		w.memory.mu.Lock()
		delete(w.memory.moving, key)
		w.memory.mu.Unlock()
		close(done)
	}()
	err := w.deps.Tx.InTx(ctx, func(ctx context.Context) error { return w.moveInWork(ctx, request) })
	if problem.Is(err, RouteBlocked) {
		if ended := w.deps.Sessions.End(ctx, audit.System("risk"), request.Session, NotMe); ended != nil {
			w.deps.Log.ErrorContext(ctx, "a session on a blocked way in could not be ended", "session", request.Session, "error", ended)
		}
	}
	if err != nil {
		return nil, err
	}
	return w.look(ctx, request.Session)
}

func (w *Watch) moveInWork(ctx context.Context, request Request) error {
	before, err := w.deps.Store.Sights(ctx, Which{Sessions: []ids.Session{request.Session}})
	if err != nil {
		return err
	}
	from := Origin{Address: request.From}
	if len(before) > 0 {
		from.Device = before[len(before)-1].Device // of where it began
	}
	if hold(before).fill(&policy.Facts{}, request.From) {
		return tx.Publish(ctx, tx.Session, string(request.Session)) // another node was faster
	}
	visit, err := w.Visit(ctx, request.Person, from)
	if err != nil {
		return err
	}
	if err := w.Began(ctx, request.Session, visit); err != nil {
		return err
	}
	return tx.Publish(ctx, tx.Session, string(request.Session))
}
