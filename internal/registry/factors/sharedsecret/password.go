package sharedsecret

import (
	"context"
	"errors"
	"fmt"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/password"
)

// SetPassword gives a person a password, or a new one instead of the one they have.
// Call it outside a unit of work: hashing takes some tenths of a second. Whoever is
// signed in with the old one must sign in again. Problems: PasswordShort,
// PasswordLong, PasswordUnreadable, PasswordGuessable, Busy, Changed.
func (b *Book) SetPassword(ctx context.Context, actor audit.Actor, person ids.Person, typed secret.Value) (Secret, error) {
	if person == "" {
		return Secret{}, errors.New("set a password: for nobody")
	}
	prepared, err := b.acceptable(ctx, person, typed)
	if err != nil {
		return Secret{}, err
	}
	fresh := b.fresh(person, assurance.Password)
	if fresh.Sealed, err = b.sealHash(ctx, prepared, fresh.Secret); err != nil {
		return Secret{}, err
	}
	err = b.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		held, err := b.deps.Store.OfPerson(ctx, person)
		if err != nil {
			return err
		}
		action := "secret.password_set"
		for _, old := range live(held, assurance.Password) {
			action = "secret.password_changed"
			if err := b.replace(ctx, actor, old); err != nil {
				return err
			}
		}
		if err := b.deps.Store.Add(ctx, fresh, nil); err != nil {
			return err
		}
		if err := b.tell(ctx, actor, action, fresh.Secret, nil); err != nil {
			return err
		}
		return b.tellApps(ctx, fresh)
	})
	if err != nil {
		return Secret{}, fmt.Errorf("set password of %s: %w", person, err)
	}
	return fresh.Secret, nil
}

// acceptable prepares a password that may be set.
func (b *Book) acceptable(ctx context.Context, person ids.Person, typed secret.Value) (password.Prepared, error) {
	prepared, err := password.Prepare(typed)
	if err == nil {
		err = prepared.LongEnough()
	}
	switch {
	case errors.Is(err, password.ErrShort):
		return prepared, PasswordShort.New()
	case errors.Is(err, password.ErrLong):
		return prepared, PasswordLong.New()
	case err != nil:
		return prepared, PasswordUnreadable.New()
	}
	var words []string
	if b.deps.WordsOf != nil {
		if words, err = b.deps.WordsOf(ctx, person); err != nil {
			return prepared, fmt.Errorf("find words about %s: %w", person, err)
		}
	}
	words = append(words, b.deps.Issuer)
	if prepared.Guessable(b.deps.Blocklist, words) {
		return prepared, PasswordGuessable.New()
	}
	return prepared, nil
}

// sealHash hashes and seals. NIST SP 800-63B-4 §3.1.1.2 asks for a second step with
// a key that is kept apart from the hashes: that key is the master key.
func (b *Book) sealHash(ctx context.Context, prepared password.Prepared, of Secret) ([]byte, error) {
	phc, err := b.deps.Hasher.Hash(ctx, prepared)
	if err != nil {
		return nil, busy(err)
	}
	return b.seal([]byte(phc), of)
}

func busy(err error) error {
	if errors.Is(err, password.ErrBusy) {
		return Busy.Because(err)
	}
	return fmt.Errorf("hash password: %w", err)
}

// CheckPassword says whether it is the person's password. For nobody, and for
// somebody who has none, it takes the same time and is the same problem. Call it
// outside a unit of work: hashing takes some tenths of a second. Problems:
// WrongPassword, Busy.
func (b *Book) CheckPassword(ctx context.Context, person ids.Person, typed secret.Value) (Secret, error) {
	prepared, unfit := password.Prepare(typed)
	kept, err := b.passwordOf(ctx, person)
	if err != nil {
		return Secret{}, err
	}
	if unfit != nil || kept.ID == "" {
		if err := b.deps.Hasher.Pretend(ctx, prepared); err != nil {
			return Secret{}, busy(err)
		}
		return Secret{}, WrongPassword.New()
	}
	phc, err := b.open(kept)
	if err != nil {
		return Secret{}, err
	}
	answer, err := b.deps.Hasher.Check(ctx, string(phc), prepared)
	if err != nil {
		return Secret{}, busy(err)
	}
	if !answer.Right {
		return Secret{}, WrongPassword.New()
	}
	return b.passwordUsed(ctx, kept, prepared, answer.Weaker)
}

func (b *Book) passwordOf(ctx context.Context, person ids.Person) (Kept, error) {
	if person == "" {
		return Kept{}, nil
	}
	held, err := b.deps.Store.OfPerson(ctx, person)
	if err != nil {
		return Kept{}, fmt.Errorf("check password of %s: %w", person, err)
	}
	for _, one := range usable(held, assurance.Password) {
		return one, nil
	}
	return Kept{}, nil
}

// passwordUsed records the use, and hashes anew what is cheaper to guess than it
// should be today.
func (b *Book) passwordUsed(ctx context.Context, kept Kept, prepared password.Prepared, weaker bool) (Secret, error) {
	var sealed []byte
	if weaker {
		var err error
		if sealed, err = b.sealHash(ctx, prepared, kept.Secret); err != nil {
			return Secret{}, err
		}
	}
	kept.LastUsedAt = b.deps.Now()
	still := false
	err := b.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		var err error
		still, err = b.deps.Store.Used(ctx, kept.ID, 0, kept.LastUsedAt)
		if err != nil || !still || !weaker {
			return err
		}
		if _, err := b.deps.Store.Reseal(ctx, kept.ID, sealed); err != nil {
			return err
		}
		return b.tell(ctx, audit.System("sharedsecret"), "secret.password_rehashed", kept.Secret, nil)
	})
	if err != nil {
		return Secret{}, fmt.Errorf("use password of %s: %w", kept.Person, err)
	}
	if !still {
		return Secret{}, WrongPassword.New() // it was changed or removed this very moment
	}
	return kept.Secret, nil
}
