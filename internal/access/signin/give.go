package signin

import (
	"context"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/signin/attempts"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/factors"
)

// Way is what a person chooses to sign in with.
type Way string

// The ways. A key is always one.
const (
	WithKey     Way = "key"
	WithSecrets Way = "secrets" // a password, then a code
)

// Choose changes the way. A password that was right stays proven for the attempt.
// Problems: ErrNotAccepted, and those of any answer.
func (f *Flow) Choose(ctx context.Context, id ids.Attempt, browser secret.Value, way Way) error {
	return f.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		attempt, err := f.deps.Attempts.Open(ctx, id, browser, attempts.UsingKey, attempts.GivingPassword, attempts.GivingCode)
		if err != nil {
			return err
		}
		what := attempts.ChoseKey
		if way == WithSecrets {
			offered, err := f.offersSecrets(ctx, attempt)
			if err != nil {
				return err
			}
			if !offered {
				return ErrNotAccepted.New()
			}
			if what = attempts.ChosePassword; attempt.Password.Fresh(f.deps.Now()) {
				what = attempts.ChoseCode
			}
		}
		if to, err := attempts.Move(attempt.State, what); err != nil || to == attempt.State {
			return nil // a second click: the page is there already
		}
		attempt.Ceremony, attempt.Options = nil, nil
		return f.deps.Attempts.Advance(ctx, attempt, what)
	})
}

// GivePassword takes a password. A right one leads on to the code, and to nothing
// else. Whether the name, the password or both are wrong is not told.
func (f *Flow) GivePassword(ctx context.Context, answer Answer) (Step, error) {
	return f.guess(ctx, answer, assurance.Password, attempts.GivingPassword)
}

// GiveCode takes a one-time code, after a password.
func (f *Flow) GiveCode(ctx context.Context, answer Answer) (Step, error) {
	return f.guess(ctx, answer, assurance.TOTP, attempts.GivingCode)
}

// GiveRecoveryCode takes a recovery code, after a password. It opens a
// registration and never a session.
func (f *Flow) GiveRecoveryCode(ctx context.Context, answer Answer) (Step, error) {
	return f.guess(ctx, answer, assurance.RecoveryCode, attempts.GivingCode)
}

// guess admits an answer that could have been guessed, judges it, and tells the
// guard what came of it.
func (f *Flow) guess(ctx context.Context, answer Answer, method assurance.Method, state attempts.State) (Step, error) {
	if answer.Secret.Empty() {
		return nil, ErrSecretMissing.New()
	}
	attempt, err := f.deps.Attempts.Open(ctx, answer.Attempt, answer.Browser, state)
	if err != nil {
		return nil, err
	}
	if !f.accepts(ctx, assurance.Password, method) {
		return nil, ErrNotAccepted.New()
	}
	try, err := f.try(ctx, attempt, method, answer.IP)
	if err != nil {
		return nil, err
	}
	if err := f.deps.Guard.Admit(ctx, try); err != nil {
		return nil, err
	}
	judge := map[assurance.Method]judge{assurance.TOTP: f.judgeCode, assurance.RecoveryCode: f.judgeRecoveryCode}[method]
	if method == assurance.Password {
		if judge, err = f.checkPassword(ctx, attempt, answer); err != nil {
			return nil, err
		}
	}
	step, wrong := f.judged(ctx, answer, judge, state)
	if wrongGuess(step, wrong) {
		if err := f.deps.Guard.Failed(ctx, try); err != nil {
			return nil, err
		}
	}
	return step, wrong
}

// wrongGuess says that an answer was judged and found wrong. An attempt that has
// moved on, or is over, has not judged it.
func wrongGuess(step Step, err error) bool {
	if refused, ok := step.(Refused); ok {
		return refused.Problem.Code == ErrTooManyTries.Code
	}
	for _, one := range []problem.Definition{attempts.ErrWrongStep, attempts.ErrAlreadyFinished, attempts.ErrExpired, attempts.ErrForeignBrowser, attempts.ErrNotFound} {
		if problem.Is(err, one) {
			return false
		}
	}
	return err != nil && forPerson(err)
}

// checkPassword does the costly work before anybody's unit of work waits for it,
// and returns what is to be kept of it.
func (f *Flow) checkPassword(ctx context.Context, seen attempts.Attempt, answer Answer) (judge, error) {
	person, err := f.named(ctx, seen)
	if err != nil {
		return nil, err
	}
	known, wrong := f.deps.Secrets.CheckPassword(ctx, person, answer.Secret)
	if wrong != nil && !forPerson(wrong) {
		return nil, wrong
	}
	return func(ctx context.Context, attempt attempts.Attempt, answer Answer) (outcome, error) {
		if attempt.Version != seen.Version {
			return outcome{}, attempts.ErrWrongStep.New() // it was judged for another moment
		}
		if wrong != nil {
			return f.fail(ctx, attempt, wrong)
		}
		if err := f.deps.Arrivals.KeyOnly(ctx, person, assurance.Password, answer.from()); err != nil {
			return f.fail(ctx, attempt, err)
		}
		attempt.Password = attempts.Given{Method: assurance.Password, Secret: known.ID, At: f.deps.Now()}
		// From now on nobody else can finish this attempt, even if the name passes on.
		attempt.Person = person
		if err := f.deps.Attempts.Advance(ctx, attempt, attempts.Knew); err != nil {
			return outcome{}, err
		}
		return outcome{step: GiveCode{}}, nil
	}, nil
}

// judgeCode ends a sign-in by password and code, if that is enough, or leads on
// to the registration of what is required.
func (f *Flow) judgeCode(ctx context.Context, attempt attempts.Attempt, answer Answer) (outcome, error) {
	if err := f.passwordHolds(ctx, attempt, assurance.TOTP, answer); err != nil {
		return f.fail(ctx, attempt, err)
	}
	code, err := f.deps.Secrets.CheckTOTP(ctx, attempt.Person, answer.Secret.Reveal())
	if err != nil {
		return outcome{}, err
	}
	now := f.deps.Now()
	attempt.Code = attempts.Given{Method: assurance.TOTP, Secret: code.ID, At: now}
	if _, err := f.holder(ctx, attempt.Person); err != nil {
		return f.fail(ctx, attempt, err)
	}
	keys, err := f.heldBy(ctx, attempt.Person)
	if err != nil {
		return outcome{}, err
	}
	have := assurance.OfSecrets(attempt.Password.Method, attempt.Code.Method)
	if attempt.Short = attempt.Require.Unmet(have, now, now); attempt.Short != 0 {
		return f.inside(ctx, attempt, attempts.BySecrets, answer)
	}
	if err := f.forgive(ctx, attempt, answer); err != nil {
		return outcome{}, err
	}
	return f.succeed(ctx, attempt, answer, sessions.NewSession{Person: attempt.Person, Credential: code.ID, Assurance: have, AMR: have.AMR()}, len(keys.usable) > 0)
}

// judgeRecoveryCode opens a registration for somebody who has no key left. A code
// that helps nobody is not used up.
func (f *Flow) judgeRecoveryCode(ctx context.Context, attempt attempts.Attempt, answer Answer) (outcome, error) {
	if err := f.passwordHolds(ctx, attempt, assurance.RecoveryCode, answer); err != nil {
		return f.fail(ctx, attempt, err)
	}
	set, err := f.deps.Secrets.UseRecoveryCode(ctx, attempt.Person, answer.Secret.Reveal())
	if err != nil {
		return outcome{}, err
	}
	if _, err := f.holder(ctx, attempt.Person); err != nil {
		return outcome{}, err
	}
	attempt.Code = attempts.Given{Method: assurance.RecoveryCode, Secret: set.ID, At: f.deps.Now()}
	return f.inside(ctx, attempt, attempts.ByRecoveryCode, answer)
}

// passwordHolds asks again whether the password that was given counts: the step
// before cannot be left out, and what was withdrawn in between is gone.
func (f *Flow) passwordHolds(ctx context.Context, attempt attempts.Attempt, then assurance.Method, answer Answer) error {
	if attempt.Person == "" || !attempt.Password.Fresh(f.deps.Now()) {
		return ErrWithdrawn.New()
	}
	if err := f.deps.Arrivals.KeyOnly(ctx, attempt.Person, then, answer.from()); err != nil {
		return err
	}
	return f.secretsHold(ctx, attempt, attempt.Password)
}

// secretsHold checks that policy still accepts what was given, and that it is
// still the person's.
func (f *Flow) secretsHold(ctx context.Context, attempt attempts.Attempt, given ...attempts.Given) error {
	mine, err := f.deps.Secrets.OfPerson(ctx, attempt.Person)
	if err != nil {
		return err
	}
	for _, one := range given {
		good := false
		for _, kept := range mine {
			good = good || kept.ID == one.Secret && kept.Method == one.Method && kept.State == factors.Active
		}
		if !good || !f.accepts(ctx, one.Method) {
			return ErrWithdrawn.New()
		}
	}
	return nil
}

// forgive tells the guard, in the same unit of work, that whoever guessed was right.
func (f *Flow) forgive(ctx context.Context, attempt attempts.Attempt, answer Answer) error {
	for _, method := range []assurance.Method{attempt.Password.Method, attempt.Code.Method} {
		try, err := f.try(ctx, attempt, method, answer.IP)
		if err != nil {
			return err
		}
		if err := f.deps.Guard.Succeeded(ctx, try); err != nil {
			return err
		}
	}
	return nil
}
