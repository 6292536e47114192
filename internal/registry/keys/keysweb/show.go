package keysweb

import (
	"net/http"

	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/keys"
)

// showView is the page of one key.
type showView struct {
	Heading  string
	Banner   *govuk.NotificationBanner
	Facts    govuk.SummaryList
	Issue    *govuk.Button // nil when it cannot be issued, or the viewer may not
	Block    *govuk.Button
	Link     *govuk.Button // makes a one-time link for the holder
	LinkPath string
	Address  govuk.InsetText // the link, told once
	Back     govuk.BackLink
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	key, err := p.key(r)
	if err != nil {
		return err
	}
	return p.renderShow(w, r, key, "")
}

// renderShow shows a key and, only right after it was made, a one-time link.
func (p *Pages) renderShow(w http.ResponseWriter, r *http.Request, key keys.Key, link string) error {
	holder, err := p.holderName(r.Context(), key.Holder)
	if err != nil {
		return err
	}
	model, err := p.deps.Models.NameOf(r.Context(), key)
	if err != nil {
		return err
	}
	view := showView{
		Heading: upperFirst(calledKey(key)), Banner: banner(r), Back: govuk.BackLink{Text: "All keys", Href: Path},
		Facts: facts(key, holder, model), LinkPath: pathOf(key.ID) + "/link", Address: govuk.InsetText{Text: link, Classes: "warder-code"},
	}
	p.offer(r, key, &view)
	return p.templates.Render(w, r, web.Page{Name: "show.html", Title: view.Heading, Section: Path, View: view})
}

func facts(key keys.Key, holder, model string) govuk.SummaryList {
	serial := govuk.SummaryValue{Text: orElse(key.Serial, "Not known")}
	if key.Serial != "" {
		serial.Lines = []string{"How we know: " + serialGrade(key.SerialGrade)}
	}
	state := govuk.SummaryValue{Tag: stateTag(key.State)}
	if key.ToReturn {
		state.Lines = []string{"Its holder signs in with it no more and is to hand it back."}
	}
	rows := []govuk.SummaryRow{
		row("State", state),
		row("Holder", govuk.SummaryValue{Text: holder}),
		row("Serial number", serial),
		row("Model", govuk.SummaryValue{Text: model}),
		row("Firmware", govuk.SummaryValue{Text: orElse(key.Firmware, "Not known")}),
		row("Name", govuk.SummaryValue{Text: orElse(key.Label, "None")}),
		row("Kept", govuk.SummaryValue{Text: orElse(key.Place, "Not noted")}),
		row("Recorded", govuk.SummaryValue{Text: govuk.DateTime(key.CreatedAt)}),
		row("Last change", govuk.SummaryValue{Text: govuk.DateTime(key.ChangedAt)}),
	}
	return govuk.SummaryList{Rows: rows}
}

func row(name string, value govuk.SummaryValue) govuk.SummaryRow {
	return govuk.SummaryRow{Key: govuk.Words{Text: name}, Value: value}
}

// offer puts the buttons on the page that the key's state and the viewer's
// permissions allow. The routes check the permissions again.
func (p *Pages) offer(r *http.Request, key keys.Key, view *showView) {
	viewer := web.ViewerOf(r)
	may := func(permission web.Permission) bool { return viewer.May != nil && viewer.May(permission) }
	if may(web.KeysWrite) && mayIssue(key) {
		view.Issue = &govuk.Button{Text: "Issue this key", Href: pathOf(key.ID) + "/issue"}
	}
	if may(web.KeysBlock) && (key.State.MayBecome(keys.StateLost) || key.State.MayBecome(keys.StateStolen)) {
		view.Block = &govuk.Button{Text: "Report lost or stolen", Href: pathOf(key.ID) + "/block", Classes: govuk.Warning}
	}
	if may(web.PeopleWrite) && mayInvite(key, viewer) && p.deps.Invite != nil {
		view.Link = &govuk.Button{Text: "Make a one-time link for the holder", Classes: govuk.Secondary, PreventDoubleClick: true}
	}
}

func mayIssue(key keys.Key) bool { return key.State.MayBecome(keys.StateHeld) }

// mayInvite: a link is for somebody else who has a key that is not set up yet.
// Whoever could make one for themselves could add keys without using one.
func mayInvite(key keys.Key, viewer web.Viewer) bool {
	return key.State == keys.StateHeld && key.Holder != "" && key.Holder != viewer.Person
}

func banner(r *http.Request) *govuk.NotificationBanner {
	text := ""
	switch r.URL.Query().Get("done") {
	case "added":
		text = "The key is in stock."
	case "issued":
		text = "The key is issued. Its holder can set it up with a one-time link, or from their own page if they have another key."
	}
	if text == "" {
		return nil
	}
	return &govuk.NotificationBanner{Type: "success", Text: text}
}

// invite makes a one-time link for the holder of the key and shows it, once.
func (p *Pages) invite(w http.ResponseWriter, r *http.Request) error {
	key, err := p.key(r)
	if err != nil {
		return err
	}
	if !mayInvite(key, web.ViewerOf(r)) {
		return keys.BadTransition.Detailf("A link is for somebody else, who has this key and has not set it up.")
	}
	link, err := p.deps.Invite(r.Context(), actor(r), key.Holder)
	if err != nil {
		return err
	}
	return p.renderShow(w, r, key, link)
}
