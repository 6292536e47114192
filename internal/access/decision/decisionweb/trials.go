package decisionweb

import (
	"context"
	"strconv"
	"strings"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web/govuk"
)

// trials is what policies in report-only would have said instead; nil where none
// would have said anything else.
func (p *Pages) trials(ctx context.Context, id ids.Decision) (*govuk.Table, error) {
	found, err := p.deps.Trials.OfDecision(ctx, id)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	table := &govuk.Table{Caption: "In report-only", CaptionClasses: "govuk-table__caption--m",
		Head: []govuk.Cell{{Text: "Policy"}, {Text: "It would have"}, {Text: "Because"}}}
	for _, one := range found {
		name := "Number " + strconv.FormatInt(one.Number, 10)
		if version, err := p.deps.Policies.Get(ctx, one.Number); err == nil {
			name = "Version " + version.Version
		}
		var because []string
		for _, reason := range one.Reasons {
			because = append(because, aboutThem(reason)+" ("+strings.TrimSuffix(string(reason.Code)+", rule "+reason.Rule, ", rule ")+")")
		}
		table.Rows = append(table.Rows, []govuk.Cell{{Text: name, Href: "/admin/policy/versions/" + strconv.FormatInt(one.Number, 10)},
			{Tag: effectTag(one.Effect)}, {Text: strings.Join(because, " ")}})
	}
	return table, nil
}
