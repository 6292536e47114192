package account

import (
	"net/http"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/registry/audit"
)

// endSession ends one of the viewer's own sessions; those of others do not exist here.
func (p *Pages) endSession(w http.ResponseWriter, r *http.Request) error {
	viewer := web.ViewerOf(r)
	id, err := ids.Parse[ids.Session](r.PathValue("session"))
	if err != nil {
		return sessions.NoSuch.Because(err)
	}
	session, err := p.deps.Sessions.Get(r.Context(), id)
	if err != nil {
		return err
	}
	if session.Person != viewer.Person {
		return sessions.NoSuch.New()
	}
	if err := p.deps.Sessions.End(r.Context(), audit.Person(viewer.Person), id, sessions.EndedByHolder); err != nil {
		return err
	}
	return web.SeeOther(w, r, Path+"?session=ended")
}

// endOthers ends every session of the viewer but the one in use.
func (p *Pages) endOthers(w http.ResponseWriter, r *http.Request) error {
	viewer := web.ViewerOf(r)
	open, err := p.deps.Sessions.OfPerson(r.Context(), viewer.Person)
	if err != nil {
		return err
	}
	for _, session := range open {
		if session.ID == viewer.Session || session.Parent == viewer.Session {
			continue
		}
		err := p.deps.Sessions.End(r.Context(), audit.Person(viewer.Person), session.ID, sessions.EndedByHolder)
		if err != nil && !problem.Is(err, sessions.NoSuch) { // it may have ended with its parent
			return err
		}
	}
	return web.SeeOther(w, r, Path+"?session=others-ended")
}
