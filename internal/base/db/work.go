package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/warder-project/warder/internal/base/db/prepared"
	"github.com/warder-project/warder/internal/base/db/turns"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
)

// A unit of work that clashes with others is run this often in all, with a
// random wait of up to retryBase·2ⁿ, at most retryLongest, before each new try.
const (
	attempts     = 12
	retryBase    = 2 * time.Millisecond
	retryLongest = 200 * time.Millisecond
)

// Handle is what a store runs its statements on: the unit of work if the
// context carries one, else the reading connections.
type Handle interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// work is one unit of work under way.
type work struct {
	handle Handle
	failed error // the first error of a joined InTx
}

type workKey struct{ db *DB }

// From gives the unit of work in ctx, else the reading connections, which
// refuse every write.
func (d *DB) From(ctx context.Context) Handle {
	if w, ok := ctx.Value(workKey{d}).(*work); ok {
		return w.handle
	}
	if d.quickRead != nil {
		return prepared.Reader{Statements: d.quickRead}
	}
	return d.read
}

// InWork reports whether ctx is inside a unit of work of this database.
func (d *DB) InWork(ctx context.Context) bool {
	_, ok := ctx.Value(workKey{d}).(*work)
	return ok
}

// InTx runs fn as one unit of work: everything it wrote is kept, or nothing.
// A clash with other writers runs fn again, so fn must return the errors of its
// statements (wrapped with %w) and must have no effects outside the database.
//
// On SQLite units of work that wait for each other share a commit (base/db/turns);
// each is kept or undone by itself all the same.
//
// InTx inside InTx joins the outer unit of work. When a joined fn returns an
// error the outer one can no longer be kept, even if its fn swallows that
// error: half of a joined change must not be committed.
//
// Published changes are told to the OnCommit listeners after the commit and
// before InTx returns. Problems: Full, Faulty, Busy, Unreachable.
func (d *DB) InTx(ctx context.Context, fn func(ctx context.Context) error) error {
	if outer, ok := ctx.Value(workKey{d}).(*work); ok {
		return outer.join(ctx, fn)
	}
	alone := false
	for attempt := 1; ; attempt++ {
		err := d.once(ctx, fn, alone)
		switch {
		case err == nil:
			if d.troubled.Swap(false) {
				d.trouble(nil)
			}
			return nil
		case IsFull(err):
			return d.inTrouble(Full.Because(err))
		case isFaulty(err):
			return d.inTrouble(Faulty.Because(err))
		case isUnreachable(err):
			return d.inTrouble(Unreachable.Because(err))
		case !isContention(err) && !errors.Is(err, turns.ErrAgain):
			return err
		case attempt == attempts:
			return Busy.Because(err)
		}
		d.retries.Add(1)
		if errors.Is(err, turns.ErrAgain) {
			alone = true
		} else if err := pause(ctx, attempt); err != nil {
			return err
		}
	}
}

func (d *DB) inTrouble(found *problem.Error) error {
	if !d.troubled.Swap(true) {
		d.trouble(found)
	}
	return found
}

func (w *work) join(ctx context.Context, fn func(ctx context.Context) error) error {
	err := fn(ctx)
	if err != nil && w.failed == nil {
		w.failed = err
	}
	return err
}

func (d *DB) once(ctx context.Context, fn func(ctx context.Context) error, alone bool) error {
	if d.turns != nil {
		return d.turns.Run(ctx, alone, func(t *sql.Tx) ([]tx.Change, error) {
			return d.do(ctx, d.quickWrite.In(t), fn)
		})
	}
	// Serializable, or "look, then write" is wrong under concurrency (docs/sql.md).
	t, err := d.write.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable})
	if err != nil {
		return fmt.Errorf("begin unit of work: %w", err)
	}
	defer t.Rollback() // after a commit this does nothing

	changes, err := d.do(ctx, t, fn)
	if err != nil {
		return err
	}
	if changes, err = d.spread(ctx, t, changes); err != nil {
		return err
	}
	err = t.Commit()
	if err == nil || !isRefused(err) {
		// Without a clear answer the change may have been kept. Reading a thing
		// again that has not changed is harmless; not reading it is not.
		d.tell(ctx, changes)
	}
	if err != nil {
		return fmt.Errorf("commit unit of work: %w", err)
	}
	return nil
}

// do runs fn on a handle and returns what it has published.
func (d *DB) do(ctx context.Context, handle Handle, fn func(ctx context.Context) error) ([]tx.Change, error) {
	w, collector := &work{handle: handle}, &tx.Collector{}
	if err := fn(tx.WithCollector(context.WithValue(ctx, workKey{d}, w), collector)); err != nil {
		return nil, err
	}
	if w.failed != nil {
		return nil, fmt.Errorf("a joined unit of work failed: %w", w.failed)
	}
	return collector.Changes(), nil
}

// OnCommit adds a listener that hears of every change published in this
// process, synchronously, after the commit and before InTx returns. Its context
// carries no unit of work and is not cancelled with the request.
func (d *DB) OnCommit(listener func(ctx context.Context, changes []tx.Change)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.listeners = append(d.listeners, listener)
}

func (d *DB) tell(ctx context.Context, changes []tx.Change) {
	if len(changes) == 0 {
		return
	}
	d.mu.RLock()
	listeners := d.listeners
	d.mu.RUnlock()
	for _, listener := range listeners {
		listener(context.WithoutCancel(ctx), changes)
	}
}

// pause waits before the next try, or returns the context's error.
func pause(ctx context.Context, attempt int) error {
	longest := min(retryBase<<attempt, retryLongest)
	timer := time.NewTimer(rand.N(longest))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return errors.Join(errors.New("wait for a clash to pass"), ctx.Err())
	case <-timer.C:
		return nil
	}
}
