// Package policyweb shows administrators the policy in force: its text, what it
// forbids and which ways of signing in that removes, and every version before it.
// Nothing is changed here: a policy is published from the command line.
package policyweb

import (
	"embed"
	"errors"
	"fmt"
	"net/http"
	"strconv"
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

// Pages is the page.
type Pages struct {
	policies  *versions.Library
	templates *web.Templates
}

// New reads the template.
func New(policies *versions.Library) (*Pages, error) {
	if policies == nil {
		return nil, errors.New("make the page about the policy: the policies are missing")
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the page about the policy: %w", err)
	}
	return &Pages{policies: policies, templates: templates}, nil
}

// Routes are the page. Whoever may read decisions may read what they rest on.
func (p *Pages) Routes() []web.Route {
	return []web.Route{{Method: http.MethodGet, Path: Path, Need: web.Need{Permission: web.DecisionsRead, AAL: 2}, Title: "Policy", Handler: p.show}}
}

// policyView is the page.
type policyView struct {
	None     bool // none has been published
	Version  string
	Text     string
	Forbids  govuk.Table
	Versions govuk.Table
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	page := web.Page{Name: "policy.html", Title: "Policy", Section: Path}
	current, parsed, err := p.policies.Current(r.Context())
	if problem.Is(err, versions.NonePublished) {
		page.View = policyView{None: true}
		return p.templates.Render(w, r, page)
	}
	if err != nil {
		return err
	}
	all, err := p.policies.List(r.Context())
	if err != nil {
		return err
	}
	page.View = policyView{Version: current.Version, Text: current.Text, Forbids: forbidTable(parsed), Versions: versionTable(all)}
	return p.templates.Render(w, r, page)
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

func versionTable(all []versions.Version) govuk.Table {
	table := govuk.Table{Caption: "Versions, newest first", CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Version"}, {Text: "Number", Format: "numeric"}, {Text: "Published"}, {Text: "By"}, {Text: "From the file"}, {Text: "State"}}}
	for _, version := range all {
		state := &govuk.Tag{Text: "Superseded", Classes: govuk.Grey}
		if version.State == versions.Enforced {
			state = &govuk.Tag{Text: "In force", Classes: govuk.Green}
		}
		table.Rows = append(table.Rows, []govuk.Cell{{Text: version.Version}, {Text: strconv.FormatInt(version.Number, 10), Format: "numeric"},
			{Text: govuk.DateTime(version.PublishedAt)}, {Text: version.PublishedBy}, {Text: version.Name}, {Tag: state}})
	}
	return table
}
