package versionsweb

import (
	"net/http"
	"strconv"

	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
)

// listView is every version.
type listView struct {
	Back  govuk.BackLink
	Write *govuk.Button // nil for who may not
	Table govuk.Table
	None  bool
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	all, err := p.deps.Policies.List(r.Context())
	if err != nil {
		return err
	}
	view := listView{Back: govuk.BackLink{Text: "Policy", Href: section}, None: len(all) == 0,
		Table: govuk.Table{Caption: "Versions, newest first", CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
			Head: []govuk.Cell{{Text: "Version"}, {Text: "Number", Format: "numeric"}, {Text: "State"}, {Text: "Since"}, {Text: "Text saved by"}, {Text: "From"}}}}
	if mayWrite(r) {
		view.Write = &govuk.Button{Text: "Write a policy", Href: NewPath}
	}
	for _, version := range all {
		saved, err := p.nameOf(r.Context(), version.SavedBy)
		if err != nil {
			return err
		}
		view.Table.Rows = append(view.Table.Rows, []govuk.Cell{{Text: version.Version, Href: Path(version.Number)}, {Text: strconv.FormatInt(version.Number, 10), Format: "numeric"},
			{Tag: stateTag(version.State)}, {Text: govuk.DateTime(version.Since)}, {Text: saved}, {Text: version.Name}})
	}
	return p.templates.Render(w, r, web.Page{Name: "list.html", Title: "Versions of the policy", Section: section, View: view})
}
