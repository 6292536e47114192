package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/warder-project/warder/internal/base/problem"
)

const assetsPrefix = "/assets/"

// Handler is the whole site.
func (s *Site) Handler() http.Handler { return http.HandlerFunc(s.serve) }

// serve takes one request through the checks that come before the route.
func (s *Site) serve(w http.ResponseWriter, r *http.Request) {
	started := s.deps.Now()
	current := &visit{site: s}
	record := &recorder{ResponseWriter: w, visit: current}
	r = r.WithContext(context.WithValue(r.Context(), visitKey{}, current))
	defer func() { s.log(r, record, s.deps.Now().Sub(started)) }()
	defer s.recoverPanic(record, r)
	s.secure(record)
	if !strings.HasPrefix(r.URL.Path, assetsPrefix) && !s.atRightAddress(r) {
		s.failAddress(record, r)
		return
	}
	if _, pattern := s.mux.Handler(r); pattern == "" {
		s.failUnmatched(record, r)
		return
	}
	s.mux.ServeHTTP(record, r)
}

// recoverPanic turns a panic into an incident, and leaves alone the one panic by
// which a handler asks net/http to hang up.
func (s *Site) recoverPanic(w http.ResponseWriter, r *http.Request) {
	switch reason := recover(); reason {
	case nil:
	case http.ErrAbortHandler:
		panic(reason)
	default:
		s.fail(w, r, fmt.Errorf("panic: %v\n%s", reason, debug.Stack()))
	}
}

// serveRoute takes one request through the checks of its route, and to its handler.
func (s *Site) serveRoute(route *Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		current := visitOf(r.Context())
		current.route = route
		if err := s.crossSite.Check(r); err != nil {
			s.fail(w, r, CrossSite.Because(err))
			return
		}
		if err := s.keepPace(w, r, route); err != nil {
			s.fail(w, r, err)
			return
		}
		if err := s.limitBody(w, r, route); err != nil {
			s.fail(w, r, err)
			return
		}
		viewer, err := s.authorise(r, route.Need)
		current.viewer = viewer
		if err != nil {
			s.fail(w, r, err)
			return
		}
		if err := route.Handler(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

// keepPace refuses a request that comes too soon after others.
func (s *Site) keepPace(w http.ResponseWriter, r *http.Request, route *Route) error {
	wait := s.paces.Wait(route.Pace, route.String(), s.proxies().Client(r), s.deps.Now())
	if wait == 0 {
		return nil
	}
	return TooOften.New().After(wait)
}

func (s *Site) limitBody(w http.ResponseWriter, r *http.Request, route *Route) error {
	limit := route.MaxBody
	if limit == 0 {
		limit = DefaultMaxBody
	}
	if r.ContentLength > limit {
		return TooLarge.New()
	}
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	return nil
}

// authorise is the one place that decides whether a handler is reached. The
// viewer is returned even with an error, so that the error page has their navigation.
func (s *Site) authorise(r *http.Request, need Need) (Viewer, error) {
	viewer, err := s.deps.Gatekeeper.Viewer(r)
	if err == nil && !viewer.SignedIn() {
		err = SignInNeeded.New()
	}
	if err != nil {
		return Viewer{}, s.withoutViewer(r, need, err)
	}
	if !viewer.may(need.Permission) {
		return viewer, NotAllowed.New()
	}
	if viewer.AAL < need.AAL || !need.Phishable && need.Permission != Public && !viewer.PhishingResistant {
		return viewer, stepUp{cause: StepUpNeeded.New(), aal: need.AAL, phishable: need.Phishable}
	}
	return viewer, nil
}

// withoutViewer says what it means for the route that nobody is known to be looking.
func (s *Site) withoutViewer(r *http.Request, need Need, cause error) error {
	nobody := false
	if known, ok := problem.Of(cause); ok {
		nobody = known.Kind == problem.Unauthenticated
	}
	switch {
	case need.Permission == Public && nobody:
		return nil
	case need.Permission == Public:
		// Public pages stay open when sessions cannot be read, as if nobody were signed in.
		s.deps.Log.WarnContext(r.Context(), "who is signed in is not known", slog.Any("error", cause))
		return nil
	case nobody:
		return SignInNeeded.Because(cause)
	default:
		return cause
	}
}

// failUnmatched tells an unknown address from a known one used in the wrong way.
func (s *Site) failUnmatched(w http.ResponseWriter, r *http.Request) {
	current := visitOf(r.Context())
	current.viewer, _ = s.authorise(r, Need{Permission: Public}) // Public is never refused
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := s.mux.Handler(other); pattern != "" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		s.fail(w, r, NotFound.New())
		return
	}
	w.Header().Set("Allow", strings.Join(allowed, ", ")) // RFC 9110 §15.5.6
	s.fail(w, r, WrongMethod.New())
}

// assetsRoute serves the style sheets and scripts. They are the same for everybody.
func (s *Site) assetsRoute() Route {
	return Route{
		Method: http.MethodGet,
		Path:   assetsPrefix + "{name}",
		Need:   Need{Permission: Public},
		Title:  "Style sheets and scripts",
		Handler: func(w http.ResponseWriter, r *http.Request) error {
			// The gateway's own pages, at the hosts of the services, wear the same style
			// sheet. There is nothing about anybody in these files.
			w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
			s.deps.Assets.ServeHTTP(w, r)
			return nil
		},
	}
}
