package decisionweb

import (
	"context"
	"net/http"
	"strings"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/rulebook"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
)

// showView is one decision.
type showView struct {
	Back     govuk.BackLink
	Facts    govuk.SummaryList
	Unusual  *govuk.SummaryList // nil when nothing was judged
	Reasons  govuk.Table
	Trials   *govuk.Table // nil where no policy in report-only differs
	Requests govuk.Table
	// Traces are the decision made again: as it was, and perhaps under a draft. None
	// when the facts were not kept.
	Traces []traceView
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	id, err := ids.Parse[ids.Decision](r.PathValue("decision"))
	if err != nil {
		return decision.NotFound.Because(err)
	}
	record, err := p.deps.Desk.Get(r.Context(), id)
	if err != nil {
		return err
	}
	view := showView{Back: govuk.BackLink{Text: "All decisions", Href: Path}, Requests: requests(record)}
	if view.Facts, err = p.facts(r.Context(), record); err != nil {
		return err
	}
	if view.Unusual, err = p.unusual(r.Context(), record); err != nil {
		return err
	}
	if view.Reasons, err = p.reasons(r.Context(), record); err != nil {
		return err
	}
	if view.Trials, err = p.trials(r.Context(), id); err != nil {
		return err
	}
	if view.Traces, err = p.traces(r, record); err != nil {
		return err
	}
	return p.templates.Render(w, r, web.Page{Name: "show.html", Title: "Decision", Section: Path, View: view})
}

func (p *Pages) facts(ctx context.Context, record decision.Record) (govuk.SummaryList, error) {
	person, err := p.personName(ctx, record.Person)
	if err != nil {
		return govuk.SummaryList{}, err
	}
	service, err := p.serviceName(ctx, record.Service)
	if err != nil {
		return govuk.SummaryList{}, err
	}
	var list govuk.SummaryList
	add := func(key string, value govuk.SummaryValue) {
		if value.Text != "" || value.Tag != nil {
			list.Rows = append(list.Rows, govuk.SummaryRow{Key: govuk.Words{Text: key}, Value: value})
		}
	}
	add("Decision", govuk.SummaryValue{Tag: effectTag(record.Effect)})
	add("When", govuk.SummaryValue{Text: govuk.DateTime(record.At)})
	add("Person", govuk.SummaryValue{Text: person})
	add("Service", govuk.SummaryValue{Text: service})
	add("Asked for", govuk.SummaryValue{Text: asked(record)})
	add("Sign-in had proven", govuk.SummaryValue{Text: had(record)})
	add("Policy", govuk.SummaryValue{Text: orNone(record.Policy)})
	if record.Key != "" {
		name, err := p.keyName(ctx, record.Key)
		if err != nil {
			return govuk.SummaryList{}, err
		}
		add("Key", govuk.SummaryValue{Text: name, Href: "/admin/keys/" + string(record.Key)})
	}
	if record.IP.IsValid() {
		add("Address", govuk.SummaryValue{Text: record.IP.String()})
	}
	add("Number", govuk.SummaryValue{Text: string(record.ID)})
	return list, nil
}

// unusual is what was found about the session at the address of the request.
func (p *Pages) unusual(ctx context.Context, record decision.Record) (*govuk.SummaryList, error) {
	if p.deps.Unusual == nil || record.Session == "" {
		return nil, nil
	}
	rows, err := p.deps.Unusual(ctx, record.Session, record.IP)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	list := &govuk.SummaryList{Card: &govuk.SummaryCard{Title: govuk.CardTitle{Text: "What is unusual about the session there, and what that rests on", HeadingLevel: 2}}}
	for _, row := range rows {
		list.Rows = append(list.Rows, govuk.SummaryRow{Key: govuk.Words{Text: row[0]}, Value: govuk.SummaryValue{Text: row[1]}})
	}
	return list, nil
}

func asked(record decision.Record) string {
	if !record.Require.Defined() {
		return "Nothing: no rule got that far"
	}
	return record.Require.String()
}

func had(record decision.Record) string {
	if record.Session == "" {
		return "Nothing: nobody was signed in"
	}
	return record.Assurance.Method.Class().Name + ": " + record.Assurance.String() + ", at " + govuk.DateTime(record.AuthTime)
}

func orNone(version string) string {
	if version == "" {
		return "None was published"
	}
	return "Version " + version
}

// reasons is the trace of the decision: each reason as it was told to the
// person, with the rule that asked for it in the policy of that moment.
func (p *Pages) reasons(ctx context.Context, record decision.Record) (govuk.Table, error) {
	rules, err := p.rulesOf(ctx, record.Policy)
	if err != nil {
		return govuk.Table{}, err
	}
	table := govuk.Table{Caption: "Reasons", CaptionClasses: "govuk-table__caption--m",
		Head: []govuk.Cell{{Text: "Reason"}, {Text: "Rule"}, {Text: "The rule asks for"}, {Text: "Code"}}}
	for _, reason := range record.Reasons {
		name, asks := "No rule: always checked", "—"
		if reason.Rule != "" {
			name, asks = reason.Rule, "Not known any more"
			if rule, known := rules[reason.Rule]; known {
				name = rule.Title + " (" + rule.ID + ")"
				asks = rule.Require.String()
				if rule.Deny {
					asks = "Nobody may enter"
				}
			}
		}
		table.Rows = append(table.Rows, []govuk.Cell{{Text: aboutThem(reason)}, {Text: name}, {Text: asks}, {Text: string(reason.Code)}})
	}
	return table, nil
}

// rulesOf finds the rules of a version that was published once.
func (p *Pages) rulesOf(ctx context.Context, version string) (map[string]policy.Rule, error) {
	all, err := p.deps.Policies.List(ctx)
	if err != nil {
		return nil, err
	}
	rules := map[string]policy.Rule{}
	for _, one := range all {
		if one.Version != version {
			continue
		}
		parsed, err := rulebook.Parse(one.Name, []byte(one.Text))
		if err != nil {
			return nil, err
		}
		for _, rule := range parsed.Rules {
			rules[rule.ID] = rule
		}
	}
	return rules, nil
}

// aboutThem is a reason for an administrator. The sentence is the one the person
// was told, so it is marked as said to them.
func aboutThem(reason policy.Reason) string {
	if strings.HasPrefix(reason.Sentence, "You") || strings.Contains(reason.Sentence, " you ") || strings.Contains(reason.Sentence, "your") {
		return "“" + reason.Sentence + "”"
	}
	return reason.Sentence
}

func requests(record decision.Record) govuk.Table {
	table := govuk.Table{Caption: "Requests", CaptionClasses: "govuk-table__caption--m",
		Head: []govuk.Cell{{Text: "Time"}, {Text: "Method"}, {Text: "Path"}}}
	for _, one := range record.Requests {
		table.Rows = append(table.Rows, []govuk.Cell{{Text: one.At.UTC().Format("15:04:05.000") + " UTC"}, {Text: one.Method}, {Text: one.Path}})
	}
	return table
}
