package sharedsecretweb

import (
	"net/http"
	"strconv"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret"
)

// listView is what a person has, method by method.
type listView struct {
	Banner  *govuk.NotificationBanner
	Methods []methodView
	Nothing bool // none is accepted, and the person has none
	Back    govuk.BackLink
}

// methodView is one method.
type methodView struct {
	Heading  string
	Accepted string // until when, a sentence
	Warning  string // empty when there is nothing to warn of
	Cards    []govuk.SummaryList
	None     string // said instead of cards
	SetUp    *govuk.Button
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	held, err := p.deps.Book.OfPerson(r.Context(), web.ViewerOf(r).Person)
	if err != nil {
		return err
	}
	accepted, now := p.deps.Accepted(r.Context()), p.deps.Now()
	view := listView{Banner: banner(r), Back: back("My keys", keysPath)}
	for _, method := range sharedsecret.Methods() {
		active := sharedsecret.Active(held, method)
		if !accepted.Accepts(method, now) && len(active) == 0 {
			continue
		}
		view.Methods = append(view.Methods, describe(method, active, accepted, now))
	}
	view.Nothing = len(view.Methods) == 0
	return p.templates.Render(w, r, web.Page{Name: "list.html", Title: "Passwords and codes", Section: keysPath, View: view})
}

func banner(r *http.Request) *govuk.NotificationBanner {
	if r.URL.Query().Get("app") == "added" {
		return &govuk.NotificationBanner{Type: "success", Text: "Your authenticator app is set up and works."}
	}
	return nil
}

// words are what a method is called on these pages.
var words = map[assurance.Method]struct{ heading, name, none, setUp, again, path string }{
	assurance.Password:     {"Password", "password", "You have no password.", "Set a password", "Change the password", passwordPath},
	assurance.TOTP:         {"Authenticator apps", "app", "You have no authenticator app.", "Add an authenticator app", "Add another app", appPath},
	assurance.RecoveryCode: {"Recovery codes", "recovery codes", "You have no recovery codes.", "Make recovery codes", "Make new codes", codesPath},
}

func describe(method assurance.Method, active []sharedsecret.Secret, accepted assurance.Accepted, now time.Time) methodView {
	said := words[method]
	view := methodView{Heading: said.heading, Accepted: untilWhen(method, accepted, now)}
	if len(active) == 0 {
		view.None = said.none
	}
	for _, one := range active {
		view.Cards = append(view.Cards, card(one))
		if method == assurance.RecoveryCode && one.Left <= sharedsecret.Low {
			view.Warning = "You have few recovery codes left. Make new ones."
		}
	}
	if accepted.Accepts(method, now) {
		view.SetUp = &govuk.Button{Text: said.setUp, Href: said.path, Classes: govuk.Secondary}
		if len(active) > 0 {
			view.SetUp.Text = said.again
		}
	}
	return view
}

// untilWhen says how long a method is accepted. A code from an app is no longer
// accepted than the password beside it.
func untilWhen(method assurance.Method, accepted assurance.Accepted, now time.Time) string {
	if !accepted.Accepts(method, now) {
		return "Your organisation does not accept it any more. You can remove it."
	}
	last := accepted.LastDay(method)
	if last.IsZero() {
		return ""
	}
	return "Accepted until the end of " + govuk.Date(last) + " (midnight UTC). After that, use your security key."
}

func card(one sharedsecret.Secret) govuk.SummaryList {
	said := words[one.Method]
	title, used := said.heading, govuk.DateTime(one.LastUsedAt)
	if one.Label != "" {
		title = one.Label
	}
	if used == "" {
		used = "Never"
	}
	rows := []govuk.SummaryRow{row("Set up", govuk.DateTime(one.CreatedAt)), row("Last used", used)}
	if one.Method == assurance.RecoveryCode {
		rows = append(rows, row("Codes left", strconv.Itoa(one.Left)+" of "+strconv.Itoa(sharedsecret.CodesInSet)))
	}
	return govuk.SummaryList{Rows: rows, Card: &govuk.SummaryCard{Title: govuk.CardTitle{Text: title, HeadingLevel: 3},
		Actions: govuk.Actions{Items: []govuk.Action{{Text: "Remove", VisuallyHiddenText: title, Href: removePath(one.ID)}}}}}
}

func removePath(id ids.Credential) string { return Path + "/" + string(id) + "/remove" }
