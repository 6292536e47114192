package gateway

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/problem"
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
	place := strings.TrimPrefix(a.Path, ownPaths)
	if a.Method != http.MethodGet && !(place == "signout" && a.Method == http.MethodPost) {
		g.page(w, a, http.StatusMethodNotAllowed, methodRefused.New())
		return
	}
	if id, found := strings.CutPrefix(place, stepUpPath); found {
		g.resume(w, r, a, id)
		return
	}
	switch place {
	case "signin":
		g.beginSignIn(w, a, query)
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
func (g *Gateway) signInAddress(a *asked, answer *decision.Decision) string {
	address := a.origin() + ownPaths + "signin?next=" + url.QueryEscape(a.address())
	if step := stepOf(answer); step > 0 {
		address += "&step=" + strconv.Itoa(step)
		if phishable(answer.Verdict.Require) {
			address += "&way=" + anyWay
		}
	}
	return address
}

// beginSignIn ties the journey to this browser by a cookie, so that nobody can
// sign somebody else in with a ticket of their own, and goes on to the portal.
func (g *Gateway) beginSignIn(w http.ResponseWriter, a *asked, query url.Values) {
	next, ok := safeNext(query.Get("next"))
	step, way := query.Get("step"), query.Get("way")
	if !ok || step != "" && step != "1" && step != "2" && step != "3" || way != "" && way != anyWay {
		g.page(w, a, http.StatusBadRequest, brokenReturn.New())
		return
	}
	path, _, _ := strings.Cut(next, "?")
	routes := g.deps.Routes()
	if routes == nil {
		g.page(w, a, http.StatusServiceUnavailable, notNow.New())
		return
	}
	if _, _, outcome := routes.Find(a.Host, path, http.MethodGet); outcome == services.NoRoute {
		g.page(w, a, http.StatusNotFound, unknownHost.New())
		return
	}
	state := g.state(a)
	g.setCookie(w, a, stateCookie, state, int(stateLifetime.Seconds()))
	portal := url.Values{"service-url": {a.origin() + next}, "state": {state}}
	if step != "" {
		portal.Set("step", step)
	}
	if way != "" {
		portal.Set("way", way)
	}
	seeOther(w, g.portal+"/signin?"+portal.Encode())
}

// state is what ties a journey to this browser. Journeys that are begun one
// after the other share it, because a browser that is started again opens all
// its pages at once.
func (g *Gateway) state(a *asked) string {
	fresh := secret.Token().Reveal()
	if kept := cookieValue(a.header, a.cookieName(stateCookie)); len(kept) == len(fresh) {
		return kept
	}
	return fresh
}

// callback redeems the ticket that the portal gave to this browser. The ticket is
// good once; the state stays for the other journeys of this browser until its
// ten minutes are over, because all it says is that they began here.
func (g *Gateway) callback(w http.ResponseWriter, r *http.Request, a *asked, query url.Values) {
	next, ok := safeNext(query.Get("next"))
	if !ok {
		g.page(w, a, http.StatusBadRequest, brokenReturn.New())
		return
	}
	mine := secret.New(cookieValue(a.header, a.cookieName(stateCookie)))
	if !mine.Equal(secret.New(query.Get("state"))) {
		g.page(w, a, http.StatusForbidden, otherBrowser.New())
		return
	}
	session, token, err := g.deps.Tickets.Redeem(r.Context(), secret.New(query.Get("ticket")), withoutUsualPort(a))
	if refusedByBook(err) {
		g.deps.Log.Info("gate ticket refused", "host", a.Host, "error", err)
		g.page(w, a, http.StatusForbidden, ticketRefused.Because(err))
		return
	}
	if err != nil {
		g.deps.Log.Error("redeem gate ticket", "host", a.Host, "error", err)
		g.page(w, a, http.StatusServiceUnavailable, notNow.Because(err))
		return
	}
	g.setCookie(w, a, gateCookie, token.Reveal(), 0)
	g.deps.Log.Info("gate session started", "session", string(session.ID), "person", string(session.Person), "host", a.Host)
	seeOther(w, a.origin()+next)
}

// signOut ends the session on this host and goes to the portal, where the whole
// session can be ended. Nobody is signed out by another site's link or form.
func (g *Gateway) signOut(w http.ResponseWriter, r *http.Request, a *asked) {
	if !a.fromHere() {
		g.page(w, a, http.StatusForbidden, otherBrowser.New())
		return
	}
	if a.token != "" {
		if err := g.endSession(r.Context(), a); err != nil {
			g.deps.Log.Error("end gate session", "host", a.Host, "error", err)
			g.page(w, a, http.StatusServiceUnavailable, notNow.Because(err))
			return
		}
	}
	g.setCookie(w, a, gateCookie, "", -1)
	seeOther(w, g.portal+"/me")
}

// fromHere reports whether the browser says that a page of this very host, or
// the person, began the request. Browsers that say nothing name the origin of
// a form at least.
func (a *asked) fromHere() bool {
	if site := a.header.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin" || site == "none"
	}
	from := a.header.Get("Origin")
	return from == "" || from == a.origin()
}

// endSession ends the session that the cookie stands for, if it is one of this host.
func (g *Gateway) endSession(ctx context.Context, a *asked) error {
	session, err := g.deps.Tickets.ByToken(ctx, secret.New(a.token))
	if refusedByBook(err) {
		return nil // there is no such session, or it has ended already
	}
	if err != nil || session.Host != withoutUsualPort(a) {
		return err
	}
	return g.deps.Tickets.End(ctx, audit.Person(session.Person), session.ID, sessions.SignedOut)
}

// refusedByBook tells an answer of the session book from a fault on the way to it.
func refusedByBook(err error) bool {
	var known *problem.Error
	return errors.As(err, &known) && (known.Kind == problem.Unauthenticated || known.Kind == problem.NotFound || known.Kind == problem.Forbidden)
}

// setCookie writes a cookie for this host only. age is in seconds; 0 keeps it
// until the browser closes, negative removes it.
func (g *Gateway) setCookie(w http.ResponseWriter, a *asked, name, value string, age int) {
	http.SetCookie(w, &http.Cookie{
		Name: a.cookieName(name), Value: value, Path: "/", MaxAge: age,
		Secure: a.secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// safeNext accepts a path with query on this very host and nothing else: nothing
// that a browser might read as another host ("//evil", "/\\evil", tabs that it
// drops), and none of our own paths.
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
		return strings.TrimSuffix(a.Host, ":443")
	}
	return strings.TrimSuffix(a.Host, ":80")
}
