package signinweb

import (
	"net/http"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/registry/audit"
)

// signOut ends the session, and with it those at the services entered from it.
func (p *Pages) signOut(w http.ResponseWriter, r *http.Request) error {
	viewer := web.ViewerOf(r)
	err := p.deps.Sessions.End(r.Context(), audit.Person(viewer.Person), viewer.Session, sessions.SignedOut)
	if err != nil && !problem.Is(err, sessions.NoSuch) {
		return err
	}
	p.deps.Cookies.signedOut(w)
	return web.SeeOther(w, r, SignInPath+"?signed-out=1")
}
