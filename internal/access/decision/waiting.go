package decision

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// waiting holds allowed decisions until they are written: two lists of fixed
// size, one being filled while the other is written, so that a request neither
// allocates nor waits for the database.
type waiting struct {
	mu    sync.Mutex
	fill  []Record      // len is how many wait, cap never changes
	room  chan struct{} // closed and replaced when fill has been emptied
	ready chan struct{} // has a token when fill is half full or more

	writing sync.Mutex // held by the one Flush at a time
	spare   []Record   // owned by whoever holds writing; what could not be written stays in it
}

func newWaiting(most int) *waiting {
	return &waiting{fill: make([]Record, 0, most), spare: make([]Record, 0, most),
		room: make(chan struct{}), ready: make(chan struct{}, 1)}
}

// put adds an allowed decision. When there is no room it waits for some, and
// answers false when none has come within patience.
func (w *waiting) put(ctx context.Context, q *Question, decision *Decision, patience time.Duration) bool {
	room, ok := w.tryPut(q, decision)
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
		if room, ok = w.tryPut(q, decision); ok {
			return true
		}
	}
}

// tryPut adds the decision, or gives what will be closed when there is room.
func (w *waiting) tryPut(q *Question, decision *Decision) (<-chan struct{}, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.fill) == cap(w.fill) {
		w.wake()
		return w.room, false
	}
	w.fill = append(w.fill, recordOf(q, decision))
	if len(w.fill) == cap(w.fill)/2 {
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

// chunk is how many records are written in one unit of work.
const chunk = 1024

// Flush writes what waits. What cannot be written stays and is tried again next
// time. Problems: NotKept.
func (d *Desk) Flush(ctx context.Context) error {
	w := d.waiting
	w.writing.Lock()
	defer w.writing.Unlock()
	// First what an earlier Flush could not write.
	if err := d.write(ctx); err != nil {
		return err
	}
	w.spare = w.swapWith(w.spare)
	return d.write(ctx)
}

// swapWith exchanges the filled list for the empty one. writing is held.
func (w *waiting) swapWith(empty []Record) []Record {
	w.mu.Lock()
	defer w.mu.Unlock()
	full := w.fill
	w.fill = empty[:0]
	if len(full) > 0 {
		close(w.room)
		w.room = make(chan struct{})
	}
	return full
}

// write writes spare, in chunks, and empties it. writing is held.
func (d *Desk) write(ctx context.Context) error {
	w := d.waiting
	for len(w.spare) > 0 {
		now := w.spare[:min(chunk, len(w.spare))]
		if err := d.keep(ctx, now); err != nil {
			d.tell(true)
			return NotKept.Because(fmt.Errorf("write %d decisions: %w", len(now), err))
		}
		rest := copy(w.spare, w.spare[len(now):])
		clear(w.spare[rest:]) // lets go of sessions, paths and policies
		w.spare = w.spare[:rest]
		if rest == 0 {
			d.tell(false)
		}
	}
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
