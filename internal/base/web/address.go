package web

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/warder-project/warder/internal/base/web/forwarded"
	"github.com/warder-project/warder/internal/base/web/within"
)

// atRightAddress answers a request that was sent to another name or by another
// scheme than the base address. A security key is bound to the name in the
// address bar (WebAuthn Level 3 §7.1: the origin is checked), so a ceremony
// begun elsewhere could only fail; better to say so at once.
func (s *Site) atRightAddress(r *http.Request) bool {
	return strings.EqualFold(withoutDefaultPort(r.Host, s.deps.BaseURL.Scheme), ownHost(s.deps.BaseURL)) &&
		s.schemeOf(r) == s.deps.BaseURL.Scheme
}

// schemeOf is the scheme the browser used. X-Forwarded-Proto is believed from
// configured proxies only; from anybody else it is not even read.
func (s *Site) schemeOf(r *http.Request) string {
	if r.TLS != nil {
		return "https"
	}
	if s.fromProxy(r) && strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https") {
		return "https"
	}
	return "http"
}

func (s *Site) fromProxy(r *http.Request) bool { return s.proxies().Trust(forwarded.Peer(r)) }

func (s *Site) proxies() forwarded.Proxies { return s.deps.Proxies }

// Client is the address that a request on its way through a site came from; the
// zero address when that is not known.
func Client(r *http.Request) netip.Addr {
	if current := visitOf(r.Context()); current != nil {
		return current.site.proxies().Client(r)
	}
	return forwarded.Peer(r)
}

// rightAddress is the same page at the base address.
func (s *Site) rightAddress(r *http.Request) string {
	next := "/"
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		next = within.Site(r.URL.RequestURI())
	}
	return s.origin() + next
}

func ownHost(base *url.URL) string {
	return strings.ToLower(withoutDefaultPort(base.Host, base.Scheme))
}

func withoutDefaultPort(host, scheme string) string {
	name, port, err := net.SplitHostPort(host)
	if err != nil || (scheme == "https" && port != "443") || (scheme == "http" && port != "80") {
		return host
	}
	if strings.Contains(name, ":") {
		return "[" + name + "]"
	}
	return name
}
