package sharedsecretweb

import (
	"net/http"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
)

// passwordView asks for a new password, twice.
type passwordView struct {
	Name   govuk.Input // so that a password manager knows whose it is
	Action string
	First  govuk.Input
	Second govuk.Input
	Set    govuk.Button
	Back   govuk.BackLink
}

func (p *Pages) askPassword(w http.ResponseWriter, r *http.Request) error {
	if err := p.may(r, assurance.Password); err != nil {
		return err
	}
	return p.renderPassword(w, r, nil)
}

// renderPassword never shows again what was typed.
func (p *Pages) renderPassword(w http.ResponseWriter, r *http.Request, faults []web.FieldError) error {
	holder, err := p.deps.Holder(r.Context(), web.ViewerOf(r).Person)
	if err != nil {
		return err
	}
	input := func(name, label, hint string) govuk.Input {
		// NIST SP 800-63B-4 §3.1.1.2: password managers and pasting are welcome.
		return govuk.Input{Name: name, Type: "password", Autocomplete: "new-password", Label: govuk.Label{Text: label, Classes: "govuk-label--m"},
			Hint: govuk.Hint{Text: hint}, ErrorMessage: web.ErrorFor(faults, name),
			Attributes: govuk.Attributes{"spellcheck": "false", "autocapitalize": "none"}}
	}
	page := web.Page{Name: "password.html", Title: "Set a password", Section: keysPath, Errors: faults, View: passwordView{
		Name: govuk.Input{Name: "username", Value: holder.UserName, Autocomplete: "username", Label: govuk.Label{Text: "Your user name"},
			Attributes: govuk.Attributes{"readonly": "readonly"}},
		Action: passwordPath, Back: back("Passwords and codes", Path),
		First: input("password", "New password", "At least 15 characters, of any kind, spaces too. Four or five words that do not belong together are easy to remember. "+
			"Letters with accents may be hard to type on another keyboard."),
		Second: input("again", "The same password again", "You can paste it, and let a password manager make and keep it."),
		Set:    govuk.Button{Text: "Set this password", PreventDoubleClick: true},
	}}
	if len(faults) > 0 {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.templates.Render(w, r, page)
}

func (p *Pages) setPassword(w http.ResponseWriter, r *http.Request) error {
	if err := p.may(r, assurance.Password); err != nil {
		return err
	}
	typed, again := secret.New(r.PostFormValue("password")), secret.New(r.PostFormValue("again"))
	if !typed.Empty() && !typed.Equal(again) {
		return p.renderPassword(w, r, []web.FieldError{{Field: "again", Message: "The two passwords are not the same: type or paste both again"}})
	}
	person := web.ViewerOf(r).Person
	_, err := p.deps.Book.SetPassword(r.Context(), audit.Person(person), person, typed)
	if found, ok := problem.Of(err); ok && found.Kind == problem.Invalid {
		return p.renderPassword(w, r, []web.FieldError{{Field: "password", Message: found.Sentence + " " + found.Next}})
	}
	if err != nil {
		return err
	}
	return p.done(w, r, doneView{Panel: govuk.Panel{TitleText: "Your password is set", Text: "An older one does not work any more."}, SignedOut: true,
		Lines: []string{"Whatever was signed in with an older password is signed out.", p.codeToo(r)}})
}

// codeToo reminds that a password is half of a way in.
func (p *Pages) codeToo(r *http.Request) string {
	if !p.deps.Accepted(r.Context()).Accepts(assurance.TOTP, p.deps.Now()) {
		return "A password alone does not sign you in."
	}
	return "A password signs you in only together with a code from an authenticator app."
}
