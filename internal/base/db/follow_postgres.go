package db

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/warder-project/warder/internal/base/tx"
)

// followPostgres listens on a connection of its own. PostgreSQL delivers notices in
// the order of the commits and loses none while the connection lives; that it
// lives is known by the beat we send ourselves through another connection: when
// neither that nor anything else is heard for a second, it counts as dead.
func (d *DB) followPostgres(ctx context.Context, follower Follower) (sure bool, err error) {
	conn, err := d.listenConnection(ctx)
	if err != nil {
		return false, err
	}
	defer closeSoon(ctx, conn)
	if _, err := conn.Exec(ctx, "listen "+channel); err != nil {
		return false, fmt.Errorf("listen for changes: %w", err)
	}
	// From here on nothing is missed; Sure reads what was before.
	follower.Sure(ctx)
	beats, stop := context.WithCancel(ctx)
	defer stop()
	go d.beat(beats)
	for lastHeard := time.Now(); ; {
		heard, err := nextNotice(ctx, conn, lastHeard)
		if err != nil {
			return true, err
		}
		lastHeard = time.Now()
		if err := d.deliver(ctx, follower, []notice{heard}); err != nil {
			return true, err
		}
	}
}

// nextNotice waits for a notice, at most until we have heard nothing for too long.
// What came while we were busy applying counts as heard in time.
func nextNotice(ctx context.Context, conn *pgx.Conn, lastHeard time.Time) (notice, error) {
	patience := max(time.Until(lastHeard.Add(silence)), beatEvery)
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	message, err := conn.WaitForNotification(waiting)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			return notice{}, fmt.Errorf("no heartbeat for %s", silence)
		}
		return notice{}, fmt.Errorf("wait for changes: %w", err)
	}
	var n notice
	if err := json.Unmarshal([]byte(message.Payload), &n); err != nil {
		return notice{}, fmt.Errorf("read notice of another process: %w", err)
	}
	return n, nil
}

func (d *DB) beat(ctx context.Context) {
	for {
		if err := d.announce(ctx, d.write, tx.Change{Topic: beatTopic}); err != nil && ctx.Err() == nil {
			d.log.Warn("heartbeat not sent", "error", err)
		}
		if !rest(ctx, beatEvery) {
			return
		}
	}
}

// closeSoon closes a connection that may be dead without waiting for long.
func closeSoon(ctx context.Context, conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	conn.Close(ctx) // nothing can be done about an error
}
