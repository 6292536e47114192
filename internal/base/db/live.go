package db

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/warder-project/warder/internal/base/tx"
)

// channel is the name other nodes listen under on PostgreSQL.
const channel = "warder_live"

// notice is what travels between processes on PostgreSQL.
type notice struct {
	Node  string   `json:"n"`
	Topic tx.Topic `json:"t"`
	Ref   string   `json:"r,omitempty"`
}

// The reserved topics of this room; rooms above never see them.
const (
	beatTopic     tx.Topic = "db.beat"     // "I can hear myself": PostgreSQL only
	questionTopic tx.Topic = "db.question" // "have you applied everything before this?"
)

// spread puts the changes where other processes will find them, in the unit of
// work itself, so that they are told if and only if it is kept. It returns them
// without what says the same twice.
func (d *DB) spread(ctx context.Context, t Handle, changes []tx.Change) ([]tx.Change, error) {
	changes = tx.Condense(changes)
	for some := range slices.Chunk(changes, atOnce) {
		if err := d.announce(ctx, t, some...); err != nil {
			return nil, fmt.Errorf("announce change of %s: %w", some[0].Topic, err)
		}
	}
	return changes, nil
}

// atOnce is how many changes one statement writes, so that it is kept prepared.
const atOnce = 8

func (d *DB) announce(ctx context.Context, h Handle, changes ...tx.Change) error {
	if d.engine == Postgres {
		return d.notify(ctx, h, changes)
	}
	args, rows := []any{d.node, Millis(d.now())}, ""
	for i, change := range changes {
		rows += fmt.Sprintf(", ($1, $%d, $%d, $2)", 2*i+3, 2*i+4)
		args = append(args, change.Topic, change.Ref)
	}
	_, err := h.ExecContext(ctx, "insert into live_change (node, topic, ref, at) values "+rows[2:], args...)
	return err
}

func (d *DB) notify(ctx context.Context, h Handle, changes []tx.Change) error {
	for _, change := range changes {
		payload, err := json.Marshal(notice{Node: string(d.node), Topic: change.Topic, Ref: change.Ref})
		if err != nil {
			return err
		}
		if _, err = h.ExecContext(ctx, "select pg_notify($1, $2)", channel, string(payload)); err != nil {
			return err
		}
	}
	return nil
}
