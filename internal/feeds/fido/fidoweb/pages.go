// Package fidoweb is the administrators' page about makes of keys: which are allowed,
// what they count as, and what the FIDO Alliance says about them.
package fidoweb

import (
	"embed"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/feeds/fido"
)

//go:embed *.html
var files embed.FS

// Path is where the page is.
const Path = "/admin/models"

// Deps is what the page needs.
type Deps struct {
	Metadata *fido.Book
	Now      func() time.Time
}

// Pages is the page.
type Pages struct {
	deps      Deps
	templates *web.Templates
}

// New reads the template.
func New(deps Deps) (*Pages, error) {
	if deps.Metadata == nil || deps.Now == nil {
		return nil, errors.New("make the page about models: something it needs is missing")
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the page about models: %w", err)
	}
	return &Pages{deps: deps, templates: templates}, nil
}

// Routes are the page.
func (p *Pages) Routes() []web.Route {
	return []web.Route{{Method: http.MethodGet, Path: Path, Need: web.Need{Permission: web.KeysRead, AAL: 2}, Title: "Models of keys", Handler: p.show}}
}

// modelsView is the page: the list in use, then every listed model.
type modelsView struct {
	Doubt    *govuk.WarningText // the list is missing or out of date
	List     *govuk.SummaryList // nil when there is none
	None     bool               // no model is listed
	Table    govuk.Table
	Warnings []warningView
}

// warningView says what is warned of about one model.
type warningView struct {
	Model     string
	Sentences []string
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	kept, found, err := p.deps.Metadata.Current(r.Context())
	if err != nil {
		return err
	}
	standings, err := p.deps.Metadata.Standings(r.Context())
	if err != nil {
		return err
	}
	now := p.deps.Now()
	view := modelsView{None: len(standings) == 0, Table: table(standings), Warnings: warnings(standings, now)}
	switch {
	case !found:
		view.Doubt = &govuk.WarningText{Text: "No list of the FIDO Metadata Service was ever imported. What the FIDO Alliance knows about these models is not known here."}
	case kept.Stale(now):
		view.Doubt = &govuk.WarningText{Text: "The list in use is out of date. Warnings that came after it are not known here."}
	}
	if found {
		view.List = about(kept)
	}
	return p.templates.Render(w, r, web.Page{Name: "models.html", Title: "Models of keys", Section: Path, View: view})
}

// about is what is known of the list in use.
func about(kept fido.Kept) *govuk.SummaryList {
	root := kept.Root.Name
	if !kept.Root.Production() {
		root += " (not the root that the FIDO Alliance uses)"
	}
	row := func(key, value string) govuk.SummaryRow {
		return govuk.SummaryRow{Key: govuk.Words{Text: key}, Value: govuk.SummaryValue{Text: value}}
	}
	return &govuk.SummaryList{Rows: []govuk.SummaryRow{
		row("Number", fmt.Sprint(kept.Number)), row("Next one expected by", govuk.Date(kept.NextUpdate)),
		row("Imported", govuk.DateTime(kept.ImportedAt)), row("Makes in it", fmt.Sprint(kept.Count)),
		row("Signed by", kept.Signer), row("Root", root), row("Root ends on", govuk.Date(kept.Root.Until)), row("Terms", kept.LegalHeader),
	}}
}

func table(standings []fido.Standing) govuk.Table {
	found := govuk.Table{Caption: "Listed models", CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Model"}, {Text: "AAGUID"}, {Text: "May be registered"}, {Text: "Counts at most as"}, {Text: "The FIDO Alliance says"}}}
	for _, one := range standings {
		may := govuk.Cell{Tag: &govuk.Tag{Text: "No", Classes: "govuk-tag--red"}}
		if one.Worth.Register {
			may = govuk.Cell{Tag: &govuk.Tag{Text: "Yes", Classes: "govuk-tag--green"}}
		}
		found.Rows = append(found.Rows, []govuk.Cell{
			{Text: one.Model.Vendor + " " + one.Model.Name}, {Text: one.Model.AAGUID}, may, {Text: one.Worth.Words()}, {Text: says(one)}})
	}
	return found
}

// says is what the list says of a model, newest last.
func says(one fido.Standing) string {
	if !one.Listed {
		return "Not known"
	}
	words := []string{}
	if one.Description != "" {
		words = append(words, one.Description+".")
	}
	if len(one.Protection) > 0 {
		words = append(words, "Private keys: "+strings.ReplaceAll(strings.Join(one.Protection, ", "), "_", " ")+".")
	}
	var reports []string
	for _, report := range one.Reports {
		reports = append(reports, report.Words())
	}
	return strings.Join(append(words, strings.Join(reports, ", ")), " ")
}

func warnings(standings []fido.Standing, now time.Time) []warningView {
	var found []warningView
	for _, one := range standings {
		view := warningView{Model: one.Model.Vendor + " " + one.Model.Name}
		for _, warning := range one.Model.Warnings {
			if warning.InForce(now) {
				view.Sentences = append(view.Sentences, warning.Kind.Sentence())
			}
		}
		if len(view.Sentences) > 0 {
			found = append(found, view)
		}
	}
	return found
}
