package signinweb

import (
	"net/http"
	"net/netip"
	"net/url"

	"github.com/warder-project/warder/internal/access/returns"
	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/access/signin/attempts"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
)

// The cookies of the portal. The prefix __Host- is put before them on https: the
// browser then takes them only from this very host, for all of it, encrypted
// (RFC 6265bis §4.1.3.2). Without https there is only http://localhost.
const (
	sessionCookie = "warder_session" // the token of the session
	attemptCookie = "warder_attempt" // the secret that binds attempts to the browser
	lastCookie    = "warder_last"    // id of the last session, so that its end can be explained
	hostPrefix    = "__Host-"
)

// Cookies reads and writes the portal's cookies. The zero value writes secure
// ones, which no browser keeps over http.
type Cookies struct{ plain bool }

// NewCookies makes cookies for the address at which people reach the portal. It
// refuses, with signin.ErrInsecureAddress, an address on which no browser would
// let a key be used, before anybody tries: https with a name, or http://localhost.
func NewCookies(base *url.URL) (Cookies, error) {
	switch {
	case base == nil || base.Hostname() == "":
		return Cookies{}, signin.ErrInsecureAddress.New()
	case isAddress(base.Hostname()):
		return Cookies{}, signin.ErrInsecureAddress.Detailf("%q is a number, not a name.", base.Hostname())
	case base.Scheme == "https":
		return Cookies{}, nil
	case base.Scheme == "http" && returns.Localhost(base.Host):
		return Cookies{plain: true}, nil
	}
	return Cookies{}, signin.ErrInsecureAddress.Detailf("%s is neither.", base.Redacted())
}

func (c Cookies) name(cookie string) string {
	if c.plain {
		return cookie
	}
	return hostPrefix + cookie
}

// Session is the token that the browser sent; empty when it sent none.
func (c Cookies) Session(r *http.Request) secret.Value { return c.read(r, sessionCookie) }

// attempt is the secret that the browser sent; empty when it sent none.
func (c Cookies) attempt(r *http.Request) secret.Value { return c.read(r, attemptCookie) }

// last is the id of the browser's last session; empty when it is not known.
func (c Cookies) last(r *http.Request) ids.Session {
	id, err := ids.Parse[ids.Session](c.read(r, lastCookie).Reveal())
	if err != nil {
		return ""
	}
	return id
}

// read refuses a cookie that was sent twice: one of the two was planted.
func (c Cookies) read(r *http.Request, cookie string) secret.Value {
	found := r.CookiesNamed(c.name(cookie))
	if len(found) != 1 {
		return secret.Value{}
	}
	return secret.New(found[0].Value)
}

// SignedIn gives the browser its session. The cookie ends with the browser; the
// session itself has its own limits.
func (c Cookies) SignedIn(w http.ResponseWriter, token secret.Value, id ids.Session) {
	c.write(w, sessionCookie, token.Reveal(), 0)
	c.write(w, lastCookie, string(id), 0)
}

func (c Cookies) signedOut(w http.ResponseWriter) {
	c.write(w, sessionCookie, "", -1)
	c.write(w, lastCookie, "", -1)
}

// begun binds attempts to the browser for as long as one may take.
func (c Cookies) begun(w http.ResponseWriter, browser secret.Value) {
	c.write(w, attemptCookie, browser.Reveal(), int(attempts.Lifetime.Seconds()))
}

// Browser is the secret that binds what is under way to the browser; empty when it
// has none.
func (c Cookies) Browser(r *http.Request) secret.Value { return c.attempt(r) }

// Bind gives that secret, made anew for a browser that has none, and lets the
// browser keep it for the next minutes.
func (c Cookies) Bind(w http.ResponseWriter, r *http.Request) secret.Value {
	browser := c.attempt(r)
	if len(browser.Reveal()) != len(secret.Token().Reveal()) {
		browser = secret.Token()
	}
	c.begun(w, browser)
	return browser
}

func (c Cookies) write(w http.ResponseWriter, cookie, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{
		Name: c.name(cookie), Value: value, Path: "/", MaxAge: maxAge,
		Secure: !c.plain, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// isAddress says that a host is an IP address, for which no browser makes a key answer.
func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}
