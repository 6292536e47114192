// Package turns lets units of work take turns on the one connection of SQLite
// that writes, and lets those who wait for it share a commit: reaching the disk
// costs as much for ten changes as for one.
//
// Whoever has done its work and sees others waiting leaves the transaction open
// for the next and waits for the commit; whoever finds nobody waiting commits for
// all. So nobody waits for somebody who may not come, and a writer that is alone
// commits at once. Units of work run one after the other, as they would without
// this; each but the first has a savepoint, so that one that fails leaves the
// others whole; and none is told that it is kept before the one commit says so.
//
// What must not happen is that one spoils the work of others. When a transaction
// is lost for a reason that is not theirs (the disk is full, a rule that is asked
// at the commit is broken), each is told ErrAgain and is run again alone, where it
// meets its own reason or none.
//
// It knows nothing of what is changed; base/db, which does, is its only caller.
package turns

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/warder-project/warder/internal/base/tx"
)

// mostTogether bounds how long the first waits for the last.
const mostTogether = 16

// ErrAgain says that nothing of a unit of work was kept, and that this may have
// been for the sake of another one: it is to be run again, alone.
var ErrAgain = errors.New("undone together with other units of work")

// Work is a unit of work. It returns what it has changed.
type Work func(t *sql.Tx) ([]tx.Change, error)

// Ends are what is done for all units of work of a transaction at once.
type Ends struct {
	// Before has the connection to itself before each transaction.
	Before func(ctx context.Context)
	// Last writes what belongs to all of the changes, before the commit, and returns
	// what is to be told of them.
	Last func(ctx context.Context, t *sql.Tx, all []tx.Change) ([]tx.Change, error)
	// Refused says that the error of a commit is an answer: nothing was kept.
	Refused func(err error) bool
	// Kept hears of the changes after the commit, and before those who made them;
	// also when there was no clear answer.
	Kept func(ctx context.Context, all []tx.Change)
}

// Turns is the line before the connection. It is safe for concurrent use.
type Turns struct {
	pool *sql.DB
	ends Ends

	turn    chan struct{} // holds one value while nobody has the turn
	waiting atomic.Int64  // who wants the turn and will take it, come what may
	open    *shared       // guarded by the turn; nil when nobody waits for a commit
}

// shared is a transaction, and what came of it.
type shared struct {
	tx      *sql.Tx
	members int // whose work is done; guarded by the turn, as the next two are
	changes []tx.Change
	lost    bool // SQLite has undone it, or may have

	decided chan struct{} // closed when err is known
	err     error
}

// New returns the line before a pool of one connection.
func New(pool *sql.DB, ends Ends) *Turns {
	t := &Turns{pool: pool, ends: ends, turn: make(chan struct{}, 1)}
	t.turn <- struct{}{}
	return t
}

// Waiting is how many wait for their turn.
func (t *Turns) Waiting() int { return int(t.waiting.Load()) }

// Run does work when its turn comes, and returns when it is kept or undone. With
// alone it shares its commit with nobody. The error is that of work, of the
// database or of ctx, or ErrAgain.
func (t *Turns) Run(ctx context.Context, alone bool, work Work) error {
	if err := t.take(ctx); err != nil {
		return err
	}
	for alone && t.open != nil {
		with := t.open
		t.open = nil
		t.leave(with, alone)
		if err := t.take(ctx); err != nil {
			return err
		}
	}
	with, err := t.enter()
	if err != nil {
		return fmt.Errorf("begin unit of work: %w", err)
	}
	if err := t.do(ctx, with, alone, work); err != nil {
		return err
	}
	<-with.decided
	return with.err
}

// take waits for the turn. Whoever has gone meanwhile was counted on all the same.
func (t *Turns) take(ctx context.Context) error {
	t.waiting.Add(1)
	select {
	case <-t.turn:
		t.waiting.Add(-1)
	case <-ctx.Done():
		go func() {
			<-t.turn
			t.waiting.Add(-1)
			t.skip()
		}()
		return ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		t.skip()
		return err
	}
	return nil
}

// skip passes the turn on unused.
func (t *Turns) skip() {
	with := t.open
	if t.open = nil; with == nil {
		t.give()
		return
	}
	t.leave(with, false)
}

func (t *Turns) give() { t.turn <- struct{}{} }

// enter returns the transaction to work in. On an error the turn is given back.
func (t *Turns) enter() (*shared, error) {
	if with := t.open; with != nil {
		t.open = nil
		if _, err := with.tx.Exec("savepoint member"); err != nil {
			with.lost = true
			t.leave(with, false)
			return nil, err
		}
		return with, nil
	}
	// Others' work hangs from it, so it does not end when this caller goes away.
	ctx := context.Background()
	t.ends.Before(ctx)
	begun, err := t.pool.BeginTx(ctx, nil)
	if err != nil {
		t.give()
		return nil, err
	}
	return &shared{tx: begun, decided: make(chan struct{})}, nil
}

// do runs the work, and leaves the transaction however that ends.
func (t *Turns) do(ctx context.Context, with *shared, alone bool, work Work) error {
	done := false
	defer func() {
		if !done { // it has panicked, or its goroutine is ending
			with.undo()
			t.leave(with, alone)
		}
	}()
	changes, err := work(with.tx)
	if err == nil {
		err = ctx.Err() // whoever has gone will not hear that it was kept
	}
	if err == nil {
		err = with.keep(changes)
	} else {
		with.undo()
	}
	done = true
	t.leave(with, alone)
	return err
}

// keep takes a member in.
func (s *shared) keep(changes []tx.Change) error {
	if s.members > 0 {
		if _, err := s.tx.Exec("release member"); err != nil {
			s.lost = true
			return fmt.Errorf("end unit of work: %w: %w", ErrAgain, err)
		}
	}
	s.members++
	s.changes = append(s.changes, changes...)
	return nil
}

// undo takes back what the one who has the turn has written.
func (s *shared) undo() {
	if s.members == 0 {
		return // leave does, as there is nobody else
	}
	_, err := s.tx.Exec("rollback to member")
	if err == nil {
		_, err = s.tx.Exec("release member")
	}
	s.lost = s.lost || err != nil // SQLite may undo everything when the disk is full or broken
}

// stands says whether the transaction is still there. What a member wrote is proven
// to be in it by the end of its savepoint; the first has none, so for it a second
// begin must be refused.
func (s *shared) stands() bool {
	if !s.lost && s.members == 1 {
		_, err := s.tx.Exec("begin")
		s.lost = err == nil
	}
	return !s.lost
}

// leave is called with the turn, after each member: it leaves the transaction to
// the next, or decides it.
func (t *Turns) leave(with *shared, alone bool) {
	if !alone && with.members > 0 && with.members < mostTogether && t.waiting.Load() > 0 && with.stands() {
		t.open = with
		t.give()
		return
	}
	t.commit(with)
	t.give()
	t.tell(with)
}

// commit decides a transaction. It is called with the turn.
func (t *Turns) commit(with *shared) {
	if with.lost || with.members == 0 {
		with.tx.Rollback()
		with.err = ErrAgain // for whoever is in it
		with.changes = nil
		return
	}
	var err error
	with.changes, err = t.ends.Last(context.Background(), with.tx, with.changes)
	answered := err != nil
	if answered {
		with.tx.Rollback()
	} else if err = with.tx.Commit(); err != nil {
		answered = t.ends.Refused(err)
	}
	if answered {
		with.changes = nil
	}
	switch {
	case err == nil:
	case answered && with.members > 1:
		with.err = ErrAgain
	default:
		with.err = fmt.Errorf("commit unit of work: %w", err)
	}
}

// tell says what came of a transaction. It is called without the turn, so that
// others write while listeners read.
func (t *Turns) tell(with *shared) {
	defer close(with.decided)
	if len(with.changes) > 0 {
		t.ends.Kept(context.Background(), with.changes)
	}
}
