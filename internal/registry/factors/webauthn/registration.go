package webauthn

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"
	library "github.com/go-webauthn/webauthn/webauthn"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/factors"
)

// BeginRegistration makes the options for navigator.credentials.create.
func (c *Ceremonies) BeginRegistration(ask factors.RegistrationAsk) ([]byte, []byte, error) {
	if ask.Holder.ID == "" {
		return nil, nil, errors.New("begin registration: for nobody")
	}
	creation, session, err := c.library.BeginRegistration(account{ask.Holder},
		library.WithCredentialParameters(algorithms()),
		library.WithExclusions(toLibrary(ask.Exclude)),
		library.WithPublicKeyCredentialHints(hints(ask.AnyKind)),
	)
	if err != nil {
		return nil, nil, fmt.Errorf("begin registration: %w", err)
	}
	options, err := json.Marshal(creation.Response)
	if err != nil {
		return nil, nil, fmt.Errorf("write creation options: %w", err)
	}
	kept, err := state{Ceremony: registering, Challenge: session.Challenge, Person: ask.Holder.ID}.remember(ask.At)
	return options, kept, err
}

// hints let the browser offer first what will be accepted (WebAuthn Level 3 §5.8.7).
func hints(anyKind bool) []protocol.PublicKeyCredentialHints {
	if anyKind {
		return nil
	}
	return []protocol.PublicKeyCredentialHints{protocol.PublicKeyCredentialHintSecurityKey}
}

// ReadRegistration is WebAuthn Level 3 §7.1 up to step 22; trust (step 23 and on)
// is Trust and the caller's.
func (c *Ceremonies) ReadRegistration(answer factors.Answer) (factors.Registration, error) {
	kept, err := recall(answer.State, registering, answer.At, factors.RegistrationExpired)
	if err != nil {
		return factors.Registration{}, err
	}
	parsed, err := parseRegistration(answer.Response)
	if err != nil {
		return factors.Registration{}, err
	}
	if err := c.checkRegistration(parsed, kept.Challenge); err != nil {
		return factors.Registration{}, err
	}
	return describe(parsed, kept.Person)
}

// parseRegistration reads RegistrationResponseJSON. Problem: RegistrationMalformed.
func parseRegistration(response []byte) (*protocol.ParsedCredentialCreationData, error) {
	if len(response) > largestResponse {
		return nil, factors.RegistrationMalformed.Detailf("It is longer than 64 kB.")
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return nil, factors.RegistrationMalformed.Because(detailed(err))
	}
	// WebAuthn Level 3 §6.5.1: a credential id is at most 1023 bytes; ours is never empty.
	if id := parsed.Response.AttestationObject.AuthData.AttData.CredentialID; len(id) == 0 || len(id) > 1023 {
		return nil, factors.RegistrationMalformed.Detailf("The credential id has %d bytes.", len(id))
	}
	return parsed, nil
}

func (c *Ceremonies) checkRegistration(parsed *protocol.ParsedCredentialCreationData, challenge string) error {
	// §7.1 step 9: one of ours, letter by letter. The library compares more kindly.
	if !slices.Contains(c.deps.Origins, parsed.Response.CollectedClientData.Origin) {
		return factors.RegistrationOrigin.New()
	}
	if format := parsed.Response.AttestationObject.Format; !readable(format) {
		return factors.AttestationFormat.Because(fmt.Errorf("attestation format %q", format))
	}
	flags := parsed.Response.AttestationObject.AuthData.Flags
	if flags.HasUserPresent() && !flags.HasUserVerified() {
		return factors.UserVerificationMissing.New() // §7.1 step 16
	}
	if flags.HasBackupState() && !flags.HasBackupEligible() {
		return factors.RegistrationInvalid.New() // §7.1 step 17
	}
	return c.verify(parsed, challenge, true)
}

// verify checks the answer against the challenge, and the statement's signatures.
func (c *Ceremonies) verify(parsed *protocol.ParsedCredentialCreationData, challenge string, userVerified bool) error {
	_, err := parsed.Verify(challenge, c.deps.RPID, c.deps.Origins, nil, nil,
		protocol.TopOriginExplicitVerificationMode, false, userVerified, true,
		nil, // no metadata provider: see the package comment
		algorithms(), protocol.AttestationPolicy{}, protocol.SignaturePolicy{})
	if err == nil {
		return nil
	}
	var fault *protocol.Error
	if errors.As(err, &fault) && aboutAttestation(fault) {
		return factors.AttestationInvalid.Because(detailed(err))
	}
	return factors.RegistrationInvalid.Because(detailed(err))
}

// aboutAttestation tells a false attestation statement from an answer that does
// not fit the ceremony.
func aboutAttestation(fault *protocol.Error) bool {
	for _, kind := range []*protocol.Error{
		protocol.ErrAttestation, protocol.ErrInvalidAttestation, protocol.ErrAttestationFormat, protocol.ErrAttestationCertificate,
	} {
		if fault.Type == kind.Type {
			return true
		}
	}
	return false
}

func describe(parsed *protocol.ParsedCredentialCreationData, person ids.Person) (factors.Registration, error) {
	object := parsed.Response.AttestationObject
	chain, err := certificates(object)
	if err != nil {
		return factors.Registration{}, err
	}
	aaguid, identifiers := modelName(object.AuthData.AttData.AAGUID), []string(nil)
	if aaguid == "" && anonymous(object.Format) {
		aaguid, identifiers = named(chain), certificateKeys(chain)
	}
	return factors.Registration{
		Person:       person,
		AAGUID:       aaguid,
		CredentialID: slices.Clone(object.AuthData.AttData.CredentialID),
		PublicKey:    slices.Clone(object.AuthData.AttData.CredentialPublicKey),
		Attestation:  grade(object, chain),
		Format:       object.Format,
		Certificates: chain,
		Serial:       serial(chain),
		Firmware:     firmware(chain),
		SignCount:    object.AuthData.Counter,

		CertificateKeys: identifiers,

		BackupEligible: object.AuthData.Flags.HasBackupEligible(),
		BackedUp:       object.AuthData.Flags.HasBackupState(),
		Transports:     transports(parsed.Response.Transports),
	}, nil
}

// transports keeps the names the standard knows (WebAuthn Level 3 §5.8.4): the list
// comes from the browser unsigned, and is given back to it at every sign-in.
func transports(reported []protocol.AuthenticatorTransport) []string {
	var known []string
	for _, transport := range reported {
		switch transport {
		case protocol.USB, protocol.NFC, protocol.BLE, protocol.SmartCard, protocol.Hybrid, protocol.Internal:
			if !slices.Contains(known, string(transport)) {
				known = append(known, string(transport))
			}
		}
	}
	return known
}

// detailed joins what the library says with what it says to developers only. Both
// go to the log, never to the person.
func detailed(err error) error {
	var fault *protocol.Error
	if errors.As(err, &fault) && fault.DevInfo != "" {
		return fmt.Errorf("%w (%s)", err, fault.DevInfo)
	}
	return err
}
