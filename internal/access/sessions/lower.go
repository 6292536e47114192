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
	Key        ids.Key
	Credential ids.Credential
	Most       assurance.Ceiling
	Reason     string // one stable word, for the audit record
}

// OfKey lists the sessions begun with a key that nothing has ended, newest first. Those
// whose time seems to be up are among them: a live view may know of a later use.
func (b *Book) OfKey(ctx context.Context, key ids.Key) ([]Session, error) {
	begun, err := b.deps.Store.List(ctx, Query{Key: key})
	if err != nil {
		return nil, fmt.Errorf("list sessions of %s: %w", key, err)
	}
	return begun, nil
}

// Lowered lists the sessions that a Lowering would change.
func (b *Book) Lowered(ctx context.Context, what Lowering) ([]Session, error) {
	begun, err := b.OfKey(ctx, what.Key)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(begun, func(s Session) bool {
		return s.Credential != what.Credential || s.Assurance.Under(what.Most) == s.Assurance
	}), nil
}

// Lower makes sessions begun with a credential count for less, on their next request,
// and says how many that were. What a session has lost it does not get back: the
// person signs in again. None ends later than it would have: AbsoluteEnd stays.
func (b *Book) Lower(ctx context.Context, actor audit.Actor, what Lowering) (int, error) {
	count := 0
	err := b.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		lowered, err := b.Lowered(ctx, what)
		if err != nil {
			return err
		}
		count = len(lowered)
		for _, session := range lowered {
			have := session.Assurance.Under(what.Most)
			if err := b.deps.Store.Lower(ctx, session.ID, have, have.AMR()); err != nil {
				return err
			}
			if err := tx.Publish(ctx, tx.Session, string(session.ID)); err != nil {
				return err
			}
		}
		if count == 0 {
			return nil
		}
		return b.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: "session.lowered", Subject: string(what.Key),
			Details: map[string]string{"reason": what.Reason, "count": strconv.Itoa(count), "person": string(lowered[0].Person),
				"assurance": lowered[0].Assurance.Under(what.Most).String()}})
	})
	if err != nil {
		return 0, fmt.Errorf("lower sessions of %s: %w", what.Credential, err)
	}
	return count, nil
}
