package db

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/tx"
)

// Follower is told what other processes have changed. Its functions are called
// one at a time, in the order of the commits. What it cannot read it must doubt
// by itself; it is then as well informed as we can make it.
type Follower struct {
	// Apply reads the changed things again.
	Apply func(ctx context.Context, changes []tx.Change)
	// Doubt says that changes may have been missed: copies must not be trusted
	// until Sure. It may be said more than once.
	Doubt func(reason string)
	// Sure says that nothing is missed from now on, so everything is to be read
	// again. It is said at the start as well.
	Sure func(ctx context.Context)
}

const (
	pollEvery   = 50 * time.Millisecond  // SQLite: how often we look for commits of others
	beatEvery   = 300 * time.Millisecond // PostgreSQL: how often we listen for ourselves
	silence     = time.Second            // PostgreSQL: after which we are not sure any more
	nodeEvery   = time.Second            // how often a serving process says that it is there
	nodeAlive   = 3 * time.Second        // how long that is believed
	nodeKept    = time.Minute            // how long a process that fell silent is remembered
	resumeAfter = time.Second            // the longest wait before we try to be sure again
)

// Follow tells follower of changes that other processes commit, until ctx ends;
// then it returns nil. A change on PostgreSQL is heard at once, on SQLite
// within 50 ms. While it runs, this process counts as a serving one, which
// AwaitLive of others waits for.
func (d *DB) Follow(ctx context.Context, follower Follower) error {
	if err := d.present(ctx); err != nil {
		return fmt.Errorf("enter this process among the serving ones: %w", err)
	}
	beating := make(chan struct{})
	ctx, stop := context.WithCancel(ctx)
	go func() {
		defer close(beating)
		d.staysPresent(ctx)
	}()
	defer func() {
		stop()
		<-beating
		d.leave(ctx)
	}()
	for wait := pollEvery; ; wait = min(2*wait, resumeAfter) {
		sure, err := d.followOnce(ctx, follower)
		if ctx.Err() != nil {
			return nil
		}
		follower.Doubt(err.Error())
		d.log.Warn("changes of other processes may be missed; reading everything again", "error", err)
		if sure {
			wait = pollEvery
		}
		if !rest(ctx, wait+rand.N(pollEvery)) {
			return nil
		}
	}
}

// followOnce follows until something goes wrong, and says whether it had been
// sure before.
func (d *DB) followOnce(ctx context.Context, follower Follower) (sure bool, err error) {
	if d.engine == Postgres {
		return d.followPostgres(ctx, follower)
	}
	return d.followSQLite(ctx, follower)
}

// deliver hands on what others have changed, and answers their questions after
// everything before the question has been applied.
func (d *DB) deliver(ctx context.Context, follower Follower, heard []notice) error {
	var changes []tx.Change
	flush := func() {
		if len(changes) > 0 {
			follower.Apply(ctx, tx.Condense(changes))
			changes = nil
		}
	}
	for _, n := range heard {
		switch {
		case n.Topic == beatTopic:
		case n.Topic == questionTopic:
			flush()
			if err := d.answer(ctx, n.Ref); err != nil {
				return fmt.Errorf("answer another process: %w", err)
			}
		case n.Node != string(d.node): // our own were told at the commit
			changes = append(changes, tx.Change{Topic: n.Topic, Ref: n.Ref})
		}
	}
	flush()
	return nil
}

// rest waits, and reports whether ctx still goes on.
func rest(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// present says that this process serves.
func (d *DB) present(ctx context.Context) error {
	if d.engine == SQLite && d.serves {
		// We hold the lock of the file: whoever else is entered has died.
		if _, err := d.write.ExecContext(ctx, "delete from live_node where node <> $1", d.node); err != nil {
			return err
		}
	}
	return d.sayPresent(ctx)
}

func (d *DB) sayPresent(ctx context.Context) error {
	now := Millis(d.now())
	_, err := d.write.ExecContext(ctx, `
		insert into live_node (node, started_at, heard_at)
		values ($1, $2, $2)
		on conflict (node) do update
		set heard_at = excluded.heard_at`, d.node, now)
	return err
}

func (d *DB) staysPresent(ctx context.Context) {
	for rest(ctx, nodeEvery) {
		if err := d.sayPresent(ctx); err != nil && !errors.Is(err, context.Canceled) {
			d.log.Warn("could not say that this process serves", "error", err)
		}
	}
}

func (d *DB) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if _, err := d.write.ExecContext(ctx, "delete from live_node where node = $1", d.node); err != nil {
		d.log.Warn("could not say that this process serves no more; it is forgotten in a minute", "error", err)
	}
}

func (d *DB) answer(ctx context.Context, question string) error {
	_, err := d.write.ExecContext(ctx, `
		insert into live_ack (question, node, at)
		values ($1, $2, $3)
		on conflict (question, node) do nothing`, question, d.node, Millis(d.now()))
	return err
}

// AwaitLive waits until every serving process has applied everything this one
// has committed, so that a command can say "blocked everywhere" and mean it. It
// returns early when all have confirmed. silent are those that have not: they
// were heard within the last minute, and may have died since or be cut off from
// the database; one that is cut off knows that it is.
func (d *DB) AwaitLive(ctx context.Context, timeout time.Duration) (confirmed, silent []ids.Node, err error) {
	question := string(ids.New[ids.Node]()) + "?"
	expected, err := d.nodes(ctx)
	if err != nil || len(expected) == 0 {
		return nil, nil, err
	}
	// Whoever hears the question has heard every commit before it.
	err = d.InTx(ctx, func(ctx context.Context) error {
		return d.announce(ctx, d.From(ctx), tx.Change{Topic: questionTopic, Ref: question})
	})
	if err != nil {
		return nil, nil, fmt.Errorf("ask the serving processes: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for {
		answered, err := d.answers(ctx, question)
		if err != nil && ctx.Err() == nil {
			return nil, nil, fmt.Errorf("read answers of the serving processes: %w", err)
		}
		if err == nil {
			confirmed, silent = nil, nil
			waiting := false
			for node, heard := range expected {
				if answered[node] {
					confirmed = append(confirmed, node)
					continue
				}
				silent = append(silent, node)
				waiting = waiting || d.now().Sub(heard) < nodeAlive
			}
			if !waiting {
				return confirmed, silent, nil
			}
		}
		if !rest(ctx, 20*time.Millisecond) {
			return confirmed, silent, nil
		}
	}
}

// nodes gives the serving processes heard within the last minute, without this one.
func (d *DB) nodes(ctx context.Context) (map[ids.Node]time.Time, error) {
	rows, err := d.From(ctx).QueryContext(ctx, `
		select node, heard_at
		from live_node
		where heard_at > $1 and node <> $2`, Millis(d.now().Add(-nodeKept)), d.node)
	if err != nil {
		return nil, fmt.Errorf("list serving processes: %w", err)
	}
	defer rows.Close()
	heard := map[ids.Node]time.Time{}
	for rows.Next() {
		var node ids.Node
		var at int64
		if err := rows.Scan(&node, &at); err != nil {
			return nil, err
		}
		heard[node] = Time(at)
	}
	return heard, rows.Err()
}

func (d *DB) answers(ctx context.Context, question string) (map[ids.Node]bool, error) {
	rows, err := d.From(ctx).QueryContext(ctx, `
		select node
		from live_ack
		where question = $1`, question)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	answered := map[ids.Node]bool{}
	for rows.Next() {
		var node ids.Node
		if err := rows.Scan(&node); err != nil {
			return nil, err
		}
		answered[node] = true
	}
	return answered, rows.Err()
}

// PruneLive forgets changes and answers older than an hour, and serving
// processes that fell silent. base/jobs runs it. The newest change stays, so that
// numbers never begin again and a follower never misses one.
func (d *DB) PruneLive(ctx context.Context) error {
	now := d.now()
	hour := Millis(now.Add(-time.Hour))
	if d.engine == SQLite {
		_, err := d.write.ExecContext(ctx, `
			delete from live_change
			where at < $1
			and number < (select max(number) from live_change)`, hour)
		if err != nil {
			return fmt.Errorf("forget old changes: %w", err)
		}
	}
	if _, err := d.write.ExecContext(ctx, "delete from live_ack where at < $1", hour); err != nil {
		return fmt.Errorf("forget old answers: %w", err)
	}
	if _, err := d.write.ExecContext(ctx, "delete from live_node where heard_at < $1", hour); err != nil {
		return fmt.Errorf("forget silent processes: %w", err)
	}
	return nil
}
