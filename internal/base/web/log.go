package web

import (
	"log/slog"
	"net/http"
	"time"
)

// recorder remembers what was answered, for the log and for fail, and keeps
// what is behind sign-in out of every cache, whatever a handler says.
type recorder struct {
	http.ResponseWriter
	visit  *visit
	status int
	bytes  int64
}

// WriteHeader remembers the status.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= 200 { // 1xx are not the answer
		r.status = status
		if route := r.visit.route; route != nil && route.Need.Permission != Public {
			r.Header().Set("Cache-Control", "no-store")
		}
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write counts the bytes.
func (r *recorder) Write(body []byte) (int, error) {
	if r.status == 0 {
		r.WriteHeader(http.StatusOK)
	}
	written, err := r.ResponseWriter.Write(body)
	r.bytes += int64(written)
	return written, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// log writes one line per request: the pattern of the route, never the address
// itself, which may hold a one-time link; the person by id.
func (s *Site) log(r *http.Request, record *recorder, took time.Duration) {
	current := visitOf(r.Context())
	pattern := "none"
	if current.route != nil {
		pattern = current.route.Path
	}
	attributes := []slog.Attr{
		slog.String("method", r.Method),
		slog.String("route", pattern),
		slog.Int("status", record.status),
		slog.Int64("bytes", record.bytes),
		slog.Float64("milliseconds", float64(took.Microseconds())/1000),
	}
	if current.viewer.SignedIn() {
		attributes = append(attributes, slog.String("person", string(current.viewer.Person)))
	}
	if current.incident != "" {
		attributes = append(attributes, slog.String("incident", current.incident))
	}
	level := slog.LevelInfo
	if pattern == assetsPrefix+"{name}" {
		level = slog.LevelDebug
	}
	s.deps.Log.LogAttrs(r.Context(), level, "request", attributes...)
}
