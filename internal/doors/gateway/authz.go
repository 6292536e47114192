package gateway

import (
	"context"
	"net/http"
	"strings"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/doors/gateway/actions"
)

// Where other proxies ask. All of it must be reachable by them only; whoever is
// not a configured proxy is refused.
const (
	authzPaths      = "/authz/"
	forwardAuthPath = "/authz/forward-auth" // Traefik, Caddy: X-Forwarded-Method, -Proto, -Host, -Uri
	authRequestPath = "/authz/auth-request" // nginx: X-Original-Method, X-Original-URI, X-Forwarded-Proto, -Host
	extAuthzPath    = "/authz/ext-authz"    // Envoy: the request itself, its path behind this prefix
)

// Authz answers other proxies that ask about a request.
func (g *Gateway) Authz() http.Handler { return http.HandlerFunc(g.authz) }

// authz chooses by the path as it was sent. A ServeMux would redirect paths that
// it would rather see cleaned; here every path gets a decision.
func (g *Gateway) authz(w http.ResponseWriter, r *http.Request) {
	a := g.near(r)
	if !a.trusted {
		g.deps.Log.Warn("authorisation asked by an address that is not a trusted proxy", "ip", a.IP.String())
		g.problemJSON(w, http.StatusForbidden, untrustedProxy.New(), "")
		return
	}
	complete := false
	nginx := r.URL.Path == authRequestPath
	a.nginx = nginx
	switch {
	case nginx:
		complete = a.forwarded("X-Original-Method", "X-Original-Uri")
	case r.URL.Path == forwardAuthPath:
		complete = a.forwarded("X-Forwarded-Method", "X-Forwarded-Uri")
	case strings.HasPrefix(r.URL.Path, extAuthzPath+"/"):
		complete = a.envoy(r)
	default:
		g.problemJSON(w, http.StatusNotFound, unknownDialect.New(), "")
		return
	}
	if !complete {
		g.problemJSON(w, http.StatusBadRequest, incompleteForward.New(), "")
		return
	}
	if !nginx && strings.HasPrefix(a.Path, ownPaths) {
		g.own(w, r, &a) // nginx passes nothing on of our answer; it sends these paths to us itself
		return
	}
	answer := g.ask(r.Context(), &a)
	switch {
	case allowed(&answer):
		if len(answer.Target.Actions) == 0 || g.actUnseen(r.Context(), w, &a, &answer) {
			g.vouch(w, &answer)
		}
	case nginx:
		g.refuseThroughNginx(w, &a, &answer)
	default:
		g.refuse(w, &a, &answer)
	}
}

// forwarded reads the request that another proxy describes in headers. It is
// false unless each of them stands there exactly once.
func (a *asked) forwarded(methodHeader, addressHeader string) bool {
	a.Method = one(a.header, methodHeader)
	path, query, ok := splitAddress(one(a.header, addressHeader))
	a.Path, a.query = path, query
	return ok && a.Method != "" && a.place(one(a.header, "X-Forwarded-Host"))
}

// envoy reads the request of Envoy's HTTP authorisation filter: the original
// request line and Host arrive as they were, with our prefix before the path.
// A forwarded host would be the client's word, so it is not looked at.
func (a *asked) envoy(r *http.Request) bool {
	a.Method, a.query = r.Method, r.URL.RawQuery
	a.Path = strings.TrimPrefix(r.URL.EscapedPath(), extAuthzPath)
	_, _, ok := splitAddress(a.Path)
	return ok && a.place(r.Host)
}

// place takes the host and the scheme, and with them the cookie.
func (a *asked) place(host string) bool {
	a.Host = strings.ToLower(host)
	switch one(a.header, "X-Forwarded-Proto") {
	case "https", "wss":
		a.scheme = "https"
	case "http", "ws":
		a.scheme = "http"
	default:
		return false
	}
	a.token = cookieValue(a.header, a.cookieName(gateCookie))
	return a.Host != ""
}

// actUnseen is act for a request that another proxy passes on: neither its content nor
// the answer to it is seen here, so whatever an action asks of them counts as over.
func (g *Gateway) actUnseen(ctx context.Context, w http.ResponseWriter, a *asked, answer *decision.Decision) bool {
	now, weigh := actions.Find(answer.Target.Actions, actions.Request{Method: a.Method, Path: a.Path, Query: a.query, Length: -1})
	if now == nil && len(weigh) > 0 {
		now = &weigh[0]
	}
	if now == nil {
		return true
	}
	request := a.request(answer, *now)
	request.Sum = [32]byte{}
	return g.granted(ctx, w, a, request)
}

// refuseThroughNginx answers a refusal. nginx passes on nothing but 2xx, 401 and
// 403: the address to sign in at travels in a header, and only for a navigation.
func (g *Gateway) refuseThroughNginx(w http.ResponseWriter, a *asked, answer *decision.Decision) {
	if !canSignIn(answer) {
		g.problemJSON(w, http.StatusForbidden, refusal(answer), "")
		return
	}
	if a.navigation() {
		w.Header().Set("Warder-Sign-In", g.signInAddress(a, answer))
	}
	g.challenge(w, a, answer)
}

// vouch answers 200 with the identity headers, for another proxy to copy.
func (g *Gateway) vouch(w http.ResponseWriter, answer *decision.Decision) {
	who, err := g.identities.Of(answer)
	if err != nil {
		g.deps.Log.Error("sign identity", "error", err)
		g.problemJSON(w, http.StatusForbidden, notNow.Because(err), "")
		return
	}
	who.Write(w.Header())
	w.WriteHeader(http.StatusOK)
}
