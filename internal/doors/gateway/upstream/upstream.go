package upstream

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
)

// Passage is what its owner makes of one request on its way. Dress is called once
// for each request; Answered at most once, before anything of the answer has been
// sent; Failed instead of an answer.
type Passage interface {
	// Dress takes out of the headers what the client must not say, and adds what is
	// said about it. header is the Passage's to change; its values are shared.
	Dress(header http.Header, in *http.Request)
	// Answered looks at the answer before it goes to the client, and may change it.
	Answered(response *http.Response) error
	// Failed answers for an application that does not.
	Failed(w http.ResponseWriter, r *http.Request, err error)
}

// Onward passes requests on.
type Onward struct {
	transport http.RoundTripper
	buffers   *buffers
	faults    *slog.Logger

	mu     sync.RWMutex
	parsed map[string]*url.URL // guarded by mu
}

// New returns an Onward that writes to faults what a client did not get to hear.
func New(faults *slog.Logger) *Onward {
	return &Onward{transport: Transport(), buffers: newBuffers(), faults: faults, parsed: map[string]*url.URL{}}
}

// Pass passes a request on to an application, whose address may have a path.
func (o *Onward) Pass(w http.ResponseWriter, r *http.Request, to *url.URL, passage Passage) {
	if plain(r) {
		o.plainly(w, r, to, passage)
		return
	}
	o.reverseProxy(o.transport, to, passage).ServeHTTP(w, r)
}

// Address is the parsed address of a route. There are as many as routes ever
// had, and each is parsed once.
func (o *Onward) Address(text string) (*url.URL, error) {
	o.mu.RLock()
	known := o.parsed[text]
	o.mu.RUnlock()
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
	o.mu.Lock()
	defer o.mu.Unlock()
	o.parsed[text] = parsed
	return parsed, nil
}

// reverseProxy passes on one request.
func (o *Onward) reverseProxy(transport http.RoundTripper, to *url.URL, passage Passage) http.Handler {
	return &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { rewrite(r, to, passage) },
		ModifyResponse: passage.Answered,
		Transport:      transport,
		BufferPool:     o.buffers,
		FlushInterval:  0, // ReverseProxy flushes streams (text/event-stream, unknown length) at once by itself
		ErrorHandler:   passage.Failed,
		ErrorLog:       slog.NewLogLogger(o.faults.Handler(), slog.LevelInfo),
	}
}

// rewrite makes the request that the application sees. ReverseProxy has already
// removed hop-by-hop and forwarding headers; what the Passage adds comes after that,
// so no Connection header of the client can remove it.
func rewrite(out *httputil.ProxyRequest, to *url.URL, passage Passage) {
	point(out.Out.URL, out.In.URL, to)
	// ReverseProxy drops what Go cannot parse ("a;b"); it is the application's to read.
	out.Out.URL.RawQuery = out.In.URL.RawQuery
	out.Out.Host = out.In.Host
	// RFC 9110 §6.5.1: trailers may be merged into the header, so whatever was
	// taken out of that must not come back behind the body. Nobody needs them.
	out.Out.Trailer = nil
	passage.Dress(out.Out.Header, out.In)
}

// point makes out, a copy of what the client asked for, an address of the application.
func point(out, asked, to *url.URL) {
	out.Scheme, out.Host = to.Scheme, to.Host
	if prefix := strings.TrimSuffix(to.Path, "/"); prefix != "" {
		out.Path = prefix + asked.Path
		if asked.RawPath != "" {
			out.RawPath = prefix + asked.RawPath
		}
	}
}
