package web

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/warder-project/warder/internal/base/web/pace"
)

// Handler answers one request or returns why it could not. It must not write
// anything before it is sure to succeed; Templates.Render takes care of that
// for pages.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Permission names what a person must be allowed to do. The zero value is a
// permission that nobody has.
type Permission string

// Nobody, Public and Self are decided here; every other permission is asked of
// Viewer.May.
const (
	Nobody Permission = ""       // the strict zero value: a route that needs it is refused by Add
	Public Permission = "public" // anybody, signed in or not
	Self   Permission = "self"   // anybody who is signed in, for their own things only
)

// The permissions of administrators.
const (
	PeopleRead    Permission = "people.read"
	PeopleWrite   Permission = "people.write"
	KeysRead      Permission = "keys.read"
	KeysWrite     Permission = "keys.write"
	KeysBlock     Permission = "keys.block"
	SessionsRead  Permission = "sessions.read"
	SessionsEnd   Permission = "sessions.end"
	ServicesRead  Permission = "services.read"
	ServicesWrite Permission = "services.write"
	DecisionsRead Permission = "decisions.read"
	MaturityRead  Permission = "maturity.read"
	AuditRead     Permission = "audit.read"
	RolesRead     Permission = "roles.read"
	RolesWrite    Permission = "roles.write"

	ExceptionsRead, ExceptionsWrite, ExceptionsApprove Permission = "exceptions.read", "exceptions.write", "exceptions.approve"

	BreakGlassRead  Permission = "breakglass.read"
	BreakGlassWrite Permission = "breakglass.write"
)

// Need says who may use a route: the permission, and the lowest authenticator
// assurance level (NIST SP 800-63B-4 §2) of the session, 1 to 3. Public routes
// need 0, all others at least 1.
type Need struct {
	Permission Permission
	AAL        int
	Phishable  bool // also for sessions that are not phishing-resistant (§3.2.5): a person's own things only
}

// Route is one line of the route table.
type Route struct {
	Method  string // GET, POST, …; GET answers HEAD as well
	Path    string // a path pattern of net/http.ServeMux: /keys/{id}; the home page is /{$}
	Need    Need
	Title   string // what the page is, for the route table
	Handler Handler
	MaxBody int64     // largest request body in bytes; 0 means DefaultMaxBody
	Pace    pace.Pace // how often one address may use it; zero means as often as it likes
}

// DefaultMaxBody is the largest body a route takes when it does not say otherwise.
const DefaultMaxBody = 1 << 20

// String is the pattern as net/http.ServeMux writes it.
func (r Route) String() string { return r.Method + " " + r.Path }

// check refuses a route that leaves open who may use it.
func (r Route) check() error {
	switch {
	case !methods[r.Method]:
		return fmt.Errorf("route %q: method %q is not one of GET, POST, PUT, PATCH, DELETE", r, r.Method)
	case !strings.HasPrefix(r.Path, "/"):
		return fmt.Errorf("route %q: the path must start with a slash", r)
	case r.Path == "/":
		return fmt.Errorf("route %q: would answer every unknown address; write /{$} for the home page", r)
	case r.Need.Permission == Nobody:
		return fmt.Errorf("route %q: no permission is named, so nobody could use it", r)
	case r.Need.Permission == Public && r.Need.AAL != 0:
		return fmt.Errorf("route %q: is public and yet needs assurance level %d", r, r.Need.AAL)
	case r.Need.Permission != Public && (r.Need.AAL < 1 || r.Need.AAL > 3):
		return fmt.Errorf("route %q: assurance level %d is not 1, 2 or 3", r, r.Need.AAL)
	case r.Need.Phishable && r.Need.Permission != Self:
		return fmt.Errorf("route %q: is for administrators and yet open to sessions that could be phished", r)
	case r.Handler == nil:
		return fmt.Errorf("route %q: has no handler", r)
	case r.MaxBody < 0:
		return fmt.Errorf("route %q: the largest body is negative", r)
	}
	if err := r.Pace.Check(); err != nil {
		return fmt.Errorf("route %q: %w", r, err)
	}
	return nil
}

// methods are those a route may have. HEAD is answered by GET routes.
var methods = map[string]bool{
	http.MethodGet: true, http.MethodPost: true, http.MethodPut: true,
	http.MethodPatch: true, http.MethodDelete: true,
}
