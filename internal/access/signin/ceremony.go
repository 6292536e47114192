package signin

import (
	"context"
	"fmt"

	"github.com/warder-project/warder/internal/access/signin/attempts"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/people"
)

// openCeremony makes the challenge that the attempt needs now and keeps it. Two
// tabs that ask at once are given the same one.
func (f *Flow) openCeremony(ctx context.Context, id ids.Attempt, browser secret.Value) (attempts.Attempt, error) {
	var attempt attempts.Attempt
	err := f.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		var err error
		attempt, err = f.deps.Attempts.Open(ctx, id, browser, attempts.UsingKey, attempts.Confirming, attempts.Registering)
		if err != nil || len(attempt.Options) > 0 {
			return err
		}
		attempt.Options, attempt.Ceremony, err = f.challenge(ctx, attempt)
		if err != nil {
			return err
		}
		if err := f.deps.Attempts.Keep(ctx, attempt); err != nil {
			return err
		}
		attempt.Version++
		return nil
	})
	if err != nil {
		return attempts.Attempt{}, fmt.Errorf("open a challenge for %s: %w", id, err)
	}
	return attempt, nil
}

func (f *Flow) challenge(ctx context.Context, attempt attempts.Attempt) (options, state []byte, err error) {
	switch {
	case attempt.State == attempts.Registering:
		person, err := f.enrolling(ctx, attempt)
		if err != nil {
			return nil, nil, err
		}
		return f.deps.Factors.BeginRegistration(ctx, holderOf(person))
	case attempt.Named != "" && attempt.State == attempts.UsingKey:
		// Also when the password was right: it tells nobody whether there is a key.
		return f.namedChallenge(ctx, attempt.Named)
	}
	return f.deps.Factors.BeginVerification(ctx, attempt.Person) // "" is anybody whose key says so
}

func holderOf(person people.Person) factors.Holder {
	return factors.Holder{ID: person.ID, UserName: person.UserName, Name: person.Name}
}

// namedChallenge is the challenge for a typed user name. For a name that nobody
// has, and for somebody without a key, it looks and takes as long as for
// somebody with one: WebAuthn Level 3 §14.6.2 (username enumeration).
func (f *Flow) namedChallenge(ctx context.Context, name string) (options, state []byte, err error) {
	person, err := f.deps.People.ByUserName(ctx, name)
	if problem.Is(err, people.NotFound) {
		// Somebody who does not exist is looked up all the same, and no answer is theirs.
		person.ID, err = ids.New[ids.Person](), nil
	}
	if err != nil {
		return nil, nil, err
	}
	options, state, err = f.deps.Factors.BeginVerification(ctx, person.ID)
	if err != nil {
		return nil, nil, err
	}
	options, err = f.deps.Decoys.Add(ctx, options, name)
	return options, state, err
}
