package assurance

// Method is one way to sign in, here or elsewhere. The zero value is not known,
// and has every weakness.
type Method uint8

// The ways. Only those that the catalogue says sign people in do so here; the
// others are classes that Warder has no ceremony for, or are only seen in other
// systems.
const (
	UnknownMethod       Method = iota // a word that Warder does not know
	Password                          // something remembered
	TOTP                              // a code from an app
	PasskeySynced                     // a passkey copied between devices
	PasskeyDevice                     // a passkey bound to one device
	SecurityKey                       // a FIDO2 key; its make is only claimed
	SecurityKeyAttested               // a FIDO2 key of a proven make that keeps its keys in hardware
	Smartcard                         // a certificate on a card, with a PIN
	Pass                              // a temporary access pass
	RecoveryCode                      // a saved code, used once
	SMS                               // a code by text message
	Voice                             // a code by voice call
	Phone                             // text message or voice call, not told apart
	Email                             // a code by e-mail
	SecretQuestion                    // a secret question
	AppPassword                       // a password that goes round the second factor
	PushPlain                         // approve on a phone, one tap
	Push                              // approve on a phone, number matching
	PushAlone                         // the same without a password
	TOTPToken                         // a code from a small device
	HOTP                              // a code from a small device that counts
	QRCode                            // a QR code and a PIN
	External                          // another company's second factor
	WebAuthn                          // FIDO2, and nothing says whether key or synced passkey
	PasskeyApp                        // a passkey inside an authenticator app
	Platform                          // built into a computer
	Certificate                       // a certificate, perhaps on a smart card
	UnnamedDevice                     // some second factor, kind not stated
	methodCount
)

// Class is one row of the catalogue: what is true of a method whoever uses it.
// What differs from use to use, or from make to make, is Unknown.
type Class struct {
	Method Method
	Word   string // stable, for stores, policies and JSON
	Name   string // for people
	// SignsIn says that a ceremony of Warder's can end in a session. It is never
	// true of what the telephone network or a mailbox carries. A code from an app
	// does so only beside a password, and only where policy accepts both.
	SignsIn bool

	// The weaknesses, which a policy can forbid.
	Phishable    Fact // a fake website can pass it on: NIST SP 800-63B-4 §3.2.5
	SIMSwappable Fact // whoever takes over the phone number has it
	Exportable   Fact // the secret can leave what it was made in: §3.2.13
	Replayable   Fact // what was sent once can be sent again: §3.2.7
	Restricted   Fact // NIST restricts it (the telephone network): §3.1.3.3

	// The strengths.
	HardwareBound Fact
	Attested      Fact // make and model are proven
	UserVerified  Fact // the device itself checks PIN or finger
	SecondFactor  Fact // counts as one beside a password, or is two by itself
	Key           Fact // a hardware key that the organisation can hand out
}

// catalogue is the one table of methods, for Warder's own sign-in and for what
// is found in exports of others. Spec: standards.md A.1.2, A.2.1 and C.1.
var catalogue = [methodCount]Class{
	//                                                                                       signs  phish    SIM      export   replay   restr    hardware attested UV       second   key
	{UnknownMethod, "unrecognised", "a method Warder does not know", false, Unknown, Unknown, Unknown, Unknown, Unknown, Unknown, Unknown, Unknown, Unknown, Unknown},
	{Password, "password", "password", false, Yes, No, Yes, Yes, No, No, No, No, No, No},
	{TOTP, "totp", "code from an app", true, Yes, No, Yes, No, No, No, No, No, Yes, No},
	{PasskeySynced, "passkey_synced", "synced passkey", true, No, No, Yes, No, No, No, No, Unknown, Yes, No},
	{PasskeyDevice, "passkey_device", "passkey bound to a device", true, No, No, Unknown, No, No, Unknown, No, Unknown, Yes, Unknown},
	{SecurityKey, "security_key", "security key", true, No, No, Unknown, No, No, Unknown, No, Unknown, Yes, Unknown},
	{SecurityKeyAttested, "security_key_attested", "attested security key", true, No, No, No, No, No, Yes, Yes, Unknown, Yes, Yes},
	{Smartcard, "smartcard", "smart card", false, No, No, No, No, No, Yes, Unknown, Yes, Yes, Unknown},
	{Pass, "pass", "temporary access pass", false, Yes, No, Yes, No, No, No, No, No, Yes, No},
	{RecoveryCode, "recovery_code", "recovery code", false, Yes, No, Yes, No, No, No, No, No, No, No},
	{SMS, "sms", "code by text message", false, Yes, Yes, Yes, No, Yes, No, No, No, Yes, No},
	{Voice, "voice", "code by voice call", false, Yes, Yes, Yes, No, Yes, No, No, No, Yes, No},
	{Phone, "phone", "text message or call", false, Yes, Yes, Yes, No, Yes, No, No, No, Yes, No},
	{Email, "email", "code by e-mail", false, Yes, No, Yes, No, No, No, No, No, No, No},
	{SecretQuestion, "question", "secret question", false, Yes, No, Yes, Yes, No, No, No, No, No, No},
	{AppPassword, "app_password", "app password", false, Yes, No, Yes, Yes, No, No, No, No, No, No},
	{PushPlain, "push_plain", "approval in an app with one tap", false, Yes, No, Unknown, No, No, No, No, Unknown, Yes, No},
	{Push, "push", "approval in an app", false, Yes, No, Unknown, No, No, No, No, Unknown, Yes, No},
	{PushAlone, "push_passwordless", "approval in an app without password", false, Yes, No, Unknown, No, No, No, No, Unknown, Yes, No},
	{TOTPToken, "totp_token", "code from a hardware token", false, Yes, No, No, No, No, Yes, No, No, Yes, No},
	{HOTP, "hotp", "counted code from a hardware token", false, Yes, No, No, No, No, Yes, No, No, Yes, No},
	{QRCode, "qr_code", "QR code and PIN", false, Yes, No, Yes, Yes, No, No, No, No, No, No},
	{External, "external", "another company's second factor", false, Unknown, Unknown, Unknown, Unknown, Unknown, No, No, Unknown, Yes, No},
	{WebAuthn, "webauthn", "FIDO2, key or synced passkey", false, No, No, Unknown, No, No, Unknown, Unknown, Unknown, Yes, Unknown},
	{PasskeyApp, "passkey_app", "passkey in an authenticator app", false, No, No, Unknown, No, No, Unknown, Unknown, Unknown, Yes, No},
	{Platform, "platform", "built into the computer", false, No, No, Unknown, No, No, Unknown, Unknown, Unknown, Yes, No},
	{Certificate, "certificate", "certificate or smart card", false, Unknown, No, Unknown, No, No, Unknown, Unknown, Unknown, Yes, Unknown},
	{UnnamedDevice, "unnamed", "a second factor of a kind not stated", false, Unknown, Unknown, Unknown, Unknown, Unknown, Unknown, Unknown, Unknown, Yes, Unknown},
}

// Catalogue lists every method but the one that is not known.
func Catalogue() []Class { return append([]Class(nil), catalogue[1:]...) }

// Class is what is true of the method. A number that is no method is not known.
func (m Method) Class() Class {
	if m >= methodCount {
		m = UnknownMethod
	}
	return catalogue[m]
}

// String is the stable word: "security_key_attested".
func (m Method) String() string { return m.Class().Word }

// SignsIn says whether a session can be begun with the method.
func (m Method) SignsIn() bool { return m.Class().SignsIn }

// ParseMethod reads what String wrote. Any other word is UnknownMethod.
func ParseMethod(word string) Method {
	for method := range catalogue {
		if catalogue[method].Word == word {
			return Method(method)
		}
	}
	return UnknownMethod
}

// methodOf names the method of one use of a WebAuthn credential. What is
// attested but not to hardware, or only said to be, is no more than a key.
func methodOf(seen Observation, hardware bool) Method {
	switch {
	case hardware:
		return SecurityKeyAttested
	case seen.BackupEligible:
		return PasskeySynced
	case seen.BuiltIn:
		return PasskeyDevice
	}
	return SecurityKey
}
