package db

import (
	"context"
	"database/sql"
	"fmt"
)

// followSQLite asks SQLite every 50 ms whether another connection has committed
// (pragma data_version costs no disk access), and if so reads what is new in live_change.
// Numbers are in the order of the commits, because there is one writer at a time.
func (d *DB) followSQLite(ctx context.Context, follower Follower) (sure bool, err error) {
	conn, err := d.read.Conn(ctx)
	if err != nil {
		return false, fmt.Errorf("open a connection to follow: %w", err)
	}
	defer conn.Close()
	last, err := lastChange(ctx, conn)
	if err != nil {
		return false, err
	}
	// Everything after last will be told; Sure reads everything before it.
	follower.Sure(ctx)
	version := int64(-1)
	for {
		var current int64
		if err := conn.QueryRowContext(ctx, "pragma data_version").Scan(&current); err != nil {
			return true, fmt.Errorf("look for changes: %w", err)
		}
		if current != version {
			heard, newest, err := changesAfter(ctx, conn, last)
			if err != nil {
				return true, err
			}
			if err := d.deliver(ctx, follower, heard); err != nil {
				return true, err
			}
			version, last = current, newest
		}
		if !rest(ctx, pollEvery) {
			return true, ctx.Err()
		}
	}
}

func lastChange(ctx context.Context, conn *sql.Conn) (int64, error) {
	var last int64
	err := conn.QueryRowContext(ctx, "select coalesce(max(number), 0) from live_change").Scan(&last)
	if err != nil {
		return 0, fmt.Errorf("read number of the last change: %w", err)
	}
	return last, nil
}

func changesAfter(ctx context.Context, conn *sql.Conn, last int64) (heard []notice, newest int64, err error) {
	rows, err := conn.QueryContext(ctx, `
		select number, node, topic, ref
		from live_change
		where number > $1
		order by number`, last)
	if err != nil {
		return nil, last, fmt.Errorf("read changes: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var n notice
		if err := rows.Scan(&last, &n.Node, &n.Topic, &n.Ref); err != nil {
			return nil, last, fmt.Errorf("read changes: %w", err)
		}
		heard = append(heard, n)
	}
	return heard, last, rows.Err()
}
