package gateway

import (
	"crypto/sha256"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"unsafe"
)

// asked is the request that a decision is about: the one that came to us, or
// the one another proxy asks about.
type asked struct {
	scheme string // "https" or "http", as the browser sees it
	host   string // host or host:port, lower case, as the browser sees it
	path   string // escaped path without the query
	query  string
	method string
	ip     netip.Addr
	token  string // value of the gate cookie; empty: none
	header http.Header
}

const (
	ownPaths       = "/.warder/"
	gateCookie     = "warder_gate"
	stateCookie    = "warder_state"
	securePrefix   = "__Host-"
	longestToken   = 128
	longestForward = 8 << 10
)

// direct describes a request that came to the gateway's own listener.
func (g *Gateway) direct(r *http.Request) asked {
	a := asked{scheme: "http", host: strings.ToLower(r.Host), path: r.URL.EscapedPath(), query: r.URL.RawQuery, method: r.Method, header: r.Header}
	if r.TLS != nil {
		a.scheme = "https"
	}
	a.ip = remoteAddress(r)
	if g.trusted(a.ip) {
		// Only the scheme and the client's address are taken over: the host that
		// the proxy sends us is the Host header itself.
		if scheme := one(r.Header, "X-Forwarded-Proto"); scheme == "https" || scheme == "http" {
			a.scheme = scheme
		}
		a.ip = g.client(r.Header, a.ip)
	}
	a.token = gateToken(r.Header, a.scheme)
	return a
}

// secure reports whether the browser speaks https to the application.
func (a *asked) secure() bool { return a.scheme == "https" }

// cookieName is the name of a cookie on the application's host. RFC 6265bis
// §4.1.3: the __Host- prefix ties it to that very host over https; plain http
// happens on localhost only.
func (a *asked) cookieName(name string) string {
	if a.secure() {
		return securePrefix + name
	}
	return name
}

// address is what the browser asked for, path and query.
func (a *asked) address() string {
	if a.query == "" {
		return a.path
	}
	return a.path + "?" + a.query
}

// navigation reports whether a person is looking at the answer. Everything else
// (fetch, XMLHttpRequest, WebSocket, gRPC, command lines) must get a status it
// understands, never a redirect into HTML.
func (a *asked) navigation() bool {
	if a.method != http.MethodGet && a.method != http.MethodHead {
		return false
	}
	if one(a.header, "Upgrade") != "" || strings.HasPrefix(one(a.header, "Content-Type"), "application/grpc") ||
		one(a.header, "X-Requested-With") != "" {
		return false
	}
	// Fetch Metadata (W3C): the browser itself says what the request is for.
	if mode := one(a.header, "Sec-Fetch-Mode"); mode != "" {
		return mode == "navigate"
	}
	return strings.Contains(one(a.header, "Accept"), "text/html")
}

// one returns the value of a header that must stand at most once; a repeated
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
	for i := len(header["X-Forwarded-For"]) - 1; i >= 0; i-- {
		rest := header["X-Forwarded-For"][i]
		for rest != "" {
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

// gateToken finds the gate cookie. RFC 6265 §5.4 sends one Cookie header; HTTP/2
// may split it. A cookie that stands twice is ambiguous and counts as none.
func gateToken(header http.Header, scheme string) string {
	name := gateCookie
	if scheme == "https" {
		name = securePrefix + gateCookie
	}
	return cookieValue(header, name)
}

func cookieValue(header http.Header, name string) string {
	found := ""
	for _, line := range header["Cookie"] {
		for line != "" {
			var part string
			part, line, _ = strings.Cut(line, ";")
			part = strings.TrimLeft(part, " ")
			value, ok := strings.CutPrefix(part, name)
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

// hashToken is what sessions are looked up by. The conversion does not copy:
// sha256 only reads.
func hashToken(token string) [32]byte {
	return sha256.Sum256(unsafe.Slice(unsafe.StringData(token), len(token)))
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
