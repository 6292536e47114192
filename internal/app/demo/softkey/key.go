package softkey

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/json"
	"fmt"
)

// Statement says what a key tells about itself when it registers.
type Statement string

// What a key may tell.
const (
	Full Statement = ""     // packed, signed by the batch's certificate
	Self Statement = "self" // packed, signed by the new credential itself: proves nothing
	None Statement = "none" // nothing, as when the person declines in the browser
	U2F  Statement = "u2f"  // fido-u2f: the model is zero, the certificate is one of Vendor.U2F
	TPM  Statement = "tpm"  // tpm: certified by the attestation key of Vendor.TPM
)

// Behaviour is how a key behaves. The zero value with CounterStep 1 is a good key;
// everything else is for showing that Warder notices.
type Behaviour struct {
	Statement            Statement `json:"statement,omitempty"`
	ClaimedAAGUID        string    `json:"claimed_aaguid,omitempty"` // instead of the model in the certificate
	BackupEligible       bool      `json:"backup_eligible,omitempty"`
	BackedUp             bool      `json:"backed_up,omitempty"`
	SkipUserVerification bool      `json:"skip_user_verification,omitempty"`
	SkipUserPresence     bool      `json:"skip_user_presence,omitempty"`
	CounterStep          int       `json:"counter_step"` // added at each use; negative runs backwards, 0 stands still
	IgnoreExclusions     bool      `json:"ignore_exclusions,omitempty"`
}

// Key is one software key with its credentials. It is not safe for use from
// several goroutines at once, as a key has one button.
type Key struct {
	Behaviour Behaviour
	Counter   uint32 // the signature counter, shared by all credentials of the key

	batch       *Batch
	credentials []credential
}

// credential is one discoverable credential: a key pair for one account of one
// relying party.
type credential struct {
	ID         []byte
	RPID       string
	UserHandle []byte
	UserName   string
	Private    *ecdsa.PrivateKey
}

// Batch is where the key came from; a sibling of the same batch is Batch().NewKey().
func (k *Key) Batch() *Batch { return k.batch }

// AAGUID is the model the key says it is, as a lower-case UUID.
func (k *Key) AAGUID() string {
	if k.Behaviour.ClaimedAAGUID != "" {
		return k.Behaviour.ClaimedAAGUID
	}
	return k.batch.aaguid
}

// Credentials returns the credential ids on the key, oldest first.
func (k *Key) Credentials() [][]byte {
	found := make([][]byte, 0, len(k.credentials))
	for _, held := range k.credentials {
		found = append(found, held.ID)
	}
	return found
}

// Clone returns a copy of the key that counts on from the same number, as a
// thief's copy would.
func (k *Key) Clone() *Key {
	twin := *k
	twin.credentials = append([]credential(nil), k.credentials...)
	return &twin
}

// saved is the JSON form of a key. It holds private keys in the clear: they
// protect nothing but a demo.
type saved struct {
	Warning     string            `json:"warning"`
	Behaviour   Behaviour         `json:"behaviour"`
	Counter     uint32            `json:"counter"`
	AAGUID      string            `json:"aaguid"`
	Root        []byte            `json:"root"`
	Chain       [][]byte          `json:"chain"`
	Attestation []byte            `json:"attestation_key"` // PKCS #8
	Credentials []savedCredential `json:"credentials"`
}

type savedCredential struct {
	ID         []byte `json:"id"`
	RPID       string `json:"rp_id"`
	UserHandle []byte `json:"user_handle"`
	UserName   string `json:"user_name"`
	Private    []byte `json:"private_key"` // PKCS #8
}

// Save returns the whole key as JSON, private keys included.
func (k *Key) Save() ([]byte, error) {
	attestation, err := x509.MarshalPKCS8PrivateKey(k.batch.private)
	if err != nil {
		return nil, fmt.Errorf("save attestation key: %w", err)
	}
	whole := saved{
		Warning:   "a software key for the demo: it protects nothing",
		Behaviour: k.Behaviour, Counter: k.Counter,
		AAGUID: k.batch.aaguid, Root: k.batch.root, Chain: k.batch.chain, Attestation: attestation,
	}
	for _, held := range k.credentials {
		private, err := x509.MarshalPKCS8PrivateKey(held.Private)
		if err != nil {
			return nil, fmt.Errorf("save credential: %w", err)
		}
		whole.Credentials = append(whole.Credentials, savedCredential{
			ID: held.ID, RPID: held.RPID, UserHandle: held.UserHandle, UserName: held.UserName, Private: private,
		})
	}
	return json.Marshal(whole)
}

// Load reads what Save wrote.
func Load(text []byte) (*Key, error) {
	var whole saved
	if err := json.Unmarshal(text, &whole); err != nil {
		return nil, fmt.Errorf("read software key: %w", err)
	}
	if _, err := parseAAGUID(whole.AAGUID); err != nil {
		return nil, fmt.Errorf("read software key: %w", err)
	}
	if len(whole.Chain) == 0 {
		return nil, fmt.Errorf("read software key: no attestation certificate")
	}
	attestation, err := parsePrivateKey(whole.Attestation)
	if err != nil {
		return nil, fmt.Errorf("read attestation key: %w", err)
	}
	key := &Key{
		Behaviour: whole.Behaviour, Counter: whole.Counter,
		batch: &Batch{aaguid: whole.AAGUID, root: whole.Root, chain: whole.Chain, private: attestation},
	}
	for _, held := range whole.Credentials {
		private, err := parsePrivateKey(held.Private)
		if err != nil {
			return nil, fmt.Errorf("read credential: %w", err)
		}
		key.credentials = append(key.credentials, credential{
			ID: held.ID, RPID: held.RPID, UserHandle: held.UserHandle, UserName: held.UserName, Private: private,
		})
	}
	return key, nil
}

func parsePrivateKey(der []byte) (*ecdsa.PrivateKey, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("parse private key: %w", err)
	}
	private, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("private key is %T, want ECDSA", parsed)
	}
	return private, nil
}
