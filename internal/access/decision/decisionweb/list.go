package decisionweb

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/people"
)

// listView is the list of decisions with its filters.
type listView struct {
	Person     govuk.Input
	Service    govuk.Select
	Effect     govuk.Select
	Find       govuk.Button
	Table      govuk.Table
	None       bool
	Pagination *govuk.Pagination // nil on the last page
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	userName := strings.TrimSpace(query.Get("person"))
	filter := decision.Filter{Service: ids.Service(query.Get("service")), Effect: query.Get("effect"), After: ids.Decision(query.Get("after"))}
	faults, err := p.findPerson(r, userName, &filter)
	if err != nil {
		return err
	}
	view := listView{Find: govuk.Button{Text: "Find", Classes: govuk.Secondary}, None: true, Effect: effectChoice(filter.Effect),
		Person: govuk.Input{Name: "person", Value: userName, Label: govuk.Label{Text: "User name"}, Classes: "govuk-input--width-20",
			Autocomplete: "off", ErrorMessage: web.ErrorFor(faults, "person")}}
	if view.Service, err = p.serviceChoice(r, filter.Service); err != nil {
		return err
	}
	page := web.Page{Name: "list.html", Title: "Decisions", Section: Path, Errors: faults}
	if len(faults) > 0 {
		page.Status, page.View = http.StatusUnprocessableEntity, view
		return p.templates.Render(w, r, page)
	}
	found, next, err := p.deps.Desk.List(r.Context(), filter)
	if err != nil {
		return err
	}
	view.None = len(found) == 0
	if view.Table, err = p.table(r, found); err != nil {
		return err
	}
	if next != "" {
		onward := url.Values{"person": {userName}, "service": {string(filter.Service)}, "effect": {filter.Effect}, "after": {string(next)}}
		view.Pagination = &govuk.Pagination{LandmarkLabel: "More decisions", Next: &govuk.PageLink{Text: "Older decisions", Href: Path + "?" + onward.Encode()}}
	}
	page.View = view
	return p.templates.Render(w, r, page)
}

// findPerson puts the person with this user name into the filter. That there is
// none is told beside the field, rather than shown as an empty list.
func (p *Pages) findPerson(r *http.Request, userName string, filter *decision.Filter) ([]web.FieldError, error) {
	if userName == "" {
		return nil, nil
	}
	person, err := p.deps.People.ByUserName(r.Context(), userName)
	if problem.Is(err, people.NotFound) {
		return []web.FieldError{{Field: "person", Message: "Nobody has this user name. Check it in the list of people"}}, nil
	}
	filter.Person = person.ID
	return nil, err
}

func (p *Pages) serviceChoice(r *http.Request, chosen ids.Service) (govuk.Select, error) {
	all, err := p.deps.Services.List(r.Context())
	if err != nil {
		return govuk.Select{}, err
	}
	choice := govuk.Select{Name: "service", Value: string(chosen), Label: govuk.Label{Text: "Service"},
		Items: []govuk.SelectItem{{Value: "", Text: "Any service", Selected: chosen == ""}}}
	for _, service := range all {
		choice.Items = append(choice.Items, govuk.SelectItem{Value: string(service.ID), Text: service.Name})
	}
	return choice, nil
}

func effectChoice(chosen string) govuk.Select {
	choice := govuk.Select{Name: "effect", Value: chosen, Label: govuk.Label{Text: "What was decided"},
		Items: []govuk.SelectItem{{Value: "", Text: "Anything", Selected: chosen == ""}}}
	for _, effect := range []policy.Effect{policy.Allow, policy.StepUp, policy.Deny} {
		choice.Items = append(choice.Items, govuk.SelectItem{Value: effect.String(), Text: effectTag(effect).Text})
	}
	return choice
}

func (p *Pages) table(r *http.Request, found []decision.Record) (govuk.Table, error) {
	table := govuk.Table{Caption: "Decisions, newest first", CaptionClasses: "govuk-visually-hidden", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "When"}, {Text: "Decision"}, {Text: "Person"}, {Text: "Service"}, {Text: "Main reason"}, {Text: "Requests", Format: "numeric"}}}
	for _, record := range found {
		person, err := p.personName(r.Context(), record.Person)
		if err != nil {
			return govuk.Table{}, err
		}
		service, err := p.serviceName(r.Context(), record.Service)
		if err != nil {
			return govuk.Table{}, err
		}
		reason := ""
		if len(record.Reasons) > 0 {
			reason = aboutThem(record.Reasons[0])
		}
		table.Rows = append(table.Rows, []govuk.Cell{
			{Text: govuk.DateTime(record.At), Href: pathOf(record.ID)}, {Tag: effectTag(record.Effect)}, {Text: person}, {Text: service},
			{Text: reason}, {Text: strconv.Itoa(len(record.Requests)), Format: "numeric"}})
	}
	return table, nil
}
