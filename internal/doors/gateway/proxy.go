package gateway

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/warder-project/warder/internal/access/decision"
)

// forwarding is what the reverse proxy needs to know about one allowed request.
type forwarding struct {
	upstream *url.URL
	identity *identity
	asked    *asked
	trusted  bool // the request came through a proxy whose headers are believed
}

type forwardingKey struct{}

// forward passes an allowed request on to the application.
func (g *Gateway) forward(w http.ResponseWriter, r *http.Request, a *asked, answer *decision.Decision) {
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
	ctx := r.Context()
	if one(r.Header, "Upgrade") != "" || strings.Contains(one(r.Header, "Accept"), "text/event-stream") {
		// What stays open is asked about again whenever something changes.
		var done func()
		ctx, done = g.open.watch(ctx, a)
		defer done()
	}
	ctx = context.WithValue(ctx, forwardingKey{}, &forwarding{upstream: upstream, identity: who, asked: a, trusted: g.trusted(remoteAddress(r))})
	g.proxy.ServeHTTP(w, r.WithContext(ctx))
}

func (g *Gateway) upstream(text string) (*url.URL, error) {
	if known, ok := g.upstreams.Load(text); ok {
		return known.(*url.URL), nil
	}
	parsed, err := url.Parse(text)
	if err != nil {
		return nil, err
	}
	if parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return nil, errors.New("upstream must be http://HOST or https://HOST")
	}
	g.upstreams.Store(text, parsed)
	return parsed, nil
}

func (g *Gateway) reverseProxy() http.Handler {
	return &httputil.ReverseProxy{
		Rewrite:       g.rewrite,
		Transport:     Transport(),
		BufferPool:    newBuffers(),
		FlushInterval: 0, // ReverseProxy flushes streams (text/event-stream, unknown length) at once by itself
		ErrorHandler:  g.upstreamFailed,
	}
}

// Transport is how we speak to applications: many connections kept open, no
// environment proxies, bounded waiting for the first byte.
func Transport() *http.Transport {
	return &http.Transport{
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
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
	out.Out.URL.Scheme = f.upstream.Scheme
	out.Out.URL.Host = f.upstream.Host
	if prefix := strings.TrimSuffix(f.upstream.Path, "/"); prefix != "" {
		out.Out.URL.Path = prefix + out.In.URL.Path
		if out.In.URL.RawPath != "" {
			out.Out.URL.RawPath = prefix + out.In.URL.RawPath
		}
	}
	out.Out.Host = out.In.Host
	g.strip(out.Out.Header, f.identity)
	if f.trusted {
		out.Out.Header["X-Forwarded-For"] = out.In.Header["X-Forwarded-For"]
	}
	out.SetXForwarded()
	out.Out.Header["X-Forwarded-Proto"] = []string{f.asked.scheme}
	withoutOwnCookies(out.Out.Header)
	for _, h := range f.identity.headers {
		out.Out.Header[h.name] = h.value
	}
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
		var rest []string
		for part := range strings.SplitSeq(line, ";") {
			part = strings.TrimSpace(part)
			name, _, _ := strings.Cut(part, "=")
			if part != "" && !strings.HasPrefix(strings.TrimPrefix(name, securePrefix), "warder_") {
				rest = append(rest, part)
			}
		}
		if len(rest) > 0 {
			kept = append(kept, strings.Join(rest, "; "))
		}
	}
	if len(kept) == 0 {
		delete(header, "Cookie")
		return
	}
	header["Cookie"] = kept
}

// buffers lends copying buffers to the reverse proxy.
type buffers struct{ pool sync.Pool }

func newBuffers() *buffers {
	return &buffers{pool: sync.Pool{New: func() any { return new([32 << 10]byte) }}}
}

func (b *buffers) Get() []byte { return b.pool.Get().(*[32 << 10]byte)[:] }

func (b *buffers) Put(lent []byte) {
	if cap(lent) >= 32<<10 {
		b.pool.Put((*[32 << 10]byte)(lent[:32<<10]))
	}
}

// connections are the requests that stay open: WebSockets and event streams.
type connections struct {
	mu     sync.Mutex
	cancel map[*connection]struct{}
}

type connection struct {
	asked asked
	end   context.CancelFunc
}

func (c *connections) watch(ctx context.Context, a *asked) (context.Context, func()) {
	ctx, end := context.WithCancel(ctx)
	held := &connection{asked: *a, end: end}
	c.mu.Lock()
	c.cancel[held] = struct{}{}
	c.mu.Unlock()
	return ctx, func() {
		c.mu.Lock()
		delete(c.cancel, held)
		c.mu.Unlock()
		end()
	}
}

// Recheck asks again about every connection that is still open, and cuts those
// that would be refused now. Call it after every change of the live view, and
// now and then for sessions that time out. It returns how many were cut.
func (g *Gateway) Recheck(ctx context.Context) int {
	g.open.mu.Lock()
	held := make([]*connection, 0, len(g.open.cancel))
	for c := range g.open.cancel {
		held = append(held, c)
	}
	g.open.mu.Unlock()
	cut := 0
	for _, c := range held {
		if answer := g.ask(ctx, &c.asked); !allowed(&answer) {
			c.end()
			cut++
		}
	}
	return cut
}
