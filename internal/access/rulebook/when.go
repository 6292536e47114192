package rulebook

import (
	"strings"

	yaml "go.yaml.in/yaml/v3"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/rulebook/condition"
)

// when reads the condition of a rule, and what it means when the answer is not known.
func (r *reader) when(fields map[string]*yaml.Node) *policy.Condition {
	node, given := fields["when"]
	unknown, told := fields["unknown"]
	if !given {
		if told {
			r.fault(unknown, "unknown", "there is no when that could be not known: take it out")
		}
		return nil
	}
	if !plain(node) || strings.TrimSpace(node.Value) == "" {
		r.fault(node, "when", "found %s, expected a condition such as '!(\"office\" in network.names)'", found(node))
		return nil
	}
	read := r.condition(node)
	if read == nil {
		return nil
	}
	ignored := false
	switch {
	case told && len(read.Missing) == 0:
		r.fault(unknown, "unknown", "all that when speaks of is always known: take it out")
	case told:
		word := r.word(unknown, "unknown", meanings, "applies or ignored")
		ignored = word == "ignored"
	case len(read.Missing) > 0:
		r.fault(node, "unknown", "%s may be not known: add unknown: applies, so that the rule then counts, or unknown: ignored, so that it does not", strings.Join(read.Missing, ", "))
	}
	return &policy.Condition{Text: read.Text, Ignored: ignored, Holds: read.Holds}
}

// condition reads the expression. Its faults are told at their places in the file.
func (r *reader) condition(node *yaml.Node) *condition.Condition {
	if r.conditions == nil {
		made, err := condition.New()
		if err != nil {
			r.fault(node, "when", "%s", err)
			return nil
		}
		r.conditions = made
	}
	read, faults := r.conditions.Compile(node.Value)
	for _, fault := range faults {
		line, column := r.source.place(node, fault.Line, fault.Column)
		r.faultAt(line, column, "when", fault.Message)
		r.excludes = r.excludes || fault.Excludes
	}
	if read == nil {
		return nil
	}
	for _, network := range read.Networks {
		line, column := r.source.place(node, network.Line, network.Column)
		r.mentions = append(r.mentions, policy.Mention{Noun: policy.NetworkName, Name: network.Name, Line: line, Column: column})
	}
	return read
}
