package retirementweb

import (
	"net/http"
	"strconv"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/journey/retirement"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/people"
)

// mostShown is how many people of one class the page shows; the command lists all.
const mostShown = 300

// planView is the plan for one method, and what was disabled of it.
type planView struct {
	Heading  string
	Banner   *govuk.NotificationBanner
	Accepted bool // the policy still takes it
	Classes  []classView
	Nobody   bool
	Apply    *govuk.Button
	Done     govuk.Table
	NoneDone bool
	Back     govuk.BackLink
}

// classView is the people for whom the method is the same thing.
type classView struct {
	Heading string
	More    string
	Table   govuk.Table
}

func (p *Pages) plan(w http.ResponseWriter, r *http.Request) error {
	method, err := asked(r)
	if err != nil {
		return err
	}
	plan, err := p.deps.Desk.Plan(r.Context(), method)
	if err != nil {
		return err
	}
	done, err := p.deps.Desk.List(r.Context(), method, "")
	if err != nil {
		return err
	}
	view := planView{Heading: "Retire: " + method.Class().Name, Banner: banner(r), Accepted: plan.Accepted, Nobody: len(plan.Items) == 0,
		NoneDone: len(done) == 0, Back: govuk.BackLink{Text: "Retire a method", Href: Path}}
	for _, class := range retirement.Classes() {
		if items := plan.Of(class); len(items) > 0 {
			view.Classes = append(view.Classes, classOf(class, items))
		}
	}
	if mayChange(r) && plan.Ready() > 0 {
		view.Apply = &govuk.Button{Text: "Disable it for " + counted(plan.Ready()), Href: Path + "/" + method.String() + "/apply", Classes: govuk.Warning}
	}
	if view.Done, err = p.doneTable(r, done); err != nil {
		return err
	}
	return p.templates.Render(w, r, web.Page{Name: "plan.html", Title: view.Heading, Section: section, View: view})
}

func classOf(class retirement.Class, items []retirement.Item) classView {
	view := classView{Heading: class.Label() + ": " + counted(len(items)),
		Table: govuk.Table{Caption: class.Label(), CaptionClasses: "govuk-visually-hidden", FirstCellIsHeader: true,
			Head: []govuk.Cell{{Text: "Person"}, {Text: "User name"}, {Text: "What is still to be done, in order"}}}}
	if len(items) > mostShown {
		view.More = govuk.Number(len(items)-mostShown) + " more: list them on the server with “warder retire”."
		items = items[:mostShown]
	}
	for _, item := range items {
		text, count := "", 0
		for _, step := range item.Steps {
			if step.Done {
				continue
			}
			count++
			text += strconv.Itoa(count) + ". " + step.Text + " "
		}
		row := []govuk.Cell{{Text: item.Account.Person.Name, Href: "/admin/people/" + string(item.Account.Person.ID)}, {Text: item.Account.Person.UserName}, {Text: text}}
		if item.Ready {
			row[2].Tag = &govuk.Tag{Text: "Ready", Classes: govuk.Green}
		}
		view.Table.Rows = append(view.Table.Rows, row)
	}
	return view
}

// doneTable is what was disabled, with a way back while there is one.
func (p *Pages) doneTable(r *http.Request, done []retirement.Retired) (govuk.Table, error) {
	table := govuk.Table{Caption: "What was disabled, newest first", CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Person"}, {Text: "Disabled"}, {Text: "By"}, {Text: "State"}, {Text: "Give back"}}}
	for _, one := range done {
		person, err := p.nameOf(r, audit.Person(one.Person))
		if err != nil {
			return govuk.Table{}, err
		}
		by, err := p.nameOf(r, one.By)
		if err != nil {
			return govuk.Table{}, err
		}
		back := govuk.Cell{Text: "No"}
		if mayChange(r) {
			if _, err := p.deps.Desk.MayUndo(r.Context(), actor(r), one.ID); err == nil {
				back = govuk.Cell{Text: "Give back", Href: undoPath(one.ID)}
			}
		}
		table.Rows = append(table.Rows, []govuk.Cell{{Text: person, Href: "/admin/people/" + string(one.Person)}, {Text: govuk.DateTime(one.At)}, {Text: by}, {Text: stateOf(one)}, back})
	}
	return table, nil
}

func stateOf(one retirement.Retired) string {
	switch one.State {
	case retirement.Disabled:
		return "Disabled until " + govuk.DateTime(one.Until)
	case retirement.Restored:
		return "Given back: " + one.Reason
	case retirement.Removed:
		return "Removed " + govuk.DateTime(one.EndedAt)
	}
	return "Not known"
}

// nameOf is who did something, in words.
func (p *Pages) nameOf(r *http.Request, who audit.Actor) (string, error) {
	if who.Kind != audit.ActorPerson {
		return string(who.Kind) + " " + who.ID, nil
	}
	person, err := p.person(r, who)
	if problem.Is(err, people.NotFound) {
		return "Somebody who is not in the directory", nil
	}
	return person.Name, err
}

func counted(count int) string {
	if count == 1 {
		return "1 person"
	}
	return govuk.Number(count) + " people"
}

func banner(r *http.Request) *govuk.NotificationBanner {
	switch r.URL.Query().Get("done") {
	case "disabled":
		return &govuk.NotificationBanner{Type: "success", Text: "It is disabled for those who were ready. Until it is removed, another administrator can give it back."}
	case "restored":
		return &govuk.NotificationBanner{Type: "success", Text: "It is given back, as it was."}
	}
	return nil
}

// named is the method in words that follow “the”.
func named(method assurance.Method) string { return method.Class().Name }
