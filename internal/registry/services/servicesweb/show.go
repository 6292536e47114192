package servicesweb

import (
	"net/http"
	"strings"

	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/services"
)

// showView is the page of one service.
type showView struct {
	Heading  string
	Banner   *govuk.NotificationBanner
	Facts    govuk.SummaryList
	Routes   govuk.Table
	NoRoutes bool
	Add      *govuk.Button // adds a route; nil when that cannot be
	Back     govuk.BackLink
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	service, err := p.service(r)
	if err != nil {
		return err
	}
	owner, err := p.owner(r.Context(), service.Owner)
	if err != nil {
		return err
	}
	headers := service.Identity
	view := showView{
		Heading: service.Name, Banner: banner(r), Back: govuk.BackLink{Text: "All services", Href: Path},
		Facts: govuk.SummaryList{Rows: []govuk.SummaryRow{
			row("State", govuk.SummaryValue{Tag: stateTag(service.State)}),
			row("Short name", govuk.SummaryValue{Text: service.Slug}),
			row("Owner", govuk.SummaryValue{Text: owner}),
			row("Held to", govuk.SummaryValue{Text: heldTo(service)}),
			row("Impact of a break-in", govuk.SummaryValue{Text: impactName(service.Impact)}),
			row("Headers it gets", govuk.SummaryValue{Text: "User name in " + headers.User,
				Lines: []string{"E-mail address in " + headers.Email, "Name in " + headers.Name, "Groups in " + headers.Groups}}),
			row("In the catalogue since", govuk.SummaryValue{Text: govuk.DateTime(service.CreatedAt)}),
			row("Last change", govuk.SummaryValue{Text: govuk.DateTime(service.ChangedAt)}),
		}},
		Routes: routes(service), NoRoutes: len(service.Routes) == 0,
	}
	if mayWrite(r) && service.State == services.Admitted {
		view.Add = &govuk.Button{Text: "Add a route", Href: pathOf(service.ID) + "/add-route"}
	}
	return p.templates.Render(w, r, web.Page{Name: "show.html", Title: view.Heading, Section: Path, View: view})
}

func routes(service services.Service) govuk.Table {
	table := govuk.Table{
		Caption: "Routes", CaptionClasses: "govuk-visually-hidden", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Host"}, {Text: "Path and below"}, {Text: "Methods"}, {Text: "Passed on to"}},
	}
	for _, route := range service.Routes {
		methods, upstream := "All", "Nowhere: another proxy asks Warder"
		if len(route.Methods) > 0 {
			methods = strings.Join(route.Methods, ", ")
		}
		if route.Upstream != "" {
			upstream = route.Upstream
		}
		table.Rows = append(table.Rows, []govuk.Cell{{Text: route.Host}, {Text: route.PathPrefix}, {Text: methods}, {Text: upstream}})
	}
	return table
}

func row(name string, value govuk.SummaryValue) govuk.SummaryRow {
	return govuk.SummaryRow{Key: govuk.Words{Text: name}, Value: value}
}

func banner(r *http.Request) *govuk.NotificationBanner {
	switch r.URL.Query().Get("done") {
	case "added":
		return &govuk.NotificationBanner{Type: "success", Text: "The service is in the catalogue. Until the policy names it, nobody can use it."}
	case "route-added":
		return &govuk.NotificationBanner{Type: "success", Text: "The route is in force."}
	}
	return nil
}

// heldTo is what the service owes to others, in words.
func heldTo(service services.Service) string {
	if len(service.Obligations) == 0 {
		return "Nothing that is on record"
	}
	return strings.Join(service.Obligations, ", ")
}
