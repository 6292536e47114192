// Package forwarded says who a request came from when proxies stand in between.
// What a header says is believed as far as configured proxies wrote it, and no
// further: the rest is the client's own word.
package forwarded

import (
	"net/http"
	"net/netip"
	"strings"
)

// Proxies are the networks whose forwarded headers are believed. Nil is nobody.
type Proxies []netip.Prefix

// Peer is who is at the other end of the connection; the zero address when that
// is not known.
func Peer(r *http.Request) netip.Addr {
	address, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return address.Addr().Unmap()
}

// Trust reports whether an address is one of the proxies.
func (p Proxies) Trust(address netip.Addr) bool {
	for _, prefix := range p {
		if prefix.Contains(address) {
			return true
		}
	}
	return false
}

// Client is the address that a request came from: X-Forwarded-For is read from
// the right, as long as a proxy wrote it. The zero address is not known.
func (p Proxies) Client(r *http.Request) netip.Addr {
	nearest := Peer(r)
	said := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(said) - 1; i >= 0 && p.Trust(nearest); i-- {
		before, err := netip.ParseAddr(strings.TrimSpace(said[i]))
		if err != nil {
			return nearest
		}
		nearest = before.Unmap()
	}
	return nearest
}
