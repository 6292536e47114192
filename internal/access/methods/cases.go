package methods

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
)

// A credential that suspends itself, because there may be a copy of it, opens a
// case: it stays on the list until somebody has looked into it and said what they
// found. Nothing leads back: the holder gets another key.

const longestFinding = 200

// Cases lists the open cases, the longest first.
func (d *Desk) Cases(ctx context.Context) ([]factors.Doubt, error) {
	return d.deps.Factors.InDoubt(ctx)
}

// Settle closes the cases of a key, with what was found: its stopped registrations
// are revoked and, when none is left, the key is to be handed back. A key without
// a case is left as it is. Problems: FindingMissing, keys.NotFound.
func (d *Desk) Settle(ctx context.Context, actor audit.Actor, key ids.Key, finding string) error {
	finding = strings.TrimSpace(finding)
	if finding == "" || utf8.RuneCountInString(finding) > longestFinding || !utf8.ValidString(finding) || strings.ContainsFunc(finding, unicode.IsControl) {
		return FindingMissing.New().At(problem.Field{Name: "finding", Message: "Say in one line of at most 200 letters what was found."})
	}
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		held, err := d.deps.Keys.Get(ctx, key)
		if err != nil {
			return err
		}
		settled, err := d.deps.Factors.Settle(ctx, actor, key, finding)
		if err != nil || settled == 0 || !held.State.MaySignIn() {
			return err
		}
		left, err := d.deps.Factors.OfKey(ctx, key)
		if err != nil {
			return err
		}
		for _, credential := range left {
			if credential.State == factors.Active {
				return nil
			}
		}
		_, err = d.deps.Keys.Release(ctx, actor, key)
		return err
	})
	if err != nil {
		return fmt.Errorf("settle the cases of key %s: %w", key, err)
	}
	return nil
}
