package keysweb

import (
	"net/http"
	"strconv"

	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/keys"
)

// blockView asks why the key is blocked.
type blockView struct {
	Heading string
	Facts   govuk.SummaryList
	Action  string
	Reason  govuk.Radios
	Block   govuk.Button
	Back    govuk.BackLink
}

// blockedView says what was stopped.
type blockedView struct {
	Panel govuk.Panel
	Facts govuk.SummaryList
	Back  string
}

func (p *Pages) askBlock(w http.ResponseWriter, r *http.Request) error {
	key, err := p.key(r)
	if err != nil {
		return err
	}
	return p.renderBlock(w, r, key, nil)
}

func (p *Pages) renderBlock(w http.ResponseWriter, r *http.Request, key keys.Key, faults []web.FieldError) error {
	holder, err := p.holderName(r.Context(), key.Holder)
	if err != nil {
		return err
	}
	model, err := p.deps.Models.NameOf(r.Context(), key)
	if err != nil {
		return err
	}
	view := blockView{
		Heading: "Report " + calledKey(key) + " lost or stolen", Facts: facts(key, holder, model), Action: pathOf(key.ID) + "/block",
		Reason: govuk.Radios{Name: "reason", ErrorMessage: web.ErrorFor(faults, "reason"),
			Fieldset: &govuk.Fieldset{Legend: govuk.Legend{Text: "What has happened to the key?", Classes: "govuk-fieldset__legend--m"}},
			Items: []govuk.Choice{
				{Value: string(keys.Lost), Text: "It is lost", Hint: govuk.Hint{Text: "It may turn up again."}},
				{Value: string(keys.Stolen), Text: "It was stolen, or somebody else may have it"},
			}},
		Block: govuk.Button{Text: "Block this key now", Classes: govuk.Warning, PreventDoubleClick: true},
		Back:  govuk.BackLink{Text: "Back", Href: back(r, key)},
	}
	page := web.Page{Name: "block.html", Title: view.Heading, Section: Path, View: view, Errors: faults}
	if len(faults) > 0 {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.templates.Render(w, r, page)
}

// block stops the key. The answer is a page and not a redirect: the viewer may
// have just blocked the key they are signed in with.
func (p *Pages) block(w http.ResponseWriter, r *http.Request) error {
	key, err := p.key(r)
	if err != nil {
		return err
	}
	reason, err := keys.ParseReason(r.PostFormValue("reason"))
	if err != nil {
		return p.renderBlock(w, r, key, []web.FieldError{{Field: "reason", Message: "Say whether the key is lost or stolen"}})
	}
	stopped, err := p.deps.Block(r.Context(), actor(r), key.ID, reason)
	if err != nil {
		return err
	}
	return p.templates.Render(w, r, web.Page{Name: "blocked.html", Title: "The key is blocked", Section: Path, View: blockedView{
		Panel: govuk.Panel{TitleText: upperFirst(calledKey(key)) + " is blocked",
			Text: "In force after " + strconv.FormatInt(stopped.Took.Milliseconds(), 10) + " ms. Nobody can sign in with it any more."},
		Facts: govuk.SummaryList{Rows: []govuk.SummaryRow{
			row("Sessions ended", govuk.SummaryValue{Text: govuk.Number(stopped.Sessions)}),
			row("Registrations stopped", govuk.SummaryValue{Text: govuk.Number(stopped.Credentials)}),
		}},
		Back: back(r, key),
	}})
}

// back is where the viewer came from: the key's page, or the service desk, which has
// no list of keys.
func back(r *http.Request, key keys.Key) string {
	if viewer := web.ViewerOf(r); viewer.May != nil && viewer.May("desk.use") && !viewer.May(web.KeysRead) {
		return "/desk"
	}
	return pathOf(key.ID)
}
