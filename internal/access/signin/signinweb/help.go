package signinweb

import (
	"net/http"

	"github.com/warder-project/warder/internal/base/web"
)

// helpView is the page for somebody who cannot sign in.
type helpView struct {
	HelpDesk  string
	StartPath string
	PassPath  string
}

func (p *Pages) showHelp(w http.ResponseWriter, r *http.Request) error {
	return p.templates.Render(w, r, web.Page{Name: "help.html", Title: "Help with signing in",
		View: helpView{HelpDesk: p.deps.HelpDesk, StartPath: SignInPath, PassPath: "/pass"}})
}
