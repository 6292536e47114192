package factors

import (
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/keys"
)

// Ceremonies is the WebAuthn protocol: it makes the options for the browser and
// checks what comes back. It keeps nothing; what must be remembered between the
// two halves is the opaque state, which its keeper must use only once and must
// keep from the browser's hands. Package webauthn implements it.
type Ceremonies interface {
	// BeginRegistration returns PublicKeyCredentialCreationOptionsJSON and the state.
	BeginRegistration(ask RegistrationAsk) (options, state []byte, err error)
	// ReadRegistration checks everything but trust: the grade is at most
	// AttestationUnverified. Problems with prefix "enrol.".
	ReadRegistration(answer Answer) (Registration, error)
	// Trust checks that the registration's certificates chain to one of the roots of
	// the model and are of that model. Problem: AttestationInvalid.
	Trust(registration Registration, model keys.Model, at time.Time) error
	// BeginVerification returns PublicKeyCredentialRequestOptionsJSON and the state.
	BeginVerification(ask VerificationAsk) (options, state []byte, err error)
	// CheckVerification checks the answer against the credential it names, which find
	// looks up by an id that nothing speaks for yet. Problems with prefix "factor.",
	// and those of find.
	CheckVerification(answer Answer, find func(credentialID []byte) (Known, error)) (Use, error)
}

// Descriptor names a credential to the browser.
type Descriptor struct {
	CredentialID []byte
	Transports   []string
}

// RegistrationAsk is what a registration is begun with.
type RegistrationAsk struct {
	Holder  Holder
	Exclude []Descriptor // credentials the key must not have yet
	AnyKind bool         // also a key that is part of the device, or kept by a password manager
	At      time.Time
}

// VerificationAsk is what a verification is begun with.
type VerificationAsk struct {
	Person  ids.Person   // empty: whoever the key says
	Allow   []Descriptor // empty: any discoverable credential
	AnyKind bool         // as in RegistrationAsk
	Bind    []byte       // what is consented to; part of the challenge, so that the signature is over it too
	At      time.Time
}

// Answer is what came back from the browser, with the state that was kept.
type Answer struct {
	State    []byte
	Response []byte // RegistrationResponseJSON or AuthenticationResponseJSON
	At       time.Time
}

// Registration is a new credential as the key presented it.
type Registration struct {
	Person         ids.Person // for whom the ceremony was begun
	CredentialID   []byte
	PublicKey      []byte // COSE_Key
	AAGUID         string // lower-case UUID, empty when all zeros; a claim until Trust
	Attestation    Attestation
	Format         string   // attestation statement format identifier, such as "packed"
	Certificates   [][]byte // DER, attestation certificate first; none unless a chain was presented
	Serial         string   // from the attestation certificate; a claim until Trust
	Firmware       string   // from the attestation certificate, such as "5.4.2"; a claim until Trust
	SignCount      uint32
	BackupEligible bool
	BackedUp       bool
	Transports     []string
	// CertificateKeys identifies the certificates, attestation certificate first, of
	// a key whose format leaves the AAGUID at zero: what its model is looked for by.
	CertificateKeys []string
}

// Known is what we know of the credential that an answer names.
type Known struct {
	Person       ids.Person
	CredentialID []byte
	PublicKey    []byte
}

// Use is one checked use of a credential.
type Use struct {
	UserVerified   bool
	BackupEligible bool
	BackedUp       bool
	SignCount      uint32
}
