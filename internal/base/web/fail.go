package web

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web/within"
)

// fail translates what went wrong into an answer. It is the only place on the
// portal that does.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, err error) {
	found := s.known(r, err)
	if started(w) {
		// Half an answer is out; all that is left is to break it off visibly.
		panic(http.ErrAbortHandler)
	}
	if isNavigation(r) && (found.Kind == problem.Unauthenticated || found.Kind == problem.StepUp) {
		s.sendToSignIn(w, r, err, found)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	if found.Kind == problem.Unauthenticated || found.Kind == problem.StepUp {
		// RFC 9110 §15.5.2: a 401 names how to authenticate. A cookie has no
		// registered scheme; the hint is where a person signs in.
		w.Header().Set("WWW-Authenticate", `Cookie realm="`+s.origin()+SignInPath+`"`)
	}
	if found.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(seconds(found.RetryAfter))) // RFC 9110 §10.2.3
	}
	if wantsPage(r) {
		s.failPage(w, r, found)
		return
	}
	s.failJSON(w, r, found)
}

// seconds rounds up: whoever comes back when told to is not told again.
func seconds(wait time.Duration) int { return int((wait + time.Second - 1) / time.Second) }

// known finds the problem in err. What is not a problem, or is one of our own
// faults, is logged in full and shown as an incident number.
func (s *Site) known(r *http.Request, err error) *problem.Error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return TooLarge.Because(err)
	}
	found, ok := problem.Of(err)
	if ok && found.Kind != problem.Internal && found.Kind != problem.Unavailable {
		return found
	}
	current := visitOf(r.Context())
	current.incident = incidentNumber()
	level := slog.LevelError
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		level = slog.LevelInfo // the person went away
	}
	s.deps.Log.LogAttrs(r.Context(), level, "incident",
		slog.String("incident", current.incident), slog.Any("error", err))
	if ok && found.Kind == problem.Unavailable {
		return found
	}
	return Unexpected.Because(err)
}

// incidentNumber is short enough to read over the telephone: 40 random bits.
func incidentNumber() string {
	text := rand.Text()
	return text[:4] + "-" + text[4:8]
}

// started reports whether part of an answer has been written already.
func started(w http.ResponseWriter) bool {
	for {
		if record, ok := w.(*recorder); ok {
			return record.status != 0
		}
		wrapped, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return false
		}
		w = wrapped.Unwrap()
	}
}

// sendToSignIn sends a browser to sign in and back to where it was.
func (s *Site) sendToSignIn(w http.ResponseWriter, r *http.Request, err error, found *problem.Error) {
	query := url.Values{"next": {s.returnPath(r)}}
	if found.Kind == problem.StepUp {
		level := 1
		if current := visitOf(r.Context()); current.route != nil {
			level = max(level, current.route.Need.AAL)
		}
		var wanted stepUp
		if errors.As(err, &wanted) {
			level = max(level, wanted.aal)
		}
		if wanted.phishable {
			query.Set("way", AnyWay)
		}
		query.Set("step", strconv.Itoa(level))
	}
	http.Redirect(w, r, SignInPath+"?"+query.Encode(), http.StatusSeeOther)
}

// returnPath is the page to come back to. A form that was sent cannot be sent
// again by a redirect, so it is the page the form was on.
func (s *Site) returnPath(r *http.Request) string {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return within.Site(r.URL.RequestURI())
	}
	from, err := url.Parse(r.Referer())
	if err != nil || from.Scheme+"://"+strings.ToLower(from.Host) != s.origin() {
		return "/"
	}
	return within.Site(from.RequestURI())
}

// isNavigation reports whether a person is looking at the answer in the address
// bar, rather than a script. Fetch Metadata §2.2 where the browser sends it.
func isNavigation(r *http.Request) bool {
	if mode := r.Header.Get("Sec-Fetch-Mode"); mode != "" {
		return mode == "navigate"
	}
	return wantsPage(r)
}

// wantsPage reports whether the client asks for HTML. A client that says nothing,
// or anything, is a script.
func wantsPage(r *http.Request) bool {
	for part := range strings.SplitSeq(strings.Join(r.Header.Values("Accept"), ","), ",") {
		kind, parameters, _ := strings.Cut(part, ";")
		switch strings.ToLower(strings.TrimSpace(kind)) {
		case "text/html", "application/xhtml+xml":
			return strings.ReplaceAll(parameters, " ", "") != "q=0"
		case "application/json", "application/problem+json":
			return false // named before HTML
		}
	}
	return false
}

// statusOf is the status of a problem. A few of our own need a status that
// their kind does not have.
func statusOf(found *problem.Error) int {
	switch found.Code {
	case WrongMethod.Code:
		return http.StatusMethodNotAllowed
	case TooLarge.Code:
		return http.StatusRequestEntityTooLarge
	case WrongAddress.Code:
		return http.StatusMisdirectedRequest // RFC 9110 §15.5.20
	}
	switch found.Kind {
	case problem.Invalid:
		return http.StatusBadRequest
	case problem.Unauthenticated, problem.StepUp: // RFC 9470 §3: 401 for both
		return http.StatusUnauthorized
	case problem.Forbidden:
		return http.StatusForbidden
	case problem.NotFound:
		return http.StatusNotFound
	case problem.Conflict:
		return http.StatusConflict
	case problem.TooMany:
		return http.StatusTooManyRequests
	case problem.Unavailable:
		return http.StatusServiceUnavailable
	case problem.Internal:
		return http.StatusInternalServerError
	}
	return http.StatusInternalServerError
}

// answer is a problem as JSON, after RFC 9457 §3 with members of our own.
type answer struct {
	Title    string          `json:"title"`
	Status   int             `json:"status"`
	Detail   string          `json:"detail,omitempty"`
	Code     string          `json:"code"`
	Kind     string          `json:"kind"`
	Next     string          `json:"next"`
	Link     string          `json:"link,omitempty"`
	Fields   []problem.Field `json:"fields,omitempty"`
	Incident string          `json:"incident,omitempty"`
}

func (s *Site) failJSON(w http.ResponseWriter, r *http.Request, found *problem.Error) {
	body := answer{
		Title:    found.Sentence,
		Status:   statusOf(found),
		Detail:   found.Detail,
		Code:     found.Code,
		Kind:     found.Kind.String(),
		Next:     found.Next,
		Link:     s.linkFor(r, found),
		Fields:   found.Fields,
		Incident: visitOf(r.Context()).incident,
	}
	text, err := json.Marshal(body)
	if err != nil { // strings and numbers only: cannot happen
		text = []byte(`{"code":"web.unexpected","kind":"internal"}`)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(body.Status)
	w.Write(text) // the client may be gone; nothing is left to do
}

// linkFor is where to go next, when there is one place.
func (s *Site) linkFor(r *http.Request, found *problem.Error) string {
	switch {
	case found.Code == WrongAddress.Code:
		return s.rightAddress(r)
	case found.Kind == problem.Unauthenticated || found.Kind == problem.StepUp:
		return s.origin() + SignInPath
	default:
		return ""
	}
}
