package account

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/warder-project/warder/internal/access/methods"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/base/web/signals"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
)

// meView is the page with a person's keys.
type meView struct {
	Banner   *govuk.NotificationBanner // what has just been done
	Keys     []govuk.SummaryList
	NoKeys   bool
	Complete bool       // they may lose a key and still sign in
	Standing *govuk.Tag // the same in a word
	None     bool       // no key of theirs works
	Unplaced bool       // nobody has noted where the spare key is kept
	AddKey   govuk.Button
	HelpDesk string
	Sessions string // where the page with the sessions is
	Secrets  string // where the page with passwords and codes is; empty when there is nothing on it
	Signals  []signals.Signal
	Notices  []Notice
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	viewer := web.ViewerOf(r)
	has, err := p.deps.Methods.Of(r.Context(), viewer.Person)
	if err != nil {
		return err
	}
	view := meView{
		Banner: banner(r), Sessions: sessionsPath, NoKeys: len(has.Keys) == 0, HelpDesk: p.deps.HelpDesk,
		Complete: has.Complete, Standing: standing(has), None: has.Working() == 0, Unplaced: has.Complete && !placed(has),
		AddKey: govuk.Button{Text: "Add another key", Href: addKeyPath},
	}
	if has.Complete {
		view.AddKey.Classes = govuk.Secondary
	}
	for _, key := range has.Keys {
		card, err := p.keyCard(r.Context(), key, has)
		if err != nil {
			return err
		}
		view.Keys = append(view.Keys, card)
	}
	if view.Signals, err = p.signals(r, has); err != nil {
		return err
	}
	if p.deps.Notices != nil {
		if view.Notices, err = p.deps.Notices(r.Context(), viewer.Person); err != nil {
			return err
		}
	}
	if view.Secrets, err = p.deps.Secrets(r.Context(), viewer.Person); err != nil {
		return err
	}
	return p.templates.Render(w, r, web.Page{Name: "me.html", Title: "My keys", Section: Path, View: view, Scripts: []string{signals.Script}})
}

// signals tell the browser which credentials of the viewer are accepted, and what
// the viewer is called. One that was stopped because there may be a copy is not
// given up: somebody wants to look at it.
func (p *Pages) signals(r *http.Request, has methods.Overview) ([]signals.Signal, error) {
	person, err := p.deps.People.Get(r.Context(), web.ViewerOf(r).Person)
	if err != nil {
		return nil, err
	}
	var accepted [][]byte
	for _, credential := range has.Credentials {
		if credential.State != factors.Revoked {
			accepted = append(accepted, credential.CredentialID)
		}
	}
	user := factors.UserHandle(person.ID)
	return []signals.Signal{signals.Accepted(r, user, accepted), signals.User(r, user, person.UserName, person.Name)}, nil
}

func standing(has methods.Overview) *govuk.Tag {
	if has.Complete {
		return &govuk.Tag{Text: "Complete", Classes: govuk.Green}
	}
	return &govuk.Tag{Text: "Not complete", Classes: govuk.Yellow}
}

// placed reports whether it is noted of at least one key that works where it is kept:
// the other is with the person.
func placed(has methods.Overview) bool {
	return slices.ContainsFunc(has.Keys, func(key keys.Key) bool { return key.Place != "" && has.Works(key.ID) })
}

func banner(r *http.Request) *govuk.NotificationBanner {
	text := ""
	switch query := r.URL.Query(); {
	case query.Get("key") == "added":
		text = "Your key is registered and works."
	case query.Get("key") == "place":
		text = "It is noted where the key is kept."
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

// lastUsed says when a key last signed its holder in.
func lastUsed(has methods.Overview, key ids.Key) time.Time {
	var used time.Time
	for _, credential := range has.Credentials {
		if credential.Key == key && credential.LastUsedAt.After(used) {
			used = credential.LastUsedAt
		}
	}
	return used
}

func (p *Pages) keyCard(ctx context.Context, key keys.Key, has methods.Overview) (govuk.SummaryList, error) {
	model, err := p.deps.Models.NameOf(ctx, key)
	if err != nil {
		return govuk.SummaryList{}, err
	}
	card := &govuk.SummaryCard{Title: govuk.CardTitle{Text: keyName(key), HeadingLevel: 3}}
	if has.Works(key.ID) {
		card.Actions.Items = append(card.Actions.Items, govuk.Action{Text: "Remove", Href: keyPath(key.ID, "remove")})
	}
	if link, ok := reportLink(key); ok {
		card.Actions.Items = append(card.Actions.Items, link)
	}
	rows := []govuk.SummaryRow{
		row("State", govuk.SummaryValue{Tag: stateTag(key, has)}),
		row("Model", govuk.SummaryValue{Text: model}),
		row("Serial number", govuk.SummaryValue{Text: orElse(key.Serial, "Not known")}),
		row("Last used", govuk.SummaryValue{Text: orElse(govuk.DateTime(lastUsed(has, key.ID)), "Never")}),
	}
	if has.Works(key.ID) {
		kept := row("Kept", govuk.SummaryValue{Text: orElse(key.Place, "Not noted")})
		kept.Actions.Items = []govuk.Action{{Text: "Change", VisuallyHiddenText: "where it is kept", Href: keyPath(key.ID, "place")}}
		rows = append(rows, kept)
	}
	return govuk.SummaryList{Card: card, Rows: rows}, nil
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

// stateTag says what can be done with a key, which its own state says only in part.
func stateTag(key keys.Key, has methods.Overview) *govuk.Tag {
	tag := &govuk.Tag{Text: key.State.Label(), Classes: govuk.Grey}
	switch {
	case has.Works(key.ID):
		tag.Classes = govuk.Green
	case key.State.Blocked():
		tag.Classes = govuk.Red
	case key.State.MaySignIn():
		tag.Text, tag.Classes = "Stopped: tell the service desk", govuk.Red
	case key.ToReturn:
		tag.Text, tag.Classes = "Removed: hand it back", govuk.Yellow
	}
	return tag
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
