package signin

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
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

// ServiceReturn accepts the address of a page of a service we protect, and
// says whose it is. state comes back to that host unchanged. Everything else is refused: an address that a link can
// choose would make the sign-in page a way to send people, and a ticket, anywhere.
func (f *Flow) ServiceReturn(text, state string) (Return, *services.Service, error) {
	to, err := parseService(text)
	if err != nil {
		return Return{}, nil, err
	}
	if to.State = state; !opaque(state) {
		return Return{}, nil, ErrReturnRefused.New()
	}
	if !f.sameSafety(to) {
		return Return{}, nil, ErrReturnRefused.New()
	}
	parsed, err := url.ParseRequestURI(to.Path)
	if err != nil {
		return Return{}, nil, ErrReturnRefused.Because(err)
	}
	service, _, ok := f.deps.Services().Match(to.Host, parsed.EscapedPath(), "GET")
	if !ok || service.State != services.Admitted {
		return Return{}, nil, ErrReturnRefused.New()
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
func (f *Flow) sameSafety(to Return) bool {
	if f.deps.Portal.Scheme == "https" || to.Scheme == "https" {
		return to.Scheme == f.deps.Portal.Scheme
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
func (f *Flow) Depart(ctx context.Context, id ids.Session, to Return) (string, error) {
	// The routes may have changed since the address was first accepted.
	to, _, err := f.ServiceReturn(to.Scheme+"://"+to.Host+to.Path, to.State)
	if err != nil {
		return "", err
	}
	session, err := f.deps.Sessions.Get(ctx, id)
	if err != nil {
		return "", err
	}
	if err := f.checkCircles(ctx, session, to.Host); err != nil {
		return "", err
	}
	ticket, err := f.deps.Sessions.Ticket(ctx, id, to.Host)
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

func (f *Flow) checkCircles(ctx context.Context, session sessions.Session, host string) error {
	open, err := f.deps.Sessions.OfPerson(ctx, session.Person)
	if err != nil {
		return err
	}
	since, returns := f.deps.Now().Add(-circleTime), 0
	for _, one := range open {
		if one.Parent == session.ID && one.Host == host && one.CreatedAt.After(since) {
			returns++
		}
	}
	if returns >= circleReturns {
		return ErrCircles.New()
	}
	return nil
}

// Enough says what a session lacks for a requirement; zero is nothing.
func (f *Flow) Enough(session sessions.Session, need assurance.Requirement) assurance.Shortfall {
	return need.Unmet(session.Assurance, session.AuthTime, f.deps.Now())
}

// JustProven says that a session's key was used so short a time ago that using
// it again would prove nothing new. A service that asks such a session for a
// stronger sign-in of a level it has wants something else than a level.
func (f *Flow) JustProven(session sessions.Session) bool {
	age := f.deps.Now().Sub(session.AuthTime)
	return age >= -clockSkew && age < circleTime
}

// FreshForNewKey is what a person must have proven to add a further key.
func FreshForNewKey() assurance.Requirement {
	need := AtLevel(assurance.AAL2)
	need.UserVerified, need.MaxAge = true, Lifetime
	return need
}
