package signinweb

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/warder-project/warder/internal/access/returns"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/access/signin/attempts"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// errand is why somebody is at the sign-in page: where they are going and how
// strongly they must sign in. It comes from the address, so it is checked.
type errand struct {
	To          signin.Return
	Service     ids.Service
	ServiceName string
	Need        assurance.Requirement
	Again       bool // somebody asked for the key to be used now, whatever the session is
	Carried     []web.HiddenField
}

// readErrand reads next, service-url with state, step and way. The gateway sends
// service-url.
func (p *Pages) readErrand(ctx context.Context, values url.Values) (errand, error) {
	asked := errand{Need: p.deps.Flow.Usual(ctx)}
	if step := values.Get("step"); step != "" {
		level, err := strconv.Atoi(step)
		if asked.Need = signin.AtLevel(assurance.Level(level)); err != nil || !asked.Need.Defined() {
			return errand{}, signin.ErrStepUnknown.New()
		}
		asked.Again = true
		asked.carry("step", step)
		// The address may ask for less than a key. A page or service that needs more
		// refuses the session that comes of it.
		if way := values.Get("way"); way == web.AnyWay && p.deps.Flow.AcceptsSecrets(ctx) {
			asked.Need.PhishingResistant = false
			asked.carry("way", way)
		}
	}
	if address := values.Get("service-url"); address != "" {
		to, service, err := p.deps.Returns.Service(address, values.Get("state"))
		if err != nil {
			return errand{}, err
		}
		asked.To, asked.Service, asked.ServiceName = to, service.ID, service.Name
		asked.carry("service-url", address)
		asked.carry("state", to.State)
		return asked, nil
	}
	to, err := returns.ParseLocal(values.Get("next"))
	if err != nil {
		return errand{}, err
	}
	asked.To = to
	if to.Path != "" {
		asked.carry("next", to.Path)
	}
	return asked, nil
}

// carry makes the form take a part of the address along; it is checked again then.
func (e *errand) carry(name, value string) {
	e.Carried = append(e.Carried, web.HiddenField{Name: name, Value: value})
}

// startView is the page with the button.
type startView struct {
	Heading     string
	ServiceName string
	Again       bool   // somebody is signed in
	Level       string // what is asked of them: "AAL3"
	Reason      string // why they are not signed in any more
	Carried     []web.HiddenField
	UserName    govuk.Input
	Go          govuk.Button
	Secrets     *govuk.Button // the way by password and code, where it is accepted
	Autofill    *autofillView // nil when somebody is signed in
	HelpPath    string
}

func (p *Pages) showStart(w http.ResponseWriter, r *http.Request) error {
	asked, err := p.readErrand(r.Context(), r.URL.Query())
	if err != nil {
		return err
	}
	session, err := p.session(r)
	if err != nil {
		return err
	}
	if session.ID != "" {
		gone, err := p.passThrough(w, r, session, asked)
		if gone || err != nil {
			return err
		}
	}
	return p.renderStart(w, r, asked, session, nil)
}

func (p *Pages) renderStart(w http.ResponseWriter, r *http.Request, asked errand, session sessions.Session, faults []web.FieldError) error {
	view := startView{
		Heading: "Sign in", ServiceName: asked.ServiceName, Carried: asked.Carried, HelpPath: HelpPath,
		Go: govuk.Button{Text: "Sign in with your security key", PreventDoubleClick: true}, UserName: p.userName(r, faults),
	}
	page := web.Page{Name: "start.html", Errors: faults}
	if len(faults) > 0 {
		page.Status = http.StatusUnprocessableEntity
	}
	if session.ID != "" {
		view.Heading, view.Again, view.Level = "Sign in again", true, asked.Need.AAL.String()
		if view.Go.Text = "Continue"; !p.deps.Flow.AcceptsSecrets(r.Context()) {
			view.Heading, view.Go.Text = "Use your key again", "Continue with your security key"
		}
		view.Reason = p.deps.Why(r.Context(), session.Person, asked.Service)
	} else {
		var err error
		if view.Reason, err = p.endOfLast(r); err != nil {
			return err
		}
		if p.deps.Flow.AcceptsSecrets(r.Context()) {
			view.Secrets = &govuk.Button{Text: "Sign in with a password", Name: fieldWay, Value: string(signin.WithSecrets), Classes: govuk.Secondary, PreventDoubleClick: true}
		}
		view.Autofill, page.Scripts = p.autofillView(r, asked), []string{autofillScript}
		page.FormActions = leadsTo(asked.To)
	}
	page.Title, page.View = view.Heading, view
	return p.templates.Render(w, r, page)
}

// userName is the field for the name. A key may know it; a password does not.
func (p *Pages) userName(r *http.Request, faults []web.FieldError) govuk.Input {
	input := govuk.Input{
		Name: "user-name", Label: govuk.Label{Text: "User name (optional)"}, Hint: govuk.Hint{Text: p.userNameHint()},
		Autocomplete: "username webauthn", Classes: "govuk-input--width-20", ErrorMessage: web.ErrorFor(faults, "user-name"),
		Attributes: govuk.Attributes{"maxlength": "64"},
	}
	if p.deps.Flow.AcceptsSecrets(r.Context()) {
		input.Label.Text = "User name"
		input.Hint.Text = "If you use a security key, you can leave this empty and try: most keys know who you are."
	}
	return input
}

// session is the browser's live session; the zero session when nobody is signed in.
func (p *Pages) session(r *http.Request) (sessions.Session, error) {
	session, err := p.deps.Gatekeeper.Session(r)
	if known, ok := problem.Of(err); ok && known.Kind == problem.Unauthenticated {
		return sessions.Session{}, nil
	}
	return session, err
}

// passThrough sends somebody on who has already proven what is asked.
func (p *Pages) passThrough(w http.ResponseWriter, r *http.Request, session sessions.Session, asked errand) (gone bool, err error) {
	if p.deps.Flow.Enough(session, asked.Need) != 0 {
		return false, nil
	}
	if asked.Again {
		// Where something is unusual, using the key again does prove something new.
		if _, raised, err := p.deps.Arrivals.Unusual(r.Context(), session.ID); err != nil || raised {
			return false, err
		}
		if !p.deps.Flow.JustProven(session) {
			return false, nil
		}
		if asked.To.Host != "" {
			return true, returns.Circles.New()
		}
	}
	return true, p.leave(w, r, session.ID, asked.To)
}

// leave ends the visit to the sign-in pages.
func (p *Pages) leave(w http.ResponseWriter, r *http.Request, session ids.Session, to signin.Return) error {
	if to.Host == "" {
		return web.SeeOther(w, r, to.Local())
	}
	address, err := p.deps.Returns.Depart(r.Context(), session, to)
	if err != nil {
		return err
	}
	// The address holds a ticket: it must not be kept by anything on the way.
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

// opening reads the form that opens an attempt: where it leads, and who is signed
// in here already.
func (p *Pages) opening(r *http.Request) (errand, sessions.Session, error) {
	if err := readForm(r); err != nil {
		return errand{}, sessions.Session{}, err
	}
	asked, err := p.readErrand(r.Context(), r.PostForm)
	if err != nil {
		return errand{}, sessions.Session{}, err
	}
	session, err := p.session(r)
	return asked, session, err
}

// begin opens an attempt and binds it to this browser.
func (p *Pages) begin(w http.ResponseWriter, r *http.Request) error {
	asked, session, err := p.opening(r)
	if err != nil {
		return err
	}
	way, name := signin.Way(r.PostForm.Get(fieldWay)), strings.TrimSpace(r.PostForm.Get("user-name"))
	if session.ID == "" && way == signin.WithSecrets && name == "" {
		return p.renderStart(w, r, asked, session, []web.FieldError{{Field: "user-name", Message: "Enter your user name"}})
	}
	attempt, browser, err := p.deps.Flow.Begin(r.Context(), signin.Ask{
		Browser: p.deps.Cookies.attempt(r), Require: asked.Need, Service: asked.Service, Return: asked.To,
		Session: session.ID, Person: session.Person,
	})
	if err != nil {
		return err
	}
	if session.ID == "" {
		if err := p.deps.Flow.Identify(r.Context(), attempt.ID, browser, name); err != nil {
			return err
		}
	}
	if session.ID == "" && way == signin.WithSecrets {
		// Where it is not accepted any more, the next page asks for the key.
		if err := p.deps.Flow.Choose(r.Context(), attempt.ID, browser, way); err != nil && !problem.Is(err, signin.ErrNotAccepted) {
			return err
		}
	}
	return p.goOn(w, r, attempt, browser)
}

// goOn sends the browser to the page of its attempt.
func (p *Pages) goOn(w http.ResponseWriter, r *http.Request, attempt attempts.Attempt, browser secret.Value) error {
	p.deps.Cookies.begun(w, browser)
	return web.SeeOther(w, r, SignInPath+"/"+string(attempt.ID))
}

// userNameHint says when the name is needed. The demo's key keeps nobody's name.
func (p *Pages) userNameHint() string {
	if p.deps.DemoKeyURL != "" {
		return "The demo key needs it. Type one of the names that the demo printed, such as amira.khan."
	}
	return "Most keys know who you are, so you can leave this empty and try."
}
