package gateway

import (
	"context"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
)

// streams are the answers that stay open: WebSockets, event streams, and
// whatever else does not say when it will end.
type streams struct {
	// rechecks counts the calls of Recheck. A request that was allowed before one
	// and begins to stream after it must ask again.
	rechecks atomic.Uint64

	mu   sync.Mutex
	open map[*stream]struct{} // guarded by mu
}

// stream is the body of an answer that stays open. Closing it ends the request,
// whoever is reading.
type stream struct {
	io.ReadCloser
	asked   asked
	streams *streams
}

// duplex is a stream in both directions, after 101 Switching Protocols.
type duplex struct {
	*stream
	io.Writer
}

// watch lets Recheck find the answer. When something has changed since the
// request was decided, it is asked about now.
func (g *Gateway) watch(response *http.Response, f *forwarding) {
	s := &stream{ReadCloser: response.Body, asked: *f.asked, streams: &g.streams}
	g.streams.mu.Lock()
	g.streams.open[s] = struct{}{}
	g.streams.mu.Unlock()
	response.Body = s
	if both, ok := s.ReadCloser.(io.ReadWriteCloser); ok {
		response.Body = duplex{s, both}
	}
	if g.streams.rechecks.Load() != f.checked {
		g.cut(response.Request.Context(), s)
	}
}

// Close ends the request.
func (s *stream) Close() error {
	s.streams.mu.Lock()
	delete(s.streams.open, s)
	s.streams.mu.Unlock()
	return s.ReadCloser.Close()
}

// Recheck asks again about every answer that is still open, and cuts those that
// would be refused now. Call it after every change of the live view, and now
// and then for sessions that time out. It returns how many were cut.
func (g *Gateway) Recheck(ctx context.Context) int {
	g.streams.rechecks.Add(1)
	g.streams.mu.Lock()
	open := make([]*stream, 0, len(g.streams.open))
	for s := range g.streams.open {
		open = append(open, s)
	}
	g.streams.mu.Unlock()
	cut := 0
	for _, s := range open {
		if g.cut(ctx, s) {
			cut++
		}
	}
	return cut
}

// cut closes the stream unless its reader would be let in now. Closing may fail
// only for a connection that is gone already.
func (g *Gateway) cut(ctx context.Context, s *stream) bool {
	asked := s.asked // of its own: two changes may be asked about at once
	asked.Again = true
	answer := g.ask(ctx, &asked)
	if allowed(&answer) {
		return false
	}
	if err := s.Close(); err != nil {
		g.deps.Log.Info("stream was gone before it was cut", "host", s.asked.Host, "error", err)
	}
	return true
}
