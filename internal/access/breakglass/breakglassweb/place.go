package breakglassweb

import (
	"net/http"

	"github.com/warder-project/warder/internal/access/breakglass"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/people"
)

// placeView asks where a key is kept.
type placeView struct {
	Action string
	Place  govuk.Input
	Save   govuk.Button
	Back   govuk.BackLink
}

// linkView shows a one-time link, once.
type linkView struct {
	Name string
	Link string
	Back govuk.BackLink
}

func (p *Pages) askPlace(w http.ResponseWriter, r *http.Request) error {
	return p.renderPlace(w, r, nil)
}

func (p *Pages) renderPlace(w http.ResponseWriter, r *http.Request, wrong error) error {
	held, err := p.heldKey(r)
	if err != nil {
		return err
	}
	value := held.Key.Place
	if wrong != nil {
		value = r.PostFormValue("place")
	}
	view := placeView{
		Action: AdminPath + "/keys/" + string(held.Key.ID), Back: back(), Save: govuk.Button{Text: "Record the place", PreventDoubleClick: true},
		Place: govuk.Input{Name: "place", Label: govuk.Label{Text: "Where is " + keyName(held.Key) + " kept?"}, Value: value, Autocomplete: "off",
			Hint:         govuk.Hint{Text: "Somewhere two people can get to in the night, and where no other key for emergencies is: for example, safe in room 12, York."},
			ErrorMessage: web.ErrorFor(web.Complaints(wrong), "place"), Attributes: govuk.Attributes{"maxlength": "100"}},
	}
	page := web.Page{Name: "place.html", Title: "Where a key is kept", Section: AdminPath, View: view, Errors: web.Complaints(wrong)}
	if wrong != nil {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.templates.Render(w, r, page)
}

// heldKey is the key in the address, if it is one that is kept for emergencies.
func (p *Pages) heldKey(r *http.Request) (breakglass.Held, error) {
	ready, err := p.deps.Desk.Readiness(r.Context())
	if err != nil {
		return breakglass.Held{}, err
	}
	for _, identity := range ready.Identities {
		for _, held := range identity.Keys {
			if string(held.Key.ID) == r.PathValue("key") {
				return held, nil
			}
		}
	}
	return breakglass.Held{}, breakglass.NotIdentity.New()
}

func (p *Pages) place(w http.ResponseWriter, r *http.Request) error {
	held, err := p.heldKey(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return err
	}
	err = p.deps.Desk.KeepAt(r.Context(), actor(r), held.Key.ID, r.PostForm.Get("place"))
	if problem.Is(err, breakglass.Malformed) || problem.Is(err, keys.Malformed) {
		return p.renderPlace(w, r, err)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, AdminPath+"?done=place")
}

// link makes a one-time link for an identity that has no key.
func (p *Pages) link(w http.ResponseWriter, r *http.Request) error {
	id, err := ids.Parse[ids.Person](r.PathValue("person"))
	if err != nil {
		return people.NotFound.Because(err)
	}
	person, err := p.deps.People.Get(r.Context(), id)
	if err != nil {
		return err
	}
	if person.Kind != people.KindBreakGlass {
		return breakglass.NotIdentity.New()
	}
	link, err := p.deps.Invite(r.Context(), actor(r), id)
	if err != nil {
		return err
	}
	return p.templates.Render(w, r, web.Page{Name: "link.html", Title: "One-time link", Section: AdminPath, View: linkView{Name: person.Name, Link: link, Back: back()}})
}
