package signinweb

import (
	"net/http"

	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/access/signin/attempts"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
)

// The fields of the forms for what is typed.
const (
	fieldPassword = "password"
	fieldCode     = "code"
	fieldRecovery = "recovery-code"
	keyUnused     = "key" // in the address: somebody has signed in without the key they have
)

// choice is a form that changes the way.
type choice struct {
	Action string
	Deed   web.HiddenField
	Way    web.HiddenField
	Go     govuk.Button
}

func choose(r *http.Request, way signin.Way, text string) *choice {
	return &choice{Action: r.URL.Path, Deed: web.HiddenField{Name: fieldDeed, Value: deedChoose},
		Way: web.HiddenField{Name: fieldWay, Value: string(way)}, Go: govuk.Button{Text: text, Classes: govuk.Secondary, PreventDoubleClick: true}}
}

// secretForm is a form with one field.
type secretForm struct {
	Action string
	Deed   web.HiddenField
	Input  govuk.Input
	Go     govuk.Button
}

// secretView is the page for a password or a code.
type secretView struct {
	Heading  string
	Named    string // for password managers
	First    secretForm
	Recovery *secretForm // below, for whoever has lost their phone
	Key      *choice
	HelpPath string
	Start    string

	to     signin.Return
	wrong  error // with the last answer
	faults []web.FieldError
}

// hasKeyView tells somebody to use their key the next time.
type hasKeyView struct {
	Go       govuk.Button
	HelpPath string
}

func form(r *http.Request, deed string, input govuk.Input) secretForm {
	return secretForm{Action: r.URL.Path, Deed: web.HiddenField{Name: fieldDeed, Value: deed}, Input: input,
		Go: govuk.Button{Text: "Continue", PreventDoubleClick: true}}
}

func (p *Pages) renderPassword(w http.ResponseWriter, r *http.Request, step signin.GivePassword, wrong error) error {
	faults := about(fieldPassword, wrong)
	view := secretView{Heading: "Enter your password", Named: step.Named, First: form(r, deedPassword, govuk.Input{
		Name: fieldPassword, Type: "password", Label: govuk.Label{Text: "Password"}, ErrorMessage: web.ErrorFor(faults, fieldPassword),
		Hint: govuk.Hint{Text: "After it you need a code from your app. You can paste the password."},
		// NIST SP 800-63B-4 §3.1.1.2: password managers and pasting are welcome.
		Autocomplete: "current-password", Classes: "govuk-input--width-20", Attributes: govuk.Attributes{"spellcheck": "false", "autocapitalize": "none"},
	})}
	view.to, view.faults, view.wrong = step.Return, faults, wrong
	return p.renderSecret(w, r, view)
}

func (p *Pages) renderCode(w http.ResponseWriter, r *http.Request, step signin.GiveCode, wrong error) error {
	given := fieldCode
	if r.PostFormValue(fieldDeed) == deedRecovery || !step.Code {
		given = fieldRecovery
	}
	faults := about(given, wrong)
	// GOV.UK Design System, “Confirm a phone number”: the keyboard for digits, and no
	// type="number".
	code := form(r, deedCode, govuk.Input{
		Name: fieldCode, Label: govuk.Label{Text: "Code"}, Hint: govuk.Hint{Text: "Your authenticator app shows it. It changes every half a minute, and each works once."},
		ErrorMessage: web.ErrorFor(faults, fieldCode), Autocomplete: "one-time-code", Inputmode: "numeric", Classes: "govuk-input--width-10 govuk-input--extra-letter-spacing",
	})
	recovery := form(r, deedRecovery, govuk.Input{
		Name: fieldRecovery, Label: govuk.Label{Text: "Recovery code"}, Hint: govuk.Hint{Text: "One of the ten that you were given to keep. It lets you register a new security key, and works once."},
		ErrorMessage: web.ErrorFor(faults, fieldRecovery), Autocomplete: "off", Classes: "govuk-input--width-30", Attributes: govuk.Attributes{"spellcheck": "false", "autocapitalize": "none"},
	})
	view := secretView{Heading: "Enter the code from your app", First: code}
	switch {
	case !step.Code:
		view.Heading, view.First = "Enter a recovery code", recovery
	case step.Recovery:
		recovery.Go = govuk.Button{Text: "Use this recovery code", Classes: govuk.Secondary, PreventDoubleClick: true}
		view.Recovery = &recovery
	}
	view.to, view.faults, view.wrong = step.Return, faults, wrong
	return p.renderSecret(w, r, view)
}

func (p *Pages) renderSecret(w http.ResponseWriter, r *http.Request, view secretView) error {
	view.Key, view.HelpPath, view.Start = choose(r, signin.WithKey, "Use a security key instead"), HelpPath, SignInPath
	return p.templates.Render(w, r, web.Page{Name: "secret.html", Title: view.Heading, View: view, Errors: view.faults,
		Status: statusOf(w, view.wrong), FormActions: leadsTo(view.to)})
}

// about says what is wrong, at the one field that there is.
func about(field string, wrong error) []web.FieldError {
	found := web.Complaints(wrong)
	for i := range found {
		found[i].Field = field
	}
	return found
}

// why explains a registration inside a sign-in.
func why(opening attempts.Opening) string {
	switch opening {
	case attempts.BySecrets:
		return "We know who you are now. But where you are going needs a security key, and you have not registered one yet. Do that now: you are signed in when you have used the key."
	case attempts.ByRecoveryCode:
		return "Your recovery code is right. It lets you register a new security key, and nothing else. You are signed in when you have used the key."
	case attempts.ByKey:
		return "Your key works. But where you are going needs a stronger one. If you have it here, register it now: you are signed in when you have used it."
	}
	return ""
}
