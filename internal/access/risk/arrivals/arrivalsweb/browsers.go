// Package arrivalsweb tells browsers apart by a cookie that names them.
package arrivalsweb

import (
	"encoding/base64"
	"net/http"
	"net/url"

	"github.com/warder-project/warder/internal/base/secret"
)

// Sealer signs, and hides, what a browser is known by.
type Sealer interface {
	Seal(plain []byte, row string) ([]byte, error)
	Open(sealed []byte, row string) ([]byte, error)
}

const (
	browserCookie = "warder_browser" // names the browser, sealed; it signs nobody in
	browserRow    = "cookie:warder_browser"
	browserAge    = 400 * 24 * 60 * 60 // RFC 6265bis §5.5: browsers keep none longer
	longestSealed = 512
)

// Browsers tells browsers apart by a name in a cookie, which says nothing about them
// and which nobody can make up. It is not worked out from what a browser is like.
type Browsers struct {
	seal   Sealer
	plain  bool
	cookie string
}

// NewBrowsers makes them for the address at which people reach the portal.
func NewBrowsers(portal *url.URL, seal Sealer) *Browsers {
	b := &Browsers{seal: seal, plain: portal.Scheme != "https", cookie: "__Host-" + browserCookie}
	if b.plain { // on localhost only
		b.cookie = browserCookie
	}
	return b
}

// Of is the name of the browser, a new one for a browser that has none, and what lets
// it keep that, for when it has signed somebody in.
func (b *Browsers) Of(r *http.Request) (name string, keep func(w http.ResponseWriter)) {
	already := func(http.ResponseWriter) {}
	if sent := r.CookiesNamed(b.cookie); len(sent) == 1 && len(sent[0].Value) <= longestSealed { // of two, one was planted
		sealed, err := base64.RawURLEncoding.DecodeString(sent[0].Value)
		if err == nil {
			if plain, err := b.seal.Open(sealed, browserRow); err == nil {
				return string(plain), already
			}
		}
	}
	name = "brw_" + secret.Token().Reveal()[:22]
	sealed, err := b.seal.Seal([]byte(name), browserRow)
	if err != nil {
		return "", already // not known, which a policy must deal with anyway
	}
	return name, func(w http.ResponseWriter) {
		http.SetCookie(w, &http.Cookie{Name: b.cookie, Value: base64.RawURLEncoding.EncodeToString(sealed), Path: "/", MaxAge: browserAge,
			Secure: !b.plain, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	}
}
