package keysweb

import (
	"net/http"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/people"
)

// issueView asks who gets the key.
type issueView struct {
	Heading string
	Action  string
	Person  govuk.Input
	Issue   govuk.Button
	Back    govuk.BackLink
}

func (p *Pages) askIssue(w http.ResponseWriter, r *http.Request) error {
	key, err := p.key(r)
	if err != nil {
		return err
	}
	return p.renderIssue(w, r, key, nil)
}

func (p *Pages) renderIssue(w http.ResponseWriter, r *http.Request, key keys.Key, faults []web.FieldError) error {
	if !mayIssue(key) {
		return keys.BadTransition.Detailf("It is %q and cannot be issued.", key.State.Label())
	}
	view := issueView{
		Heading: "Issue " + calledKey(key), Action: pathOf(key.ID) + "/issue",
		Person: govuk.Input{Name: "user-name", Label: govuk.Label{Text: "User name of the person who gets the key"},
			Value: r.PostFormValue("user-name"), ErrorMessage: web.ErrorFor(faults, "user-name"), Classes: "govuk-input--width-20", Autocomplete: "off"},
		Issue: govuk.Button{Text: "Issue this key", PreventDoubleClick: true}, Back: govuk.BackLink{Text: "Back to the key", Href: pathOf(key.ID)},
	}
	page := web.Page{Name: "issue.html", Title: view.Heading, Section: Path, View: view, Errors: faults}
	if len(faults) > 0 {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.templates.Render(w, r, page)
}

func (p *Pages) issue(w http.ResponseWriter, r *http.Request) error {
	key, err := p.key(r)
	if err != nil {
		return err
	}
	person, err := p.deps.People.ByUserName(r.Context(), r.PostFormValue("user-name"))
	if problem.Is(err, people.NotFound) {
		return p.renderIssue(w, r, key, []web.FieldError{{Field: "user-name", Message: "Nobody has this user name. Check it in the list of people"}})
	}
	if err != nil {
		return err
	}
	if person.State != people.Active {
		return p.renderIssue(w, r, key, []web.FieldError{{Field: "user-name", Message: "This person’s account is not active, so they cannot be given a key"}})
	}
	if _, err := p.deps.Keys.Issue(r.Context(), actor(r), key.ID, person.ID); err != nil {
		return err
	}
	return web.SeeOther(w, r, pathOf(key.ID)+"?done=issued")
}
