package attempts

import (
	"time"

	"github.com/warder-project/warder/internal/access/returns"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// Lifetime is how long an attempt may take from its beginning to its end.
const Lifetime = 10 * time.Minute

// MaxTries is how often an answer may be refused before the attempt ends.
const MaxTries = 5

// Purpose says what an attempt is for.
type Purpose string

// The purposes. The zero value is none and begins nothing.
const (
	SignIn Purpose = "sign_in" // nobody is signed in yet, or somebody else is
	StepUp Purpose = "step_up" // signed in, but not strongly or recently enough
	Enrol  Purpose = "enrol"   // register a key
)

// Attempt is one sign-in or registration under way, as it is kept.
type Attempt struct {
	ID         ids.Attempt
	Browser    [32]byte // SHA-256 of the secret in the browser's cookie
	Purpose    Purpose
	Require    assurance.Requirement
	Service    ids.Service     // where the person is going; "" is the portal itself
	Return     returns.Address // where the browser goes afterwards
	Named      string          // the user name that was typed, lower case; "" when none was
	Person     ids.Person      // who it must be; "" while the key may say so
	Session    ids.Session     // the session this browser had when the attempt began; it is replaced
	Invitation ids.Invitation  // what opened an enrolment; "" when a signed-in person began it
	Credential ids.Credential  // the key that has just been registered and must now be used

	Password Given          // which is right
	Code     Given          // or the recovery code
	Opening  Opening        // what led into a registration; "" when nothing in the attempt did
	Opener   ids.Credential // the key that did, with ByKey

	State    State
	Ceremony []byte // what registry/factors must remember of the open challenge; used once
	Options  []byte // the same challenge as the browser is given it, JSON
	Tries    int
	Refusal  string              // problem code, when Refused
	Short    assurance.Shortfall // what was missing, when Refused as not strong enough
	Result   ids.Session         // the session that was started, when Done

	CreatedAt time.Time
	ExpiresAt time.Time
	Version   int64 // goes up by one with each answer
}

// Given is a secret that was given in an attempt and was right. The zero value
// is none.
type Given struct {
	Method assurance.Method
	Secret ids.Credential
	At     time.Time
}

// Opening says what was proven in an attempt that led from a sign-in into a
// registration. The zero value opens nothing: a link, a pass or a session does.
type Opening string

// The openings.
const (
	BySecrets      Opening = "secrets"       // a password and a code, by somebody who never had a key
	ByRecoveryCode Opening = "recovery_code" // a password and a recovery code, by somebody who has none left
	ByKey          Opening = "key"           // another key, which is not strong enough for this
)

// Fresh says whether a secret that was given still counts in its attempt.
func (g Given) Fresh(now time.Time) bool {
	age := now.Sub(g.At)
	return g.Secret != "" && age >= -ClockSkew && age < Lifetime
}

// WantsKey says that the browser must ask a key, and so needs an open challenge.
func (a Attempt) WantsKey() bool {
	return a.State == UsingKey || a.State == Confirming || a.State == Registering
}

// ClockSkew is how far back another node's clock may be.
const ClockSkew = time.Minute

// Expired says that the attempt may not be answered any more. A clock that has
// jumped back must not keep an old attempt alive, so the future is expired too.
func (a Attempt) Expired(now time.Time) bool {
	return !now.Before(a.ExpiresAt) || now.Before(a.CreatedAt.Add(-ClockSkew))
}
