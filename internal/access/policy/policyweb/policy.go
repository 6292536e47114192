// Package policyweb shows administrators the policy in force: its text, what it
// forbids and which ways of signing in that removes, and every version before it.
// Nothing is changed here: policies are written on the pages of policy/versions.
package policyweb

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/assurance"
)

//go:embed *.html
var files embed.FS

// Path is the page.
const Path = "/admin/policy"

// Deps is what the page needs. All of it is required.
type Deps struct {
	Policies *versions.Library
	// Standing says in words when a shared secret is accepted, and who has one.
	Standing func(ctx context.Context, accepted assurance.Accepted, method assurance.Method) (when, who string, err error)
}

// Pages is the page.
type Pages struct {
	deps      Deps
	templates *web.Templates
}

// New reads the template.
func New(deps Deps) (*Pages, error) {
	if deps.Policies == nil || deps.Standing == nil {
		return nil, errors.New("make the page about the policy: something it needs is missing")
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the page about the policy: %w", err)
	}
	return &Pages{deps: deps, templates: templates}, nil
}

// Routes are the page. Whoever may read decisions may read what they rest on.
func (p *Pages) Routes() []web.Route {
	return []web.Route{{Method: http.MethodGet, Path: Path, Need: web.Need{Permission: web.DecisionsRead, AAL: 2}, Title: "Policy", Handler: p.show}}
}

// policyView is the page.
type policyView struct {
	None    bool         // none has been published
	Others  string       // how many drafts there are, and how many in report-only
	All     govuk.Button // leads to every version
	Version string
	Text    string
	Secrets govuk.Table
	Forbids govuk.Table
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	all, err := p.deps.Policies.List(r.Context())
	if err != nil {
		return err
	}
	view := policyView{Others: others(all), All: govuk.Button{Text: "Drafts and versions", Href: Path + "/versions", Classes: govuk.Secondary}}
	current, parsed, err := p.deps.Policies.Current(r.Context())
	view.None = problem.Is(err, versions.NonePublished)
	if err != nil && !view.None {
		return err
	}
	if !view.None {
		view.Version, view.Text, view.Forbids = current.Version, current.Text, forbidTable(parsed)
		if view.Secrets, err = p.secretTable(r.Context(), parsed.Methods); err != nil {
			return err
		}
	}
	return p.templates.Render(w, r, web.Page{Name: "policy.html", Title: "Policy", Section: Path, View: view})
}

// secretTable says of each shared secret whether it is accepted, and who has one.
func (p *Pages) secretTable(ctx context.Context, accepted assurance.Accepted) (govuk.Table, error) {
	table := govuk.Table{Caption: "Passwords and codes", CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Way of signing in"}, {Text: "In the policy"}, {Text: "Who has one"}}}
	for _, method := range assurance.SharedSecrets() {
		when, who, err := p.deps.Standing(ctx, accepted, method)
		if err != nil {
			return govuk.Table{}, err
		}
		table.Rows = append(table.Rows, []govuk.Cell{{Text: method.Class().Name}, {Text: when}, {Text: who}})
	}
	return table, nil
}

// forbidTable says of each property which rules forbid it, and what that removes
// now or would remove.
func forbidTable(parsed *policy.Policy) govuk.Table {
	table := govuk.Table{Caption: "What a rule can forbid", CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Property"}, {Text: "Forbidden by the rules"}, {Text: "Removes, of what people sign in with here"}, {Text: "Removes, of all that is known"}}}
	for _, weakness := range assurance.Weaknesses() {
		var rules, here, elsewhere []string
		for _, rule := range parsed.Rules {
			if rule.Require.Forbid&weakness != 0 {
				rules = append(rules, rule.ID)
			}
		}
		for _, class := range assurance.Catalogue() {
			switch {
			case class.Method.Weaknesses()&weakness == 0:
			case class.SignsIn:
				here = append(here, class.Name)
			default:
				elsewhere = append(elsewhere, class.Name)
			}
		}
		table.Rows = append(table.Rows, []govuk.Cell{{Text: weakness.Words()[0]}, {Text: inWords(rules)}, {Text: inWords(here)}, {Text: inWords(elsewhere)}})
	}
	return table
}

func inWords(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// others counts what is being written and tried.
func others(all []versions.Version) string {
	count := map[versions.State]int{}
	for _, version := range all {
		count[version.State]++
	}
	drafts := govuk.Number(count[versions.Draft]) + " drafts"
	if count[versions.Draft] == 1 {
		drafts = "1 draft"
	}
	return "Being written: " + drafts + ", and " + govuk.Number(count[versions.ReportOnly]) + " in report-only."
}
