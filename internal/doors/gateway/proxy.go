package gateway

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/warder-project/warder/internal/access/decision"
)

// forwarding is what the reverse proxy needs to know about one allowed request.
type forwarding struct {
	upstream *url.URL
	identity *identity
	asked    *asked
	methods  bool   // the route is for some methods only
	checked  uint64 // see streams
}

type forwardingKey struct{}

// forward passes an allowed request on to the application.
func (g *Gateway) forward(w http.ResponseWriter, r *http.Request, a *asked, answer *decision.Decision, checked uint64) {
	if !upgradable(r.Header) {
		g.page(w, a, http.StatusBadRequest, upgradeRefused.New())
		return
	}
	upstream, err := g.upstream(answer.Route.Upstream)
	if err != nil {
		g.deps.Log.Error("upstream address", "route", string(answer.Route.ID), "error", err)
		g.page(w, a, http.StatusBadGateway, upstreamDown.Because(err))
		return
	}
	who, err := g.identity(answer)
	if err != nil {
		g.deps.Log.Error("sign identity", "error", err)
		g.page(w, a, http.StatusServiceUnavailable, notNow.Because(err))
		return
	}
	ctx := context.WithValue(r.Context(), forwardingKey{}, &forwarding{upstream: upstream, identity: who, asked: a,
		methods: len(answer.Route.Methods) > 0, checked: checked})
	g.proxy.ServeHTTP(w, r.WithContext(ctx))
}

// upgradable reports whether a request asks to go on in no other protocol than
// WebSocket (RFC 6455 §4.1). Behind any other, such as h2c (RFC 7540 §3.2), the client
// would have a tunnel to the application, with requests that nobody decides about.
func upgradable(header http.Header) bool {
	protocols := header["Upgrade"]
	return len(protocols) == 0 || len(protocols) == 1 && strings.EqualFold(protocols[0], "websocket")
}

// upstream is the parsed address of a route. There are as many as routes ever
// had, and each is parsed once.
func (g *Gateway) upstream(text string) (*url.URL, error) {
	g.upstreams.mu.RLock()
	known := g.upstreams.parsed[text]
	g.upstreams.mu.RUnlock()
	if known != nil {
		return known, nil
	}
	parsed, err := url.Parse(text)
	if err != nil {
		return nil, err
	}
	if parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return nil, errors.New("upstream must be http://HOST or https://HOST")
	}
	g.upstreams.mu.Lock()
	defer g.upstreams.mu.Unlock()
	g.upstreams.parsed[text] = parsed
	return parsed, nil
}

// upstreams remembers parsed addresses.
type upstreams struct {
	mu     sync.RWMutex
	parsed map[string]*url.URL // guarded by mu
}

func (g *Gateway) reverseProxy() http.Handler {
	return &httputil.ReverseProxy{
		Rewrite:        g.rewrite,
		ModifyResponse: g.answered,
		Transport:      Transport(),
		BufferPool:     newBuffers(),
		FlushInterval:  0, // ReverseProxy flushes streams (text/event-stream, unknown length) at once by itself
		ErrorHandler:   g.upstreamFailed,
		ErrorLog:       slog.NewLogLogger(g.deps.Log.Handler(), slog.LevelInfo),
	}
}

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

// rewrite makes the request that the application sees. ReverseProxy has already
// removed hop-by-hop and forwarding headers; the identity is added after that,
// so no Connection header of the client can remove it.
func (g *Gateway) rewrite(out *httputil.ProxyRequest) {
	f := out.In.Context().Value(forwardingKey{}).(*forwarding)
	address, header := out.Out.URL, out.Out.Header
	address.Scheme, address.Host = f.upstream.Scheme, f.upstream.Host
	// ReverseProxy drops what Go cannot parse ("a;b"); it is the application's to read.
	address.RawQuery = out.In.URL.RawQuery
	if prefix := strings.TrimSuffix(f.upstream.Path, "/"); prefix != "" {
		address.Path = prefix + out.In.URL.Path
		if out.In.URL.RawPath != "" {
			address.RawPath = prefix + out.In.URL.RawPath
		}
	}
	out.Out.Host = out.In.Host
	// RFC 9110 §6.5.1: trailers may be merged into the header, so whatever was
	// taken out of that must not come back behind the body. Nobody needs them.
	out.Out.Trailer = nil
	g.strip(header, f)
	if f.asked.trusted {
		header["X-Forwarded-For"] = out.In.Header["X-Forwarded-For"]
	}
	out.SetXForwarded()
	if f.asked.secure() {
		header["X-Forwarded-Proto"] = https
	} else {
		header["X-Forwarded-Proto"] = plainHTTP
	}
	withoutOwnCookies(header)
	for _, h := range f.identity.headers {
		header[h.name] = h.value
	}
}

// Header values that are never changed, shared by all requests.
var (
	https     = []string{"https"}
	plainHTTP = []string{"http"}
)

// answered looks at the application's answer before it goes to the browser: what
// stays open is watched, and our cookies are ours to set.
func (g *Gateway) answered(response *http.Response) error {
	f := response.Request.Context().Value(forwardingKey{}).(*forwarding)
	if lines := response.Header["Set-Cookie"]; len(lines) > 0 {
		kept := lines[:0]
		for _, line := range lines {
			if !ownCookie(line) {
				kept = append(kept, line)
			}
		}
		response.Header["Set-Cookie"] = kept
	}
	if stays(response) {
		g.watch(response, f)
	}
	return nil
}

func (g *Gateway) upstreamFailed(w http.ResponseWriter, r *http.Request, err error) {
	f, _ := r.Context().Value(forwardingKey{}).(*forwarding)
	if f == nil || errors.Is(err, context.Canceled) {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	g.deps.Log.Warn("application does not answer", "upstream", f.upstream.Host, "error", err)
	g.page(w, f.asked, http.StatusBadGateway, upstreamDown.Because(err))
}

// withoutOwnCookies keeps our cookies from the application: whoever holds one
// holds the session.
func withoutOwnCookies(header http.Header) {
	lines := header["Cookie"]
	if len(lines) == 0 {
		return
	}
	var kept []string
	for _, line := range lines {
		if rest := withoutOwn(line); rest != "" {
			kept = append(kept, rest)
		}
	}
	if len(kept) == 0 {
		delete(header, "Cookie")
		return
	}
	header["Cookie"] = kept
}

// withoutOwn takes our cookies out of one Cookie line.
func withoutOwn(line string) string {
	if !strings.Contains(line, "warder_") {
		return line
	}
	var rest strings.Builder
	for part := range strings.SplitSeq(line, ";") {
		part = strings.TrimSpace(part)
		if part == "" || ownCookie(part) {
			continue
		}
		if rest.Len() > 0 {
			rest.WriteString("; ")
		}
		rest.WriteString(part)
	}
	return rest.String()
}

// ownCookie reports whether "name=value…" is one of ours.
func ownCookie(text string) bool {
	return strings.HasPrefix(strings.TrimPrefix(strings.TrimLeft(text, " \t"), securePrefix), "warder_")
}

// buffers lends copying buffers to the reverse proxy.
type buffers struct{ pool sync.Pool }

const bufferSize = 32 << 10

func newBuffers() *buffers {
	return &buffers{pool: sync.Pool{New: func() any { return new([bufferSize]byte) }}}
}

func (b *buffers) Get() []byte { return b.pool.Get().(*[bufferSize]byte)[:] }

func (b *buffers) Put(lent []byte) { b.pool.Put((*[bufferSize]byte)(lent)) }
