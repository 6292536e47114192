package peopleweb

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/people"
)

// showView is the page of one person.
type showView struct {
	Heading    string
	Banner     *govuk.NotificationBanner
	Who        govuk.SummaryList
	Employment govuk.SummaryList
	Deeds      []govuk.Button // what may be done to them; each leads to a page that says what will happen
	Back       govuk.BackLink
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	id, err := ids.Parse[ids.Person](r.PathValue("person"))
	if err != nil {
		return people.NotFound.Because(err)
	}
	person, err := p.deps.People.Get(r.Context(), id)
	if err != nil {
		return err
	}
	groups, err := p.deps.People.GroupsOf(r.Context(), id)
	if err != nil {
		return err
	}
	manager, err := p.manager(r, person)
	if err != nil {
		return err
	}
	view := showView{
		Heading: person.Name, Back: govuk.BackLink{Text: "All people", Href: Path},
		Who: govuk.SummaryList{Rows: []govuk.SummaryRow{
			row("State", govuk.SummaryValue{Tag: stateTag(person.State)}),
			row("May sign in now", govuk.SummaryValue{Text: signIn(person, p.deps.Now())}),
			row("User name", govuk.SummaryValue{Text: person.UserName}),
			row("E-mail address", govuk.SummaryValue{Text: orElse(person.Email, "None")}),
			row("Kind", govuk.SummaryValue{Text: kindName(person.Kind)}),
			row("Groups", govuk.SummaryValue{Text: orElse(strings.Join(groups, ", "), "None")}),
		}},
		Employment: govuk.SummaryList{Rows: []govuk.SummaryRow{
			row("Department", govuk.SummaryValue{Text: orElse(person.Department, "Not known")}),
			row("Job title", govuk.SummaryValue{Text: orElse(person.JobTitle, "Not known")}),
			row("Line manager", manager),
			row("Employee number", govuk.SummaryValue{Text: orElse(person.EmployeeID, "Not known")}),
			row("First working day", govuk.SummaryValue{Text: orElse(govuk.Date(person.Starts), "Not known")}),
			row("Last working day", govuk.SummaryValue{Text: orElse(govuk.Date(person.Ends), "None set")}),
			row("In the directory since", govuk.SummaryValue{Text: govuk.DateTime(person.CreatedAt)}),
			row("Last change", govuk.SummaryValue{Text: govuk.DateTime(person.ChangedAt)}),
		}},
	}
	if may(r, web.KeysRead) {
		methods, err := p.deps.Methods(r.Context(), person)
		if err != nil {
			return err
		}
		view.Who.Rows = append(view.Who.Rows,
			row("Signs in with", govuk.SummaryValue{Text: orElse(strings.Join(methods.Ways, "; or "), "Nothing")}),
			row("As strong as", govuk.SummaryValue{Text: methods.Strength}),
			row("If they lose a key", govuk.SummaryValue{Text: methods.Spare}))
		view.Who.Rows = append(view.Who.Rows, row("Security keys", govuk.SummaryValue{Text: "Show their keys", Href: "/admin/keys?" + url.Values{"q": {person.UserName}}.Encode()}))
	}
	if may(r, web.SessionsRead) {
		view.Who.Rows = append(view.Who.Rows, row("Sessions", govuk.SummaryValue{Text: "Show where they are signed in", Href: "/admin/sessions?" + url.Values{"q": {person.UserName}}.Encode()}))
	}
	if may(r, web.SessionsRead) {
		view.Who.Rows = append(view.Who.Rows, row("Places and browsers", govuk.SummaryValue{Text: "Show what is usual for them", Href: pathOf(person.ID) + "/risk"}))
	}
	if may(r, web.RolesRead) {
		view.Who.Rows = append(view.Who.Rows, row("Roles", govuk.SummaryValue{Text: "Show their roles", Href: "/admin/roles/" + string(person.ID)}))
	}
	view.Banner, view.Deeds = banner(r), deeds(r, person)
	return p.templates.Render(w, r, web.Page{Name: "show.html", Title: view.Heading, Section: Path, View: view})
}

func banner(r *http.Request) *govuk.NotificationBanner {
	text := ""
	switch r.URL.Query().Get("done") {
	case "added":
		text = "The person is in the directory. They can sign in once they have set up a key."
	case "suspend":
		text = "They are suspended. Nothing that was open works any more."
	case "reinstate":
		text = "They are reinstated and can sign in again."
	case "leave":
		text = "Their leaving is recorded. Collect the keys they hold."
	case "sign-out":
		text = "All their sessions have been ended. They can sign in again."
	}
	if text == "" {
		return nil
	}
	return &govuk.NotificationBanner{Type: "success", Text: text}
}

// deeds are offered as the person's state and the viewer's permissions allow.
// The pages are of access/standing, and check both again.
func deeds(r *http.Request, person people.Person) []govuk.Button {
	var offered []govuk.Button
	offer := func(text, deed string, classes string) {
		offered = append(offered, govuk.Button{Text: text, Href: pathOf(person.ID) + "/" + deed, Classes: classes})
	}
	if may(r, web.PeopleWrite) {
		if person.State.MayBecome(people.Active) {
			offer("Reinstate", "reinstate", govuk.Secondary)
		}
		if person.State.MayBecome(people.Suspended) {
			offer("Suspend", "suspend", govuk.Warning)
		}
		if person.State.MayBecome(people.Left) {
			offer("Record that they leave", "leave", govuk.Warning)
		}
	}
	if may(r, web.SessionsEnd) && person.State == people.Active {
		offer("Sign them out everywhere", "sign-out", govuk.Secondary)
	}
	return offered
}

// manager links to the line manager.
func (p *Pages) manager(r *http.Request, person people.Person) (govuk.SummaryValue, error) {
	if person.Manager == "" {
		return govuk.SummaryValue{Text: "Not known"}, nil
	}
	manager, err := p.deps.People.Get(r.Context(), person.Manager)
	if problem.Is(err, people.NotFound) {
		return govuk.SummaryValue{Text: "Somebody who is not in the directory"}, nil
	}
	return govuk.SummaryValue{Text: manager.Name, Href: pathOf(manager.ID)}, err
}

func row(name string, value govuk.SummaryValue) govuk.SummaryRow {
	return govuk.SummaryRow{Key: govuk.Words{Text: name}, Value: value}
}
