package sharedsecretweb

import (
	"encoding/base64"
	"net/http"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret"
)

// appView shows the secret of an app that is being set up, as a picture and as text,
// and asks for a code of it.
type appView struct {
	Picture picture
	Secret  string
	State   string // sealed; comes back with the form
	Action  string
	Code    govuk.Input
	Label   govuk.Input
	Confirm govuk.Button
	Back    govuk.BackLink
}

func (p *Pages) offerApp(w http.ResponseWriter, r *http.Request) error {
	if err := p.may(r, assurance.TOTP); err != nil {
		return err
	}
	holder, err := p.deps.Holder(r.Context(), web.ViewerOf(r).Person)
	if err != nil {
		return err
	}
	offer, err := p.deps.Book.BeginTOTP(r.Context(), holder)
	if err != nil {
		return err
	}
	return p.renderApp(w, r, offer, nil)
}

func (p *Pages) renderApp(w http.ResponseWriter, r *http.Request, offer sharedsecret.TOTPOffer, faults []web.FieldError) error {
	drawn, err := draw(offer.URI)
	if err != nil {
		return err
	}
	page := web.Page{Name: "app.html", Title: "Add an authenticator app", Section: keysPath, Errors: faults, View: appView{
		Picture: drawn, Secret: offer.Secret, State: base64.RawURLEncoding.EncodeToString(offer.State), Action: appPath, Back: back("Passwords and codes", Path),
		Code: govuk.Input{Name: "code", Inputmode: "numeric", Autocomplete: "one-time-code", Classes: "govuk-input--width-10",
			Label: govuk.Label{Text: "Code that the app shows now", Classes: "govuk-label--s"}, ErrorMessage: web.ErrorFor(faults, "code"),
			Attributes: govuk.Attributes{"spellcheck": "false"}},
		Label: govuk.Input{Name: "label", Autocomplete: "off", Classes: "govuk-input--width-20", Value: r.PostFormValue("label"),
			Label: govuk.Label{Text: "Name for this app (optional)", Classes: "govuk-label--s"}, Hint: govuk.Hint{Text: "For example: my work phone."},
			ErrorMessage: web.ErrorFor(faults, "label"), Attributes: govuk.Attributes{"maxlength": "60"}},
		Confirm: govuk.Button{Text: "Confirm", PreventDoubleClick: true},
	}}
	if len(faults) > 0 {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.templates.Render(w, r, page)
}

// addApp keeps the app. Whoever mistypes the code sees the same picture again, and
// need not scan another one.
func (p *Pages) addApp(w http.ResponseWriter, r *http.Request) error {
	if err := p.may(r, assurance.TOTP); err != nil {
		return err
	}
	person := web.ViewerOf(r).Person
	state, err := base64.RawURLEncoding.DecodeString(r.PostFormValue("state"))
	if err != nil {
		return sharedsecret.OfferGone.New() // the text is not ours
	}
	_, err = p.deps.Book.FinishTOTP(r.Context(), audit.Person(person), person, state, r.PostFormValue("code"), r.PostFormValue("label"))
	field := ""
	switch {
	case err == nil:
		return web.SeeOther(w, r, Path+"?app=added")
	case problem.Is(err, sharedsecret.WrongCode):
		field = "code"
	case problem.Is(err, sharedsecret.LabelTooLong):
		field = "label"
	default:
		return err
	}
	holder, holderErr := p.deps.Holder(r.Context(), person)
	if holderErr != nil {
		return holderErr
	}
	offer, resumeErr := p.deps.Book.ResumeTOTP(r.Context(), holder, state)
	if resumeErr != nil {
		return resumeErr
	}
	found, _ := problem.Of(err)
	return p.renderApp(w, r, offer, []web.FieldError{{Field: field, Message: found.Sentence + " " + found.Next}})
}
