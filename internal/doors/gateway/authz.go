package gateway

import (
	"net/http"
	"strings"
)

// Authz answers other proxies that ask about a request. It must be reachable by
// them only; whoever is not a configured proxy is refused.
//
//	/authz/forward-auth   Traefik, Caddy: X-Forwarded-Method, -Proto, -Host, -Uri
//	/authz/auth-request   nginx: X-Original-Method, X-Forwarded-Proto, X-Forwarded-Host, X-Original-URI
//	/authz/ext-authz/…    Envoy HTTP: the request itself, its path behind the prefix
func (g *Gateway) Authz() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(forwardAuthPath, g.forwardAuth)
	mux.HandleFunc(authRequestPath, g.authRequest)
	mux.HandleFunc(extAuthzPath+"/", g.extAuthz)
	mux.HandleFunc("/authz/", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "Use /authz/forward-auth, /authz/auth-request or /authz/ext-authz.", http.StatusNotFound)
	})
	return hotPath{mux: mux, gateway: g}
}

const (
	forwardAuthPath = "/authz/forward-auth"
	authRequestPath = "/authz/auth-request"
	extAuthzPath    = "/authz/ext-authz"
)

// hotPath answers the two fixed paths without asking the mux.
type hotPath struct {
	mux     *http.ServeMux
	gateway *Gateway
}

func (h hotPath) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case forwardAuthPath:
		h.gateway.forwardAuth(w, r)
	case authRequestPath:
		h.gateway.authRequest(w, r)
	default:
		h.mux.ServeHTTP(w, r)
	}
}

func (g *Gateway) forwardAuth(w http.ResponseWriter, r *http.Request) {
	a, ok := g.forwarded(r, "X-Forwarded-Method", "X-Forwarded-Uri")
	g.answer(w, r, &a, ok)
}

// authRequest is for nginx, which passes on nothing but 2xx, 401 and 403: the
// address to sign in at travels in a header, and only for a navigation.
func (g *Gateway) authRequest(w http.ResponseWriter, r *http.Request) {
	a, ok := g.forwarded(r, "X-Original-Method", "X-Original-Uri")
	if !ok || !g.trusted(remoteAddress(r)) {
		g.answer(w, r, &a, ok)
		return
	}
	answer := g.ask(r.Context(), &a)
	if allowed(&answer) {
		g.vouch(w, &a, &answer)
		return
	}
	if canSignIn(&answer) {
		if a.navigation() {
			w.Header().Set("Warder-Sign-In", g.signInAddress(&a))
		}
		g.challenge(w, &a, &answer)
		return
	}
	g.problemJSON(w, http.StatusForbidden, refusal(&answer), "")
}

// extAuthz is Envoy's HTTP authorization service: the original request line and
// headers arrive as they were, with our prefix before the path.
func (g *Gateway) extAuthz(w http.ResponseWriter, r *http.Request) {
	a := g.direct(r)
	a.path = strings.TrimPrefix(a.path, extAuthzPath)
	if host := one(r.Header, "X-Forwarded-Host"); host != "" {
		a.host = strings.ToLower(host)
	}
	_, _, ok := splitAddress(a.path)
	g.answer(w, r, &a, ok)
}

// forwarded reads the request that another proxy describes in headers.
func (g *Gateway) forwarded(r *http.Request, methodHeader, addressHeader string) (asked, bool) {
	a := asked{header: r.Header, method: one(r.Header, methodHeader), host: one(r.Header, "X-Forwarded-Host"), scheme: one(r.Header, "X-Forwarded-Proto")}
	near := remoteAddress(r)
	a.ip = near
	if !g.trusted(near) {
		return a, false
	}
	a.ip = g.client(r.Header, near)
	if needsLower(a.host) {
		a.host = strings.ToLower(a.host)
	}
	path, query, ok := splitAddress(one(r.Header, addressHeader))
	a.path, a.query = path, query
	switch a.scheme {
	case "https", "http":
	case "wss":
		a.scheme = "https"
	case "ws":
		a.scheme = "http"
	default:
		ok = false
	}
	a.token = gateToken(r.Header, a.scheme)
	return a, ok && a.host != "" && a.method != ""
}

func needsLower(text string) bool {
	for i := range len(text) {
		if text[i] >= 'A' && text[i] <= 'Z' {
			return true
		}
	}
	return false
}

// answer is the common end for proxies that pass our refusals on to the browser.
func (g *Gateway) answer(w http.ResponseWriter, r *http.Request, a *asked, complete bool) {
	if !g.trusted(remoteAddress(r)) {
		g.deps.Log.Warn("authorization asked by an address that is not a trusted proxy", "ip", remoteAddress(r).String())
		g.problemJSON(w, http.StatusForbidden, untrustedProxy.New(), "")
		return
	}
	if !complete {
		g.problemJSON(w, http.StatusBadRequest, incompleteForward.New(), "")
		return
	}
	if strings.HasPrefix(a.path, ownPaths) {
		g.own(w, r, a)
		return
	}
	answer := g.ask(r.Context(), a)
	if allowed(&answer) {
		g.vouch(w, a, &answer)
		return
	}
	g.refuse(w, r, a, &answer)
}
