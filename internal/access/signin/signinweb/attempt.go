package signinweb

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/warder-project/warder/internal/access/risk/arrivals"
	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/access/signin/attempts"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/base/web/signals"
)

// What the form on the page of an attempt carries, besides the answer of the key.
const (
	fieldDeed    = "deed" // which question it answers
	deedUse      = "use"
	deedRegister = "register"
	deedPassword = "password"
	deedCode     = "code"
	deedRecovery = "recovery"
	deedChoose   = "choose"
	fieldWay     = "way" // with deedChoose, and on the start page
	formID       = "ceremony"
)

// keyView is the page on which a key is touched, to sign in or to register it.
type keyView struct {
	Heading   string
	NewKey    bool
	Register  bool
	Why       string   // a registration inside a sign-in is explained
	Missing   []string // from that sign-in
	HelpDesk  string
	Secrets   *choice       // the other way, where there is one
	Unusual   string        // why the key is asked for, where something is unusual; after "because"
	InHand    *govuk.Radios // nil where it is not asked
	Serial    govuk.Input
	Label     govuk.Input
	Ceremony  web.Ceremony
	Models    *modelsView      // which keys can be registered; nil when that is not asked
	Signals   []signals.Signal // what the browser is told of the key that was refused
	Demo      bool
	HelpPath  string
	StartPath string
}

// refusedView is the page that says why somebody cannot go on, and what to do.
type refusedView struct {
	Sentence  string
	Missing   []string
	Next      string
	HelpDesk  string
	StartPath string
	HelpPath  string
}

// keptView is the end of registering a key that is kept for emergencies.
type keptView struct{}

func attemptOf(r *http.Request) (ids.Attempt, error) {
	id, err := ids.Parse[ids.Attempt](r.PathValue("attempt"))
	if err != nil {
		return "", attempts.ErrNotFound.Because(err)
	}
	return id, nil
}

func (p *Pages) showAttempt(w http.ResponseWriter, r *http.Request) error {
	id, err := attemptOf(r)
	if err != nil {
		return err
	}
	return p.show(w, r, id, nil)
}

// show asks the dispatcher what comes now and shows that page, with what was
// wrong with the last answer, if anything was.
func (p *Pages) show(w http.ResponseWriter, r *http.Request, id ids.Attempt, wrong error) error {
	step, err := p.deps.Flow.Next(r.Context(), id, p.deps.Cookies.attempt(r))
	if err != nil {
		return err
	}
	switch step := step.(type) {
	case signin.Identify:
		return web.SeeOther(w, r, SignInPath)
	case signin.UseKey:
		view := p.useView(r, step, wrong)
		view.Signals = unknown(r, step, wrong)
		return p.renderKey(w, r, view, step.Return, wrong)
	case signin.GivePassword:
		return p.renderPassword(w, r, step, wrong)
	case signin.GiveCode:
		return p.renderCode(w, r, step, wrong)
	case signin.Register:
		view := p.registerView(r, step, wrong)
		if view.Models, err = p.registrable(r.Context(), wrong); err != nil {
			return err
		}
		return p.renderKey(w, r, view, signin.Return{}, wrong)
	case signin.Refused:
		return p.renderRefused(w, r, step)
	case signin.Done:
		return p.finished(w, r, step)
	}
	return fmt.Errorf("the dispatcher answered with an unknown step %T", step)
}

func (p *Pages) useView(r *http.Request, step signin.UseKey, wrong error) keyView {
	view := keyView{Heading: "Use your security key", NewKey: step.NewKey, Unusual: step.Why}
	if step.Revalidate {
		view.InHand = inHand(wrong)
	}
	view.Ceremony = p.ceremony(r, web.GetCredential, step.Options, deedUse)
	view.Ceremony.Button = "Use your security key"
	if step.Secrets {
		view.Secrets = choose(r, signin.WithSecrets, "Use a password and a code instead")
	}
	if step.NewKey {
		view.Heading, view.Ceremony.Button = "Now use your new key once", "Use your new key"
	}
	return view
}

func (p *Pages) registerView(r *http.Request, step signin.Register, wrong error) keyView {
	faults := web.Complaints(wrong)
	view := keyView{
		Heading: "Register your security key", Register: true,
		// The fields stand before the button, outside its form; the attribute ties them to it.
		Serial: govuk.Input{
			Name: "serial", Label: govuk.Label{Text: "Serial number, if there is one on the key"},
			Hint:  govuk.Hint{Text: "It is printed on the key or its packaging. It lets the service desk find this key if you lose it."},
			Value: r.PostFormValue("serial"), Classes: "govuk-input--width-20", Autocomplete: "off",
			Attributes: govuk.Attributes{"maxlength": "64", "form": formID}, ErrorMessage: web.ErrorFor(faults, "serial"),
		},
		Label: govuk.Input{
			Name: "label", Label: govuk.Label{Text: "What you call this key (optional)"},
			Hint:  govuk.Hint{Text: "For example, blue key on my keyring."},
			Value: r.PostFormValue("label"), Classes: "govuk-input--width-20", Autocomplete: "off",
			Attributes: govuk.Attributes{"maxlength": "100", "form": formID}, ErrorMessage: web.ErrorFor(faults, "label"),
		},
	}
	view.Why, view.Missing, view.HelpDesk = why(step.Inside), step.Missing, p.deps.HelpDesk
	view.Ceremony = p.ceremony(r, web.CreateCredential, step.Options, deedRegister)
	view.Ceremony.Button = "Register this key"
	return view
}

func (p *Pages) ceremony(r *http.Request, kind web.CeremonyKind, options []byte, deed string) web.Ceremony {
	ceremony := web.NewCeremony(r, kind, options, r.URL.Path)
	ceremony.ID, ceremony.DemoKeyURL = formID, p.deps.DemoKeyURL
	ceremony.Hidden = []web.HiddenField{{Name: fieldDeed, Value: deed}}
	return ceremony
}

func (p *Pages) renderKey(w http.ResponseWriter, r *http.Request, view keyView, to signin.Return, wrong error) error {
	view.HelpPath, view.StartPath, view.Demo = HelpPath, SignInPath, p.deps.DemoKeyURL != ""
	page := web.Page{
		Name: "key.html", Title: view.Heading, View: view, Scripts: []string{web.CeremonyScript},
		Errors: web.Complaints(wrong),
	}
	page.Status, page.FormActions = statusOf(w, wrong), leadsTo(to)
	return p.templates.Render(w, r, page)
}

// statusOf is the status of a page with what was wrong with the last answer.
func statusOf(w http.ResponseWriter, wrong error) int {
	found, ok := problem.Of(wrong)
	switch {
	case wrong == nil:
		return 0
	case !ok || found.Kind != problem.TooMany:
		return http.StatusUnprocessableEntity
	}
	if found.RetryAfter > 0 {
		seconds := (found.RetryAfter + time.Second - 1) / time.Second
		w.Header().Set("Retry-After", strconv.FormatInt(int64(seconds), 10)) // RFC 9110 §10.2.3
	}
	return http.StatusTooManyRequests
}

// leadsTo is the origin to which the answer of a key may be redirected in the end.
func leadsTo(to signin.Return) []string {
	if to.Host == "" {
		return nil
	}
	return []string{to.Scheme + "://" + to.Host}
}

func (p *Pages) renderRefused(w http.ResponseWriter, r *http.Request, step signin.Refused) error {
	return p.templates.Render(w, r, web.Page{
		Name: "refused.html", Status: http.StatusForbidden, Title: "You cannot sign in with this",
		View: refusedView{
			Sentence: step.Problem.Sentence, Missing: step.Missing, Next: step.Problem.Next,
			HelpDesk: p.deps.HelpDesk, HelpPath: HelpPath, StartPath: SignInPath,
		},
	})
}

// finished is the page of an attempt that is over. The token of its session was
// told once and is not told again; a browser that has it goes on.
func (p *Pages) finished(w http.ResponseWriter, r *http.Request, step signin.Done) error {
	if step.KeptForEmergencies {
		return p.templates.Render(w, r, web.Page{Name: "kept.html", Title: "This key is ready for emergencies", View: keptView{}})
	}
	session, err := p.session(r)
	if err != nil {
		return err
	}
	if session.ID == "" || session.Person != step.Person {
		return attempts.ErrAlreadyFinished.New()
	}
	if r.Method == http.MethodGet && r.URL.Query().Has(keyUnused) {
		return p.templates.Render(w, r, web.Page{Name: "haskey.html", Title: "You are signed in", View: hasKeyView{
			Go: govuk.Button{Text: "Continue", Href: r.URL.Path}, HelpPath: HelpPath}})
	}
	return p.leave(w, r, session.ID, step.Return)
}

// answer takes what the key said, or what was typed or chosen.
func (p *Pages) answer(w http.ResponseWriter, r *http.Request) error {
	id, err := attemptOf(r)
	if err != nil {
		return err
	}
	if err := readForm(r); err != nil {
		return err
	}
	given := signin.Answer{
		Attempt: id, Browser: p.deps.Cookies.attempt(r), Response: []byte(r.PostForm.Get(web.CeremonyAnswer)),
		Serial: r.PostForm.Get("serial"), Label: r.PostForm.Get("label"),
		IP: address(r), UserAgent: r.UserAgent(), InHand: arrivals.InHand(r.PostForm.Get(fieldInHand)),
	}
	keep := func(http.ResponseWriter) {}
	if p.deps.Browsers != nil {
		given.Device, keep = p.deps.Browsers.Of(r)
	}
	step, err := p.give(r, given)
	if known, ok := problem.Of(err); ok && showAgain(known) {
		return p.show(w, r, id, err)
	}
	if err != nil {
		return err
	}
	done, ok := step.(signin.Done)
	if !ok || done.KeptForEmergencies {
		// The next question has a page of its own, so that a reload does not send this answer again.
		return web.SeeOther(w, r, SignInPath+"/"+string(id))
	}
	if done.Token.Empty() {
		return p.finished(w, r, done)
	}
	p.deps.Cookies.SignedIn(w, done.Token, done.Session)
	keep(w)
	if done.HasKey {
		return web.SeeOther(w, r, SignInPath+"/"+string(id)+"?"+keyUnused+"=1")
	}
	return p.leave(w, r, done.Session, done.Return)
}

func (p *Pages) give(r *http.Request, given signin.Answer) (signin.Step, error) {
	flow, ctx := p.deps.Flow, r.Context()
	switch r.PostForm.Get(fieldDeed) {
	case deedRegister:
		return flow.Register(ctx, given)
	case deedPassword:
		given.Secret = secret.New(r.PostForm.Get(fieldPassword))
		return flow.GivePassword(ctx, given)
	case deedCode:
		given.Secret = secret.New(r.PostForm.Get(fieldCode))
		return flow.GiveCode(ctx, given)
	case deedRecovery:
		given.Secret = secret.New(r.PostForm.Get(fieldRecovery))
		return flow.GiveRecoveryCode(ctx, given)
	case deedChoose:
		return nil, flow.Choose(ctx, given.Attempt, given.Browser, signin.Way(r.PostForm.Get(fieldWay)))
	}
	return flow.UseKey(ctx, given)
}

// showAgain says that a problem belongs on the page of the attempt: the attempt
// is this browser's and may go on.
func showAgain(known *problem.Error) bool {
	switch known.Code {
	case attempts.ErrForeignBrowser.Code, attempts.ErrNotFound.Code, attempts.ErrAlreadyFinished.Code:
		return false
	}
	switch known.Kind {
	case problem.Invalid, problem.Forbidden, problem.NotFound, problem.Conflict, problem.Unauthenticated, problem.StepUp,
		problem.TooMany: // how long to wait is said above the form, where a key still works
		return true
	case problem.Internal, problem.Unavailable:
	}
	return false
}

// address is where the request came from; empty when that is not known.
func address(r *http.Request) string {
	if client := web.Client(r); client.IsValid() {
		return client.String()
	}
	return ""
}
