package signinweb

import (
	"net/http"

	"github.com/warder-project/warder/internal/access/invitations"
	"github.com/warder-project/warder/internal/access/returns"
	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
)

// enrolView is the page of a one-time link, and of adding a further key.
type enrolView struct {
	Heading string
	Name    string // whose key it will be
	Invited bool
	Action  string
	Go      govuk.Button
	Back    string
}

// showInvitation says whom the link is for. Looking at it does not use it up.
func (p *Pages) showInvitation(w http.ResponseWriter, r *http.Request) error {
	person, err := p.deps.Flow.Invited(r.Context(), secret.New(r.PathValue("token")))
	if err != nil {
		return err
	}
	return p.templates.Render(w, r, web.Page{Name: "enrol.html", Title: "Set up your security key", View: enrolView{
		Heading: "Set up your security key", Name: person.Name, Invited: true, Action: r.URL.Path,
		Go: govuk.Button{Text: "Continue", PreventDoubleClick: true},
	}})
}

func (p *Pages) enrol(w http.ResponseWriter, r *http.Request) error {
	session, err := p.session(r)
	if err != nil {
		return err
	}
	attempt, browser, err := p.deps.Flow.BeginEnrolment(r.Context(), secret.New(r.PathValue("token")),
		signin.Ask{Browser: p.deps.Cookies.attempt(r), Session: session.ID})
	if err != nil {
		return err
	}
	return p.goOn(w, r, attempt, browser)
}

// EnrolByPass begins the registration that a typed pass opens.
func (p *Pages) EnrolByPass(w http.ResponseWriter, r *http.Request, typed invitations.TypedPass) error {
	session, err := p.session(r)
	if err != nil {
		return err
	}
	attempt, browser, err := p.deps.Flow.BeginEnrolmentByPass(r.Context(), typed, signin.Ask{Browser: p.deps.Cookies.attempt(r), Session: session.ID})
	if err != nil {
		return err
	}
	return p.goOn(w, r, attempt, browser)
}

// showAddKey asks at once for a fresh sign-in, and not after the person has
// gone to fetch the new key.
func (p *Pages) showAddKey(w http.ResponseWriter, r *http.Request) error {
	session, err := p.deps.Gatekeeper.Session(r)
	if err != nil {
		return err
	}
	if p.deps.Flow.Enough(session, signin.FreshForNewKey()) != 0 {
		return stepUp()
	}
	return p.templates.Render(w, r, web.Page{Name: "enrol.html", Title: "Add another security key", Section: returns.Home, View: enrolView{
		Heading: "Add another security key", Name: web.ViewerOf(r).Name, Action: AddKeyPath, Back: returns.Home,
		Go: govuk.Button{Text: "Continue", PreventDoubleClick: true},
	}})
}

func (p *Pages) addKey(w http.ResponseWriter, r *http.Request) error {
	session, err := p.deps.Gatekeeper.Session(r)
	if err != nil {
		return err
	}
	if p.deps.Flow.Enough(session, signin.FreshForNewKey()) != 0 {
		return stepUp()
	}
	attempt, browser, err := p.deps.Flow.BeginFurtherKey(r.Context(), session, p.deps.Cookies.attempt(r))
	if err != nil {
		return err
	}
	return p.goOn(w, r, attempt, browser)
}

// stepUp sends somebody to use their key again, at the level a new key needs.
func stepUp() error { return web.StepUpTo(int(signin.FreshForNewKey().AAL)) }
