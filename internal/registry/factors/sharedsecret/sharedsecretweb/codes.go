package sharedsecretweb

import (
	"net/http"

	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret"
)

// askCodesView says what making codes does.
type askCodesView struct {
	Left   int // of an older set
	Old    bool
	Action string
	Make   govuk.Button
	Back   govuk.BackLink
}

// codesView shows the codes, this once.
type codesView struct {
	Codes []string
	Made  string // when
	For   string // whose
	Back  string
}

func (p *Pages) askCodes(w http.ResponseWriter, r *http.Request) error {
	if err := p.may(r, assurance.RecoveryCode); err != nil {
		return err
	}
	held, err := p.deps.Book.OfPerson(r.Context(), web.ViewerOf(r).Person)
	if err != nil {
		return err
	}
	view := askCodesView{Action: codesPath, Make: govuk.Button{Text: "Make ten codes", PreventDoubleClick: true}, Back: back("Passwords and codes", Path)}
	for _, set := range sharedsecret.Active(held, assurance.RecoveryCode) {
		view.Old, view.Left = true, set.Left
	}
	return p.templates.Render(w, r, web.Page{Name: "makecodes.html", Title: "Recovery codes", Section: keysPath, View: view})
}

// makeCodes answers with a page and not a redirect: the codes are kept nowhere, so
// no other request could show them.
func (p *Pages) makeCodes(w http.ResponseWriter, r *http.Request) error {
	if err := p.may(r, assurance.RecoveryCode); err != nil {
		return err
	}
	person := web.ViewerOf(r).Person
	holder, err := p.deps.Holder(r.Context(), person)
	if err != nil {
		return err
	}
	codes, err := p.deps.Book.NewRecoveryCodes(r.Context(), audit.Person(person), person)
	if err != nil {
		return err
	}
	view := codesView{Made: govuk.DateTime(p.deps.Now()), For: holder.UserName, Back: Path}
	for _, code := range codes {
		view.Codes = append(view.Codes, code.Reveal())
	}
	return p.templates.Render(w, r, web.Page{Name: "codes.html", Title: "Your recovery codes", Section: keysPath, View: view})
}
