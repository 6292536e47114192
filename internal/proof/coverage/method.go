package coverage

import "github.com/warder-project/warder/internal/registry/assurance"

// Method is a set of ways to sign in, one bit each. What is true of each stands
// in the catalogue of registry/assurance.
type Method uint32

// The ways to sign in that exports tell us of.
const (
	Phone          Method = 1 << assurance.Phone
	Email          Method = 1 << assurance.Email
	SecretQuestion Method = 1 << assurance.SecretQuestion
	AppPassword    Method = 1 << assurance.AppPassword
	Push           Method = 1 << assurance.Push
	PushAlone      Method = 1 << assurance.PushAlone
	TOTP           Method = 1 << assurance.TOTP
	TOTPToken      Method = 1 << assurance.TOTPToken
	Pass           Method = 1 << assurance.Pass
	QRCode         Method = 1 << assurance.QRCode
	External       Method = 1 << assurance.External
	SecurityKey    Method = 1 << assurance.SecurityKey
	WebAuthn       Method = 1 << assurance.WebAuthn
	PasskeyDevice  Method = 1 << assurance.PasskeyDevice
	PasskeyApp     Method = 1 << assurance.PasskeyApp
	PasskeySynced  Method = 1 << assurance.PasskeySynced
	Platform       Method = 1 << assurance.Platform
	Certificate    Method = 1 << assurance.Certificate
	UnnamedDevice  Method = 1 << assurance.UnnamedDevice
	Unrecognised   Method = 1 << assurance.UnknownMethod // a word in the export that Warder does not know
)

// classes calls tell for what the set holds, in the order of the catalogue, until
// it answers false.
func (m Method) classes(tell func(class *assurance.Class) bool) {
	for method := assurance.UnknownMethod; m>>method != 0; method++ {
		if m>>method&1 == 0 {
			continue
		}
		if class := method.Class(); !tell(&class) {
			return
		}
	}
}

// Words are the stable names of the set.
func (m Method) Words() []string {
	words := []string{}
	for class := range m.classes {
		words = append(words, class.Word)
	}
	return words
}

// any says whether some method of the set has the property.
func (m Method) any(of func(*assurance.Class) Fact) Fact {
	answer := No
	for class := range m.classes {
		answer = Or(answer, of(class))
	}
	return answer
}

// HasFactor says whether some method is a second factor.
func (m Method) HasFactor() Fact {
	return m.any(func(c *assurance.Class) Fact { return c.SecondFactor })
}

// HasResistant says whether some method resists phishing.
func (m Method) HasResistant() Fact {
	return m.any(func(c *assurance.Class) Fact { return Not(c.Phishable) })
}

// HasWeak says whether some method is of the kind level 4 of the guide forbids:
// open to SIM swapping, or no better than a password.
func (m Method) HasWeak() Fact {
	return m.any(func(c *assurance.Class) Fact { return Or(c.SIMSwappable, Not(c.SecondFactor)) })
}

// OnlyKeys says whether every method is a hardware key. A temporary access pass
// is the way a key is first registered and is passed over. attested is what the
// directory enforces: with attestation demanded, a key it calls a security key
// or device-bound passkey is one; without, nobody can tell.
func (m Method) OnlyKeys(attested Fact) Fact {
	m &^= Pass
	if m == 0 {
		return No
	}
	answer := Yes
	for class := range m.classes {
		key := class.Key
		if key == Unknown && attested == Yes && (class.Method == assurance.SecurityKey || class.Method == assurance.PasskeyDevice) {
			key = Yes
		}
		answer = And(answer, key)
	}
	return answer
}
