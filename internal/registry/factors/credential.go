package factors

import (
	"slices"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// Attestation grades what a key has proven about its make when the credential was
// made. The zero value is below every grade and proves nothing.
type Attestation string

// The grades, weakest first.
const (
	AttestationNone       Attestation = "none"       // the browser or the key said nothing
	AttestationSelf       Attestation = "self"       // signed by the credential itself
	AttestationUnverified Attestation = "unverified" // a certificate chain, but not to a root we trust for that model
	AttestationVerified   Attestation = "verified"   // a chain to a root of the very model it names
)

// State is the state of a credential. The zero value may not be used.
type State string

// The states.
const (
	Active    State = "active"
	Suspended State = "suspended"
	Revoked   State = "revoked"
)

// Why a credential was suspended by itself: what somebody has to look into.
const (
	CloneReason  = "clone_suspected" // its signature counter ran backwards
	BackupReason = "backup_changed"  // it can suddenly be copied to other devices, or was
)

// MayBecome reports whether a credential in state s may go to state next.
func (s State) MayBecome(next State) bool {
	switch s {
	case Active:
		return next == Suspended || next == Revoked
	case Suspended:
		return next == Revoked
	case Revoked:
		return false
	}
	return false
}

// Withdrawn is the Reason of a credential whose key is of a model that may not be used
// at all any more.
const Withdrawn = "model_withdrawn"

// Credential is one WebAuthn registration.
type Credential struct {
	ID             ids.Credential
	Person         ids.Person
	Key            ids.Key
	CredentialID   []byte // made by the key, 1 to 1023 bytes
	PublicKey      []byte // COSE_Key
	Model          string // AAGUID, lower-case UUID; a claim unless Attested
	Attestation    Attestation
	HardwareBound  bool // the model, proven, keeps its private keys in hardware
	SignCount      uint32
	Transports     []string // as the browser reported them: usb, nfc, …
	BackupEligible bool
	BackedUp       bool
	State          State
	Reason         string // why it is not active; empty when it is
	Label          string
	CreatedAt      time.Time
	LastUsedAt     time.Time // zero when never used; never goes back
	DaysUsed       int       // on how many different days (UTC) it was used
}

// Attested reports whether the model was proven.
func (c Credential) Attested() bool { return c.Attestation == AttestationVerified }

// BuiltIn reports whether the browser said that the key is part of the device
// (WebAuthn §5.8.4). It is a claim, and only names the method.
func (c Credential) BuiltIn() bool { return slices.Contains(c.Transports, "internal") }

// after is the credential after a use, as Store.Used keeps it.
func (c Credential) after(use Use, at time.Time) Credential {
	c.SignCount, c.BackedUp = use.SignCount, use.BackedUp
	if c.LastUsedAt.Before(at.UTC().Truncate(24 * time.Hour)) {
		c.DaysUsed++
	}
	if c.LastUsedAt.Before(at) {
		c.LastUsedAt = at
	}
	return c
}

// Proof is what one successful verification has shown.
type Proof struct {
	Credential     Credential // as it is after this use
	UserVerified   bool
	CloneSuspected bool // only together with problem CloneSuspected
	Assurance      assurance.Assurance
	AMR            []string // RFC 8176 method names
}

// Holder is the person who registers a key.
type Holder struct {
	ID       ids.Person
	UserName string // shown by the key's own user interface where it has one
	Name     string
}

// UserHandle is how keys know a person: our own id, opaque, and not personal data
// (WebAuthn Level 3 §14.6.1).
func UserHandle(person ids.Person) []byte { return []byte(person) }

// NewKey is what the person tells about the key they are registering.
type NewKey struct {
	Serial string // printed on the key; may be empty
	Label  string // what they call it; may be empty
}
