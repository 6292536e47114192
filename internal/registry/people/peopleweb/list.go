package peopleweb

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/people"
)

// listView is the list of people with its search.
type listView struct {
	Counts     string
	Search     govuk.Input
	State      govuk.Select
	Find       govuk.Button
	Table      govuk.Table
	None       bool
	Pagination *govuk.Pagination
	Add        *govuk.Button // nil for those who may only look
}

const longestSearch = 100

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	filter := people.Filter{Text: shortened(query.Get("q")), Department: query.Get("department"), State: people.State(query.Get("state")), After: query.Get("after")}
	found, next, err := p.deps.People.List(r.Context(), filter)
	if err != nil {
		return err
	}
	counts, err := p.deps.People.Count(r.Context())
	if err != nil {
		return err
	}
	view := listView{
		Counts: govuk.Number(counts.Active) + " active, " + govuk.Number(counts.Suspended) + " suspended, " + govuk.Number(counts.Left) + " left",
		Search: govuk.Input{Name: "q", Type: "search", Value: filter.Text, Label: govuk.Label{Text: "Name, user name, e-mail address or employee number"}, Classes: "govuk-input--width-20"},
		State:  stateChoice(filter.State), Find: govuk.Button{Text: "Find", Classes: govuk.Secondary}, Table: table(found), None: len(found) == 0,
	}
	if next != "" {
		onward := url.Values{"q": {filter.Text}, "state": {string(filter.State)}, "department": {filter.Department}, "after": {next}}
		view.Pagination = &govuk.Pagination{LandmarkLabel: "More people", Next: &govuk.PageLink{Text: "Next page", Href: Path + "?" + onward.Encode()}}
	}
	if may(r, web.PeopleWrite) {
		view.Add = &govuk.Button{Text: "Add a person", Href: Path + "/add"}
	}
	return p.templates.Render(w, r, web.Page{Name: "list.html", Title: "People", Section: Path, View: view})
}

func shortened(text string) string {
	text = strings.TrimSpace(text)
	if len(text) > longestSearch {
		text = strings.ToValidUTF8(text[:longestSearch], "")
	}
	return text
}

func stateChoice(chosen people.State) govuk.Select {
	choice := govuk.Select{Name: "state", Value: string(chosen), Label: govuk.Label{Text: "State"},
		Items: []govuk.SelectItem{{Value: "", Text: "Any state", Selected: chosen == ""}}}
	for _, state := range []people.State{people.Active, people.Suspended, people.Left} {
		choice.Items = append(choice.Items, govuk.SelectItem{Value: string(state), Text: stateName(state)})
	}
	return choice
}

func table(found []people.Person) govuk.Table {
	table := govuk.Table{
		Caption: "People", CaptionClasses: "govuk-visually-hidden", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Name"}, {Text: "User name"}, {Text: "Department"}, {Text: "Job title"}, {Text: "State"}},
	}
	for _, person := range found {
		department := govuk.Cell{Text: person.Department}
		if person.Department != "" {
			department.Href = Path + "?" + url.Values{"department": {person.Department}}.Encode()
		}
		table.Rows = append(table.Rows, []govuk.Cell{
			{Text: person.Name, Href: pathOf(person.ID)}, {Text: person.UserName}, department, {Text: person.JobTitle}, {Tag: stateTag(person.State)},
		})
	}
	return table
}
