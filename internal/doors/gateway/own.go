package gateway

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/services"
)

const stateLifetime = 10 * time.Minute // as long as an attempt to sign in may take

// own answers the paths under /.warder/ on an application's host.
func (g *Gateway) own(w http.ResponseWriter, r *http.Request, a *asked) {
	w.Header().Set("Cache-Control", "no-store")
	query, err := url.ParseQuery(a.query)
	if err != nil {
		g.page(w, a, http.StatusBadRequest, brokenReturn.New())
		return
	}
	switch strings.TrimPrefix(a.path, ownPaths) {
	case "signin":
		g.beginSignIn(w, r, a, query)
	case "callback":
		g.callback(w, r, a, query)
	case "signout":
		g.signOut(w, r, a)
	default:
		g.page(w, a, http.StatusNotFound, unknownHost.New())
	}
}

// signInAddress is where a browser goes to sign in: first our own path on the
// same host, which binds the journey to this browser.
func (g *Gateway) signInAddress(a *asked) string {
	return a.scheme + "://" + a.host + ownPaths + "signin?next=" + url.QueryEscape(a.address())
}

// beginSignIn ties the journey to this browser by a cookie, so that nobody can
// sign somebody else in with a ticket of their own, and goes on to the portal.
func (g *Gateway) beginSignIn(w http.ResponseWriter, r *http.Request, a *asked, query url.Values) {
	next, ok := safeNext(query.Get("next"))
	if !ok {
		g.page(w, a, http.StatusBadRequest, brokenReturn.New())
		return
	}
	path, _, _ := strings.Cut(next, "?")
	if _, _, outcome := g.deps.Routes().Find(a.host, path, http.MethodGet); outcome == services.NoRoute {
		g.page(w, a, http.StatusNotFound, unknownHost.New())
		return
	}
	state := secret.Token()
	g.setCookie(w, a, stateCookie, state.Reveal(), int(stateLifetime.Seconds()))
	portal := url.Values{"service-url": {a.scheme + "://" + a.host + next}, "state": {state.Reveal()}}
	http.Redirect(w, r, g.portal+"/signin?"+portal.Encode(), http.StatusSeeOther)
}

// callback redeems the ticket that the portal gave to this browser.
func (g *Gateway) callback(w http.ResponseWriter, r *http.Request, a *asked, query url.Values) {
	next, ok := safeNext(query.Get("next"))
	if !ok {
		g.page(w, a, http.StatusBadRequest, brokenReturn.New())
		return
	}
	mine := secret.New(cookieValue(a.header, a.cookieName(stateCookie)))
	if !mine.Equal(secret.New(query.Get("state"))) {
		g.page(w, a, http.StatusBadRequest, otherBrowser.New())
		return
	}
	session, token, err := g.deps.Tickets.Redeem(r.Context(), secret.New(query.Get("ticket")), withoutUsualPort(a))
	if err != nil {
		g.deps.Log.Info("gate ticket refused", "host", a.host, "error", err)
		g.page(w, a, http.StatusBadRequest, ticketRefused.Because(err))
		return
	}
	g.setCookie(w, a, stateCookie, "", -1)
	g.setCookie(w, a, gateCookie, token.Reveal(), 0)
	g.deps.Log.Info("gate session started", "session", string(session.ID), "person", string(session.Person), "host", a.host)
	http.Redirect(w, r, next, http.StatusSeeOther)
}

// signOut ends the session on this host and goes to the portal, where the whole
// session can be ended.
func (g *Gateway) signOut(w http.ResponseWriter, r *http.Request, a *asked) {
	if a.method != http.MethodPost && one(a.header, "Sec-Fetch-Site") == "cross-site" {
		g.page(w, a, http.StatusForbidden, otherBrowser.New())
		return
	}
	answer := g.ask(r.Context(), &asked{scheme: a.scheme, host: a.host, path: "/", method: http.MethodGet, ip: a.ip, token: a.token, header: a.header})
	if answer.Session != "" {
		if err := g.deps.Tickets.End(r.Context(), audit.Person(answer.Person), answer.Session, sessions.SignedOut); err != nil {
			g.deps.Log.Error("end gate session", "session", string(answer.Session), "error", err)
			g.page(w, a, http.StatusServiceUnavailable, notNow.Because(err))
			return
		}
	}
	g.setCookie(w, a, gateCookie, "", -1)
	http.Redirect(w, r, g.portal+"/me", http.StatusSeeOther)
}

// setCookie writes a cookie for this host only. age is in seconds; 0 keeps it
// until the browser closes, negative removes it.
func (g *Gateway) setCookie(w http.ResponseWriter, a *asked, name, value string, age int) {
	http.SetCookie(w, &http.Cookie{
		Name: a.cookieName(name), Value: value, Path: "/", MaxAge: age,
		Secure: a.secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// safeNext accepts a path with query on this very host and nothing else.
func safeNext(next string) (string, bool) {
	if next == "" {
		return "/", true
	}
	if len(next) > longestForward || next[0] != '/' || strings.HasPrefix(next, "//") ||
		strings.ContainsAny(next, "\\\x00\r\n\t") || strings.HasPrefix(next, ownPaths) {
		return "", false
	}
	parsed, err := url.Parse(next)
	if err != nil || parsed.IsAbs() || parsed.Host != "" {
		return "", false
	}
	return next, true
}

// withoutUsualPort is the host as gate sessions know it: the port that goes
// without saying is left out.
func withoutUsualPort(a *asked) string {
	if a.secure() {
		return strings.TrimSuffix(a.host, ":443")
	}
	return strings.TrimSuffix(a.host, ":80")
}
