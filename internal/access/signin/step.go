package signin

import (
	"github.com/warder-project/warder/internal/access/signin/attempts"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
)

// Step is what a person must do, or has reached: Identify, UseKey, GivePassword,
// GiveCode, Register, Refused or Done. There are no others.
type Step interface{ step() }

// Identify asks for a user name, or for any key that knows its holder.
type Identify struct{}

// UseKey asks the browser for an answer of a key.
type UseKey struct {
	Options    []byte // for navigator.credentials.get, JSON
	NewKey     bool   // it must be the key that was registered a moment ago
	Secrets    bool   // a password and a code may be given instead
	Return     Return
	Why        string // what is unusual about the session; stands after "because"
	Revalidate bool   // the person must say whether the key is in their hand
}

// GivePassword asks for a password. A key may be used instead.
type GivePassword struct {
	Named  string // whose; "" when it is somebody who is signed in
	Return Return
}

// GiveCode asks for what comes after the password. A key may be used instead.
type GiveCode struct {
	Code     bool // a one-time code is accepted
	Recovery bool // a recovery code is accepted
	Return   Return
}

// Register asks the browser to make a new credential on a key.
type Register struct {
	Options  []byte           // for navigator.credentials.create, JSON
	SignedIn bool             // a further key of somebody who is signed in
	Inside   attempts.Opening // what was proven in this very sign-in, which led here
	Missing  []string         // sentences: what was missing from that sign-in
}

// Refused is an end: what happened and what to do now.
type Refused struct {
	Problem *problem.Error
	Missing []string // sentences: what was missing from the sign-in; may be empty
	Return  Return
}

// Done is the other end.
type Done struct {
	Purpose attempts.Purpose
	Person  ids.Person
	Session ids.Session  // the session that was started; "" when a further key was registered, or one for emergencies
	Token   secret.Value // its token; empty unless this very answer started it
	Return  Return
	// HasKey says that somebody signed in without the key they have.
	HasKey bool
	// KeptForEmergencies says that a key was registered, and works, that begins no
	// session: see access/breakglass.
	KeptForEmergencies bool
}

func (Identify) step()     {}
func (UseKey) step()       {}
func (GivePassword) step() {}
func (GiveCode) step()     {}
func (Register) step()     {}
func (Refused) step()      {}
func (Done) step()         {}
