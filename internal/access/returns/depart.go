package returns

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/services"
)

// CallbackPath is where the gateway takes a ticket, on every service's host.
const CallbackPath = "/.warder/callback"

// A browser that comes back to the same service this often, this quickly, is
// going in circles: its cookie for the service does not stay, or the service
// wants what the key cannot give.
const (
	circleReturns = 3
	circleTime    = 30 * time.Second
)

// Deps is what a Desk needs. All of it is required.
type Deps struct {
	Sessions *sessions.Book
	Services func() *services.Table // the routes as they are now
	Portal   *url.URL               // where people sign in: scheme and host
	Now      func() time.Time
}

// Desk lets people go on to where they were going.
type Desk struct{ deps Deps }

// New returns a desk.
func New(deps Deps) *Desk { return &Desk{deps: deps} }

// Service accepts the address of a page of a service we protect, and
// says whose it is. state comes back to that host unchanged. Everything else is refused: an address that a link can
// choose would make the sign-in page a way to send people, and a ticket, anywhere.
func (d *Desk) Service(text, state string) (Address, *services.Service, error) {
	to, err := parseService(text)
	if err != nil {
		return Address{}, nil, err
	}
	if to.State = state; !opaque(state) {
		return Address{}, nil, Refused.New()
	}
	if !d.sameSafety(to) {
		return Address{}, nil, Refused.New()
	}
	parsed, err := url.ParseRequestURI(to.Path)
	if err != nil {
		return Address{}, nil, Refused.Because(err)
	}
	service, _, ok := d.deps.Services().Match(to.Host, parsed.EscapedPath(), "GET")
	if !ok || service.State != services.Admitted {
		return Address{}, nil, Refused.New()
	}
	return to, service, nil
}

// opaque says that text is empty or such a token as secret.Token makes: it goes
// into an address and means nothing to us.
func opaque(text string) bool {
	if len(text) > 128 {
		return false
	}
	for i := range len(text) {
		c := text[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// sameSafety keeps tickets off unencrypted connections, except within this machine.
func (d *Desk) sameSafety(to Address) bool {
	if d.deps.Portal.Scheme == "https" || to.Scheme == "https" {
		return to.Scheme == d.deps.Portal.Scheme
	}
	return Localhost(to.Host)
}

// Localhost says that a host (with or without a port) is this machine by name.
// Browsers treat these as secure contexts, and nothing else without TLS
// (Secure Contexts §3.1); an IP address cannot be a relying party id.
func Localhost(host string) bool {
	name := strings.ToLower((&url.URL{Host: host}).Hostname())
	return name == "localhost" || strings.HasSuffix(name, ".localhost")
}

// Depart gives the address at which a signed-in browser is let into a service:
// the gateway's callback with a ticket that works once, there, within a minute.
func (d *Desk) Depart(ctx context.Context, id ids.Session, to Address) (string, error) {
	// The routes may have changed since the address was first accepted.
	to, _, err := d.Service(to.Scheme+"://"+to.Host+to.Path, to.State)
	if err != nil {
		return "", err
	}
	session, err := d.deps.Sessions.Get(ctx, id)
	if err != nil {
		return "", err
	}
	if err := d.checkCircles(ctx, session, to.Host); err != nil {
		return "", err
	}
	ticket, err := d.deps.Sessions.Ticket(ctx, id, to.Host)
	if err != nil {
		return "", err
	}
	query := url.Values{"ticket": {ticket.Reveal()}, "next": {to.Path}}
	if to.State != "" {
		query.Set("state", to.State)
	}
	callback := url.URL{Scheme: to.Scheme, Host: to.Host, Path: CallbackPath, RawQuery: query.Encode()}
	return callback.String(), nil
}

func (d *Desk) checkCircles(ctx context.Context, session sessions.Session, host string) error {
	open, err := d.deps.Sessions.OfPerson(ctx, session.Person)
	if err != nil {
		return err
	}
	since, returns := d.deps.Now().Add(-circleTime), 0
	for _, one := range open {
		if one.Parent == session.ID && one.Host == host && one.CreatedAt.After(since) {
			returns++
		}
	}
	if returns >= circleReturns {
		return Circles.New()
	}
	return nil
}
