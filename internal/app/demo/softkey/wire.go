package softkey

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/fxamacker/cbor/v2"
)

// Flags of the authenticator data (WebAuthn Level 3 §6.1).
const (
	flagUserPresent    = 0x01
	flagUserVerified   = 0x04
	flagBackupEligible = 0x08
	flagBackedUp       = 0x10
	flagAttestedData   = 0x40
)

// checkOrigin is the browser's part: a page may only use a relying party id that
// is its own host or a parent of it, over https or on localhost
// (WebAuthn Level 3 §5.1.3, step 7).
func checkOrigin(rpID, origin string) error {
	page, err := url.Parse(origin)
	if err != nil {
		return fmt.Errorf("%w: origin %q", ErrSecurity, origin)
	}
	host := page.Hostname()
	secure := page.Scheme == "https" || (page.Scheme == "http" && (host == "localhost" || strings.HasSuffix(host, ".localhost")))
	if rpID == "" || !secure || (host != rpID && !strings.HasSuffix(host, "."+rpID)) {
		return fmt.Errorf("%w: %q on %q", ErrSecurity, rpID, origin)
	}
	return nil
}

// clientData is CollectedClientData (WebAuthn Level 3 §5.8.1).
func clientData(ceremony string, challenge []byte, origin string) ([]byte, error) {
	return json.Marshal(struct {
		Type        string   `json:"type"`
		Challenge   bytesURL `json:"challenge"`
		Origin      string   `json:"origin"`
		CrossOrigin bool     `json:"crossOrigin"`
	}{ceremony, challenge, origin, false})
}

func (k *Key) count() {
	k.Counter = uint32(int64(k.Counter) + int64(k.Behaviour.CounterStep))
}

// authenticatorData is rpIdHash, flags, counter and, when a credential was made,
// the attested credential data (WebAuthn Level 3 §6.1).
func (k *Key) authenticatorData(rpID string, attested []byte) []byte {
	var flags byte
	if !k.Behaviour.SkipUserPresence {
		flags |= flagUserPresent
	}
	if !k.Behaviour.SkipUserVerification {
		flags |= flagUserVerified
	}
	if k.Behaviour.BackupEligible {
		flags |= flagBackupEligible
	}
	if k.Behaviour.BackedUp {
		flags |= flagBackedUp
	}
	if len(attested) > 0 {
		flags |= flagAttestedData
	}
	hash := sha256.Sum256([]byte(rpID))
	data := append(hash[:], flags)
	data = binary.BigEndian.AppendUint32(data, k.Counter)
	return append(data, attested...)
}

func (k *Key) register(made credential, clientData []byte, conveyance string) (registrationResponse, error) {
	statement := k.Behaviour.Statement
	aaguid := k.AAGUID()
	if conveyance == "" || conveyance == "none" {
		// WebAuthn Level 3 §5.1.3, step 25: for "none" the client removes the
		// statement and blanks the model.
		statement, aaguid = None, noModel
	}
	attested, err := attestedCredentialData(aaguid, made)
	if err != nil {
		return registrationResponse{}, err
	}
	k.count()
	authData := k.authenticatorData(made.RPID, attested)
	object, err := k.attestationObject(statement, made, authData, clientData)
	if err != nil {
		return registrationResponse{}, err
	}
	public, err := x509.MarshalPKIXPublicKey(&made.Private.PublicKey)
	if err != nil {
		return registrationResponse{}, fmt.Errorf("encode public key: %w", err)
	}
	return registrationResponse{
		ID: made.ID, RawID: made.ID, Type: "public-key", Attachment: "cross-platform",
		Response: attestation{
			ClientData: clientData, Object: object, AuthenticatorData: authData,
			PublicKey: public, PublicKeyAlgorithm: algorithmES256, Transports: []string{"usb"},
		},
		Extensions: map[string]any{},
	}, nil
}

// attestedCredentialData is model, credential id and COSE public key
// (WebAuthn Level 3 §6.5.1).
func attestedCredentialData(aaguid string, made credential) ([]byte, error) {
	model, err := parseAAGUID(aaguid)
	if err != nil {
		return nil, err
	}
	public, err := coseKey(&made.Private.PublicKey)
	if err != nil {
		return nil, err
	}
	data := binary.BigEndian.AppendUint16(model[:], uint16(len(made.ID)))
	data = append(data, made.ID...)
	return append(data, public...), nil
}

// coseKey is an EC2 key on P-256 (RFC 9053 §7.1.1).
func coseKey(public *ecdsa.PublicKey) ([]byte, error) {
	point, err := public.Bytes() // 0x04, x, y
	if err != nil {
		return nil, fmt.Errorf("encode public key: %w", err)
	}
	return encode(map[int]any{1: 2, 3: algorithmES256, -1: 1, -2: point[1:33], -3: point[33:65]})
}

// attestationObject is the CBOR map of WebAuthn Level 3 §6.5.4 with a packed
// statement (§8.2), one of older.go, or none (§8.7).
func (k *Key) attestationObject(statement Statement, made credential, authData, clientData []byte) ([]byte, error) {
	format, contents := "packed", map[string]any{}
	switch statement {
	case Full:
		signature, err := sign(k.batch.private, authData, clientData)
		if err != nil {
			return nil, err
		}
		contents = map[string]any{"alg": algorithmES256, "sig": signature, "x5c": k.batch.chain}
	case Self:
		signature, err := sign(made.Private, authData, clientData)
		if err != nil {
			return nil, err
		}
		contents = map[string]any{"alg": algorithmES256, "sig": signature}
	case None:
		format = "none"
	case U2F:
		statement, err := k.u2fStatement(made, authData, clientData)
		if err != nil {
			return nil, err
		}
		format, contents = "fido-u2f", statement
	case TPM:
		statement, err := k.tpmStatement(made, authData, clientData)
		if err != nil {
			return nil, err
		}
		format, contents = "tpm", statement
	default:
		return nil, fmt.Errorf("unknown statement %q", statement)
	}
	return encode(map[string]any{"fmt": format, "attStmt": contents, "authData": authData})
}

// encode is the canonical CBOR of CTAP2.
func encode(value any) ([]byte, error) {
	mode, err := cbor.CTAP2EncOptions().EncMode()
	if err != nil {
		return nil, fmt.Errorf("prepare CBOR: %w", err)
	}
	encoded, err := mode.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("encode CBOR: %w", err)
	}
	return encoded, nil
}
