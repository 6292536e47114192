package sharedsecretweb

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/base/web/pace"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret"
)

//go:embed *.html
var files embed.FS

// Path is where these pages begin.
const Path = "/me/secrets"

const (
	passwordPath = Path + "/password"
	appPath      = Path + "/app"
	codesPath    = Path + "/codes"
	keysPath     = "/me"          // doors/account
	sessionsPath = "/me/sessions" // doors/account
)

// Deps is what the pages need. All of it is required.
type Deps struct {
	Book *sharedsecret.Book
	// Accepted is what the policy in force accepts.
	Accepted func(ctx context.Context) assurance.Accepted
	// Fresh answers with an error, which sends the person to sign in again, unless
	// whoever asks has just proven enough to change their methods.
	Fresh func(r *http.Request) error
	// MayMakeCodes refuses to make recovery codes for somebody whose session could have
	// been phished: they open a registration, which the session itself must not.
	MayMakeCodes func(ctx context.Context, person ids.Person) error
	// Holder finds a person's names.
	Holder func(ctx context.Context, person ids.Person) (factors.Holder, error)
	// HasKey says whether the person can sign in with a key.
	HasKey func(ctx context.Context, person ids.Person) (bool, error)
	Now    func() time.Time
}

// Pages are the pages.
type Pages struct {
	deps      Deps
	templates *web.Templates
}

// New reads the templates.
func New(deps Deps) (*Pages, error) {
	if deps.Book == nil || deps.Accepted == nil || deps.Fresh == nil || deps.MayMakeCodes == nil || deps.Holder == nil || deps.HasKey == nil || deps.Now == nil {
		return nil, errors.New("make the pages about passwords and codes: something they need is missing")
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the pages about passwords and codes: %w", err)
	}
	return &Pages{deps: deps, templates: templates}, nil
}

// Routes are the pages. They are open to whoever has nothing better than a password
// and a code, who must be able to change both; Deps.Fresh asks for the key of
// whoever has one.
func (p *Pages) Routes() []web.Route {
	self := web.Need{Permission: web.Self, AAL: 1, Phishable: true}
	// A password is dear to hash.
	slow := pace.Pace{Burst: 60, Refill: 2 * time.Second}
	return []web.Route{
		{Method: http.MethodGet, Path: Path, Need: self, Title: "Passwords and codes", Handler: p.list},
		{Method: http.MethodGet, Path: passwordPath, Need: self, Title: "Set a password", Handler: p.askPassword},
		{Method: http.MethodPost, Path: passwordPath, Need: self, Title: "Set it now", Handler: p.setPassword, MaxBody: smallForm, Pace: slow},
		{Method: http.MethodGet, Path: appPath, Need: self, Title: "Add an authenticator app", Handler: p.offerApp},
		{Method: http.MethodPost, Path: appPath, Need: self, Title: "Confirm the app", Handler: p.addApp, MaxBody: smallForm},
		{Method: http.MethodGet, Path: codesPath, Need: self, Title: "Recovery codes", Handler: p.askCodes},
		{Method: http.MethodPost, Path: codesPath, Need: self, Title: "Make recovery codes", Handler: p.makeCodes, MaxBody: smallForm},
		{Method: http.MethodGet, Path: Path + "/{secret}/remove", Need: self, Title: "Remove a password, app or codes", Handler: p.askRemove},
		{Method: http.MethodPost, Path: Path + "/{secret}/remove", Need: self, Title: "Remove it now", Handler: p.remove, MaxBody: smallForm},
	}
}

const smallForm = 16 << 10

// may refuses to set up what is not accepted, and asks for a fresh proof first.
func (p *Pages) may(r *http.Request, method assurance.Method) error {
	if !p.deps.Accepted(r.Context()).Accepts(method, p.deps.Now()) {
		return sharedsecret.NotAccepted.New()
	}
	if err := p.deps.Fresh(r); err != nil {
		return err
	}
	if viewer := web.ViewerOf(r); method == assurance.RecoveryCode && !viewer.PhishingResistant {
		return p.deps.MayMakeCodes(r.Context(), viewer.Person)
	}
	return nil
}

func back(text, href string) govuk.BackLink { return govuk.BackLink{Text: text, Href: href} }

func row(name, value string) govuk.SummaryRow {
	return govuk.SummaryRow{Key: govuk.Words{Text: name}, Value: govuk.SummaryValue{Text: value}}
}

// doneView says what has been done. It is a page and not a redirect where the
// session of this very browser may have ended.
type doneView struct {
	Panel      govuk.Panel
	Lines      []string
	SignedOut  bool
	SignInPath string
	Sessions   string
	Back       string
}

func (p *Pages) done(w http.ResponseWriter, r *http.Request, view doneView) error {
	// A session that could be phished was begun with the password and the app.
	view.SignedOut = view.SignedOut && !web.ViewerOf(r).PhishingResistant
	view.SignInPath, view.Sessions, view.Back = web.SignInPath, sessionsPath, Path
	return p.templates.Render(w, r, web.Page{Name: "done.html", Title: view.Panel.TitleText, Section: keysPath, View: view, SignedOut: view.SignedOut})
}
