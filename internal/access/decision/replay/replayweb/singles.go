package replayweb

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/warder-project/warder/internal/access/decision/replay"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
)

// perPage is how many decisions a page lists.
const perPage = 50

// singlesView is the decisions behind a number.
type singlesView struct {
	Back       govuk.BackLink
	Draft      string
	Chosen     govuk.SummaryList
	Table      govuk.Table
	None       bool
	Pagination *govuk.Pagination // nil on the last page
}

func (p *Pages) singles(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	asked := trialOf(query)
	if asked.number == 0 { // nothing to be different from
		return p.templates.Render(w, r, web.Page{Name: "singles.html", Title: singlesTitle, Section: policyPath, View: singlesView{Back: back(asked), None: true}})
	}
	version, draft, err := p.draft(r.Context(), asked.number)
	if err != nil {
		return err
	}
	want := wantOf(query)
	found, err := p.deps.Player.Find(r.Context(), draft, p.span(asked), want, replay.Page{Most: perPage, Looked: p.deps.Most})
	if err != nil {
		return err
	}
	view := singlesView{Back: back(asked), Draft: version.Version, None: len(found.Differences) == 0}
	if view.Table, err = p.table(r, asked, found.Differences); err != nil {
		return err
	}
	if view.Chosen, err = p.chosen(r, want); err != nil {
		return err
	}
	if found.Next != "" {
		onward := asked.query()
		for _, field := range []string{"kind", "service", "department", "person", "rule"} {
			onward.Set(field, query.Get(field))
		}
		onward.Set("after", string(found.Next))
		view.Pagination = &govuk.Pagination{LandmarkLabel: "More decisions", Next: &govuk.PageLink{Text: "Older decisions", Href: singlesPath + "?" + onward.Encode()}}
	}
	return p.templates.Render(w, r, web.Page{Name: "singles.html", Title: singlesTitle, Section: policyPath, View: view})
}

const singlesTitle = "Decisions that would differ"

func back(asked trial) govuk.BackLink {
	return govuk.BackLink{Text: "The report", Href: Path + "?" + asked.query().Encode()}
}

// wantOf reads the query. What cannot be read is as if it were not there.
func wantOf(query url.Values) replay.Want {
	want := replay.Want{Service: query.Get("service"), Department: query.Get("department"), Person: ids.Person(query.Get("person")), Rule: query.Get("rule")}
	if kind, known := replay.ParseKind(query.Get("kind")); known {
		want.Kind = kind
	}
	if after, err := ids.Parse[ids.Decision](query.Get("after")); err == nil {
		want.After = after
	}
	return want
}

func (p *Pages) chosen(r *http.Request, want replay.Want) (govuk.SummaryList, error) {
	var list govuk.SummaryList
	add := func(key, value string) {
		if value != "" {
			list.Rows = append(list.Rows, govuk.SummaryRow{Key: govuk.Words{Text: key}, Value: govuk.SummaryValue{Text: value}})
		}
	}
	if want.Kind.Differs() {
		add("Only", inTable(want.Kind))
	}
	add("Service", want.Service)
	add("Department", want.Department)
	add("Rule", want.Rule)
	if want.Person != "" {
		name, err := p.personName(r.Context(), want.Person)
		if err != nil {
			return govuk.SummaryList{}, err
		}
		add("Person", name)
	}
	return list, nil
}

func (p *Pages) table(r *http.Request, asked trial, found []replay.Difference) (govuk.Table, error) {
	table := govuk.Table{Caption: "Decisions, newest first", CaptionClasses: "govuk-visually-hidden", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "When"}, {Text: "Person"}, {Text: "Was"}, {Text: "Would be"}, {Text: "Because"}}}
	for _, one := range found {
		name, err := p.personName(r.Context(), one.Record.Person)
		if err != nil {
			return govuk.Table{}, err
		}
		href := decisionsPath + "/" + string(one.Record.ID) + "?draft=" + strconv.FormatInt(asked.number, 10)
		reason := one.Verdict.First()
		because := reason.Sentence
		if reason.Rule != "" {
			because += " (rule " + reason.Rule + ")"
		}
		table.Rows = append(table.Rows, []govuk.Cell{{Text: govuk.DateTime(one.Record.At), Href: href}, {Text: name},
			{Tag: tag(one.Record.Effect)}, {Tag: tag(one.Verdict.Effect)}, {Text: because}})
	}
	return table, nil
}

func tag(effect policy.Effect) *govuk.Tag {
	switch effect {
	case policy.Allow:
		return &govuk.Tag{Text: "Allowed", Classes: govuk.Green}
	case policy.StepUp:
		return &govuk.Tag{Text: "Asked to sign in", Classes: govuk.Yellow}
	case policy.Deny:
	}
	return &govuk.Tag{Text: "Refused", Classes: govuk.Red}
}
