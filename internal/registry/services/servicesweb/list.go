package servicesweb

import (
	"net/http"
	"strings"

	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/services"
)

// listView is the list of services.
type listView struct {
	Table govuk.Table
	None  bool
	Add   *govuk.Button // nil for those who may only look
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	all, err := p.deps.Services.List(r.Context())
	if err != nil {
		return err
	}
	view := listView{None: len(all) == 0, Table: govuk.Table{
		Caption: "Services", CaptionClasses: "govuk-visually-hidden", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Service"}, {Text: "Short name"}, {Text: "Owner"}, {Text: "Impact"}, {Text: "Reached at"}, {Text: "State"}},
	}}
	for _, service := range all {
		owner, err := p.owner(r.Context(), service.Owner)
		if err != nil {
			return err
		}
		view.Table.Rows = append(view.Table.Rows, []govuk.Cell{
			{Text: service.Name, Href: pathOf(service.ID)}, {Text: service.Slug}, {Text: owner},
			{Text: impactName(service.Impact)}, {Text: reachedAt(service)}, {Tag: stateTag(service.State)},
		})
	}
	if mayWrite(r) {
		view.Add = &govuk.Button{Text: "Add a service", Href: Path + "/add"}
	}
	return p.templates.Render(w, r, web.Page{Name: "list.html", Title: "Services", Section: Path, View: view})
}

// reachedAt names the first few ways in.
func reachedAt(service services.Service) string {
	const most = 3
	var places []string
	for _, route := range service.Routes[:min(len(service.Routes), most)] {
		places = append(places, route.Host+route.PathPrefix)
	}
	switch {
	case len(places) == 0:
		return "No route"
	case len(service.Routes) > most:
		return strings.Join(places, ", ") + " and " + govuk.Number(len(service.Routes)-most) + " more"
	}
	return strings.Join(places, ", ")
}
