package coverage

// Method is a set of ways to sign in, one bit each.
type Method uint32

// The ways to sign in that exports tell us of.
const (
	Phone          Method = 1 << iota // a code by text message or voice call
	Email                             // a code by e-mail
	SecretQuestion                    // a secret question
	AppPassword                       // a password that goes round the second factor
	Push                              // approve on a phone, number matching
	PushAlone                         // approve on a phone, no password
	TOTP                              // a code from an app
	TOTPToken                         // a code from a small device
	Pass                              // a temporary access pass
	QRCode                            // a QR code and a PIN
	External                          // another company's second factor
	SecurityKey                       // a FIDO2 key as the directory calls it
	WebAuthn                          // FIDO2, and nothing says whether key or synced passkey
	PasskeyDevice                     // a passkey bound to one device
	PasskeyApp                        // a passkey inside an authenticator app
	PasskeySynced                     // a passkey copied between devices
	Platform                          // built into a computer
	Certificate                       // a certificate, for example on a smart card
	UnnamedDevice                     // some second factor, kind not stated
	Unrecognised                      // a word in the export that Warder does not know
)

// Property is what is true of one way to sign in.
type Property struct {
	Method    Method
	Word      string // stable, for JSON
	Name      string // for people
	Factor    Fact   // counts as a second factor
	Resistant Fact   // resists phishing
	Weak      Fact   // open to SIM swapping or no better than a password: the guide's level 4 forbids it
	Key       Fact   // a hardware key that the organisation can hand out; attestation decides the unknown ones
}

// properties is the one table of methods. Standards.md A.2.1 and A.1.2. NIST
// SP 800-63B-4 restricts the telephone network; e-mail is no authenticator there.
var properties = [...]Property{
	{Phone, "phone", "text message or call", Yes, No, Yes, No},
	{Email, "email", "code by e-mail", No, No, Yes, No},
	{SecretQuestion, "question", "secret question", No, No, Yes, No},
	{AppPassword, "app_password", "app password", No, No, Yes, No},
	{Push, "push", "approval in an app", Yes, No, No, No},
	{PushAlone, "push_passwordless", "approval in an app without password", Yes, No, No, No},
	{TOTP, "totp", "code from an app", Yes, No, No, No},
	{TOTPToken, "totp_token", "code from a hardware token", Yes, No, No, No},
	{Pass, "pass", "temporary access pass", Yes, No, No, No},
	{QRCode, "qr_code", "QR code and PIN", No, No, Yes, No},
	{External, "external", "another company's second factor", Yes, Unknown, Unknown, No},
	{SecurityKey, "security_key", "security key", Yes, Yes, No, Unknown},
	{WebAuthn, "webauthn", "FIDO2, key or synced passkey", Yes, Yes, No, Unknown},
	{PasskeyDevice, "passkey_device", "passkey bound to a device", Yes, Yes, No, Unknown},
	{PasskeyApp, "passkey_app", "passkey in an authenticator app", Yes, Yes, No, No},
	{PasskeySynced, "passkey_synced", "synced passkey", Yes, Yes, No, No},
	{Platform, "platform", "built into the computer", Yes, Yes, No, No},
	{Certificate, "certificate", "certificate or smart card", Yes, Unknown, No, Unknown},
	{UnnamedDevice, "unnamed", "a second factor of a kind not stated", Yes, Unknown, Unknown, Unknown},
	{Unrecognised, "unrecognised", "a method Warder does not know", Unknown, Unknown, Unknown, Unknown},
}

// Properties lists what the set holds, in the order of the table.
func (m Method) Properties() []Property {
	var found []Property
	for _, property := range properties {
		if m&property.Method != 0 {
			found = append(found, property)
		}
	}
	return found
}

// Words are the stable names of the set.
func (m Method) Words() []string {
	words := []string{}
	for _, property := range m.Properties() {
		words = append(words, property.Word)
	}
	return words
}

// any says whether some method of the set has the property.
func (m Method) any(of func(*Property) Fact) Fact {
	answer := No
	for i := range properties {
		if m&properties[i].Method != 0 {
			property := properties[i]
			answer = Or(answer, of(&property))
		}
	}
	return answer
}

// HasFactor says whether some method is a second factor.
func (m Method) HasFactor() Fact { return m.any(func(p *Property) Fact { return p.Factor }) }

// HasResistant says whether some method resists phishing.
func (m Method) HasResistant() Fact { return m.any(func(p *Property) Fact { return p.Resistant }) }

// HasWeak says whether some method is of the kind level 4 forbids.
func (m Method) HasWeak() Fact { return m.any(func(p *Property) Fact { return p.Weak }) }

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
	for _, property := range m.Properties() {
		key := property.Key
		if key == Unknown && attested == Yes && property.Method&(SecurityKey|PasskeyDevice) != 0 {
			key = Yes
		}
		answer = And(answer, key)
	}
	return answer
}
