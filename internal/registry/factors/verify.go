package factors

import (
	"context"
	"fmt"
	"strconv"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/keys"
)

// BeginVerification returns the options for navigator.credentials.get
// (PublicKeyCredentialRequestOptionsJSON, not wrapped) and the state to keep until
// FinishVerification. With an empty person, or one who has no active credential,
// the key itself says whose it is; an answer of anybody but the person named is
// then refused like an unknown one.
func (f *Factors) BeginVerification(ctx context.Context, person ids.Person) (options, state []byte, err error) {
	return f.BeginConsent(ctx, person, nil)
}

// BeginConsent is BeginVerification with something that the person consents to by
// touching the key, such as the hash of an action: it is part of the challenge, and so
// of what the key signs.
func (f *Factors) BeginConsent(ctx context.Context, person ids.Person, to []byte) (options, state []byte, err error) {
	var allow []Descriptor
	if person != "" {
		held, err := f.deps.Store.OfPerson(ctx, person)
		if err != nil {
			return nil, nil, fmt.Errorf("begin verification: %w", err)
		}
		allow = descriptors(held, Active)
	}
	return f.deps.Ceremonies.BeginVerification(VerificationAsk{Person: person, Allow: allow, AnyKind: f.deps.AcceptUnattested, Bind: to, At: f.deps.Now()})
}

// BeginVerificationAmong is BeginVerification for any key of several people, whether
// or not it knows its holder. Problem: UnknownCredential when none of them has an
// active credential.
func (f *Factors) BeginVerificationAmong(ctx context.Context, persons []ids.Person) (options, state []byte, err error) {
	var allow []Descriptor
	for _, person := range persons {
		held, err := f.deps.Store.OfPerson(ctx, person)
		if err != nil {
			return nil, nil, fmt.Errorf("begin verification: %w", err)
		}
		allow = append(allow, descriptors(held, Active)...)
	}
	if len(allow) == 0 {
		return nil, nil, UnknownCredential.New() // and not any credential of anybody
	}
	return f.deps.Ceremonies.BeginVerification(VerificationAsk{Allow: allow, AnyKind: f.deps.AcceptUnattested, At: f.deps.Now()})
}

// Vouch checks the signature of an answer and says whose credential it is of. It
// changes nothing, and says nothing about whether the credential may be used: it is
// for whoever wants rubbish out of the way before opening a unit of work. Problems:
// those with prefix "factor.".
func (f *Factors) Vouch(ctx context.Context, state, response []byte) (Credential, error) {
	use, err := f.check(ctx, Answer{State: state, Response: response, At: f.deps.Now()})
	if err != nil {
		return Credential{}, err
	}
	return use.credential, nil
}

// FinishVerification checks what the key answered, then whether this credential
// and this very key may be used, and records the use. Nothing is told about a
// credential to somebody who has not proven to have it.
//
// A signature counter that runs backwards suspends the credential and is
// CloneSuspected; backup flags that change suspend it and are BackupChanged; a use of a blocked key leaves an audit entry. Both are kept
// although the answer is a problem: a caller with a unit of work of its own must
// not let that problem undo it. None of the problems of this room spoils such an
// outer unit of work. The caller sees to it that a state is used only once.
// Problems: those with prefix "factor.".
func (f *Factors) FinishVerification(ctx context.Context, state, response []byte) (Proof, error) {
	use, err := f.check(ctx, Answer{State: state, Response: response, At: f.deps.Now()})
	if err != nil {
		return Proof{}, err
	}
	var outcome verdict
	err = f.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		credential := use.credential
		if !use.inWork {
			// Read again: what may be used is decided in the unit of work that uses it.
			var err error
			if credential, err = f.deps.Store.ByCredentialID(ctx, credential.CredentialID); err != nil {
				return err
			}
		}
		var err error
		outcome, err = f.accept(ctx, credential, use.Use)
		return err
	})
	if err != nil {
		return Proof{}, fmt.Errorf("verify credential: %w", err)
	}
	if outcome.refusal != nil {
		return outcome.proof, outcome.refusal
	}
	return outcome.proof, nil
}

// checked is a use whose signature is good; whether it is allowed is not known yet.
type checked struct {
	Use
	credential Credential
	inWork     bool // it was read in the caller's unit of work
}

// check verifies the answer without a unit of work, so that rubbish from strangers
// does not keep those who write waiting.
func (f *Factors) check(ctx context.Context, answer Answer) (checked, error) {
	var credential Credential
	use, err := f.deps.Ceremonies.CheckVerification(answer, func(id []byte) (Known, error) {
		var err error
		credential, err = f.deps.Store.ByCredentialID(ctx, id)
		return Known{Person: credential.Person, CredentialID: credential.CredentialID, PublicKey: credential.PublicKey}, err
	})
	return checked{Use: use, credential: credential, inWork: tx.Inside(ctx)}, err
}

// verdict is what was decided about a sound use. A refusal is no error of the unit
// of work: what was written about it must stay.
type verdict struct {
	proof   Proof
	refusal *problem.Error
}

// accept decides about a use that is cryptographically sound.
func (f *Factors) accept(ctx context.Context, credential Credential, use Use) (verdict, error) {
	blocked, err := f.keyBlocked(ctx, credential)
	if err != nil {
		return verdict{}, err
	}
	most, err := f.believed(ctx, credential)
	switch {
	case err != nil:
		return verdict{}, err
	case credential.State == Revoked:
		return f.refused(ctx, credential, CredentialRemoved)
	case blocked:
		return f.refused(ctx, credential, KeyBlocked)
	case credential.State != Active:
		return f.refused(ctx, credential, CredentialSuspended)
	case !most.SignIn:
		return f.stopWithdrawn(ctx, credential)
	case ranBackwards(credential.SignCount, use.SignCount):
		return f.stopClone(ctx, credential, use)
	case use.BackupEligible != credential.BackupEligible || use.BackedUp && !credential.BackedUp:
		return f.stopBackup(ctx, credential, use)
	case use.BackedUp != credential.BackedUp:
		if err := f.record(ctx, audit.System("factors"), "factor.backup_ended", credential, nil); err != nil {
			return verdict{}, err
		}
	}
	still, err := f.deps.Store.Used(ctx, credential.ID, use, f.deps.Now())
	if err != nil {
		return verdict{}, err
	}
	if !still {
		return f.refused(ctx, credential, CredentialSuspended)
	}
	credential = credential.after(use, f.deps.Now())
	shown := credential.shows(use.UserVerified, most.Ceiling)
	return verdict{proof: Proof{Credential: credential, UserVerified: shown.UserVerified, Assurance: shown, AMR: shown.AMR()}}, nil
}

// keyBlocked reports whether the key under the credential may not be used: it must
// be enrolled, and with the person whose credential it is. A key that cannot be
// found may not.
func (f *Factors) keyBlocked(ctx context.Context, credential Credential) (bool, error) {
	key, err := f.deps.Keys.Get(ctx, credential.Key)
	if problem.Is(err, keys.NotFound) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("read key %s: %w", credential.Key, err)
	}
	return !key.State.MaySignIn() || key.Holder != credential.Person, nil
}

// ranBackwards is WebAuthn Level 3 §7.2, step 22: if either counter is not zero the
// new one must be greater, or there may be two of this key.
func ranBackwards(stored, got uint32) bool {
	return (stored != 0 || got != 0) && got <= stored
}

// stopClone suspends the credential: one of its two keys is not its holder's, and
// nobody can tell which.
func (f *Factors) stopClone(ctx context.Context, credential Credential, use Use) (verdict, error) {
	system := audit.System("factors")
	err := f.record(ctx, system, "factor.clone_suspected", credential, map[string]string{
		"counter_stored": strconv.FormatUint(uint64(credential.SignCount), 10),
		"counter_got":    strconv.FormatUint(uint64(use.SignCount), 10),
	})
	if err != nil {
		return verdict{}, err
	}
	if err := f.stop(ctx, system, credential, step{Suspended, CloneReason}); err != nil {
		return verdict{}, err
	}
	credential.State, credential.Reason = Suspended, CloneReason
	return verdict{proof: Proof{Credential: credential, CloneSuspected: true}, refusal: CloneSuspected.New()}, nil
}

// stopBackup suspends a credential that can suddenly be copied, or was. Whether it can
// never changes (WebAuthn Level 3 §6.1.3, §7.2 step 19), and that it was is news
// about where the private key lies, which somebody must look at first.
func (f *Factors) stopBackup(ctx context.Context, credential Credential, use Use) (verdict, error) {
	system := audit.System("factors")
	err := f.record(ctx, system, "factor.backup_changed", credential, map[string]string{
		"eligible_stored": strconv.FormatBool(credential.BackupEligible), "eligible_got": strconv.FormatBool(use.BackupEligible),
		"backed_up_stored": strconv.FormatBool(credential.BackedUp), "backed_up_got": strconv.FormatBool(use.BackedUp),
	})
	if err != nil {
		return verdict{}, err
	}
	if err := f.stop(ctx, system, credential, step{Suspended, BackupReason}); err != nil {
		return verdict{}, err
	}
	credential.State, credential.Reason = Suspended, BackupReason
	return verdict{proof: Proof{Credential: credential}, refusal: BackupChanged.New()}, nil
}

// refused writes down that whoever has the key in hand was turned away. The actor is
// nobody: it need not be the holder.
func (f *Factors) refused(ctx context.Context, credential Credential, why problem.Definition) (verdict, error) {
	err := f.record(ctx, audit.Actor{}, "factor.refused", credential, map[string]string{"problem": why.Code})
	return verdict{refusal: why.New()}, err
}

// stopWithdrawn suspends a credential on a key of a model that may not be used at all
// any more.
func (f *Factors) stopWithdrawn(ctx context.Context, credential Credential) (verdict, error) {
	if err := f.stop(ctx, audit.System("factors"), credential, step{Suspended, Withdrawn}); err != nil {
		return verdict{}, err
	}
	return f.refused(ctx, credential, ModelWithdrawn)
}

// Suppose says what signing in with the credential and its PIN would prove now.
func (f *Factors) Suppose(ctx context.Context, credential Credential) (assurance.Assurance, error) {
	most, err := f.believed(ctx, credential)
	if err != nil {
		return assurance.Assurance{}, err
	}
	return credential.shows(true, most.Ceiling), nil
}

// believed is what the key of a credential is good for today.
func (f *Factors) believed(ctx context.Context, credential Credential) (keys.Worth, error) {
	model, _, err := f.deps.Models.Get(ctx, credential.Model)
	if err != nil {
		return keys.Worth{}, fmt.Errorf("read model %s: %w", credential.Model, err)
	}
	return credential.worth(model, f.deps.Now()), nil
}

func unknown(err error) bool { return problem.Is(err, UnknownCredential) }
