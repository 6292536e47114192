package versions

import (
	"slices"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/rulebook"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// Stricter names the rules by which next may ask more of somebody, at some service,
// than before did, in the order of the texts. None means that nobody is asked for
// more. It may name a rule too many, never one too few: a rule of next counts unless
// one rule of before, alone, asked for as much of all whom it is for; and a rule of
// before counts when one of those whom it let in may find no rule in next.
func Stricter(before, next *policy.Policy) []string {
	var named []string
	old, fresh := byID(before), byID(next)
	for i := range next.Rules {
		if rule := &next.Rules[i]; !askedBefore(before, old, rule) {
			named = append(named, rule.ID)
		}
	}
	for i := range before.Rules {
		rule := &before.Rules[i]
		if rule.Opens() && !stillFound(next, fresh, rule) && !slices.Contains(named, rule.ID) {
			named = append(named, rule.ID)
		}
	}
	for _, had := range before.Methods {
		if !slices.ContainsFunc(next.Methods, func(has assurance.Acceptance) bool { return has.Method == had.Method && lasts(has, had) }) {
			named = append(named, "methods: "+had.Method.String())
		}
	}
	return named
}

// lasts reports whether a method is accepted at least as long as it was.
func lasts(has, had assurance.Acceptance) bool {
	return has.Until.IsZero() || !had.Until.IsZero() && !has.Until.Before(had.Until)
}

func byID(p *policy.Policy) map[string]*policy.Rule {
	rules := make(map[string]*policy.Rule, len(p.Rules))
	for i := range p.Rules {
		rules[p.Rules[i].ID] = &p.Rules[i]
	}
	return rules
}

// askedBefore reports whether some rule of p asks for as much as rule does, of all whom
// rule is for, or whether all it is about was shut.
func askedBefore(p *policy.Policy, rules map[string]*policy.Rule, rule *policy.Rule) bool {
	implies := func(other *policy.Rule) bool { return rulebook.Includes(other, rule) && rulebook.AsksFor(other, rule) }
	// Most rules of a text that was edited are what they were.
	if same := rules[rule.ID]; same != nil && implies(same) {
		return true
	}
	shut := true
	for i := range p.Rules {
		other := &p.Rules[i]
		if implies(other) {
			return true
		}
		shut = shut && !rulebook.Meet(other, rule)
	}
	return shut
}

// stillFound reports whether some rule of p is for all whom rule is for, and lets them in
// on some terms.
func stillFound(p *policy.Policy, rules map[string]*policy.Rule, rule *policy.Rule) bool {
	admits := func(other *policy.Rule) bool { return other.Opens() && rulebook.Includes(other, rule) }
	if same := rules[rule.ID]; same != nil && admits(same) {
		return true
	}
	return slices.ContainsFunc(p.Rules, func(other policy.Rule) bool { return admits(&other) })
}
