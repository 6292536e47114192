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
	if may := web.ViewerOf(r).May; may != nil && may(web.KeysRead) {
		view.Who.Rows = append(view.Who.Rows, row("Security keys", govuk.SummaryValue{Text: "Show their keys", Href: "/admin/keys?" + url.Values{"q": {person.UserName}}.Encode()}))
	}
	if r.URL.Query().Get("done") == "added" {
		view.Banner = &govuk.NotificationBanner{Type: "success", Text: "The person is in the directory. They can sign in once they have set up a key."}
	}
	return p.templates.Render(w, r, web.Page{Name: "show.html", Title: view.Heading, Section: Path, View: view})
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
