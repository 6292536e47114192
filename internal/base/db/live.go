package db

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/warder-project/warder/internal/base/tx"
)

// tooMany is how many changes of one topic a unit of work tells one by one.
// Above that it says "all of the topic", which costs listeners less.
const tooMany = 200

// condense drops repeated changes and turns very many into one for the topic.
func condense(changes []tx.Change) []tx.Change {
	count, wide := map[tx.Topic]int{}, map[tx.Topic]bool{}
	for _, change := range changes {
		count[change.Topic]++
		wide[change.Topic] = wide[change.Topic] || change.Ref == "" || count[change.Topic] > tooMany
	}
	var kept []tx.Change
	told := map[tx.Change]bool{}
	for _, change := range changes {
		if wide[change.Topic] {
			change.Ref = ""
		}
		if !told[change] {
			told[change] = true
			kept = append(kept, change)
		}
	}
	return kept
}

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
// work itself, so that they are told if and only if it is kept.
func (d *DB) spread(ctx context.Context, t Handle, changes []tx.Change) error {
	for _, change := range changes {
		if err := d.announce(ctx, t, change); err != nil {
			return fmt.Errorf("announce change of %s: %w", change.Topic, err)
		}
	}
	return nil
}

func (d *DB) announce(ctx context.Context, h Handle, change tx.Change) error {
	if d.engine == Postgres {
		payload, err := json.Marshal(notice{Node: string(d.node), Topic: change.Topic, Ref: change.Ref})
		if err != nil {
			return err
		}
		_, err = h.ExecContext(ctx, "select pg_notify($1, $2)", channel, string(payload))
		return err
	}
	_, err := h.ExecContext(ctx, `
		insert into live_change (node, topic, ref, at)
		values ($1, $2, $3, $4)`,
		d.node, change.Topic, change.Ref, Millis(d.now()))
	return err
}
