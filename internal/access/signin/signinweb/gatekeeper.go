package signinweb

import (
	"net/http"
	"time"

	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/people"
)

// GatekeeperDeps is what a Gatekeeper needs. All of it is required.
type GatekeeperDeps struct {
	Cookies  Cookies
	Sessions *sessions.Book
	People   *people.Directory
	Keys     *keys.Register
	Roles    *roles.Roster
	Now      func() time.Time
}

// Gatekeeper tells who is signed in to the portal.
type Gatekeeper struct{ deps GatekeeperDeps }

// NewGatekeeper returns a gatekeeper.
func NewGatekeeper(deps GatekeeperDeps) *Gatekeeper { return &Gatekeeper{deps: deps} }

var _ web.Gatekeeper = (*Gatekeeper)(nil)

// seenEvery is how much a session's last use may lag behind on the portal.
const seenEvery = time.Minute

// Viewer is who is looking. Everything that could have stopped them since they
// signed in is read anew: the session, the person, and the key it was made with.
func (g *Gatekeeper) Viewer(r *http.Request) (web.Viewer, error) {
	session, person, err := g.signedIn(r)
	if err != nil {
		return web.Viewer{}, err
	}
	held, err := g.deps.Roles.Of(r.Context(), session.Person)
	if err != nil {
		return web.Viewer{}, err
	}
	if now := g.deps.Now(); now.Sub(session.LastSeenAt) >= seenEvery {
		if err := g.deps.Sessions.Touch(r.Context(), map[ids.Session]time.Time{session.ID: now}); err != nil {
			return web.Viewer{}, err
		}
	}
	return web.Viewer{
		Person: session.Person, Name: person.Name, Session: session.ID, AAL: int(session.Assurance.AAL),
		May: func(permission web.Permission) bool { return roles.Allows(held, string(permission)) },
	}, nil
}

// Session is the browser's live portal session, or a problem of kind Unauthenticated.
func (g *Gatekeeper) Session(r *http.Request) (sessions.Session, error) {
	session, _, err := g.signedIn(r)
	return session, err
}

// signedIn refuses a session that has ended, somebody who may not sign in any
// more, and a key that may not be used any more.
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
	if problem.Is(err, people.NotFound) || err == nil && !person.MaySignIn(g.deps.Now()) {
		return sessions.Session{}, people.Person{}, sessions.HasEnded.Because(err)
	}
	if err != nil {
		return sessions.Session{}, people.Person{}, err
	}
	key, err := g.deps.Keys.Get(r.Context(), session.Key)
	if problem.Is(err, keys.NotFound) || err == nil && (!key.State.MaySignIn() || key.Holder != session.Person) {
		return sessions.Session{}, people.Person{}, sessions.HasEnded.Because(err)
	}
	return session, person, err
}
