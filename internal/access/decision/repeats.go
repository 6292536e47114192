package decision

import (
	"net/netip"
	"sync"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
)

const (
	// repeatWithin is how soon after a refusal was written the same one counts as
	// a repetition. A script that does not understand the answer sends hundreds.
	repeatWithin = time.Second
	// repeatsMost bounds what is remembered. Beyond it every refusal is written
	// at once, which costs time and loses nothing.
	repeatsMost = 4096
)

// repeat is what refusals have in common that are told once a second.
type repeat struct {
	session ids.Session
	service ids.Service
	route   ids.Route
	policy  string
	reasons string
	ip      netip.Addr
}

func repeatOf(q *Question, decision *Decision) repeat {
	same := repeat{session: decision.Session, service: decision.Service, policy: decision.Verdict.PolicyVersion,
		reasons: decision.Verdict.ReasonCodes(), ip: q.IP}
	if decision.Route != nil {
		same.route = decision.Route.ID
	}
	return same
}

// repeats remembers when each refusal was last written by itself.
type repeats struct {
	mu    sync.Mutex
	first map[repeat]time.Time // guarded by mu
}

// isFirst reports whether there was no such refusal within the second before at,
// and remembers this one.
func (r *repeats) isFirst(same repeat, at time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if recent(r.first[same], at) {
		return false
	}
	if len(r.first) >= repeatsMost {
		for other, before := range r.first {
			if !recent(before, at) {
				delete(r.first, other)
			}
		}
	}
	if len(r.first) < repeatsMost {
		r.first[same] = at
	}
	return true
}

// recent is false for a time to come: a clock that was set back must not hide anything.
func recent(before, at time.Time) bool {
	return !before.IsZero() && !before.After(at) && at.Sub(before) < repeatWithin
}

// forget lets the next one be written, because this one could not be.
func (r *repeats) forget(same repeat) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.first, same)
}
