package softkey

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// What a browser answers when a ceremony cannot go on, under the names of the
// DOM exceptions that a page would see (WebAuthn Level 3 §5.1.3, §5.1.4).
var (
	ErrNotAllowed   = errors.New("NotAllowedError: the key has nothing for this site, or nobody touched it")
	ErrInvalidState = errors.New("InvalidStateError: this key is already registered here")
	ErrSecurity     = errors.New("SecurityError: the page may not use this relying party id")
	ErrNotSupported = errors.New("NotSupportedError: the key knows none of the algorithms asked for")
)

const algorithmES256 = -7 // RFC 9053 §2.1

// bytesURL is base64url without padding, as WebAuthn's JSON has it.
type bytesURL []byte

func (b bytesURL) MarshalText() ([]byte, error) {
	return []byte(base64.RawURLEncoding.EncodeToString(b)), nil
}

func (b *bytesURL) UnmarshalText(text []byte) error {
	raw, err := base64.RawURLEncoding.DecodeString(string(text))
	*b = raw
	return err
}

type descriptor struct {
	Type string   `json:"type"`
	ID   bytesURL `json:"id"`
}

// creationOptions is what we read of PublicKeyCredentialCreationOptionsJSON.
type creationOptions struct {
	RP struct {
		ID string `json:"id"`
	} `json:"rp"`
	User struct {
		ID   bytesURL `json:"id"`
		Name string   `json:"name"`
	} `json:"user"`
	Challenge  bytesURL `json:"challenge"`
	Parameters []struct {
		Algorithm int `json:"alg"`
	} `json:"pubKeyCredParams"`
	Exclude     []descriptor `json:"excludeCredentials"`
	Attestation string       `json:"attestation"`
}

// requestOptions is what we read of PublicKeyCredentialRequestOptionsJSON.
type requestOptions struct {
	RPID      string       `json:"rpId"`
	Challenge bytesURL     `json:"challenge"`
	Allow     []descriptor `json:"allowCredentials"`
}

type registrationResponse struct {
	ID         bytesURL       `json:"id"`
	RawID      bytesURL       `json:"rawId"`
	Type       string         `json:"type"`
	Attachment string         `json:"authenticatorAttachment"`
	Response   attestation    `json:"response"`
	Extensions map[string]any `json:"clientExtensionResults"`
}

type attestation struct {
	ClientData         bytesURL `json:"clientDataJSON"`
	Object             bytesURL `json:"attestationObject"`
	AuthenticatorData  bytesURL `json:"authenticatorData"`
	PublicKey          bytesURL `json:"publicKey"`
	PublicKeyAlgorithm int      `json:"publicKeyAlgorithm"`
	Transports         []string `json:"transports"`
}

type assertionResponse struct {
	ID         bytesURL       `json:"id"`
	RawID      bytesURL       `json:"rawId"`
	Type       string         `json:"type"`
	Attachment string         `json:"authenticatorAttachment"`
	Response   assertion      `json:"response"`
	Extensions map[string]any `json:"clientExtensionResults"`
}

type assertion struct {
	ClientData        bytesURL `json:"clientDataJSON"`
	AuthenticatorData bytesURL `json:"authenticatorData"`
	Signature         bytesURL `json:"signature"`
	UserHandle        bytesURL `json:"userHandle"`
}

// Create does what navigator.credentials.create does on a page of origin
// ("https://host:port"): it makes a discoverable credential and returns the
// RegistrationResponseJSON. optionsJSON is PublicKeyCredentialCreationOptionsJSON,
// bare or inside {"publicKey": …}.
func (k *Key) Create(optionsJSON []byte, origin string) ([]byte, error) {
	var options creationOptions
	if err := readOptions(optionsJSON, &options); err != nil {
		return nil, err
	}
	if err := checkOrigin(options.RP.ID, origin); err != nil {
		return nil, err
	}
	if k.excluded(options) {
		return nil, ErrInvalidState
	}
	if !offersES256(options) {
		return nil, ErrNotSupported
	}
	private, err := newPrivateKey()
	if err != nil {
		return nil, err
	}
	made := credential{
		ID: make([]byte, 32), RPID: options.RP.ID,
		UserHandle: options.User.ID, UserName: options.User.Name, Private: private,
	}
	rand.Read(made.ID)
	clientData, err := clientData("webauthn.create", options.Challenge, origin)
	if err != nil {
		return nil, err
	}
	response, err := k.register(made, clientData, options.Attestation)
	if err != nil {
		return nil, err
	}
	k.keep(made)
	return json.Marshal(response)
}

// Get does what navigator.credentials.get does on a page of origin: it signs the
// challenge with the newest fitting credential and returns the
// AuthenticationResponseJSON.
func (k *Key) Get(optionsJSON []byte, origin string) ([]byte, error) {
	var options requestOptions
	if err := readOptions(optionsJSON, &options); err != nil {
		return nil, err
	}
	if err := checkOrigin(options.RPID, origin); err != nil {
		return nil, err
	}
	chosen, ok := k.choose(options)
	if !ok {
		return nil, ErrNotAllowed
	}
	clientData, err := clientData("webauthn.get", options.Challenge, origin)
	if err != nil {
		return nil, err
	}
	k.count()
	authData := k.authenticatorData(chosen.RPID, nil)
	signature, err := sign(chosen.Private, authData, clientData)
	if err != nil {
		return nil, err
	}
	return json.Marshal(assertionResponse{
		ID: chosen.ID, RawID: chosen.ID, Type: "public-key", Attachment: "cross-platform",
		Response: assertion{
			ClientData: clientData, AuthenticatorData: authData,
			Signature: signature, UserHandle: chosen.UserHandle,
		},
		Extensions: map[string]any{},
	})
}

// readOptions takes the options bare or wrapped in {"publicKey": …}.
func readOptions(text []byte, into any) error {
	var wrapped struct {
		PublicKey json.RawMessage `json:"publicKey"`
	}
	if err := json.Unmarshal(text, &wrapped); err != nil {
		return fmt.Errorf("read ceremony options: %w", err)
	}
	if len(wrapped.PublicKey) > 0 {
		text = wrapped.PublicKey
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("read ceremony options: %w", err)
	}
	return nil
}

func offersES256(options creationOptions) bool {
	for _, parameter := range options.Parameters {
		if parameter.Algorithm == algorithmES256 {
			return true
		}
	}
	return false
}

// excluded reports whether the key already holds one of the excluded credentials.
func (k *Key) excluded(options creationOptions) bool {
	if k.Behaviour.IgnoreExclusions {
		return false
	}
	for _, held := range k.credentials {
		if held.RPID == options.RP.ID && listed(options.Exclude, held.ID) {
			return true
		}
	}
	return false
}

func (k *Key) choose(options requestOptions) (credential, bool) {
	for _, held := range slices.Backward(k.credentials) {
		if held.RPID != options.RPID {
			continue
		}
		if len(options.Allow) == 0 || listed(options.Allow, held.ID) {
			return held, true
		}
	}
	return credential{}, false
}

// keep stores a credential; a discoverable credential replaces an older one of
// the same account at the same relying party (WebAuthn Level 3 §6.3.2, step 7).
func (k *Key) keep(made credential) {
	k.credentials = slices.DeleteFunc(k.credentials, func(held credential) bool {
		return held.RPID == made.RPID && bytes.Equal(held.UserHandle, made.UserHandle)
	})
	k.credentials = append(k.credentials, made)
}

func listed(descriptors []descriptor, id []byte) bool {
	return slices.ContainsFunc(descriptors, func(d descriptor) bool { return bytes.Equal(d.ID, id) })
}

func sign(private *ecdsa.PrivateKey, authData, clientData []byte) ([]byte, error) {
	hash := sha256.Sum256(clientData)
	return signBytes(private, slices.Concat(authData, hash[:]))
}

func signBytes(private *ecdsa.PrivateKey, message []byte) ([]byte, error) {
	digest := sha256.Sum256(message)
	signature, err := ecdsa.SignASN1(rand.Reader, private, digest[:])
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return signature, nil
}
