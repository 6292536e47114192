package sharedsecret

import (
	"context"
	"fmt"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
)

// Disable stops an active secret and keeps it, so that Restore can give it back.
// reason is a short word. Whoever is signed in with it is signed out by their next
// request. Problems: NotFound, and Changed where it is not active.
func (b *Book) Disable(ctx context.Context, actor audit.Actor, id ids.Credential, reason string) error {
	return b.turn(ctx, actor, turn{id: id, from: factors.Active, to: factors.Suspended, before: "", reason: reason, action: "secret.disabled"})
}

// Restore gives back what was disabled for the same reason, as it was. What was
// stopped for another reason, or replaced since, stays as it is: Changed.
func (b *Book) Restore(ctx context.Context, actor audit.Actor, id ids.Credential, reason string) error {
	return b.turn(ctx, actor, turn{id: id, from: factors.Suspended, to: factors.Active, before: reason, action: "secret.restored"})
}

// turn is a step that can be taken back.
type turn struct {
	id             ids.Credential
	from, to       factors.State
	before, reason string // the reason it has, and the one it gets
	action         string
}

func (b *Book) turn(ctx context.Context, actor audit.Actor, step turn) error {
	err := b.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		kept, err := b.deps.Store.Get(ctx, step.id)
		if err != nil {
			return err
		}
		if kept.State != step.from || kept.Reason != step.before {
			return Changed.New()
		}
		changed, err := b.deps.Store.Change(ctx, factors.Change{ID: step.id, From: step.from, To: step.to, Reason: step.reason, At: b.deps.Now()})
		if err != nil {
			return err
		}
		if !changed {
			return Changed.New()
		}
		if err := b.tell(ctx, actor, step.action, kept.Secret, map[string]string{"reason": step.reason + step.before}); err != nil {
			return err
		}
		return b.tellApps(ctx, kept)
	})
	if err != nil {
		return fmt.Errorf("change shared secret %s to %s: %w", step.id, step.to, err)
	}
	return nil
}
