package audit

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/tx"
)

// Sealer seals the head of the chain; seal.Sealer is one.
type Sealer interface {
	Seal(plain []byte, row string) ([]byte, error)
	Open(sealed []byte, row string) ([]byte, error)
}

// Deps is what the record needs.
type Deps struct {
	Store Store
	Tx    tx.Runner
	Now   func() time.Time
	Log   *slog.Logger
	// Sealer may be nil: then the head is kept unsealed, and Verify says that
	// it proves nothing against somebody who computes the whole chain anew.
	Sealer Sealer
	// Witness, if any, hears of every event inside its unit of work: what it
	// writes is kept if the change is, and its error undoes both. app sends mail
	// from it.
	Witness func(ctx context.Context, event Event) error
}

// Log is the record. It is safe for concurrent use.
type Log struct {
	deps Deps
	turn atomic.Int64
}

// New returns the record.
func New(deps Deps) *Log {
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	return &Log{deps: deps}
}

// Record adds an entry to the unit of work in ctx, and one for each further event
// of the same moment, in their order. Outside one it is the problem OutsideWork.
func (l *Log) Record(ctx context.Context, event Event, more ...Event) error {
	events := append([]Event{event}, more...)
	entries := make([]Entry, len(events))
	at := l.deps.Now().UTC().Truncate(time.Millisecond)
	for i, event := range events {
		if event.Action == "" {
			return NoAction.New()
		}
		entries[i] = Entry{
			ID:      ids.New[ids.Entry](),
			At:      at,
			Turn:    l.turn.Add(1),
			Actor:   event.Actor.orNobody(),
			Action:  event.Action,
			Subject: event.Subject,
			Details: event.Details,
		}
	}
	if err := l.deps.Store.Append(ctx, entries...); err != nil {
		return fmt.Errorf("record %s of %s: %w", event.Action, event.Subject, err)
	}
	if l.deps.Witness == nil {
		return nil
	}
	for _, event := range events {
		if err := l.deps.Witness(ctx, event); err != nil {
			return fmt.Errorf("tell of %s of %s: %w", event.Action, event.Subject, err)
		}
	}
	return nil
}

// sealBatch is how many entries are linked in one unit of work.
const sealBatch = 500

// SealPending links all entries that are not linked yet and says how many that
// were. Two nodes may try at once: one of them moves the head, the other leaves
// the rest to it. It is run every second by base/jobs.
func (l *Log) SealPending(ctx context.Context) (int, error) {
	total := 0
	for {
		n, more, err := l.sealSome(ctx)
		total += n
		if err != nil || !more {
			return total, err
		}
	}
}

func (l *Log) sealSome(ctx context.Context) (n int, more bool, err error) {
	head, err := l.deps.Store.Head(ctx)
	if err != nil {
		return 0, false, fmt.Errorf("read head of the audit chain: %w", err)
	}
	// A false head must not be made true by sealing it again.
	if l.deps.Sealer != nil && head.Number > 0 && !l.proves(head) {
		return 0, false, BadHead.New()
	}
	pending, err := l.deps.Store.Pending(ctx, "", sealBatch)
	if err != nil {
		return 0, false, fmt.Errorf("read unsealed entries: %w", err)
	}
	if len(pending) == 0 {
		return 0, false, nil
	}
	next := head
	for i := range pending {
		entry := &pending[i]
		entry.Number, entry.Previous = next.Number+1, next.Hash
		entry.Hash = chainHash(entry.Number, entry.Previous, *entry)
		next.Number, next.Hash = entry.Number, entry.Hash
	}
	if next.Seal, err = l.sealHead(next); err != nil {
		return 0, false, err
	}
	moved := false
	err = l.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		moved, err = l.deps.Store.Extend(ctx, head, next, pending)
		return err
	})
	if err != nil {
		return 0, false, fmt.Errorf("seal %d audit entries: %w", len(pending), err)
	}
	if !moved {
		return 0, false, nil
	}
	return len(pending), len(pending) == sealBatch, nil
}

const headRow = "audit_head:head:seal"

func (l *Log) sealHead(head Head) ([]byte, error) {
	if l.deps.Sealer == nil {
		return nil, nil
	}
	sealed, err := l.deps.Sealer.Seal(headBytes(head), headRow)
	if err != nil {
		return nil, fmt.Errorf("seal head of the audit chain: %w", err)
	}
	return sealed, nil
}

// proves reports whether the seal of head is ours and is about this head.
func (l *Log) proves(head Head) bool {
	if l.deps.Sealer == nil || len(head.Seal) == 0 {
		return false
	}
	plain, err := l.deps.Sealer.Open(head.Seal, headRow)
	return err == nil && slices.Equal(plain, headBytes(head))
}

func headBytes(head Head) []byte {
	return append(binary.BigEndian.AppendUint64(nil, uint64(head.Number)), head.Hash...)
}

// List gives entries newest first. The next page is After the last one.
func (l *Log) List(ctx context.Context, filter Filter) ([]Entry, error) {
	if filter.Limit <= 0 {
		filter.Limit = 50
	}
	filter.Limit = min(filter.Limit, 500)
	entries, err := l.deps.Store.Chosen(ctx, filter)
	if err != nil {
		return nil, fmt.Errorf("list audit entries: %w", err)
	}
	return entries, nil
}
