// Package retirementweb shows administrators what taking a weak method away means for
// whom, does it for those who are ready, and gives it back.
package retirementweb

import (
	"embed"
	"errors"
	"fmt"
	"net/http"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/journey/retirement"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/people"
)

//go:embed *.html
var files embed.FS

// Path is where the pages begin.
const Path = "/admin/retire"

// section is the part of the site under which the pages are.
const section = "/admin/adoption"

// undoPath is where one that was disabled is given back.
func undoPath(id ids.Retirement) string { return "/admin/retired/" + string(id) + "/undo" }

const smallForm = 16 << 10

// Deps is what the pages need. All of it is required.
type Deps struct {
	Desk   *retirement.Desk
	People *people.Directory
}

// Pages are the pages.
type Pages struct {
	deps      Deps
	templates *web.Templates
}

// New reads the templates.
func New(deps Deps) (*Pages, error) {
	if deps.Desk == nil || deps.People == nil {
		return nil, errors.New("make the pages about retiring methods: something they need is missing")
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the pages about retiring methods: %w", err)
	}
	return &Pages{deps: deps, templates: templates}, nil
}

// Routes are the pages.
func (p *Pages) Routes() []web.Route {
	read, write := web.Need{Permission: web.MaturityRead, AAL: 2}, web.Need{Permission: web.PeopleWrite, AAL: 2}
	return []web.Route{
		{Method: http.MethodGet, Path: Path, Need: read, Title: "Retire a method", Handler: p.list},
		{Method: http.MethodGet, Path: Path + "/{method}", Need: read, Title: "Plan to retire a method", Handler: p.plan},
		{Method: http.MethodGet, Path: Path + "/{method}/apply", Need: write, Title: "Disable a method", Handler: p.askApply},
		{Method: http.MethodPost, Path: Path + "/{method}/apply", Need: write, Title: "Disable it now for those who are ready", Handler: p.apply, MaxBody: smallForm},
		{Method: http.MethodGet, Path: undoPath("{retirement}"), Need: write, Title: "Give a method back", Handler: p.askUndo},
		{Method: http.MethodPost, Path: undoPath("{retirement}"), Need: write, Title: "Give it back now", Handler: p.undo, MaxBody: smallForm},
	}
}

// methods are those that can be retired.
func methods() []assurance.Method { return assurance.SharedSecrets() }

// asked is the method in the address.
func asked(r *http.Request) (assurance.Method, error) {
	word := r.PathValue("method")
	for _, method := range methods() {
		if method.String() == word {
			return method, nil
		}
	}
	return assurance.UnknownMethod, web.NotFound.New()
}

// listView is the choice of a method.
type listView struct {
	Table govuk.Table
	Back  govuk.BackLink
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	view := listView{Back: govuk.BackLink{Text: "How people sign in", Href: section},
		Table: govuk.Table{Caption: "Methods that can be retired", CaptionClasses: "govuk-visually-hidden", FirstCellIsHeader: true,
			Head: []govuk.Cell{{Text: "Method"}, number("People who have it"), number("With nothing stronger"), number("Ready to go without"), {Text: "Accepted by the policy"}}}}
	for _, method := range methods() {
		plan, err := p.deps.Desk.Plan(r.Context(), method)
		if err != nil {
			return err
		}
		accepted := "No"
		switch {
		case len(plan.Items) == 0:
			accepted = "Nobody has it"
		case plan.Accepted:
			accepted = "Yes: people can set it up again"
		}
		view.Table.Rows = append(view.Table.Rows, []govuk.Cell{{Text: method.Class().Name, Href: Path + "/" + method.String()},
			number(govuk.Number(len(plan.Items))), number(govuk.Number(len(plan.Of(retirement.Only)))), number(govuk.Number(plan.Ready())), {Text: accepted}})
	}
	return p.templates.Render(w, r, web.Page{Name: "list.html", Title: "Retire a method", Section: section, View: view})
}

func number(text string) govuk.Cell { return govuk.Cell{Text: text, Format: "numeric"} }

func actor(r *http.Request) audit.Actor { return audit.Person(web.ViewerOf(r).Person) }

func mayChange(r *http.Request) bool {
	may := web.ViewerOf(r).May
	return may != nil && may(web.PeopleWrite)
}

// retirementOf is the one in the address.
func retirementOf(r *http.Request) (ids.Retirement, error) {
	id, err := ids.Parse[ids.Retirement](r.PathValue("retirement"))
	if err != nil {
		return "", retirement.NotFound.Because(err)
	}
	return id, nil
}
