// Package versionsweb is where administrators write policies: one page for each
// version with its text, how it differs from the one in force, how its test cases come
// out and what it has shown in report-only; an editor; and a page before each change
// of state that says what it will do.
package versionsweb

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/policy/trials"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/services"
)

//go:embed *.html
var files embed.FS

// Write is the permission to write policies and put them in force, as access/roles
// has it.
const Write web.Permission = "policy.write"

// section is the page of the policy, under which these are.
const section = "/admin/policy"

// NewPath is where a draft is begun.
const NewPath = section + "/new"

// ListPath is every version.
const ListPath = section + "/versions"

// Path is the page of a version.
func Path(number int64) string { return ListPath + "/" + strconv.FormatInt(number, 10) }

const wildcard = ListPath + "/{version}"

// longestForm is a policy, its cases, and what a browser adds to them.
const longestForm = 8 << 20

// Deps is what the pages need. All of it is required.
type Deps struct {
	Policies *versions.Library
	Trials   *trials.Book
	People   *people.Directory
	Services *services.Catalogue
	// Preview says in words what a text would change about passwords and codes.
	Preview func(ctx context.Context, name string, text []byte) ([]string, error)
	// Fresh refuses whoever has not just touched their key.
	Fresh func(ctx context.Context, person ids.Person, session ids.Session) error
	Now   func() time.Time
}

// Pages are the pages.
type Pages struct {
	deps      Deps
	templates *web.Templates
}

// New reads the templates.
func New(deps Deps) (*Pages, error) {
	if deps.Policies == nil || deps.Trials == nil || deps.People == nil || deps.Services == nil || deps.Preview == nil || deps.Fresh == nil || deps.Now == nil {
		return nil, errors.New("make the pages about versions of the policy: something they need is missing")
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the pages about versions of the policy: %w", err)
	}
	return &Pages{deps: deps, templates: templates}, nil
}

// Routes are the pages. Whoever may read decisions may read what they rest on.
func (p *Pages) Routes() []web.Route {
	read, write := web.Need{Permission: web.DecisionsRead, AAL: 2}, web.Need{Permission: Write, AAL: 2}
	return []web.Route{
		{Method: http.MethodGet, Path: ListPath, Need: read, Title: "Versions of the policy", Handler: p.list},
		{Method: http.MethodGet, Path: NewPath, Need: write, Title: "Write a policy", Handler: p.askNew},
		{Method: http.MethodPost, Path: NewPath, Need: write, Title: "Save a new draft", Handler: p.saveNew, MaxBody: longestForm},
		{Method: http.MethodGet, Path: wildcard, Need: read, Title: "One version of the policy", Handler: p.show},
		{Method: http.MethodGet, Path: wildcard + "/edit", Need: write, Title: "Edit a draft", Handler: p.askEdit},
		{Method: http.MethodPost, Path: wildcard + "/edit", Need: write, Title: "Save a draft", Handler: p.saveEdit, MaxBody: longestForm},
		{Method: http.MethodGet, Path: wildcard + "/{act}", Need: write, Title: "What changing the state of a version would do", Handler: p.askAct},
		{Method: http.MethodPost, Path: wildcard + "/{act}", Need: write, Title: "Try, withdraw, enforce or retire a version", Handler: p.doAct},
	}
}

func actor(r *http.Request) audit.Actor { return audit.Person(web.ViewerOf(r).Person) }

func mayWrite(r *http.Request) bool {
	may := web.ViewerOf(r).May
	return may != nil && may(Write)
}

// versionOf is the version in the address.
func (p *Pages) versionOf(r *http.Request) (versions.Version, error) {
	number, err := strconv.ParseInt(r.PathValue("version"), 10, 64)
	if err != nil {
		return versions.Version{}, versions.NotFound.Because(err)
	}
	return p.deps.Policies.Get(r.Context(), number)
}

// nameOf is who did something, in words.
func (p *Pages) nameOf(ctx context.Context, by string) (string, error) {
	id, isPerson := strings.CutPrefix(by, string(audit.ActorPerson)+" ")
	if !isPerson {
		return by, nil
	}
	person, err := p.deps.People.Get(ctx, ids.Person(id))
	if problem.Is(err, people.NotFound) {
		return "somebody who is not in the directory", nil
	}
	return person.Name, err
}

// stateTag is the state of a version, in a word and a colour.
func stateTag(state versions.State) *govuk.Tag {
	tag := &govuk.Tag{Text: strings.ToUpper(state.Words()[:1]) + state.Words()[1:], Classes: govuk.Grey}
	switch state {
	case versions.Enforced:
		tag.Classes = govuk.Green
	case versions.ReportOnly:
		tag.Classes = govuk.Blue
	case versions.Draft:
		tag.Classes = govuk.Yellow
	case versions.Retired:
	}
	return tag
}

func row(name, text string) govuk.SummaryRow {
	return govuk.SummaryRow{Key: govuk.Words{Text: name}, Value: govuk.SummaryValue{Text: text}}
}

func number(count int64) govuk.Cell {
	return govuk.Cell{Text: govuk.Number(int(count)), Format: "numeric"}
}
