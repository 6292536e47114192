package upstream

import (
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"strings"
	"sync"
)

// Most requests have no body and most answers are short. Those are passed on here,
// in one copy of their headers; httputil.ReverseProxy makes several, and is a
// tenth of what a request costs. Whatever is out of the ordinary is left to it: a
// body on the way up, another protocol, and every answer that is long, has no
// stated length, or has trailers.

// plain reports whether the request has neither a body nor another protocol to go
// on in.
func plain(r *http.Request) bool {
	return r.ContentLength == 0 && len(r.TransferEncoding) == 0 && len(r.Header["Upgrade"]) == 0
}

// plainly passes on a request for which plain holds.
func (o *Onward) plainly(w http.ResponseWriter, r *http.Request, to *url.URL, passage Passage) {
	address := *r.URL
	point(&address, r.URL, to)
	early := &earlyAnswers{to: w}
	ctx := httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{Got1xxResponse: early.pass})
	out := r.WithContext(ctx)
	out.URL, out.Header, out.Trailer = &address, headers(r, passage), nil
	out.Body, out.Close = nil, false // there is none; and whether to keep the connection is between us and the application
	response, err := o.transport.RoundTrip(out)
	early.end()
	if err != nil {
		passage.Failed(w, r, err)
		return
	}
	if Stays(response) || len(response.Trailer) > 0 {
		o.reverseProxy(arrived{response}, to, passage).ServeHTTP(w, r)
		return
	}
	defer response.Body.Close()
	if err := passage.Answered(response); err != nil {
		passage.Failed(w, r, err)
		return
	}
	header := w.Header()
	for name, values := range endToEnd(response.Header) {
		header[name] = values
	}
	w.WriteHeader(response.StatusCode)
	lent := o.buffers.Get()
	defer o.buffers.Put(lent)
	if _, err := io.CopyBuffer(onlyWriter{w}, response.Body, lent); err != nil {
		// The answer has begun: only breaking off tells the browser that the rest is missing.
		panic(http.ErrAbortHandler)
	}
}

// onlyWriter hides ReadFrom, which would take a buffer of its own.
type onlyWriter struct{ io.Writer }

// headers is what the application is sent in place of the client's headers. They
// are dressed last, so no Connection header of the client can remove what is added.
func headers(r *http.Request, passage Passage) http.Header {
	header := make(http.Header, len(r.Header)+9) // with what is usually added
	for name, values := range endToEnd(r.Header) {
		header[name] = values
	}
	if teTrailers(r.Header["Te"]) {
		header["Te"] = []string{"trailers"}
	}
	if header["User-Agent"] == nil {
		header["User-Agent"] = noUserAgent
	}
	passage.Dress(header, r)
	return header
}

// noUserAgent keeps the Transport from naming itself where the client named nothing.
var noUserAgent = []string{""}

// RFC 9110 §10.1.4: the only member of TE that an intermediary may pass on.
func teTrailers(lines []string) bool {
	for _, line := range lines {
		for part := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(part), "trailers") {
				return true
			}
		}
	}
	return false
}

// RFC 9110 §7.6.1, and those that are older than it.
func hopByHop(name string) bool {
	switch name {
	case "Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Te", "Trailer", "Transfer-Encoding", "Upgrade":
		return true
	}
	return false
}

// endToEnd walks the headers that are not for this connection alone.
func endToEnd(header http.Header) func(yield func(string, []string) bool) {
	var named []string
	for _, line := range header["Connection"] {
		for part := range strings.SplitSeq(line, ",") {
			if part = textproto.TrimString(part); part != "" {
				named = append(named, textproto.CanonicalMIMEHeaderKey(part))
			}
		}
	}
	return func(yield func(string, []string) bool) {
	next:
		for name, values := range header {
			if hopByHop(name) {
				continue
			}
			for _, other := range named {
				if name == other {
					continue next
				}
			}
			if !yield(name, values) {
				return
			}
		}
	}
}

// earlyAnswers passes on what comes before the answer itself, such as 103 Early
// Hints (RFC 9110 §15.2).
type earlyAnswers struct {
	mu   sync.Mutex
	to   http.ResponseWriter // guarded by mu
	over bool                // guarded by mu
}

func (e *earlyAnswers) pass(status int, header textproto.MIMEHeader) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.over {
		return nil
	}
	to := e.to.Header()
	for name, values := range header {
		to[name] = values
	}
	e.to.WriteHeader(status)
	clear(to)
	return nil
}

// end waits for one that is being passed on and lets no further one through.
func (e *earlyAnswers) end() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.over = true
}

// arrived is an answer that is there already, in the place of a Transport.
type arrived struct{ *http.Response }

func (a arrived) RoundTrip(*http.Request) (*http.Response, error) { return a.Response, nil }
