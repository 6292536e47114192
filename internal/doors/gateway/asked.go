package gateway

import (
	"crypto/sha256"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/warder-project/warder/internal/access/decision"
)

// asked is the request that a decision is about: the one that came to us, or
// the one another proxy asks about.
type asked struct {
	// As the browser sees it: Host is lower case, with a port if it has one; Path
	// is escaped. Token and At are filled in by ask.
	decision.Question

	scheme  string // "https" or "http", as the browser sees it
	query   string
	token   string // value of the gate cookie; empty: none
	header  http.Header
	nginx   bool // nginx asks: of our answer it passes on the status, and headers it was told of
	trusted bool // it came from a proxy whose forwarded headers are believed
}

const (
	ownPaths       = "/.warder/"
	gateCookie     = "warder_gate"
	stateCookie    = "warder_state"
	securePrefix   = "__Host-"
	longestToken   = 128
	longestForward = 8 << 10
)

// near begins the description of a request with who sent it to us.
func (g *Gateway) near(r *http.Request) asked {
	a := asked{header: r.Header}
	a.IP = remoteAddress(r)
	a.trusted = g.trusted(a.IP)
	if a.trusted {
		a.IP = g.client(r.Header, a.IP)
	}
	return a
}

// direct describes a request that came to the gateway's own listener.
func (g *Gateway) direct(r *http.Request) asked {
	a := g.near(r)
	a.scheme, a.Host, a.Method = "http", strings.ToLower(r.Host), r.Method
	a.Path, a.query = r.URL.EscapedPath(), r.URL.RawQuery
	if r.TLS != nil {
		a.scheme = "https"
	}
	if a.trusted {
		// Only the scheme and the client's address are taken over: the host that
		// the proxy sends us is the Host header itself.
		if scheme := one(r.Header, "X-Forwarded-Proto"); scheme == "https" || scheme == "http" {
			a.scheme = scheme
		}
	}
	a.token = cookieValue(r.Header, a.cookieName(gateCookie))
	return a
}

// secure reports whether the browser speaks https to the application.
func (a *asked) secure() bool { return a.scheme == "https" }

// cookieName is the name of one of our cookies on the application's host.
// RFC 6265bis §4.1.3: the __Host- prefix ties it to that very host over https;
// plain http happens on localhost only.
func (a *asked) cookieName(name string) string {
	if !a.secure() {
		return name
	}
	if name == gateCookie {
		return securePrefix + gateCookie // a constant: every request needs it
	}
	return securePrefix + name
}

// address is what the browser asked for, path and query.
func (a *asked) address() string {
	if a.query == "" {
		return a.Path
	}
	return a.Path + "?" + a.query
}

// origin is where the browser thinks it is.
func (a *asked) origin() string { return a.scheme + "://" + a.Host }

// navigation reports whether a person is looking at the answer. Everything else
// (fetch, XMLHttpRequest, WebSocket, gRPC, command lines) must get a status it
// understands, never a redirect into HTML.
func (a *asked) navigation() bool {
	if a.Method != http.MethodGet && a.Method != http.MethodHead {
		return false
	}
	if len(a.header["Upgrade"]) > 0 || len(a.header["X-Requested-With"]) > 0 ||
		strings.HasPrefix(a.header.Get("Content-Type"), "application/grpc") {
		return false
	}
	// Fetch Metadata (W3C): the browser itself says what the request is for.
	if mode := a.header.Get("Sec-Fetch-Mode"); mode != "" {
		return mode == "navigate"
	}
	return strings.Contains(a.header.Get("Accept"), "text/html")
}

// one returns the value of a header that must stand exactly once; a repeated
// header is as good as none, because two readers may believe different copies.
func one(header http.Header, name string) string {
	values := header[name]
	if len(values) != 1 {
		return ""
	}
	return values[0]
}

func remoteAddress(r *http.Request) netip.Addr {
	address, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return address.Addr().Unmap()
}

func (g *Gateway) trusted(address netip.Addr) bool {
	if !address.IsValid() {
		return false
	}
	for _, prefix := range g.deps.TrustedProxies {
		if prefix.Contains(address) {
			return true
		}
	}
	return false
}

// client walks X-Forwarded-For from the right, past proxies we trust, to the
// first address that one of them saw with its own eyes.
func (g *Gateway) client(header http.Header, nearest netip.Addr) netip.Addr {
	lines := header["X-Forwarded-For"]
	for i := len(lines) - 1; i >= 0; i-- {
		for rest := lines[i]; rest != ""; {
			at := strings.LastIndexByte(rest, ',')
			address, err := netip.ParseAddr(strings.TrimSpace(rest[at+1:]))
			if err != nil {
				return nearest
			}
			nearest = address.Unmap()
			if !g.trusted(nearest) {
				return nearest
			}
			rest = rest[:max(at, 0)]
		}
	}
	return nearest
}

// cookieValue finds a cookie. RFC 6265 §5.4 sends one Cookie header; HTTP/2 may
// split it. A cookie that stands twice is ambiguous and counts as none.
func cookieValue(header http.Header, name string) string {
	found := ""
	for _, line := range header["Cookie"] {
		for line != "" {
			var part string
			part, line, _ = strings.Cut(line, ";")
			value, ok := strings.CutPrefix(strings.Trim(part, " \t"), name)
			if !ok || value == "" || value[0] != '=' {
				continue
			}
			if found != "" || len(value) < 2 || len(value) > longestToken {
				return ""
			}
			found = value[1:]
		}
	}
	return found
}

// hashToken is what sessions are looked up by, as secret.Value.Hash has it.
func hashToken(token string) [32]byte {
	var room [longestToken]byte // longer ones are not tokens; this one stays on the stack
	return sha256.Sum256(room[:copy(room[:], token)])
}

// splitAddress takes "/path?query" apart and refuses what is not one.
func splitAddress(address string) (path, query string, ok bool) {
	if len(address) == 0 || len(address) > longestForward || address[0] != '/' {
		return "", "", false
	}
	path, query, _ = strings.Cut(address, "?")
	if strings.IndexByte(path, '#') >= 0 {
		return "", "", false
	}
	if strings.IndexByte(path, '%') < 0 {
		return path, query, true
	}
	if _, err := url.PathUnescape(path); err != nil {
		return "", "", false
	}
	return path, query, true
}
