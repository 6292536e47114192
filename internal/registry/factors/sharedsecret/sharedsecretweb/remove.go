package sharedsecretweb

import (
	"net/http"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret"
)

// removeView says what will happen.
type removeView struct {
	What   govuk.SummaryList
	Name   string
	SignIn bool // it is half of a way of signing in, so sessions end
	Here   bool // this very browser may be signed out as well
	Action string
	Remove govuk.Button
	Back   govuk.BackLink
}

// own is the secret in the address, if it is the viewer's and is there still.
// Somebody else's is answered like one that does not exist.
func (p *Pages) own(r *http.Request) (sharedsecret.Secret, error) {
	id, err := ids.Parse[ids.Credential](r.PathValue("secret"))
	if err != nil {
		return sharedsecret.Secret{}, sharedsecret.NotFound.Because(err)
	}
	one, err := p.deps.Book.Get(r.Context(), id)
	if err != nil {
		return sharedsecret.Secret{}, err
	}
	if one.Person != web.ViewerOf(r).Person || one.State == factors.Revoked {
		return sharedsecret.Secret{}, sharedsecret.NotFound.New()
	}
	return one, nil
}

func (p *Pages) askRemove(w http.ResponseWriter, r *http.Request) error {
	one, err := p.own(r)
	if err != nil {
		return err
	}
	if err := p.deps.Fresh(r); err != nil {
		return err
	}
	what := card(one)
	what.Card.Actions = govuk.Actions{}
	what.Card.Title.HeadingLevel = 2
	half := one.Method != assurance.RecoveryCode
	return p.templates.Render(w, r, web.Page{Name: "remove.html", Title: "Remove your " + words[one.Method].name, Section: keysPath, View: removeView{
		What: what, Name: words[one.Method].name, SignIn: half, Here: half && !web.ViewerOf(r).PhishingResistant,
		Action: removePath(one.ID), Back: back("Passwords and codes", Path),
		Remove: govuk.Button{Text: "Remove now", Classes: govuk.Warning, PreventDoubleClick: true},
	}})
}

func (p *Pages) remove(w http.ResponseWriter, r *http.Request) error {
	one, err := p.own(r)
	if err != nil {
		return err
	}
	if err := p.deps.Fresh(r); err != nil {
		return err
	}
	key, err := p.deps.HasKey(r.Context(), one.Person)
	if err != nil {
		return err
	}
	removed, err := p.deps.Book.RemoveOwn(r.Context(), one.Person, one.ID, key)
	if err != nil {
		return err
	}
	name := words[removed.Method].name
	return p.done(w, r, doneView{Panel: govuk.Panel{TitleText: "Removed: " + name, Text: "Nobody can use it any more."},
		SignedOut: removed.Method != assurance.RecoveryCode, Lines: []string{"Whatever was signed in with it is signed out."}})
}
