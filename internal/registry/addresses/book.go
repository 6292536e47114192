// Package addresses keeps where somebody was reached before: the e-mail addresses
// that were theirs until a short time ago. Whoever takes over an account and
// changes its address must not thereby silence what its owner is told.
//
// The address that somebody has now is part of their record (registry/people),
// which also says when it is replaced. What people are told, and of what, is for
// others. After a month an address is forgotten.
package addresses

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
)

// Kept is how long an address that was replaced is still told what happens to its
// owner's account.
const Kept = 30 * 24 * time.Hour

// most is how many former addresses are told at most.
const most = 20

// Store keeps former addresses. Writes happen inside a unit of work.
type Store interface {
	// Remember keeps an address of a person, or the later time for one that is kept.
	Remember(ctx context.Context, person ids.Person, email string, replacedAt time.Time) error
	// Forget removes what was replaced before a time.
	Forget(ctx context.Context, before time.Time) error
	// Replaced lists addresses of a person that were replaced after a time, the
	// longest ago first.
	Replaced(ctx context.Context, person ids.Person, after time.Time) ([]string, error)
}

// Deps is what a Book needs.
type Deps struct {
	Store Store
	Now   func() time.Time
}

// Book knows former addresses. It is safe for concurrent use.
type Book struct{ deps Deps }

// New makes a Book.
func New(deps Deps) *Book { return &Book{deps: deps} }

// Replaced notes that an address is somebody's no more, in the unit of work that
// replaces it, and forgets those that are not told any more.
func (b *Book) Replaced(ctx context.Context, person ids.Person, email string) error {
	if email == "" {
		return nil
	}
	now := b.deps.Now()
	if err := b.deps.Store.Remember(ctx, person, email, now); err != nil {
		return fmt.Errorf("remember an address of %s: %w", person, err)
	}
	return b.deps.Store.Forget(ctx, now.Add(-Kept))
}

// Former lists the addresses that a person had within Kept, but for the one they
// have now, the longest ago first: a channel that was there before whatever
// happens now (NIST SP 800-63B-4 §4.6).
func (b *Book) Former(ctx context.Context, person ids.Person, now string) ([]string, error) {
	replaced, err := b.deps.Store.Replaced(ctx, person, b.deps.Now().Add(-Kept))
	if err != nil {
		return nil, fmt.Errorf("read former addresses of %s: %w", person, err)
	}
	var former []string
	for _, email := range replaced {
		if !strings.EqualFold(email, now) && len(former) < most {
			former = append(former, email)
		}
	}
	return former, nil
}
