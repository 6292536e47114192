package webauthn

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"
	library "github.com/go-webauthn/webauthn/webauthn"

	"github.com/warder-project/warder/internal/registry/factors"
)

// BeginVerification makes the options for navigator.credentials.get.
func (c *Ceremonies) BeginVerification(ask factors.VerificationAsk) ([]byte, []byte, error) {
	request, session, err := c.library.BeginDiscoverableLogin(
		library.WithChallenge(challenge(ask.Bind)),
		library.WithAllowedCredentials(toLibrary(ask.Allow)),
		library.WithUserVerification(protocol.VerificationRequired),
		library.WithAssertionPublicKeyCredentialHints(hints(ask.AnyKind)),
	)
	if err != nil {
		return nil, nil, fmt.Errorf("begin verification: %w", err)
	}
	options, err := json.Marshal(request.Response)
	if err != nil {
		return nil, nil, fmt.Errorf("write request options: %w", err)
	}
	begun := state{Ceremony: verifying, Challenge: session.Challenge, Person: ask.Person}
	for _, descriptor := range ask.Allow {
		begun.Allowed = append(begun.Allowed, descriptor.CredentialID)
	}
	kept, err := begun.remember(ask.At)
	return options, kept, err
}

// challenge is 32 random bytes (WebAuthn Level 3 §13.4.3 asks for 16), with what is
// consented to behind them.
func challenge(bind []byte) []byte {
	fresh := make([]byte, 32, 32+len(bind))
	rand.Read(fresh) // crypto/rand.Read never fails since Go 1.24
	return append(fresh, bind...)
}

func parseAssertion(response []byte) (*protocol.ParsedCredentialAssertionData, error) {
	if len(response) > largestResponse {
		return nil, factors.VerificationMalformed.Detailf("It is longer than 64 kB.")
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return nil, factors.VerificationMalformed.Because(detailed(err))
	}
	return parsed, nil
}

// CheckVerification is WebAuthn Level 3 §7.2, steps 5 to 21; a change of the backup
// flags (steps 18 and 19) and the counter (step 22) are the caller's.
func (c *Ceremonies) CheckVerification(answer factors.Answer, find func(credentialID []byte) (factors.Known, error)) (factors.Use, error) {
	parsed, err := parseAssertion(answer.Response)
	if err != nil {
		return factors.Use{}, err
	}
	known, err := find(parsed.RawID)
	if err != nil {
		return factors.Use{}, err
	}
	kept, err := recall(answer.State, verifying, answer.At, factors.VerificationExpired)
	if err != nil {
		return factors.Use{}, err
	}
	if err := fits(parsed, kept, known); err != nil {
		return factors.Use{}, err
	}
	if !slices.Contains(c.deps.Origins, parsed.Response.CollectedClientData.Origin) {
		return factors.Use{}, factors.VerificationOrigin.New() // §7.2 step 12
	}
	flags := parsed.Response.AuthenticatorData.Flags
	if flags.HasUserPresent() && !flags.HasUserVerified() {
		return factors.Use{}, factors.VerificationMissing.New() // §7.2 step 17
	}
	if flags.HasBackupState() && !flags.HasBackupEligible() {
		return factors.Use{}, factors.VerificationInvalid.New() // §7.2 step 18
	}
	err = parsed.Verify(kept.Challenge, c.deps.RPID, "", c.deps.Origins, nil, nil,
		protocol.TopOriginExplicitVerificationMode, false, true, true,
		known.PublicKey, protocol.SignaturePolicy{})
	if err != nil {
		return factors.Use{}, factors.VerificationInvalid.Because(detailed(err))
	}
	return factors.Use{
		UserVerified:   flags.HasUserVerified(),
		BackupEligible: flags.HasBackupEligible(),
		BackedUp:       flags.HasBackupState(),
		SignCount:      parsed.Response.AuthenticatorData.Counter,
	}, nil
}

// fits checks that the credential is one this ceremony asked for and belongs to
// whom the key says (§7.2 steps 5 and 6). Somebody else's credential is answered
// in the very words of one that does not exist.
func fits(parsed *protocol.ParsedCredentialAssertionData, kept state, known factors.Known) error {
	if known.Person == "" || !bytes.Equal(parsed.RawID, known.CredentialID) {
		return factors.UnknownCredential.New()
	}
	if kept.Person != "" && kept.Person != known.Person {
		return factors.UnknownCredential.New()
	}
	asked := slices.ContainsFunc(kept.Allowed, func(id []byte) bool { return bytes.Equal(id, parsed.RawID) })
	if len(kept.Allowed) > 0 && !asked {
		return factors.UnknownCredential.New()
	}
	handle := parsed.Response.UserHandle
	if len(handle) == 0 && len(kept.Allowed) == 0 {
		return factors.UnknownCredential.New() // §7.2 step 6: discoverable, so the handle must be there
	}
	if len(handle) > 0 && string(handle) != string(known.Person) {
		return factors.UnknownCredential.New()
	}
	return nil
}
