package upstream

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

// notLinkLocal keeps an upstream, or whoever answers for its name, from pointing
// at the link-local address where clouds hand a machine its own credentials.
func notLinkLocal(_, address string, _ syscall.RawConn) error {
	found, err := netip.ParseAddrPort(address)
	if err == nil && found.Addr().Unmap().IsLinkLocalUnicast() {
		err = errors.New("upstream has a link-local address")
	}
	return err
}

// Transport is how we speak to applications: many connections kept open, no
// environment proxies, bounded waiting for the first byte.
func Transport() *http.Transport {
	return &http.Transport{
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second, Control: notLinkLocal}).DialContext,
		MaxIdleConns:          1024,
		MaxIdleConnsPerHost:   256,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: 2 * time.Minute,
		ExpectContinueTimeout: time.Second,
		DisableCompression:    true,
		ForceAttemptHTTP2:     true,
	}
}

// buffers lends copying buffers to the reverse proxy.
type buffers struct{ pool sync.Pool }

const bufferSize = 32 << 10

func newBuffers() *buffers {
	return &buffers{pool: sync.Pool{New: func() any { return new([bufferSize]byte) }}}
}

func (b *buffers) Get() []byte { return b.pool.Get().(*[bufferSize]byte)[:] }

func (b *buffers) Put(lent []byte) { b.pool.Put((*[bufferSize]byte)(lent)) }
