package webauthn

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	library "github.com/go-webauthn/webauthn/webauthn"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/factors"
)

// Lifetime is how long a ceremony may take, from Begin to the answer.
const Lifetime = 5 * time.Minute

// largestResponse is more than any answer of a browser: the largest part is the
// certificate chain.
const largestResponse = 64 << 10

// Deps is what the ceremonies need to know of the site.
type Deps struct {
	RPID    string   // host without port; credentials are bound to it for ever
	RPName  string   // shown by the browser
	Origins []string // pages that may run a ceremony, exact: "https://warder.example"
}

// Ceremonies implements factors.Ceremonies.
type Ceremonies struct {
	deps    Deps
	library *library.WebAuthn
}

var _ factors.Ceremonies = (*Ceremonies)(nil)

// New checks the names of the site. An origin must be https, or http on localhost,
// and its host must be the relying party id or below it: browsers refuse the rest,
// and refuse it late.
func New(deps Deps) (*Ceremonies, error) {
	if deps.RPName == "" {
		return nil, errors.New("webauthn: the relying party needs a name")
	}
	if len(deps.Origins) == 0 {
		return nil, errors.New("webauthn: no origin may run a ceremony")
	}
	for _, origin := range deps.Origins {
		if err := checkOrigin(deps.RPID, origin); err != nil {
			return nil, err
		}
	}
	inner, err := library.New(&library.Config{
		RPID: deps.RPID, RPDisplayName: deps.RPName, RPOrigins: deps.Origins,
		AttestationPreference: protocol.PreferDirectAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey:        protocol.ResidentKeyRequirementRequired,
			RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification:   protocol.VerificationRequired,
		},
		Timeouts: library.TimeoutsConfig{
			Login:        library.TimeoutConfig{Timeout: Lifetime, TimeoutUVD: Lifetime},
			Registration: library.TimeoutConfig{Timeout: Lifetime, TimeoutUVD: Lifetime},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("webauthn: %w", err)
	}
	deps.Origins = slices.Clone(deps.Origins)
	return &Ceremonies{deps: deps, library: inner}, nil
}

func checkOrigin(rpID, origin string) error {
	page, err := url.Parse(origin)
	if err != nil || page.Host == "" || page.Scheme+"://"+page.Host != origin {
		return fmt.Errorf("webauthn: %q is not an origin; write scheme://host without a path", origin)
	}
	host := page.Hostname()
	local := host == "localhost" || under(host, "localhost")
	if page.Scheme != "https" && (page.Scheme != "http" || !local) {
		return fmt.Errorf("webauthn: %q must be https; http works on localhost only", origin)
	}
	if host != rpID && !under(host, rpID) {
		return fmt.Errorf("webauthn: the host of %q is neither %q nor below it", origin, rpID)
	}
	return nil
}

func under(host, domain string) bool {
	return domain != "" && len(host) > len(domain) && host[len(host)-len(domain)-1:] == "."+domain
}

// algorithms are what keys may sign with, most wanted first: those that WebAuthn Level 3
// §5.4 recommends for reach, then what a few keys sign with instead. RS1 (SHA-1)
// is never among them.
func algorithms() []protocol.CredentialParameter {
	return []protocol.CredentialParameter{
		{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgES256},
		{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgEdDSA},
		{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgRS256},
		{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgES384},
		{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgES512},
		{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgPS256},
	}
}

// ceremony is which of the two a state belongs to.
type ceremony string

const (
	registering ceremony = "register"
	verifying   ceremony = "verify"
)

// state is what must be remembered between the two halves of a ceremony. It is
// JSON, opaque to everybody else.
type state struct {
	Ceremony  ceremony   `json:"ceremony"`
	Challenge string     `json:"challenge"` // base64url, 32 random bytes
	Person    ids.Person `json:"person,omitempty"`
	Allowed   [][]byte   `json:"allowed,omitempty"` // credential ids; none means any
	Expires   int64      `json:"expires"`           // milliseconds since 1970
}

// remember writes the state of a ceremony that begins at a time.
func (s state) remember(at time.Time) ([]byte, error) {
	s.Expires = at.Add(Lifetime).UnixMilli()
	text, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("write ceremony state: %w", err)
	}
	return text, nil
}

// recall reads a state and checks that it is of this ceremony and still alive. A
// state that cannot be read, or has no expiry, is dead.
func recall(text []byte, kind ceremony, at time.Time, expired problem.Definition) (state, error) {
	var kept state
	if err := json.Unmarshal(text, &kept); err != nil {
		return state{}, fmt.Errorf("read ceremony state: %w", err)
	}
	if kept.Ceremony != kind || kept.Challenge == "" {
		return state{}, fmt.Errorf("read ceremony state: it is of %q, want %q", kept.Ceremony, kind)
	}
	expires := time.UnixMilli(kept.Expires)
	if !at.Before(expires) || at.Before(expires.Add(-Lifetime-time.Minute)) {
		// A begin that lies in the future is a clock that jumped back: the time
		// that has passed is not known, so it is too long.
		return state{}, expired.New()
	}
	return kept, nil
}

func toLibrary(descriptors []factors.Descriptor) []protocol.CredentialDescriptor {
	named := make([]protocol.CredentialDescriptor, 0, len(descriptors))
	for _, descriptor := range descriptors {
		transports := make([]protocol.AuthenticatorTransport, 0, len(descriptor.Transports))
		for _, transport := range descriptor.Transports {
			transports = append(transports, protocol.AuthenticatorTransport(transport))
		}
		named = append(named, protocol.CredentialDescriptor{
			Type: protocol.PublicKeyCredentialType, CredentialID: descriptor.CredentialID, Transport: transports,
		})
	}
	return named
}

// account is the person as the library wants to see them.
type account struct{ holder factors.Holder }

func (a account) WebAuthnID() []byte                        { return factors.UserHandle(a.holder.ID) }
func (a account) WebAuthnName() string                      { return a.holder.UserName }
func (a account) WebAuthnDisplayName() string               { return a.holder.Name }
func (a account) WebAuthnCredentials() []library.Credential { return nil }
