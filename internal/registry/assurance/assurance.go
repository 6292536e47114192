// Package assurance holds the words for how strongly somebody has signed in and
// how strongly they must. An Assurance is what one sign-in has proven; a
// Requirement is what a service asks. Both speak the language of NIST SP
// 800-63B-4: the authentication assurance level (AAL) and the properties
// phishing-resistant, hardware-bound (non-exportable), attested and
// user-verified.
//
// A Method is a way to sign in, with what is true of it, in one table: the
// catalogue. A Requirement can forbid weaknesses, so that a method nobody had
// thought of is judged by what it is.
//
// The package decides nothing about people, keys or services: access/policy
// does, with these words. It also knows how long a session of each level may
// live, and how a sign-in is written in acr and amr claims.
package assurance

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Level is an authentication assurance level of NIST SP 800-63B-4 §2. Zero
// means that nothing has been proven.
type Level int

// The levels.
const (
	None Level = 0
	AAL1 Level = 1
	AAL2 Level = 2
	AAL3 Level = 3
)

// String is "AAL2"; "no assurance" for zero.
func (l Level) String() string {
	if l < AAL1 || l > AAL3 {
		return "no assurance"
	}
	return "AAL" + strconv.Itoa(int(l))
}

// Assurance is what a sign-in has proven. The zero value has proven nothing.
type Assurance struct {
	Method            Method // with what it was proven
	AAL               Level
	PhishingResistant bool // bound to the verifier's name: NIST SP 800-63B-4 §3.2.5
	HardwareBound     bool // the private key cannot leave its hardware: §3.2.13
	Attested          bool // the model was proven by a verified attestation chain: §3.2.4
	UserVerified      bool // PIN or biometric checked by the authenticator itself
}

// Observation is what happened when a WebAuthn credential was used.
type Observation struct {
	UserVerified   bool // UV flag of the authenticator data, WebAuthn §6.1
	Attested       bool // the credential was registered with a verified chain to an allowed model
	HardwareBound  bool // that model keeps keys in hardware and cannot export them
	BackupEligible bool // BE flag: the credential may be synced, WebAuthn §6.1.3
	BuiltIn        bool // the browser said that it is part of the device
}

// Of gives the assurance of one use of a WebAuthn credential.
//
// NIST SP 800-63B-4 §2.3.1: AAL3 asks for a multi-factor cryptographic
// authenticator whose key is non-exportable; what is only claimed does not
// count. §3.1.7: without user verification it is a single factor.
func Of(seen Observation) Assurance {
	hardware := seen.Attested && seen.HardwareBound && !seen.BackupEligible
	have := Assurance{
		Method:            methodOf(seen, hardware),
		AAL:               AAL1,
		PhishingResistant: true,
		HardwareBound:     hardware,
		Attested:          seen.Attested,
		UserVerified:      seen.UserVerified,
	}
	if seen.UserVerified {
		have.AAL = AAL2
	}
	if seen.UserVerified && have.HardwareBound {
		have.AAL = AAL3
	}
	return have
}

// OfSecrets gives the assurance of secrets that were given in one sign-in, one
// after the other. The same one twice is one. A password and a code from an app
// are two factors; either alone is one, which begins no session. Anything else
// proves nothing here: a recovery code opens a registration and is no factor.
//
// NIST SP 800-63B-4 §2.2.1: AAL2 by two single-factor authenticators, something
// known and something held. A fake website can pass both on: §3.2.5.
func OfSecrets(given ...Method) Assurance {
	known, held := slices.Contains(given, Password), slices.Contains(given, TOTP)
	switch {
	case known && held:
		return Assurance{Method: TOTP, AAL: AAL2}
	case known:
		return Assurance{Method: Password, AAL: AAL1}
	case held:
		return Assurance{Method: TOTP, AAL: AAL1}
	}
	return Assurance{}
}

// ACR is the authentication context class of the OpenID EAP ACR Values 1.0:
// phrh (phishing-resistant, hardware-protected) or phr. Empty means that no
// class can be claimed.
func (a Assurance) ACR() string {
	switch {
	case a.PhishingResistant && a.HardwareBound && a.Attested:
		return "phrh"
	case a.PhishingResistant:
		return "phr"
	}
	return ""
}

// AMR lists the methods as RFC 8176 §2 names them. Which gesture verified the
// user (PIN or finger) is not told to us, so neither pin nor fpt is claimed.
func (a Assurance) AMR() []string {
	if a.AAL < AAL1 {
		return nil
	}
	switch {
	case a.Method == Password:
		return []string{"pwd"}
	case a.Method == TOTP && a.AAL < AAL2:
		return []string{"otp"}
	case a.Method == TOTP:
		return []string{"pwd", "otp", "mfa"} // a code counts as two only beside a password
	}
	methods := []string{"swk"}
	if a.HardwareBound {
		methods[0] = "hwk"
	}
	methods = append(methods, "pop")
	if a.UserVerified {
		methods = append(methods, "user", "mfa")
	}
	return methods
}

// String is for people: "AAL3, phishing-resistant, hardware-bound, attested, user-verified".
func (a Assurance) String() string {
	return describe(a.AAL, a.PhishingResistant, a.HardwareBound, a.Attested, a.UserVerified)
}

func describe(level Level, phishing, hardware, attested, verified bool) string {
	parts := []string{level.String()}
	for _, property := range []struct {
		holds bool
		name  string
	}{
		{phishing, "phishing-resistant"}, {hardware, "hardware-bound"},
		{attested, "attested"}, {verified, "user-verified"},
	} {
		if property.holds {
			parts = append(parts, property.name)
		}
	}
	return strings.Join(parts, ", ")
}

// Limits says how long a session of a level may live: idle is the longest
// inactivity, absolute the longest life. NIST SP 800-63B-4 §2.1.3, §2.2.3,
// §2.3.3. A session without assurance may not live at all.
func Limits(level Level) (idle, absolute time.Duration) {
	switch level {
	case AAL3:
		return 15 * time.Minute, 12 * time.Hour
	case AAL2:
		return time.Hour, 24 * time.Hour
	case AAL1:
		return 24 * time.Hour, 30 * 24 * time.Hour // 24 hours idle is our own, stricter choice
	case None:
	}
	return 0, 0
}
