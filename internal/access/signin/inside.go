package signin

import (
	"context"
	"slices"

	"github.com/warder-project/warder/internal/access/signin/attempts"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
)

// inside leads from a sign-in into the registration of what is required. There is
// no session until the new key has been used.
//
// A weak method never makes a strong one for somebody who has a key: whoever
// phished a password and a code could otherwise add a key of their own, and would
// be stronger than the owner wanted. Nor for somebody whose keys were lost: for
// them there are recovery codes, passes and the desk. Nor for somebody who holds a
// role in Warder: for them there are other people.
func (f *Flow) inside(ctx context.Context, attempt attempts.Attempt, by attempts.Opening, answer Answer) (outcome, error) {
	if err := f.mayOpen(ctx, attempt, by); err != nil {
		if by == attempts.ByRecoveryCode {
			return outcome{}, err // a code that helps nobody is not used up
		}
		return f.fail(ctx, attempt, err)
	}
	if by != attempts.ByKey {
		if err := f.forgive(ctx, attempt, answer); err != nil {
			return outcome{}, err
		}
	}
	attempt.Opening, attempt.Tries = by, 0
	attempt.Ceremony, attempt.Options = nil, nil
	if err := f.deps.Attempts.Advance(ctx, attempt, attempts.Enrolling); err != nil {
		return outcome{}, err
	}
	event := audit.Event{Actor: audit.Person(attempt.Person), Action: "enrol.opened", Subject: string(attempt.Person),
		Details: map[string]string{"attempt": string(attempt.ID), "by": string(by)}}
	if err := f.deps.Audit.Record(ctx, event); err != nil {
		return outcome{}, err
	}
	return outcome{step: Register{Inside: by, Missing: sentences(attempt.Short)}}, nil
}

// mayOpen checks what an opening stands on. It is asked when the registration
// opens, and again when it ends.
func (f *Flow) mayOpen(ctx context.Context, attempt attempts.Attempt, by attempts.Opening) error {
	keys, err := f.heldBy(ctx, attempt.Person)
	if err != nil {
		return err
	}
	if by == attempts.ByKey {
		if !keys.has(attempt.Opener) {
			return ErrSessionGone.New()
		}
		return nil
	}
	if len(keys.usable) > 0 {
		return ErrUseYourKey.New()
	}
	if by != attempts.ByRecoveryCode && keys.ever > 0 {
		return ErrRecover.New()
	}
	// What two people must approve for somebody who holds a role, a list of codes
	// that was photographed must not give them.
	holdsRole, err := f.deps.Privileged(ctx, attempt.Person)
	if err != nil {
		return err
	}
	if holdsRole {
		return ErrHoldsRole.New()
	}
	return f.secretsHold(ctx, attempt, attempt.Password, attempt.Code)
}

func (h held) has(id ids.Credential) bool {
	return slices.ContainsFunc(h.usable, func(one factors.Standing) bool { return one.Credential.ID == id })
}

// opensByKey says whether a key that is good, but not enough, may open the
// registration of a better one: it was used as strongly as adding a key asks, a
// better one can exist, and the person has none yet.
func (f *Flow) opensByKey(ctx context.Context, attempt attempts.Attempt, proof factors.Proof) (bool, error) {
	now := f.deps.Now()
	best := assurance.Of(assurance.Observation{UserVerified: true, Attested: true, HardwareBound: true})
	if attempt.State != attempts.UsingKey || FreshForNewKey().Unmet(proof.Assurance, now, now) != 0 || attempt.Require.Unmet(best, now, now) != 0 {
		return false, nil
	}
	keys, err := f.heldBy(ctx, proof.Credential.Person)
	if err != nil {
		return false, err
	}
	enough := func(one factors.Standing) bool { return attempt.Require.Unmet(one.Most, now, now) == 0 }
	return !slices.ContainsFunc(keys.usable, enough), nil
}
