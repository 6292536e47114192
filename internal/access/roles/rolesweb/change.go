package rolesweb

import (
	"net/http"
	"slices"

	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/people"
)

// changeView says what giving or taking a role changes.
type changeView struct {
	Heading string
	Changes string
	Words   []string // what they may do then, or no longer
	Action  string
	Do      govuk.Button
	Back    govuk.BackLink
}

func (p *Pages) askGrant(w http.ResponseWriter, r *http.Request) error {
	person, role, err := p.asked(r)
	if err != nil {
		return err
	}
	if err := p.deps.Roster.MayGrant(r.Context(), actor(r), person.ID, role); err != nil {
		return err
	}
	held, err := p.deps.Roster.Of(r.Context(), person.ID)
	if err != nil {
		return err
	}
	view := changeView{Heading: "Make " + person.Name + " " + role.Label(), Changes: "From their next request on they may do this, and may not today:",
		Words: gains(roles.InWords(held...), roles.InWords(append(held, role)...)), Action: change(person.ID, role, "grant"),
		Do: govuk.Button{Text: "Give this role now", PreventDoubleClick: true}}
	if len(view.Words) == 0 {
		view.Changes = "They may do all of this already, through the roles they hold."
	}
	return p.render(w, r, person, view)
}

func (p *Pages) askRevoke(w http.ResponseWriter, r *http.Request) error {
	person, role, err := p.asked(r)
	if err != nil {
		return err
	}
	if err := p.deps.Roster.MayRevoke(r.Context(), actor(r), person.ID, role); err != nil {
		return err
	}
	held, err := p.deps.Roster.Of(r.Context(), person.ID)
	if err != nil {
		return err
	}
	rest := slices.DeleteFunc(slices.Clone(held), func(one roles.Role) bool { return one == role })
	view := changeView{Heading: "Take the role " + role.Label() + " from " + person.Name, Changes: "From their next request on they may no longer:",
		Words: gains(roles.InWords(rest...), roles.InWords(held...)), Action: change(person.ID, role, "revoke"),
		Do: govuk.Button{Text: "Take this role away now", Classes: govuk.Warning, PreventDoubleClick: true}}
	if len(view.Words) == 0 {
		view.Changes = "It changes nothing of what they may do: they do not hold the role, or hold another that may do the same."
	}
	return p.render(w, r, person, view)
}

func (p *Pages) render(w http.ResponseWriter, r *http.Request, person people.Person, view changeView) error {
	view.Back = govuk.BackLink{Text: "Roles of " + person.Name, Href: pathOf(person.ID)}
	return p.templates.Render(w, r, web.Page{Name: "change.html", Title: view.Heading, Section: Path, View: view})
}

func (p *Pages) grant(w http.ResponseWriter, r *http.Request) error {
	person, role, err := p.asked(r)
	if err != nil {
		return err
	}
	if err := p.deps.Roster.Grant(r.Context(), actor(r), person.ID, role); err != nil {
		return err
	}
	return web.SeeOther(w, r, pathOf(person.ID)+"?done=given")
}

// revoke leads to the viewer’s own page when it was the viewer's own role: the
// pages about roles may be closed to them now.
func (p *Pages) revoke(w http.ResponseWriter, r *http.Request) error {
	person, role, err := p.asked(r)
	if err != nil {
		return err
	}
	if err := p.deps.Roster.Revoke(r.Context(), actor(r), person.ID, role); err != nil {
		return err
	}
	if person.ID == web.ViewerOf(r).Person {
		return web.SeeOther(w, r, "/me")
	}
	return web.SeeOther(w, r, pathOf(person.ID)+"?done=taken")
}

// asked is the person and the role in the address.
func (p *Pages) asked(r *http.Request) (people.Person, roles.Role, error) {
	person, err := p.person(r)
	if err != nil {
		return people.Person{}, "", err
	}
	role := roles.Role(r.PathValue("role"))
	if !role.Known() {
		return people.Person{}, "", roles.Unknown.New()
	}
	return person, role, nil
}

// gains is what is in more and not in before.
func gains(before, more []string) []string {
	return slices.DeleteFunc(slices.Clone(more), func(one string) bool { return slices.Contains(before, one) })
}

func actor(r *http.Request) audit.Actor { return audit.Person(web.ViewerOf(r).Person) }
