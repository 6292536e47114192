package gateway

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/textproto"
	"strings"
	"sync"
	"time"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/live"
	"github.com/warder-project/warder/internal/base/ids"
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
	subject *live.Subject // the facts it was made from
	service *services.Service
	until   time.Time // when it is made anew
	headers []header
}

type header struct {
	name  string // canonical
	value []string
}

type identityKey struct {
	session ids.Session
	service ids.Service
}

// identities remembers what was signed for a session and a service. An entry
// is good only for the very facts it was made from.
type identities struct {
	mu      sync.RWMutex
	entries map[identityKey]*identity
	swept   time.Time
}

// vouch answers 200 with the identity headers, for another proxy to copy.
func (g *Gateway) vouch(w http.ResponseWriter, a *asked, answer *decision.Decision) {
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
	key := identityKey{answer.Session, answer.Service}
	g.identities.mu.RLock()
	known := g.identities.entries[key]
	g.identities.mu.RUnlock()
	if known != nil && known.subject == answer.Subject && known.service == answer.Target && answer.At.Before(known.until) {
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
	who := answer.Subject
	if who == nil || answer.Target == nil {
		return nil, fmt.Errorf("no subject or service behind an allowed decision")
	}
	at := answer.At
	text, err := json.Marshal(claims{
		Issuer: g.portal, Subject: string(who.Person.ID), Audience: string(answer.Service),
		IssuedAt: at.Unix(), NotBefore: at.Add(-5 * time.Second).Unix(), Expires: at.Add(assertionLives).Unix(),
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
		subject: who, service: answer.Target, until: at.Add(assertionReused),
		headers: []header{
			{assertionHeader, []string{signed}},
			{canonical(names.User), []string{printable(who.Person.UserName)}},
			{canonical(names.Email), []string{printable(who.Person.Email)}},
			{canonical(names.Name), []string{printable(who.Person.Name)}},
			{canonical(names.Groups), []string{printable(strings.Join(who.Groups.Names(), ","))}},
		},
	}, nil
}

func withDefaults(names services.IdentityHeaders) services.IdentityHeaders {
	for field, usual := range map[*string]string{&names.User: "Remote-User", &names.Email: "Remote-Email", &names.Name: "Remote-Name", &names.Groups: "Remote-Groups"} {
		if *field == "" {
			*field = usual
		}
	}
	return names
}

// canonical is how Go's header map spells a name; an underscore counts as a
// hyphen because CGI and WSGI cannot tell the two apart.
func canonical(name string) string {
	return textproto.CanonicalMIMEHeaderKey(strings.ReplaceAll(name, "_", "-"))
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

// Headers that applications commonly believe. A client must never set them.
var commonIdentity = [...]string{
	assertionHeader, "Remote-User", "Remote-Email", "Remote-Name", "Remote-Groups", "X-Remote-User", "X-Forwarded-User",
	"X-Forwarded-Email", "X-Forwarded-Preferred-Username", "X-Forwarded-Groups", "X-Auth-Request-User", "X-Auth-Request-Email",
	"X-Webauth-User", "X-User", "X-Real-Ip", "True-Client-Ip", "X-Client-Ip", "X-Original-Url", "X-Original-Uri", "X-Rewrite-Url",
	"X-Original-Method", "X-Forwarded-Uri", "X-Forwarded-Method", "Forwarded", "X-Forwarded-Port", "X-Forwarded-Server", "X-Forwarded-Prefix",
}

// strip removes the client's copies of identity headers, in any spelling: those
// that applications commonly believe, and those of this very service.
func (g *Gateway) strip(out http.Header, who *identity) {
	for name := range out {
		spelt := name
		if strings.IndexByte(name, '_') >= 0 {
			spelt = canonical(name)
		}
		if g.never[spelt] || strings.HasPrefix(spelt, "Warder-") || who.sets(spelt) {
			delete(out, name)
		}
	}
}

// sets reports whether name is one of the headers of this identity.
func (who *identity) sets(name string) bool {
	for _, h := range who.headers {
		if h.name == name {
			return true
		}
	}
	return false
}

// neverFromClients is the set of headers that no client may send.
func neverFromClients() map[string]bool {
	never := map[string]bool{}
	for _, name := range commonIdentity {
		never[canonical(name)] = true
	}
	return never
}
