// Package identity is what an application is told about the person who is using it:
// a signed assertion, and plain headers under the names it knows. It also takes away
// whatever a client sends under those names, in any spelling.
package identity

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"strings"
	"sync"
	"time"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/live"
	"github.com/warder-project/warder/internal/doors/gateway/forged"
	"github.com/warder-project/warder/internal/registry/services"
)

const (
	assertionHeader = "Warder-Assertion"
	assertionLives  = 5 * time.Minute
	assertionReused = time.Minute // a signature costs more than the rest of the request
)

// Signer signs what applications are told (see keyset).
type Signer interface {
	Sign(claims []byte) (string, error)
}

// Identity is what an application is told about a person, ready to be copied
// into a header. It never changes.
type Identity struct {
	until   time.Time // when it is made anew
	headers []header
}

type header struct {
	name  string // canonical
	value []string
}

// facts is what an identity is made from. They never change: a
// newer one takes the place of an older one, so that the same pointers are the
// same facts.
type facts struct {
	session *live.Session
	person  *live.Person // with the groups, which are read together
	service *services.Service
}

// Book makes identities, and remembers what was signed for a session and a service.
// It is safe for concurrent use.
type Book struct {
	issuer string
	signer Signer

	mu      sync.RWMutex
	entries map[facts]*Identity // guarded by mu
	swept   time.Time           // guarded by mu
}

// NewBook makes a Book for assertions of this issuer.
func NewBook(issuer string, signer Signer) *Book {
	return &Book{issuer: issuer, signer: signer, entries: map[facts]*Identity{}}
}

// Of is the identity behind an allowed decision.
func (b *Book) Of(answer *decision.Decision) (*Identity, error) {
	if answer.Subject == nil || answer.Subject.Person == nil || answer.Target == nil {
		return nil, errors.New("no person or service behind an allowed decision")
	}
	key := facts{answer.Subject.Session, answer.Subject.Person, answer.Target}
	b.mu.RLock()
	known := b.entries[key]
	b.mu.RUnlock()
	if known != nil && answer.At.Before(known.until) {
		return known, nil
	}
	fresh, err := b.fresh(answer)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if answer.At.Sub(b.swept) > assertionReused {
		for old, entry := range b.entries {
			if !answer.At.Before(entry.until) {
				delete(b.entries, old)
			}
		}
		b.swept = answer.At
	}
	b.entries[key] = fresh
	return fresh, nil
}

// claims is the assertion. The names are those of RFC 7519 §4.1 and OpenID
// Connect Core §2; aal and hardware properties are our own, spelt out.
type claims struct {
	Issuer    string   `json:"iss"`
	Subject   string   `json:"sub"`
	Audience  string   `json:"aud"`
	IssuedAt  int64    `json:"iat"`
	NotBefore int64    `json:"nbf"`
	Expires   int64    `json:"exp"`
	AuthTime  int64    `json:"auth_time"`
	SessionID string   `json:"sid"`
	ACR       string   `json:"acr,omitempty"`
	AMR       []string `json:"amr,omitempty"`
	AAL       int      `json:"aal"`
	UserName  string   `json:"preferred_username"`
	Name      string   `json:"name,omitempty"`
	Email     string   `json:"email,omitempty"`
	Groups    []string `json:"groups,omitempty"`
}

func (b *Book) fresh(answer *decision.Decision) (*Identity, error) {
	who, at := answer.Subject, answer.At
	expires := at.Add(assertionLives)
	if who.Session.AbsoluteEnd.Before(expires) {
		expires = who.Session.AbsoluteEnd
	}
	text, err := json.Marshal(claims{
		Issuer: b.issuer, Subject: string(who.Person.ID), Audience: string(answer.Service),
		IssuedAt: at.Unix(), NotBefore: at.Add(-5 * time.Second).Unix(), Expires: expires.Unix(),
		AuthTime: who.Session.AuthTime.Unix(), SessionID: string(answer.Session),
		ACR: who.Session.Assurance.ACR(), AMR: who.Session.Assurance.AMR(), AAL: int(who.Session.Assurance.AAL),
		UserName: who.Person.UserName, Name: who.Person.Name, Email: who.Person.Email, Groups: who.Groups.Names(),
	})
	if err != nil {
		return nil, fmt.Errorf("encode assertion: %w", err)
	}
	signed, err := b.signer.Sign(text)
	if err != nil {
		return nil, err
	}
	names := withDefaults(answer.Target.Identity)
	return &Identity{
		until: at.Add(assertionReused),
		headers: []header{
			{assertionHeader, []string{signed}},
			{textproto.CanonicalMIMEHeaderKey(names.User), []string{printable(who.Person.UserName)}},
			{textproto.CanonicalMIMEHeaderKey(names.Email), []string{printable(who.Person.Email)}},
			{textproto.CanonicalMIMEHeaderKey(names.Name), []string{printable(who.Person.Name)}},
			{textproto.CanonicalMIMEHeaderKey(names.Groups), []string{printable(strings.Join(who.Groups.Names(), ","))}},
		},
	}, nil
}

func withDefaults(names services.IdentityHeaders) services.IdentityHeaders {
	usual := services.IdentityHeaders{User: "Remote-User", Email: "Remote-Email", Name: "Remote-Name", Groups: "Remote-Groups"}
	return services.IdentityHeaders{User: cmp.Or(names.User, usual.User), Email: cmp.Or(names.Email, usual.Email),
		Name: cmp.Or(names.Name, usual.Name), Groups: cmp.Or(names.Groups, usual.Groups)}
}

// printable keeps control characters out of a header value.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, text)
}

// Write puts the headers into those of a request or an answer. Their values are shared.
func (who *Identity) Write(into http.Header) {
	for _, h := range who.headers {
		into[h.name] = h.value
	}
}

// Strip removes what a client must not say, in any spelling: the headers that
// applications commonly believe, those of this very service, and those that ask for
// another method than the one that was decided about.
func (who *Identity) Strip(header http.Header) {
	for name := range header {
		if who.forbids(forged.Canonical(name)) {
			delete(header, name)
		}
	}
}

// forbids reports whether a header that would be read under this name is not the
// client's to send.
func (who *Identity) forbids(name string) bool {
	if forged.Header(name) {
		return true
	}
	for _, h := range who.headers {
		if h.name == name {
			return true
		}
	}
	return false
}
