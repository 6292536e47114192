package account

import (
	"context"
	"net/http"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/keys"
)

// meView is the page with a person's keys.
type meView struct {
	Banner   *govuk.NotificationBanner // what has just been done
	Keys     []govuk.SummaryList
	NoKeys   bool
	OnlyOne  bool
	AddKey   govuk.Button
	Sessions string // where the page with the sessions is
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	viewer := web.ViewerOf(r)
	view := meView{Banner: banner(r), Sessions: sessionsPath, AddKey: govuk.Button{Text: "Add another key", Href: addKeyPath, Classes: govuk.Secondary}}
	held, err := p.deps.Keys.HeldBy(r.Context(), viewer.Person)
	if err != nil {
		return err
	}
	lastUsed, err := p.lastUsed(r.Context(), viewer.Person)
	if err != nil {
		return err
	}
	working := 0
	for _, key := range held {
		card, err := p.keyCard(r.Context(), key, lastUsed[key.ID])
		if err != nil {
			return err
		}
		view.Keys = append(view.Keys, card)
		if key.State.MaySignIn() {
			working++
		}
	}
	view.NoKeys, view.OnlyOne = len(held) == 0, working == 1
	return p.templates.Render(w, r, web.Page{Name: "me.html", Title: "My keys", Section: Path, View: view})
}

func banner(r *http.Request) *govuk.NotificationBanner {
	text := ""
	switch query := r.URL.Query(); {
	case query.Get("key") == "added":
		text = "Your key is registered and works."
	case query.Get("session") == "ended":
		text = "That session has been ended. It cannot be used any more."
	case query.Get("session") == "others-ended":
		text = "You are signed out everywhere else."
	}
	if text == "" {
		return nil
	}
	return &govuk.NotificationBanner{Type: "success", Text: text}
}

// lastUsed says when each of a person's keys last signed them in.
func (p *Pages) lastUsed(ctx context.Context, person ids.Person) (map[ids.Key]time.Time, error) {
	credentials, err := p.deps.Factors.OfPerson(ctx, person)
	if err != nil {
		return nil, err
	}
	used := make(map[ids.Key]time.Time)
	for _, credential := range credentials {
		if credential.LastUsedAt.After(used[credential.Key]) {
			used[credential.Key] = credential.LastUsedAt
		}
	}
	return used, nil
}

func (p *Pages) keyCard(ctx context.Context, key keys.Key, lastUsed time.Time) (govuk.SummaryList, error) {
	model, err := p.deps.Models.NameOf(ctx, key)
	if err != nil {
		return govuk.SummaryList{}, err
	}
	used := govuk.DateTime(lastUsed)
	if used == "" {
		used = "Never"
	}
	card := &govuk.SummaryCard{Title: govuk.CardTitle{Text: keyName(key), HeadingLevel: 3}}
	if link, ok := reportLink(key); ok {
		card.Actions.Items = []govuk.Action{link}
	}
	return govuk.SummaryList{Card: card, Rows: []govuk.SummaryRow{
		row("State", govuk.SummaryValue{Tag: stateTag(key.State)}),
		row("Model", govuk.SummaryValue{Text: model}),
		row("Serial number", govuk.SummaryValue{Text: orElse(key.Serial, "Not known")}),
		row("Last used", govuk.SummaryValue{Text: used}),
	}}, nil
}

func row(name string, value govuk.SummaryValue) govuk.SummaryRow {
	return govuk.SummaryRow{Key: govuk.Words{Text: name}, Value: value}
}

// reportLink is offered as long as there is something that a report would stop.
func reportLink(key keys.Key) (govuk.Action, bool) {
	address := lostPath(key.ID)
	switch {
	case key.State.MayBecome(keys.StateLost):
		return govuk.Action{Text: "Report this key lost or stolen", Href: address}, true
	case key.State == keys.StateLost:
		return govuk.Action{Text: "Report this key stolen", Href: address}, true
	}
	return govuk.Action{}, false
}

func keyName(key keys.Key) string {
	switch {
	case key.Label != "":
		return key.Label
	case key.Serial != "":
		return "Security key " + key.Serial
	}
	return "Security key"
}

func stateTag(state keys.State) *govuk.Tag {
	tag := &govuk.Tag{Text: state.Label(), Classes: govuk.Grey}
	switch {
	case state.MaySignIn():
		tag.Classes = govuk.Green
	case state.Blocked():
		tag.Classes = govuk.Red
	}
	return tag
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
