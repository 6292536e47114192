package attempts

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/tx"
)

// Deps is what a Book needs.
type Deps struct {
	Store Store
	Tx    tx.Runner
	Now   func() time.Time
}

// Book keeps attempts, and gives each only to its browser.
type Book struct{ deps Deps }

// New returns a book.
func New(deps Deps) *Book { return &Book{deps: deps} }

// Fresh is a new attempt, which Add keeps, and the secret that binds it to the
// browser: the one that this browser has already, if it is one of ours by its shape.
func (b *Book) Fresh(purpose Purpose, state State, browser secret.Value) (Attempt, secret.Value) {
	if !wellFormed(browser) {
		browser = secret.Token()
	}
	now := b.deps.Now().UTC().Truncate(time.Millisecond)
	return Attempt{
		ID: ids.New[ids.Attempt](), Browser: browser.Hash(), Purpose: purpose, State: state,
		CreatedAt: now, ExpiresAt: now.Add(Lifetime), Version: 1,
	}, browser
}

func wellFormed(browser secret.Value) bool {
	random, err := base64.RawURLEncoding.Strict().DecodeString(browser.Reveal())
	return err == nil && len(random) == 32
}

// Add keeps a new attempt, in a unit of work of its own.
func (b *Book) Add(ctx context.Context, attempt Attempt) error {
	err := b.deps.Tx.InTx(ctx, func(ctx context.Context) error { return b.deps.Store.Add(ctx, attempt) })
	if err != nil {
		return fmt.Errorf("begin %s: %w", attempt.Purpose, err)
	}
	return nil
}

// ForBrowser returns an attempt to the browser that began it, and to no other.
func (b *Book) ForBrowser(ctx context.Context, id ids.Attempt, browser secret.Value) (Attempt, error) {
	attempt, err := b.deps.Store.ByID(ctx, id)
	if err != nil {
		return Attempt{}, err
	}
	// Both are SHA-256 of 256 random bits, so the time of a comparison tells nothing.
	if browser.Empty() || browser.Hash() != attempt.Browser {
		return Attempt{}, ErrForeignBrowser.New()
	}
	return attempt, nil
}

// Open reads an attempt that is to be answered, and refuses when it cannot be.
func (b *Book) Open(ctx context.Context, id ids.Attempt, browser secret.Value, allowed ...State) (Attempt, error) {
	attempt, err := b.ForBrowser(ctx, id, browser)
	if err != nil {
		return Attempt{}, err
	}
	if attempt.State.Over() {
		return Attempt{}, ErrAlreadyFinished.New()
	}
	if attempt.Expired(b.deps.Now()) {
		return Attempt{}, ErrExpired.New()
	}
	if !slices.Contains(allowed, attempt.State) {
		return Attempt{}, ErrWrongStep.New()
	}
	return attempt, nil
}

// Advance makes a move of the machine and keeps it. It is called inside a unit of
// work, once for each version.
func (b *Book) Advance(ctx context.Context, attempt Attempt, what Event) error {
	to, err := Move(attempt.State, what)
	if err != nil {
		return err
	}
	attempt.State = to
	return b.deps.Store.Advance(ctx, attempt)
}

// Keep keeps what has changed in an attempt that stays where it is.
func (b *Book) Keep(ctx context.Context, attempt Attempt) error {
	return b.deps.Store.Advance(ctx, attempt)
}

// remembered is how long an attempt that is over can still say so.
const remembered = time.Hour

// Purge forgets attempts whose time was over an hour ago, and
// says how many. The audit record keeps what came of them. Anybody can begin
// attempts, so it should run often.
func (b *Book) Purge(ctx context.Context) (int, error) {
	var purged int
	err := b.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		var err error
		purged, err = b.deps.Store.Purge(ctx, b.deps.Now().Add(-remembered))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("forget old sign-ins: %w", err)
	}
	return purged, nil
}
