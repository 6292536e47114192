package signinweb

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/warder-project/warder/internal/access/returns"
	"github.com/warder-project/warder/internal/access/risk/arrivals"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/pace"
	"github.com/warder-project/warder/internal/registry/keys"
)

//go:embed *.html
var files embed.FS

// Deps is what the pages need. All but Arrivals, Browsers, DemoKeyURL and HelpDesk is required.
type Deps struct {
	Flow       *signin.Flow
	Returns    *returns.Desk
	Gatekeeper *Gatekeeper
	Cookies    Cookies
	Sessions   *sessions.Book
	Keys       *keys.Register
	Models     *keys.Models
	Now        func() time.Time
	Why        func(context.Context, ids.Person, ids.Service) string // why they are asked again; "" when not known
	Arrivals   *arrivals.Gate                                        // nil: nothing is judged
	Browsers   Browsers                                              // nil: browsers are not told apart

	DemoKeyURL string // where the demo's software key answers; empty outside the demo
	HelpDesk   string // how to reach the service desk, a sentence: "Telephone 020 7946 0000."
}

// Pages are the pages of signing in.
type Pages struct {
	deps      Deps
	templates *web.Templates
}

// New reads the templates.
func New(deps Deps) (*Pages, error) {
	if deps.Flow == nil || deps.Returns == nil || deps.Gatekeeper == nil || deps.Sessions == nil || deps.Keys == nil || deps.Models == nil || deps.Now == nil || deps.Why == nil {
		return nil, errors.New("make the sign-in pages: something they need is missing")
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the sign-in pages: %w", err)
	}
	if deps.HelpDesk == "" {
		deps.HelpDesk = "Ask your line manager how to reach the service desk."
	}
	return &Pages{deps: deps, templates: templates}, nil
}

// Sizes of what a browser may send.
const (
	smallForm = 16 << 10
	keyForm   = 256 << 10 // an attestation with its certificates
)

// What anybody may do costs something: a row for each beginning, a look-up for
// each link. An office of hundreds comes from one address at nine o'clock.
func generous() pace.Pace { return pace.Pace{Burst: 300, Refill: 100 * time.Millisecond} }

// Paths of the pages that others link to.
const (
	SignInPath = web.SignInPath
	AddKeyPath = "/me/keys/add"
	HelpPath   = "/help"
)

// Routes are the pages. All but those below /me are for everybody: who somebody is will
// only be known at their end. What protects them is the attempt.
func (p *Pages) Routes() []web.Route {
	public := web.Need{Permission: web.Public}
	self, anyone := web.Need{Permission: web.Self, AAL: 1}, web.Need{Permission: web.Self, AAL: 1, Phishable: true}
	return []web.Route{
		{Method: http.MethodGet, Path: SignInPath, Need: public, Title: "Sign in", Handler: p.showStart},
		{Method: http.MethodPost, Path: SignInPath, Need: public, Title: "Begin to sign in", Handler: p.begin, MaxBody: smallForm, Pace: generous()},
		{Method: http.MethodPost, Path: autofillPath, Need: public, Title: "Begin to sign in with a key the browser knows", Handler: p.beginAutofill, MaxBody: smallForm, Pace: generous()},
		{Method: http.MethodGet, Path: SignInPath + "/{attempt}", Need: public, Title: "Use your key", Handler: p.showAttempt},
		{Method: http.MethodPost, Path: SignInPath + "/{attempt}", Need: public, Title: "What the key answered", Handler: p.answer, MaxBody: keyForm, Pace: generous()},
		{Method: http.MethodGet, Path: signin.EnrolPath + "{token}", Need: public, Title: "One-time link", Handler: p.showInvitation, Pace: generous()},
		{Method: http.MethodPost, Path: signin.EnrolPath + "{token}", Need: public, Title: "Begin to register a key", Handler: p.enrol, MaxBody: smallForm, Pace: generous()},
		{Method: http.MethodGet, Path: HelpPath, Need: public, Title: "Help with signing in", Handler: p.showHelp},
		{Method: http.MethodPost, Path: web.SignOutPath, Need: anyone, Title: "Sign out", Handler: p.signOut, MaxBody: smallForm},
		{Method: http.MethodGet, Path: AddKeyPath, Need: self, Title: "Add another key", Handler: p.showAddKey},
		{Method: http.MethodPost, Path: AddKeyPath, Need: self, Title: "Begin to add another key", Handler: p.addKey, MaxBody: smallForm},
	}
}

// readForm parses a small form; what cannot be read is the person's input, not our fault.
func readForm(r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return err
		}
		return signin.ErrAnswerMissing.Because(err)
	}
	return nil
}
