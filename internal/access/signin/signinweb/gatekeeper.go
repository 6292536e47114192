package signinweb

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/people"
)

// GatekeeperDeps is what a Gatekeeper needs. All but Log is required.
type GatekeeperDeps struct {
	Cookies  Cookies
	Sessions *sessions.Book
	People   *people.Directory
	Factors  *factors.Factors
	Roles    *roles.Roster
	// Keyless says whether a session that was begun without a key may still be used.
	// nil lets none of them in.
	Keyless func(ctx context.Context, session sessions.Session) (bool, error)
	// BreakGlass may be nil: then no session of an identity that is kept for
	// emergencies is let in.
	BreakGlass BreakGlass
	Now        func() time.Time
	Log        *slog.Logger // nil discards
}

// BreakGlass knows whether two people have opened a session in an emergency, and
// it is still theirs. access/breakglass does.
type BreakGlass interface {
	// Admits gives the words by which such a session is called. Any other session,
	// and one whose time is up, is a problem of kind Unauthenticated.
	Admits(ctx context.Context, session sessions.Session) (string, error)
}

// Gatekeeper tells who is signed in to the portal.
type Gatekeeper struct{ deps GatekeeperDeps }

// NewGatekeeper returns a gatekeeper.
func NewGatekeeper(deps GatekeeperDeps) *Gatekeeper {
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	return &Gatekeeper{deps: deps}
}

var _ web.Gatekeeper = (*Gatekeeper)(nil)

// seenEvery is how much a session's last use may lag behind on the portal.
const seenEvery = time.Minute

// Viewer is who is looking. Everything that could have stopped them since they
// signed in is read anew: the session, the person, and the key and registration
// it was made with.
func (g *Gatekeeper) Viewer(r *http.Request) (web.Viewer, error) {
	session, person, err := g.signedIn(r)
	if err != nil {
		return web.Viewer{}, err
	}
	held, err := g.held(r.Context(), person)
	if err != nil {
		return web.Viewer{}, err
	}
	g.touch(r.Context(), session)
	return web.Viewer{
		Person: session.Person, Name: person.Name, Session: session.ID, AAL: int(session.Assurance.AAL),
		PhishingResistant: session.Assurance.PhishingResistant,
		May:               func(permission web.Permission) bool { return roles.Allows(held, string(permission)) },
	}, nil
}

// touch keeps a session that is used from growing idle. When it cannot be
// written (a full disk) the page is shown all the same, and the session ends
// the earlier for it.
func (g *Gatekeeper) touch(ctx context.Context, session sessions.Session) {
	now := g.deps.Now()
	if now.Sub(session.LastSeenAt) < seenEvery {
		return
	}
	if err := g.deps.Sessions.Touch(ctx, map[ids.Session]time.Time{session.ID: now}); err != nil {
		g.deps.Log.WarnContext(ctx, "the use of a session was not noted", "session", string(session.ID), "error", err)
	}
}

// Session is the browser's live portal session, or a problem of kind Unauthenticated.
func (g *Gatekeeper) Session(r *http.Request) (sessions.Session, error) {
	session, _, err := g.signedIn(r)
	return session, err
}

// signedIn refuses a session that has ended, somebody who may not sign in any
// more, and a key or registration that may not be used any more.
func (g *Gatekeeper) signedIn(r *http.Request) (sessions.Session, people.Person, error) {
	session, err := g.deps.Sessions.ByToken(r.Context(), g.deps.Cookies.Session(r))
	if err != nil {
		return sessions.Session{}, people.Person{}, err
	}
	if session.Parent != "" {
		// A token for one service's host is worth nothing here.
		return sessions.Session{}, people.Person{}, sessions.NotFound.New()
	}
	person, err := g.deps.People.Get(r.Context(), session.Person)
	if problem.Is(err, people.NotFound) {
		return sessions.Session{}, people.Person{}, sessions.HasEnded.Because(err)
	}
	if err != nil {
		return sessions.Session{}, people.Person{}, err
	}
	if !person.MaySignIn(g.deps.Now()) {
		if g.deps.BreakGlass == nil {
			return sessions.Session{}, people.Person{}, sessions.HasEnded.New()
		}
		if person.Name, err = g.deps.BreakGlass.Admits(r.Context(), session); err != nil {
			return sessions.Session{}, people.Person{}, err
		}
	}
	good, err := g.stillGood(r.Context(), session)
	if err != nil {
		return sessions.Session{}, people.Person{}, err
	}
	if !good {
		return sessions.Session{}, people.Person{}, sessions.HasEnded.New()
	}
	return session, person, nil
}

// stillGood asks about what a session was begun with.
func (g *Gatekeeper) stillGood(ctx context.Context, session sessions.Session) (bool, error) {
	if session.Key != "" {
		return g.deps.Factors.StillGood(ctx, session.Person, session.Key, session.Credential)
	}
	if g.deps.Keyless == nil {
		return false, nil
	}
	return g.deps.Keyless(ctx, session)
}

// held is the roles of whoever is signed in. Whom two people let in in an emergency
// is an administrator for that hour, and holds no role otherwise.
func (g *Gatekeeper) held(ctx context.Context, person people.Person) ([]roles.Role, error) {
	if person.MayBreakGlass(g.deps.Now()) {
		return []roles.Role{roles.Administrator}, nil
	}
	return g.deps.Roles.Of(ctx, person.ID)
}
