package gateway

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

// identity is what an application is told about a person, ready to be copied
// into a header.
type identity struct {
	until   time.Time // when it is made anew
	headers []header
}

type header struct {
	name  string // canonical
	value []string
}

// identityKey is the facts that an identity is made from. They never change: a
// newer one takes the place of an older one, so that the same pointers are the
// same facts.
type identityKey struct {
	session *live.Session
	person  *live.Person // with the groups, which are read together
	service *services.Service
}

// identities remembers what was signed for a session and a service.
type identities struct {
	mu      sync.RWMutex
	entries map[identityKey]*identity // guarded by mu
	swept   time.Time                 // guarded by mu
}

// vouch answers 200 with the identity headers, for another proxy to copy.
func (g *Gateway) vouch(w http.ResponseWriter, answer *decision.Decision) {
	who, err := g.identity(answer)
	if err != nil {
		g.deps.Log.Error("sign identity", "error", err)
		g.problemJSON(w, http.StatusForbidden, notNow.Because(err), "")
		return
	}
	out := w.Header()
	for _, h := range who.headers {
		out[h.name] = h.value
	}
	w.WriteHeader(http.StatusOK)
}

func (g *Gateway) identity(answer *decision.Decision) (*identity, error) {
	if answer.Subject == nil || answer.Subject.Person == nil || answer.Target == nil {
		return nil, errors.New("no person or service behind an allowed decision")
	}
	key := identityKey{answer.Subject.Session, answer.Subject.Person, answer.Target}
	g.identities.mu.RLock()
	known := g.identities.entries[key]
	g.identities.mu.RUnlock()
	if known != nil && answer.At.Before(known.until) {
		return known, nil
	}
	fresh, err := g.newIdentity(answer)
	if err != nil {
		return nil, err
	}
	g.identities.mu.Lock()
	defer g.identities.mu.Unlock()
	if answer.At.Sub(g.identities.swept) > assertionReused {
		for old, entry := range g.identities.entries {
			if !answer.At.Before(entry.until) {
				delete(g.identities.entries, old)
			}
		}
		g.identities.swept = answer.At
	}
	g.identities.entries[key] = fresh
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

func (g *Gateway) newIdentity(answer *decision.Decision) (*identity, error) {
	who, at := answer.Subject, answer.At
	expires := at.Add(assertionLives)
	if who.Session.AbsoluteEnd.Before(expires) {
		expires = who.Session.AbsoluteEnd
	}
	text, err := json.Marshal(claims{
		Issuer: g.portal, Subject: string(who.Person.ID), Audience: string(answer.Service),
		IssuedAt: at.Unix(), NotBefore: at.Add(-5 * time.Second).Unix(), Expires: expires.Unix(),
		AuthTime: who.Session.AuthTime.Unix(), SessionID: string(answer.Session),
		ACR: who.Session.Assurance.ACR(), AMR: who.Session.Assurance.AMR(), AAL: int(who.Session.Assurance.AAL),
		UserName: who.Person.UserName, Name: who.Person.Name, Email: who.Person.Email, Groups: who.Groups.Names(),
	})
	if err != nil {
		return nil, fmt.Errorf("encode assertion: %w", err)
	}
	signed, err := g.deps.Signer.Sign(text)
	if err != nil {
		return nil, err
	}
	names := withDefaults(answer.Target.Identity)
	return &identity{
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

// strip removes what a client must not say, in any spelling: the headers that
// applications commonly believe, and those of this very service.
func (f *forwarding) strip(header http.Header) {
	for name := range header {
		if f.identity.forbids(forged.Canonical(name), f.methods) {
			delete(header, name)
		}
	}
}

// forbids reports whether a header that would be read under this name is not the
// client's to send.
func (who *identity) forbids(name string, methods bool) bool {
	if forged.Header(name, methods) {
		return true
	}
	for _, h := range who.headers {
		if h.name == name {
			return true
		}
	}
	return false
}
