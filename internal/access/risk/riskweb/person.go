package riskweb

import (
	"net/http"
	"strconv"

	"github.com/warder-project/warder/internal/access/risk"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/people"
)

// personView is all that is kept about where somebody signs in.
type personView struct {
	Back   govuk.BackLink
	Name   string
	Known  govuk.Table
	Sights []govuk.SummaryList
	Days   int // how long it is kept
}

func (p *Pages) person(w http.ResponseWriter, r *http.Request) error {
	id, err := ids.Parse[ids.Person](r.PathValue("person"))
	if err != nil {
		return people.NotFound.Because(err)
	}
	person, err := p.deps.People.Get(r.Context(), id)
	if err != nil {
		return err
	}
	profile, err := p.deps.Watch.Of(r.Context(), id)
	if err != nil {
		return err
	}
	view := personView{Back: govuk.BackLink{Text: person.Name, Href: "/admin/people/" + string(id)}, Name: person.Name, Days: int(risk.Retention.Hours() / 24)}
	view.Known = govuk.Table{Caption: "What is known", CaptionClasses: "govuk-table__caption--m", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Kind"}, {Text: "Value"}, {Text: "First"}, {Text: "Last"}, {Text: "Times"}, {Text: "Confirmed"}}}
	for _, known := range profile.Known {
		view.Known.Rows = append(view.Known.Rows, []govuk.Cell{{Text: kindWords(known.Kind)}, {Text: known.Value}, {Text: govuk.DateTime(known.First)},
			{Text: govuk.DateTime(known.Last)}, {Text: strconv.Itoa(known.Times)}, {Text: orElse(govuk.DateTime(known.Confirmed), "No")}})
	}
	for i := range profile.Sights {
		sight := &profile.Sights[i]
		list := govuk.SummaryList{Card: &govuk.SummaryCard{Title: govuk.CardTitle{Text: govuk.DateTime(sight.At), HeadingLevel: 3}}}
		for _, one := range append([]risk.Row{{Name: "Session", Value: string(sight.Session)}}, sight.Rows()...) {
			list.Rows = append(list.Rows, row(one.Name, one.Value))
		}
		if sight.Answer != risk.NoAnswer {
			list.Rows = append(list.Rows, row("The person said", said(sight.Answer)))
		}
		view.Sights = append(view.Sights, list)
	}
	return p.templates.Render(w, r, web.Page{Name: "person.html", Title: "What is usual for " + person.Name, Section: "/admin/people", View: view})
}

func kindWords(kind risk.Kind) string {
	switch kind {
	case risk.Network:
		return "Network"
	case risk.ASN:
		return "Operator (ASN)"
	case risk.Country:
		return "Country"
	case risk.Device:
		return "Browser"
	case risk.Hour:
		return "Hour, London time"
	case risk.BlockedNetwork:
		return "Blocked network"
	case risk.BlockedDevice:
		return "Blocked browser"
	case risk.LostKey:
		return "Lost key that somebody tried"
	}
	return string(kind)
}

func said(answer risk.Answer) string {
	switch answer {
	case risk.WasNotMe:
		return "It was not them"
	case risk.WasMe:
		return "It was them, and it was to end"
	case risk.Confirmed:
		return "It was them: confirmed with a key"
	case risk.NoAnswer:
	}
	return ""
}

func row(name, text string) govuk.SummaryRow {
	return govuk.SummaryRow{Key: govuk.Words{Text: name}, Value: govuk.SummaryValue{Text: text}}
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
