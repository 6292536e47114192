package decisionweb

import (
	"context"
	"net/http"
	"strconv"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/decision/replay"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/trace"
	"github.com/warder-project/warder/internal/base/web/govuk"
)

// traceView is a decision made again from what was kept of it: every check and every
// rule in turn.
type traceView struct {
	Title   string
	Effect  govuk.Tag
	Lines   govuk.Table
	Reasons []string
	Warning *govuk.WarningText // nil when all is well
}

// traces is the decision as it was and, where a draft is asked for, as it would have
// been. There is none where the facts were not kept.
func (p *Pages) traces(r *http.Request, record decision.Record) ([]traceView, error) {
	facts, kept, err := record.Facts()
	if err != nil || !kept {
		return nil, err
	}
	then, err := p.policyOf(r.Context(), record.Policy)
	if err != nil {
		return nil, err
	}
	was := traced("As it was decided", trace.Of(then, &facts))
	if then == nil || then.Decide(&facts).Effect != record.Effect {
		was.Warning = &govuk.WarningText{Text: "The policy of that time is no longer kept as it was, so this is not how it was decided. What was decided stands above."}
	}
	views := []traceView{was}
	number, err := strconv.ParseInt(r.URL.Query().Get("draft"), 10, 64)
	if err != nil {
		return views, nil // no draft is asked for
	}
	version, err := p.deps.Policies.Get(r.Context(), number)
	if err != nil {
		return nil, err
	}
	parsed, err := version.Parsed()
	if err != nil {
		return nil, err
	}
	draft := policy.Compile(parsed)
	judged, err := replay.Judge(draft, &record)
	if err != nil {
		return nil, err
	}
	return append(views, traced("As version "+version.Version+" would have decided", trace.Of(draft, &judged.Facts))), nil
}

// policyOf is the version that was in force under this name; nil when it is not kept.
func (p *Pages) policyOf(ctx context.Context, name string) (*policy.Compiled, error) {
	all, err := p.deps.Policies.List(ctx)
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		if one.Version == name {
			parsed, err := one.Parsed()
			if err != nil {
				return nil, err
			}
			return policy.Compile(parsed), nil
		}
	}
	return nil, nil
}

func traced(title string, told trace.Trace) traceView {
	view := traceView{Title: title, Effect: *effectTag(told.Verdict.Effect), Lines: govuk.Table{Caption: title + ", step by step", CaptionClasses: "govuk-visually-hidden",
		Head: []govuk.Cell{{Text: "Result"}, {Text: "Check or rule"}, {Text: "Why"}}}}
	for _, reason := range told.Verdict.Reasons {
		text := aboutThem(reason)
		if reason.Rule != "" {
			text += " (rule " + reason.Rule + ")"
		}
		view.Reasons = append(view.Reasons, text)
	}
	for _, line := range told.Lines {
		about := "Check: " + line.About
		if line.Rule {
			about = "Rule: " + line.About
		}
		view.Lines.Rows = append(view.Lines.Rows, []govuk.Cell{{Tag: markTag(line.Mark)}, {Text: about}, {Text: line.Sentence}})
	}
	return view
}

func markTag(mark trace.Mark) *govuk.Tag {
	switch mark {
	case trace.Pass:
		return &govuk.Tag{Text: "No objection", Classes: govuk.Green}
	case trace.Hit:
		return &govuk.Tag{Text: "Met", Classes: govuk.Green}
	case trace.Fail:
		return &govuk.Tag{Text: "Objection", Classes: govuk.Red}
	case trace.Stop:
		return &govuk.Tag{Text: "Not met", Classes: govuk.Red}
	case trace.May:
		return &govuk.Tag{Text: "May apply", Classes: govuk.Yellow}
	case trace.Miss:
	}
	return &govuk.Tag{Text: "Does not apply", Classes: govuk.Grey}
}
