package factors

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/audit"
)

// Doubts are the reasons for which a credential is suspended by itself and somebody
// must look into it.
func Doubts() []string { return []string{CloneReason, BackupReason} }

// Doubt is a credential that was suspended by itself, which opens a case.
type Doubt struct {
	Credential Credential
	Since      time.Time
}

// InDoubt lists the open cases, the longest first: what a key did that only a copy
// or another device could have done, and nobody has looked into yet.
func (f *Factors) InDoubt(ctx context.Context) ([]Doubt, error) {
	found, err := f.deps.Store.InDoubt(ctx)
	if err != nil {
		return nil, fmt.Errorf("list credentials in doubt: %w", err)
	}
	return found, nil
}

// LookedInto is why a credential was revoked when its case was closed.
const LookedInto = "looked_into"

// Settle closes the cases of a key and returns how many there were: the credentials
// are revoked for good, with what was found. Doing it again changes nothing.
func (f *Factors) Settle(ctx context.Context, actor audit.Actor, key ids.Key, finding string) (int, error) {
	settled := 0
	err := f.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		settled = 0
		held, err := f.deps.Store.OfKey(ctx, key)
		if err != nil {
			return err
		}
		for _, credential := range held {
			if credential.State != Suspended || !slices.Contains(Doubts(), credential.Reason) {
				continue
			}
			if err := f.record(ctx, actor, "factor.looked_into", credential, map[string]string{"doubt": credential.Reason, "finding": finding}); err != nil {
				return err
			}
			if err := f.stop(ctx, actor, credential, step{Revoked, LookedInto}); err != nil {
				return err
			}
			settled++
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("settle the cases of key %s: %w", key, err)
	}
	return settled, nil
}
