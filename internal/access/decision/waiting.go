package decision

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/warder-project/warder/internal/access/live"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/services"
)

// waiting holds allowed requests, and refusals that are not the first of their
// kind, until they are written. There are two heaps of
// fixed size, one being filled while the other is written, so that a request
// neither allocates nor waits for the database.
type waiting struct {
	mu    sync.Mutex
	fill  *heap         // guarded by mu
	room  chan struct{} // guarded by mu; closed and replaced when fill has been emptied
	ready chan struct{} // has a token when fill is half full or more

	writing sync.Mutex // held by the one Flush at a time
	spare   *heap      // guarded by writing; what could not be written stays in it
}

// heap is allowed requests and the decisions they belong to.
type heap struct {
	requests []waitingRequest // len is how many wait, cap never changes
	records  []Record
	counts   []int         // requests per record
	open     map[alike]int // the record that takes more of the same
}

type waitingRequest struct {
	record  int
	request Request
}

// alike is what requests of one decision have in common. Subject, route and
// policy never change, so that the verdict of those that are allowed is the
// same too, but for the exception they needed; of others it is part of this.
type alike struct {
	subject *live.Subject
	route   *services.Route
	policy  string
	ip      netip.Addr
	refusal string         // reason codes; empty when allowed
	met     *policy.Reason // the first of the rules that are met, when allowed by those
	under   ids.Exception
}

// perRecord is how many requests one record takes: a page of them.
const perRecord = 200

func newHeap(most int) *heap {
	return &heap{requests: make([]waitingRequest, 0, most), open: map[alike]int{}}
}

func newWaiting(most int) *waiting {
	return &waiting{fill: newHeap(most), spare: newHeap(most), room: make(chan struct{}), ready: make(chan struct{}, 1)}
}

// add puts a request where the others of its decision are, and gives the
// decision its ID. There is room.
func (h *heap) add(w wish) {
	q, decision := w.question, w.decision
	key := alike{subject: decision.Subject, route: decision.Route, policy: decision.Verdict.PolicyVersion, ip: q.IP, under: decision.Verdict.Exception}
	switch {
	case decision.Verdict.Effect != policy.Allow:
		key.refusal = decision.Verdict.ReasonCodes()
	case decision.Verdict.Exception == "" && len(decision.Verdict.Reasons) > 0:
		// The same reasons are the same memory: see policy.Compiled.
		key.met = &decision.Verdict.Reasons[0]
	}
	at, known := h.open[key]
	if !known || h.counts[at] >= perRecord {
		decision.ID = newID(decision.At)
		at = len(h.records)
		h.records = append(h.records, recordOf(w))
		h.counts = append(h.counts, 0)
		h.open[key] = at
	}
	decision.ID = h.records[at].ID
	h.counts[at]++
	h.requests = append(h.requests, waitingRequest{at, requestOf(q, decision.At)})
}

// complete gives the records their requests.
func (h *heap) complete() {
	all := make([]Request, len(h.requests))
	next := 0
	for i, count := range h.counts {
		h.records[i].Requests = all[next : next : next+count]
		next += count
	}
	for _, each := range h.requests {
		record := &h.records[each.record]
		record.Requests = append(record.Requests, each.request)
	}
}

// empty lets go of sessions, paths and policies, and keeps the room.
func (h *heap) empty() {
	clear(h.requests)
	clear(h.records)
	clear(h.open)
	h.requests, h.records, h.counts = h.requests[:0], h.records[:0], h.counts[:0]
}

// put adds an allowed request. When there is no room it waits for some, and
// answers false when none has come within patience.
func (w *waiting) put(ctx context.Context, one wish, patience time.Duration) bool {
	room, ok := w.tryPut(one)
	if ok {
		return true
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-timer.C:
			return false
		case <-room:
		}
		if room, ok = w.tryPut(one); ok {
			return true
		}
	}
}

// tryPut adds the request, or gives what will be closed when there is room.
func (w *waiting) tryPut(one wish) (<-chan struct{}, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.fill.requests) == cap(w.fill.requests) {
		w.wake()
		return w.room, false
	}
	w.fill.add(one)
	if len(w.fill.requests) == cap(w.fill.requests)/2 {
		w.wake()
	}
	return nil, true
}

func (w *waiting) wake() {
	select {
	case w.ready <- struct{}{}:
	default:
	}
}

// swap takes what waits and lets others fill the empty heap. writing is held, and
// spare is empty.
func (w *waiting) swap() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fill, w.spare = w.spare, w.fill
	if len(w.spare.requests) > 0 {
		close(w.room)
		w.room = make(chan struct{})
	}
}

// chunk is how many records are written in one unit of work.
const chunk = 1024

// Flush writes what waits. What cannot be written stays and is tried again next
// time. Problems: NotKept.
func (d *Desk) Flush(ctx context.Context) error {
	w := d.waiting
	w.writing.Lock()
	defer w.writing.Unlock()
	defer func() { d.try(ctx, d.untried.take()) }()
	// First what an earlier Flush could not write.
	if err := d.write(ctx, w.spare); err != nil {
		return err
	}
	w.swap()
	w.spare.complete()
	return d.write(ctx, w.spare)
}

// write writes the heap in chunks and empties it. A chunk that is written twice,
// because a later one failed, is kept once.
func (d *Desk) write(ctx context.Context, h *heap) error {
	if len(h.records) == 0 {
		return nil
	}
	for rest := h.records; len(rest) > 0; {
		now := rest[:min(chunk, len(rest))]
		if err := d.keep(ctx, now); err != nil {
			d.tell(true)
			return NotKept.Because(fmt.Errorf("write %d decisions: %w", len(now), err))
		}
		rest = rest[len(now):]
	}
	d.try(ctx, h.records)
	h.empty()
	d.tell(false)
	return nil
}

// Run writes what waits at each tick and whenever much does, until ctx ends, and
// once more then. App runs it with a tick per second.
func (d *Desk) Run(ctx context.Context, ticks <-chan time.Time) {
	for {
		select {
		case <-ctx.Done():
			d.report(ctx, d.Flush(context.WithoutCancel(ctx)))
			return
		case <-ticks:
		case <-d.waiting.ready:
		}
		d.report(ctx, d.Flush(ctx))
	}
}

func (d *Desk) report(ctx context.Context, err error) {
	if err != nil {
		d.deps.Log.ErrorContext(ctx, "decisions could not be written", "error", err)
	}
}
