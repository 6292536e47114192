package keys

import (
	"context"
	"fmt"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/audit"
)

// Release records that nothing is registered any more on a key that was in use.
// Its holder still has it and is to hand it back; they may also set it up again.
// It joins the unit of work that takes the registrations away. Problems:
// NotFound, BadTransition.
func (r *Register) Release(ctx context.Context, actor audit.Actor, id ids.Key) (Key, error) {
	return r.move(ctx, actor, move{id: id, to: StateHeld, action: "key.released"}, func(key *Key) { key.ToReturn = true })
}

// NotePlace keeps where a key is, in its holder's words: “sealed, in my manager's
// safe”. Empty forgets it. The words are not copied into the audit record, which
// outlives what it tells of. Problems: NotFound, Malformed, BadTransition when
// nobody has the key.
func (r *Register) NotePlace(ctx context.Context, actor audit.Actor, id ids.Key, place string) (Key, error) {
	place, fault := line("place", place, longestPlace)
	if fault != nil {
		return Key{}, Malformed.New().At(*fault)
	}
	var key Key
	err := r.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		var err error
		key, err = r.deps.Store.ByID(ctx, id)
		if err != nil || key.Place == place {
			return err
		}
		if !key.State.InHand() {
			return BadTransition.Detailf("It is %q, so nobody has it in hand.", key.State.Label())
		}
		key.Place, key.ChangedAt = place, r.deps.Now()
		changed, err := r.deps.Store.Change(ctx, key, key.State)
		if err != nil {
			return err
		}
		if !changed {
			return BadTransition.Detailf("Somebody else has just changed it.")
		}
		return r.tell(ctx, actor, "key.place_noted", key, "")
	})
	if err != nil {
		return Key{}, fmt.Errorf("note the place of key %s: %w", id, err)
	}
	return key, nil
}
