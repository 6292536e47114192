package keysweb

import (
	"net/http"

	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/keys"
)

// addView is the form for a new key in stock.
type addView struct {
	Serial govuk.Input
	Model  govuk.Select
	Label  govuk.Input
	Save   govuk.Button
	Back   govuk.BackLink
}

func (p *Pages) askAdd(w http.ResponseWriter, r *http.Request) error {
	return p.renderAdd(w, r, nil)
}

func (p *Pages) renderAdd(w http.ResponseWriter, r *http.Request, faults []web.FieldError) error {
	models, err := p.deps.Models.List(r.Context())
	if err != nil {
		return err
	}
	choice := govuk.Select{Name: "aaguid", Value: r.PostFormValue("aaguid"), Label: govuk.Label{Text: "Model"},
		Hint:         govuk.Hint{Text: "As it says on the packaging. It is proven when the key is registered."},
		ErrorMessage: web.ErrorFor(faults, "aaguid"), Items: []govuk.SelectItem{{Value: "", Text: "Not known"}}}
	for _, model := range models {
		choice.Items = append(choice.Items, govuk.SelectItem{Value: model.AAGUID, Text: model.Vendor + " " + model.Name})
	}
	view := addView{
		Serial: govuk.Input{Name: "serial", Label: govuk.Label{Text: "Serial number"}, Hint: govuk.Hint{Text: "As it is printed on the key or its packaging."},
			Value: r.PostFormValue("serial"), ErrorMessage: web.ErrorFor(faults, "serial"), Classes: "govuk-input--width-20", Autocomplete: "off"},
		Model: choice,
		Label: govuk.Input{Name: "label", Label: govuk.Label{Text: "Name (optional)"}, Value: r.PostFormValue("label"),
			ErrorMessage: web.ErrorFor(faults, "label"), Classes: "govuk-input--width-20", Autocomplete: "off"},
		Save: govuk.Button{Text: "Add the key", PreventDoubleClick: true}, Back: govuk.BackLink{Text: "All keys", Href: Path},
	}
	page := web.Page{Name: "add.html", Title: "Add a key", Section: Path, View: view, Errors: faults}
	if len(faults) > 0 {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.templates.Render(w, r, page)
}

func (p *Pages) add(w http.ResponseWriter, r *http.Request) error {
	wanted := keys.NewKey{Serial: r.PostFormValue("serial"), Model: r.PostFormValue("aaguid"), Label: r.PostFormValue("label")}
	if wanted.Serial == "" {
		return p.renderAdd(w, r, []web.FieldError{{Field: "serial", Message: "Enter the serial number, so that the key can be found when it is lost"}})
	}
	key, err := p.deps.Keys.Add(r.Context(), actor(r), wanted)
	if faults, ok := onForm(err, keys.SerialTaken, "serial"); ok {
		return p.renderAdd(w, r, faults)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, pathOf(key.ID)+"?done=added")
}
