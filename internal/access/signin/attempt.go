package signin

import (
	"time"

	"github.com/warder-project/warder/internal/access/returns"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
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

// Ordinary is what a sign-in needs when no page or service asks for more.
func Ordinary() assurance.Requirement {
	return assurance.Requirement{AAL: assurance.AAL1, PhishingResistant: true}
}

// AtLevel is Ordinary with a level; an unknown level gives the undefined
// requirement, which nobody meets.
func AtLevel(level assurance.Level) assurance.Requirement {
	need := assurance.Requirement{AAL: level, PhishingResistant: true}
	if !need.Defined() {
		return assurance.Requirement{}
	}
	return need
}

// Return is where a browser goes afterwards.
type Return = returns.Address

// Attempt is one sign-in or registration under way, as it is kept.
type Attempt struct {
	ID         ids.Attempt
	Browser    [32]byte // SHA-256 of the secret in the browser's cookie
	Purpose    Purpose
	Require    assurance.Requirement
	Service    ids.Service    // where the person is going; "" is the portal itself
	Return     Return         // where the browser goes afterwards
	Named      string         // the user name that was typed, lower case; "" when none was
	Person     ids.Person     // who it must be; "" while the key may say so
	Session    ids.Session    // the session this browser had when the attempt began; it is replaced
	Invitation ids.Invitation // what opened an enrolment; "" when a signed-in person began it
	Credential ids.Credential // the key that has just been registered and must now be used

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

// clockSkew is how far back another node's clock may be.
const clockSkew = time.Minute

// expired says that the attempt may not be answered any more. A clock that has
// jumped back must not keep an old attempt alive, so the future is expired too.
func (a Attempt) expired(now time.Time) bool {
	return !now.Before(a.ExpiresAt) || now.Before(a.CreatedAt.Add(-clockSkew))
}

// Ask is what begins a sign-in.
type Ask struct {
	Browser secret.Value // the secret this browser already has; empty for a fresh one
	Require assurance.Requirement
	Service ids.Service
	Return  Return
	Session ids.Session // the live session of this browser, if any
	Person  ids.Person  // whose session that is; the stronger sign-in must be theirs
}

// Answer is what a browser sends back for an attempt.
type Answer struct {
	Attempt   ids.Attempt
	Browser   secret.Value
	Response  []byte       // what the key said, JSON as the browser wrote it
	Secret    secret.Value // a password, a code or a recovery code, as it was typed
	Serial    string       // registration: the number printed on the key; may be empty
	Label     string       // registration: what the person calls it; may be empty
	IP        string
	UserAgent string
}
