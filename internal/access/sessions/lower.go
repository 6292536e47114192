package sessions

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
)

// Lowering says which sessions count for less from now on, and for how much at most.
type Lowering struct {
	Credentials map[ids.Credential]ids.Key // what they were begun with, and on which key it is
	Most        assurance.Ceiling
	Reason      string // one stable word, for the audit record
}

// OfKeys lists the sessions begun with these keys that nothing has ended. Those whose
// time seems to be up are among them: a live view may know of a later use.
func (b *Book) OfKeys(ctx context.Context, keys []ids.Key) ([]Session, error) {
	var all []Session
	for some := range slices.Chunk(keys, batch) {
		begun, err := b.deps.Store.List(ctx, Query{Keys: some})
		if err != nil {
			return nil, fmt.Errorf("list sessions of %d keys: %w", len(keys), err)
		}
		all = append(all, begun...)
	}
	return all, nil
}

// Lowered lists the sessions that a Lowering would change.
func (b *Book) Lowered(ctx context.Context, what Lowering) ([]Session, error) {
	var keys []ids.Key
	for _, key := range what.Credentials {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	begun, err := b.OfKeys(ctx, slices.Compact(keys))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(begun, func(s Session) bool {
		_, meant := what.Credentials[s.Credential]
		return !meant || s.Assurance.Under(what.Most) == s.Assurance
	}), nil
}

// Lower makes sessions begun with these credentials count for less, on their next
// request, and says how many that were. What a session has lost it does not get back:
// the person signs in again. None ends later than it would have: AbsoluteEnd stays.
func (b *Book) Lower(ctx context.Context, actor audit.Actor, what Lowering) (int, error) {
	count := 0
	err := b.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		lowered, err := b.Lowered(ctx, what)
		if err != nil {
			return err
		}
		count = len(lowered)
		left := map[assurance.Assurance][]ids.Session{}
		for _, session := range lowered {
			have := session.Assurance.Under(what.Most)
			left[have] = append(left[have], session.ID)
		}
		// Rows that every request may touch come first: the less time between reading and
		// changing them, the less often this runs again.
		for have, all := range left {
			for some := range slices.Chunk(all, batch) {
				if err := b.deps.Store.Lower(ctx, some, have, have.AMR()); err != nil {
					return err
				}
			}
		}
		return b.tell(ctx, actor, "session.lowered", what.Reason, lowered)
	})
	if err != nil {
		return 0, fmt.Errorf("lower sessions: %w", err)
	}
	return count, nil
}

// EndOfKeys ends every session begun with one of the keys and says how many that were.
func (b *Book) EndOfKeys(ctx context.Context, actor audit.Actor, keys []ids.Key, reason Reason) (int, error) {
	count := 0
	err := b.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		begun, err := b.OfKeys(ctx, keys)
		if err != nil {
			return err
		}
		count = len(begun)
		for some := range slices.Chunk(keys, batch) {
			if _, err := b.deps.Store.End(ctx, Which{Keys: some}, reason, b.now()); err != nil {
				return err
			}
		}
		return b.tell(ctx, actor, "session.ended", string(reason), begun)
	})
	if err != nil {
		return 0, fmt.Errorf("end sessions of %d keys: %w", len(keys), err)
	}
	return count, nil
}

// tell publishes what was done to sessions, and writes an audit entry for each key.
func (b *Book) tell(ctx context.Context, actor audit.Actor, action, reason string, done []Session) error {
	byKey := map[ids.Key][]Session{}
	var keys []ids.Key
	for _, session := range done {
		if err := tx.Publish(ctx, tx.Session, string(session.ID)); err != nil {
			return err
		}
		if byKey[session.Key] == nil {
			keys = append(keys, session.Key)
		}
		byKey[session.Key] = append(byKey[session.Key], session)
	}
	for _, key := range keys {
		err := b.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: action, Subject: string(key), Details: map[string]string{
			"reason": reason, "count": strconv.Itoa(len(byKey[key])), "person": string(byKey[key][0].Person)}})
		if err != nil {
			return err
		}
	}
	return nil
}
