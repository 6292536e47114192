package signin

import (
	"context"
	"net/netip"
	"slices"

	"github.com/warder-project/warder/internal/access/risk/arrivals"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/signin/attempts"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret"
	"github.com/warder-project/warder/internal/registry/people"
)

// Secrets checks what people remember, copy from an app or have written down.
// Its owner is registry/factors/sharedsecret.
type Secrets interface {
	// CheckPassword takes the same time for nobody, for somebody without a
	// password and for a wrong one, and says the same. It is called outside a unit
	// of work.
	CheckPassword(ctx context.Context, person ids.Person, password secret.Value) (sharedsecret.Secret, error)
	// CheckTOTP and UseRecoveryCode take each code once.
	CheckTOTP(ctx context.Context, person ids.Person, code string) (sharedsecret.Secret, error)
	UseRecoveryCode(ctx context.Context, person ids.Person, code string) (sharedsecret.Secret, error)
	OfPerson(ctx context.Context, person ids.Person) ([]sharedsecret.Secret, error)
}

// Try is one guess at a secret.
type Try struct {
	Kind    string     // the method: "password", "totp", "recovery_code"
	Account string     // user name, lower case; may name nobody
	Source  netip.Addr // not valid when it is not known
}

// Guard holds back whoever guesses. Its owner is access/throttle. It is never
// asked about keys.
type Guard interface {
	// Admit counts a guess, or refuses it with a problem of kind TooMany. It is
	// called before any costly work and outside a unit of work.
	Admit(ctx context.Context, try Try) error
	// Failed and Succeeded say what came of an admitted guess. Succeeded is told
	// when somebody has proven who they are, and not after half of it.
	Failed(ctx context.Context, try Try) error
	Succeeded(ctx context.Context, try Try) error
	// Proven is told when the owner of an account has used a key.
	Proven(ctx context.Context, actor audit.Actor, account string, source netip.Addr) error
}

// accepts says whether policy accepts a method at this moment. Where nobody
// holds guesses back, none is accepted.
func (f *Flow) accepts(ctx context.Context, methods ...assurance.Method) bool {
	if f.deps.Secrets == nil || f.deps.Guard == nil || f.deps.Accepts == nil || f.deps.Privileged == nil {
		return false
	}
	now := f.deps.Now()
	for _, method := range methods {
		if !f.deps.Accepts(ctx, method, now) {
			return false
		}
	}
	return true
}

// AcceptsSecrets says whether anybody may begin with a password at all: it must
// lead on to a code, or to a recovery code.
func (f *Flow) AcceptsSecrets(ctx context.Context) bool {
	return f.accepts(ctx, assurance.Password) && (f.accepts(ctx, assurance.TOTP) || f.accepts(ctx, assurance.RecoveryCode))
}

// Usual is what a sign-in needs when no page or service asks for more: Ordinary,
// unless policy accepts a password and a code. Then those are enough to look at
// one's own page, and for services whose rules say so. A password alone is not,
// whatever the level: no attempt ends with it.
func (f *Flow) Usual(ctx context.Context) assurance.Requirement {
	if !f.accepts(ctx, assurance.Password, assurance.TOTP) {
		return Ordinary()
	}
	return Ordinary().Or(assurance.Requirement{AAL: assurance.AAL2})
}

// offersSecrets says whether an attempt shows the way by password and code.
//
// Somebody who is not known yet is shown what policy accepts, whoever they say
// they are: to show people with a key less would tell strangers who has one.
// Somebody who is known, because a stronger sign-in is asked of them, is not
// shown a way that leads nowhere: with a key, only what is enough.
func (f *Flow) offersSecrets(ctx context.Context, attempt attempts.Attempt) (bool, error) {
	if !f.AcceptsSecrets(ctx) || attempt.Opening != "" || attempt.Purpose == attempts.Enrol {
		return false, nil
	}
	if attempt.Purpose != attempts.StepUp {
		return attempt.Named != "", nil
	}
	_, raised, err := f.deps.Arrivals.Unusual(ctx, attempt.Session)
	if err != nil {
		return false, err
	}
	now := f.deps.Now()
	if !raised && f.accepts(ctx, assurance.TOTP) && attempt.Require.Unmet(assurance.OfSecrets(assurance.Password, assurance.TOTP), now, now) == 0 {
		return true, nil
	}
	held, err := f.heldBy(ctx, attempt.Person)
	return len(held.usable) == 0, err
}

// held is what keys somebody has registered.
type held struct {
	usable []factors.Standing
	ever   int // registered at any time
}

func (f *Flow) heldBy(ctx context.Context, person ids.Person) (held, error) {
	all, err := f.deps.Factors.OfPerson(ctx, person)
	if err != nil {
		return held{}, err
	}
	active, err := f.deps.Factors.Standing(ctx, person)
	if err != nil {
		return held{}, err
	}
	usable := slices.DeleteFunc(active, func(one factors.Standing) bool { return !one.Usable })
	return held{usable: usable, ever: len(all)}, nil
}

// StillAccepted says whether a session that was begun with a password and a code
// may still be used: policy accepts both, and neither was removed or changed.
func (f *Flow) StillAccepted(ctx context.Context, session sessions.Session) (bool, error) {
	if !sessions.Keyless(session.Assurance.Method) || !f.accepts(ctx, assurance.Password, assurance.TOTP) {
		return false, nil
	}
	mine, err := f.deps.Secrets.OfPerson(ctx, session.Person)
	if err != nil {
		return false, err
	}
	var code, password bool
	for _, one := range mine {
		active := one.State == factors.Active && !one.CreatedAt.After(session.CreatedAt)
		code = code || active && one.Method == assurance.TOTP && one.ID == session.Credential
		password = password || active && one.Method == assurance.Password
	}
	return code && password, nil
}

// try names a guess for the guard. A name that nobody has is counted like any other.
func (f *Flow) try(ctx context.Context, attempt attempts.Attempt, method assurance.Method, address string) (Try, error) {
	account := attempt.Named
	if account == "" {
		person, err := f.deps.People.Get(ctx, attempt.Person)
		if err != nil {
			return Try{}, err
		}
		account = person.UserName
	}
	return Try{Kind: method.String(), Account: account, Source: arrivals.Address(address)}, nil
}

// named is whom an attempt is for, as far as anybody has said; "" for a name that
// nobody has.
func (f *Flow) named(ctx context.Context, attempt attempts.Attempt) (ids.Person, error) {
	if attempt.Person != "" {
		return attempt.Person, nil
	}
	person, err := f.deps.People.ByUserName(ctx, attempt.Named)
	if problem.Is(err, people.NotFound) {
		return "", nil
	}
	return person.ID, err
}
