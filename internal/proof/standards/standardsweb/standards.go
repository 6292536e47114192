// Package standardsweb shows administrators where each way of signing in stands
// in the published standards, what is not met, and what the last change of a
// standard changed.
package standardsweb

import (
	"embed"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/proof/adoption"
	"github.com/warder-project/warder/internal/proof/standards"
	"github.com/warder-project/warder/internal/registry/assurance"
)

//go:embed *.html
var files embed.FS

// Path is the page.
const Path = "/admin/standards"

// Pages is the page.
type Pages struct {
	counter   *adoption.Counter
	templates *web.Templates
}

// New reads the template. The counter knows who has which method here.
func New(counter *adoption.Counter) (*Pages, error) {
	if counter == nil {
		return nil, errors.New("make the page about standards: the counter is missing")
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the page about standards: %w", err)
	}
	return &Pages{counter: counter, templates: templates}, nil
}

// Routes are the page.
func (p *Pages) Routes() []web.Route {
	return []web.Route{{Method: http.MethodGet, Path: Path, Need: web.Need{Permission: web.MaturityRead, AAL: 2}, Title: "Standards", Handler: p.show}}
}

// standardsView is the page.
type standardsView struct {
	Version    string
	NotSure    govuk.WarningText
	Here       govuk.Table // what signs people in
	Elsewhere  govuk.Table
	Reliance   govuk.Table // what forbidding a property would take away, from whom
	Properties govuk.Table
	Sources    govuk.Table
	Changes    []govuk.Table // newest first
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	picture, err := p.counter.Count(r.Context())
	if err != nil {
		return err
	}
	all := standards.Versions()
	current := standards.Current()
	view := standardsView{Version: current.Version,
		NotSure:    govuk.WarningText{Text: "Whether Cyber Essentials v3.3 still accepts codes by text message is not verified: our sources conflict. Ask your certification body."},
		Here:       mappingTable(current, "What people sign in with here", true),
		Elsewhere:  mappingTable(current, "What is only seen in other systems, or not built", false),
		Reliance:   relianceTable(picture),
		Properties: propertyTable(), Sources: sourceTable(current)}
	for i := len(all) - 1; i > 0; i-- {
		view.Changes = append(view.Changes, changeTable(all[i-1], all[i], picture))
	}
	return p.templates.Render(w, r, web.Page{Name: "standards.html", Title: "Standards", Section: Path, View: view})
}

func mappingTable(mapping standards.Mapping, caption string, here bool) govuk.Table {
	table := govuk.Table{Caption: caption, CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Method"}, {Text: "NIST: at most"}, {Text: "NCSC"}, {Text: "Cyber Essentials"}, {Text: "What is not met"}}}
	for _, row := range mapping.Rows {
		if class := row.Method.Class(); class.SignsIn == here {
			table.Rows = append(table.Rows, []govuk.Cell{{Text: class.Name}, {Text: row.In(standards.NIST)}, {Text: row.NCSC}, {Text: row.CyberEssentials}, {Text: row.NotMet}})
		}
	}
	return table
}

// propertyTable is the catalogue.
func propertyTable() govuk.Table {
	table := govuk.Table{Caption: "What is true of each method", CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Method"}, {Text: "Word in reports"}}}
	for _, weakness := range assurance.Weaknesses() {
		table.Head = append(table.Head, govuk.Cell{Text: weakness.String()})
	}
	table.Head = append(table.Head, govuk.Cell{Text: "hardware-bound"}, govuk.Cell{Text: "attested"}, govuk.Cell{Text: "user-verified"})
	for _, class := range assurance.Catalogue() {
		row := []govuk.Cell{{Text: class.Name}, {Text: class.Word}}
		for _, weakness := range assurance.Weaknesses() {
			row = append(row, govuk.Cell{Text: weakness.Of(class).String()})
		}
		table.Rows = append(table.Rows, append(row, govuk.Cell{Text: class.HardwareBound.String()}, govuk.Cell{Text: class.Attested.String()}, govuk.Cell{Text: class.UserVerified.String()}))
	}
	return table
}

func sourceTable(mapping standards.Mapping) govuk.Table {
	table := govuk.Table{Caption: "Sources", CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Standard"}, {Text: "Text"}, {Text: "Date"}, {Text: "How sure we are"}}}
	for _, source := range mapping.Sources {
		table.Rows = append(table.Rows, []govuk.Cell{{Text: string(source.Standard)}, {Text: source.Title}, {Text: source.Date}, {Text: string(source.Read)}})
	}
	return table
}

// changeTable is what changed, and how many people here it concerns.
func changeTable(before, after standards.Mapping, picture *adoption.Picture) govuk.Table {
	table := govuk.Table{Caption: "What changed class from " + before.Version + " to " + after.Version, CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Method"}, {Text: "Standard"}, {Text: "Before"}, {Text: "After"}, {Text: "People here who have it", Format: "numeric"}}}
	for _, change := range standards.Diff(before, after) {
		table.Rows = append(table.Rows, []govuk.Cell{{Text: change.Method.Class().Name}, {Text: string(change.Standard)}, {Text: change.Before}, {Text: change.After},
			counted(picture.RelyOn(change.Method).Have, "have", change.Method.String())})
	}
	return table
}

// relianceTable says of each property what would go if it were forbidden, who has
// such a thing today, and who would be shut out.
func relianceTable(picture *adoption.Picture) govuk.Table {
	table := govuk.Table{Caption: "What forbidding a property would take away here", CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Property"}, {Text: "Methods it removes, and for how many people the only way"}, {Text: "People who have one of them", Format: "numeric"}, {Text: "People who could not sign in any more", Format: "numeric"}}}
	for _, weakness := range assurance.Weaknesses() {
		var removed []string
		for _, class := range assurance.Catalogue() {
			reliance := picture.RelyOn(class.Method)
			if class.Method.Weaknesses()&weakness != 0 && (class.SignsIn || len(reliance.Have) > 0) {
				removed = append(removed, fmt.Sprintf("%s (%d)", class.Name, len(reliance.Only)))
			}
		}
		words, word := "none", weakness.Words()[0]
		if len(removed) > 0 {
			words = strings.Join(removed, ", ")
		}
		together := picture.RelyOnWeakness(weakness)
		table.Rows = append(table.Rows, []govuk.Cell{{Text: weakness.String()}, {Text: words}, counted(together.Have, "have", word), counted(together.Only, "only", word)})
	}
	return table
}

// counted is a number that opens to the people behind it.
func counted(accounts []*adoption.Account, name, word string) govuk.Cell {
	cell := govuk.Cell{Text: govuk.Number(len(accounts)), Format: "numeric"}
	if len(accounts) > 0 {
		cell.Href = adoption.ListAddress(url.Values{name: {word}})
	}
	return cell
}
