package account

import (
	"net/http"

	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/keys"
)

// placeView asks where a key is kept.
type placeView struct {
	Key    govuk.SummaryList
	Action string
	Place  govuk.Input
	Save   govuk.Button
	Back   govuk.BackLink
}

func (p *Pages) askPlace(w http.ResponseWriter, r *http.Request) error {
	key, err := p.ownKey(r.Context(), r)
	if err != nil {
		return err
	}
	return p.renderPlace(w, r, key, nil)
}

func (p *Pages) renderPlace(w http.ResponseWriter, r *http.Request, key keys.Key, faults []web.FieldError) error {
	model, err := p.deps.Models.NameOf(r.Context(), key)
	if err != nil {
		return err
	}
	page := web.Page{Name: "place.html", Title: "Where this key is kept", Section: Path, Errors: faults, View: placeView{
		Key: about(key, model), Action: keyPath(key.ID, "place"), Back: govuk.BackLink{Text: "My keys", Href: Path},
		Place: govuk.Input{
			Name: "place", Label: govuk.Label{Text: "Where is this key?", Classes: "govuk-label--m"}, Value: key.Place, Autocomplete: "off",
			Hint:         govuk.Hint{Text: "For example: at home, or sealed in my manager’s safe. You and the service desk can see this. Leave out PINs and codes of safes."},
			ErrorMessage: web.ErrorFor(faults, "place"), Attributes: govuk.Attributes{"maxlength": "100"},
		},
		Save: govuk.Button{Text: "Save", PreventDoubleClick: true},
	}}
	if len(faults) > 0 {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.templates.Render(w, r, page)
}

func (p *Pages) notePlace(w http.ResponseWriter, r *http.Request) error {
	key, err := p.ownKey(r.Context(), r)
	if err != nil {
		return err
	}
	place := r.PostFormValue("place")
	_, err = p.deps.Keys.NotePlace(r.Context(), audit.Person(web.ViewerOf(r).Person), key.ID, place)
	if faults, ok := web.FieldErrors(err); ok {
		key.Place = place // what was typed is kept
		return p.renderPlace(w, r, key, faults)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, Path+"?key=place")
}
