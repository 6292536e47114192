// Package adoptionweb shows administrators how people sign in: by the best they
// have, whom a weaker way undoes, and whose access hangs from a single key. Every
// number opens to the list behind it.
package adoptionweb

import (
	"embed"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/proof/adoption"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/keys"
)

//go:embed *.html
var files embed.FS

// Where the pages are.
const (
	Path       = adoption.Page
	SinglePath = "/admin/single-point"
)

// Deps is what the pages need. All of it is required.
type Deps struct {
	Counter *adoption.Counter
	Keys    *keys.Register
}

// Pages are the pages.
type Pages struct {
	deps      Deps
	templates *web.Templates
}

// New reads the templates.
func New(deps Deps) (*Pages, error) {
	if deps.Counter == nil || deps.Keys == nil {
		return nil, errors.New("make the pages about methods: something they need is missing")
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the pages about methods: %w", err)
	}
	return &Pages{deps: deps, templates: templates}, nil
}

// Routes are the pages. Who has no good way to sign in is worth knowing to an
// attacker, so it takes more than seeing the directory.
func (p *Pages) Routes() []web.Route {
	need := web.Need{Permission: web.MaturityRead, AAL: 2}
	return []web.Route{
		{Method: http.MethodGet, Path: Path, Need: need, Title: "How people sign in", Handler: p.split},
		{Method: http.MethodGet, Path: adoption.ListPage, Need: need, Title: "People by how they sign in", Handler: p.list},
		{Method: http.MethodGet, Path: SinglePath, Need: need, Title: "Single points of failure", Handler: p.single},
	}
}

// splitView is the page of numbers.
type splitView struct {
	Claim    string
	Against  []string
	Split    govuk.Table
	Methods  govuk.Table
	Complete string
	LeftOut  govuk.Table
	Nobody   bool // was left out
}

func (p *Pages) split(w http.ResponseWriter, r *http.Request) error {
	picture, err := p.deps.Counter.Count(r.Context())
	if err != nil {
		return err
	}
	strong, against := picture.EveryoneStrong()
	view := splitView{Claim: claim(strong), Against: against, Split: splitTable(picture), Methods: methodTable(picture),
		Complete: fmt.Sprintf("%d of %d people have two keys that work, so losing one does not lock them out.", picture.Complete(), len(picture.Accounts)),
		LeftOut:  leftOutTable(picture), Nobody: len(picture.LeftOut) == 0}
	return p.templates.Render(w, r, web.Page{Name: "split.html", Title: "How people sign in", Section: Path, View: view})
}

func claim(strong assurance.Fact) string {
	switch strong {
	case assurance.Yes:
		return "Everybody signs in with what a fake website cannot pass on, and no way back undoes it."
	case assurance.No:
		return "It cannot be said that everybody signs in strongly."
	case assurance.Unknown:
	}
	return "Nothing can be said about how people sign in."
}

func splitTable(picture *adoption.Picture) govuk.Table {
	table := govuk.Table{Caption: "People by the best they have", CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Best way to sign in"}, number("Hold a role"), number("Everybody else"), number("All"), number("Of them, undone by a weaker way")}}
	var sums [4]int
	for _, step := range picture.Split() {
		word := step.Rung.String()
		counts := [4]int{len(step.Privileged), len(step.Others), len(step.All()), len(step.Undone())}
		row := []govuk.Cell{{Text: step.Rung.Name()}}
		for i, query := range []url.Values{{"rung": {word}, "who": {"role"}}, {"rung": {word}, "who": {"other"}}, {"rung": {word}}, {"undone": {word}}} {
			row = append(row, counted(counts[i], query))
			sums[i] += counts[i]
		}
		table.Rows = append(table.Rows, row)
	}
	all := []govuk.Cell{{Text: "Everybody", Href: adoption.ListPage}}
	for _, sum := range sums {
		all = append(all, number(govuk.Number(sum)))
	}
	table.Rows = append(table.Rows, all)
	return table
}

// methodTable says of each method that people here sign in with who has it, and who
// has nothing else.
func methodTable(picture *adoption.Picture) govuk.Table {
	table := govuk.Table{Caption: "People by method", CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Method"}, number("Have it"), number("Could not sign in without it")}}
	for _, class := range assurance.Catalogue() {
		reliance := picture.RelyOn(class.Method)
		if !class.SignsIn && len(reliance.Have) == 0 {
			continue
		}
		table.Rows = append(table.Rows, []govuk.Cell{{Text: class.Name},
			counted(len(reliance.Have), url.Values{"have": {class.Word}}), counted(len(reliance.Only), url.Values{"only": {class.Word}})})
	}
	return table
}

func leftOutTable(picture *adoption.Picture) govuk.Table {
	table := govuk.Table{Caption: "Not counted", CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Why"}, number("How many")}}
	for _, reason := range []adoption.Reason{adoption.NotAPerson, adoption.NotActive, adoption.NotEmployed} {
		if count := picture.LeftOut[reason]; count > 0 {
			table.Rows = append(table.Rows, []govuk.Cell{{Text: string(reason)}, number(govuk.Number(count))})
		}
	}
	return table
}

// counted is a number that opens to its list.
func counted(count int, query url.Values) govuk.Cell {
	cell := number(govuk.Number(count))
	if count > 0 {
		cell.Href = adoption.ListAddress(query)
	}
	return cell
}

func number(text string) govuk.Cell { return govuk.Cell{Text: text, Format: "numeric"} }
