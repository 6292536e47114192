// Package invitationsweb is the page on which a pass is typed. A link needs no
// page here: its address leads to access/signin’s.
package invitationsweb

import (
	"embed"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/warder-project/warder/internal/access/invitations"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/base/web/pace"
)

//go:embed *.html
var files embed.FS

// Path is where a pass is typed.
const Path = "/pass"

const smallForm = 16 << 10

// Deps is what the page needs.
type Deps struct {
	// Begin begins the registration that a typed pass opens and sends the browser
	// on, or answers with a problem of invitations.
	Begin    func(w http.ResponseWriter, r *http.Request, typed invitations.TypedPass) error
	HelpPath string
}

// Pages is the page.
type Pages struct {
	deps      Deps
	templates *web.Templates
}

// New reads the template.
func New(deps Deps) (*Pages, error) {
	if deps.Begin == nil {
		return nil, errors.New("make the page for passes: what begins a registration is missing")
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the page for passes: %w", err)
	}
	return &Pages{deps: deps, templates: templates}, nil
}

// Routes are the page and its form. They are for everybody: whoever has a pass
// cannot sign in. An office of hundreds comes from one address.
func (p *Pages) Routes() []web.Route {
	public, generous := web.Need{Permission: web.Public}, pace.Pace{Burst: 300, Refill: 100 * time.Millisecond}
	return []web.Route{
		{Method: http.MethodGet, Path: Path, Need: public, Title: "Use a pass", Handler: p.show},
		{Method: http.MethodPost, Path: Path, Need: public, Title: "Begin to register a key with a pass", Handler: p.use, MaxBody: smallForm, Pace: generous},
	}
}

// passView is the page.
type passView struct {
	Action   string
	UserName govuk.Input
	Code     govuk.Input
	Go       govuk.Button
	HelpPath string
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error { return p.render(w, r, nil) }

// use begins the registration. The pass itself is used up when the registration
// is kept, so whoever is interrupted can type it again.
func (p *Pages) use(w http.ResponseWriter, r *http.Request) error {
	typed := invitations.TypedPass{UserName: r.PostFormValue("user-name"), Code: r.PostFormValue("code"), Source: web.Client(r)}
	err := p.deps.Begin(w, r, typed)
	for _, known := range []problem.Definition{invitations.PassMistyped, invitations.PassNotValid, invitations.PassTooEarly} {
		if found, ok := problem.Of(err); ok && found.Code == known.Code {
			return p.render(w, r, found)
		}
	}
	return err
}

func (p *Pages) render(w http.ResponseWriter, r *http.Request, wrong *problem.Error) error {
	var faults []web.FieldError
	if wrong != nil {
		text := wrong.Sentence
		if wrong.Detail != "" {
			text += " " + wrong.Detail
		}
		faults = []web.FieldError{{Field: "code", Message: text + " " + wrong.Next}}
	}
	view := passView{
		Action: Path, HelpPath: p.deps.HelpPath, Go: govuk.Button{Text: "Continue", PreventDoubleClick: true},
		UserName: govuk.Input{Name: "user-name", Label: govuk.Label{Text: "User name"}, Value: r.PostFormValue("user-name"),
			Autocomplete: "username", Classes: "govuk-input--width-20", Attributes: govuk.Attributes{"maxlength": "128"}},
		// What was typed is not put into the page again: it is as good as the pass.
		Code: govuk.Input{Name: "code", Label: govuk.Label{Text: "Pass"}, Hint: govuk.Hint{Text: "Sixteen characters, such as 4Q7M-X0TB-9KZP-2WRC. Small letters and spaces do not matter."},
			Autocomplete: "off", Classes: "govuk-input--width-20", ErrorMessage: web.ErrorFor(faults, "code"),
			Attributes: govuk.Attributes{"maxlength": "64", "spellcheck": "false", "autocapitalize": "characters"}},
	}
	page := web.Page{Name: "pass.html", Title: "Use a pass", View: view, Errors: faults}
	if wrong != nil {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.templates.Render(w, r, page)
}
