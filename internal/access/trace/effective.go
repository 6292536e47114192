package trace

import (
	"strings"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// Effective is what is asked of somebody at a service: the strictest of all rules that
// apply, with the rule behind each part.
type Effective struct {
	Require assurance.Requirement // undefined when no rule lets them in
	Parts   []Part
	Opens   []string // the rules that let them in
	Denies  []string // the rules that do not, whatever they sign in with
	// May are the rules that would ask for more, or deny, should what is not known turn
	// out so: a place, an hour, a request. What they ask for is not in Require.
	May []string
}

// Part is one part of what is asked for. Name and value are stable; Words are for people.
type Part struct {
	Name  string // "aal", "phishing_resistant", …, "forbid", "max_age", "device", "network"
	Value string // "3", "true", "exportable", "8h0m0s", "office vpn"
	Words string // "AAL3"
	Rules []string
}

// EffectiveOf says what the policy asks of the person of these facts at the service of
// these facts. It looks neither at how they signed in nor at who they are beyond what
// rules ask, and counts a rule only when it is known to apply.
func EffectiveOf(c *policy.Compiled, f *policy.Facts) Effective {
	var found Effective
	var matched []*policy.Rule
	rules := c.Rules()
	for i := range rules {
		rule := &rules[i]
		if missed(rule, f) != "" {
			continue
		}
		switch {
		case nobody(f) && !rule.Everybody() || len(doubts(rule, f)) > 0:
			found.May = append(found.May, rule.ID)
		case rule.Deny:
			found.Denies = append(found.Denies, rule.ID)
		default:
			matched = append(matched, rule)
			if rule.Opens() {
				found.Opens = append(found.Opens, rule.ID)
			}
		}
	}
	found.Parts = parts(matched)
	if len(found.Opens) > 0 {
		found.Require = together(matched)
	}
	return found
}

func together(rules []*policy.Rule) assurance.Requirement {
	all := rules[0].Require
	for _, rule := range rules[1:] {
		all = all.And(rule.Require)
	}
	return all
}

// parts names, for each part of what the rules ask for together, those that ask for it.
func parts(rules []*policy.Rule) []Part {
	if len(rules) == 0 {
		return nil
	}
	var found []Part
	need := together(rules)
	add := func(name, value, words string, asks func(*policy.Rule) bool) {
		part := Part{Name: name, Value: value, Words: words}
		for _, rule := range rules {
			if asks(rule) {
				part.Rules = append(part.Rules, rule.ID)
			}
		}
		if len(part.Rules) > 0 {
			found = append(found, part)
		}
	}
	only := func(one assurance.Requirement) string {
		return strings.TrimPrefix(one.String(), need.AAL.String()+", ")
	}
	add("aal", string('0'+rune(need.AAL)), need.AAL.String(), func(r *policy.Rule) bool { return r.Require.AAL == need.AAL })
	for _, one := range []struct {
		name string
		need assurance.Requirement
	}{
		{"phishing_resistant", assurance.Requirement{PhishingResistant: true}}, {"hardware_bound", assurance.Requirement{HardwareBound: true}},
		{"attested", assurance.Requirement{Attested: true}}, {"user_verified", assurance.Requirement{UserVerified: true}},
	} {
		one.need.AAL = need.AAL
		add(one.name, "true", only(one.need), func(r *policy.Rule) bool {
			mine := r.Require
			mine.AAL = need.AAL
			return mine.And(one.need) == mine
		})
	}
	for _, weakness := range assurance.Weaknesses() {
		add("forbid", weakness.Words()[0], "nothing "+weakness.String(), func(r *policy.Rule) bool { return r.Require.Forbid&weakness != 0 })
	}
	add("max_age", need.MaxAge.String(), only(assurance.Requirement{AAL: need.AAL, MaxAge: need.MaxAge}), func(r *policy.Rule) bool { return r.Require.MaxAge > 0 && r.Require.MaxAge == need.MaxAge })
	add("device", "managed", "on a managed device", func(r *policy.Rule) bool { return r.Device })
	for _, rule := range rules {
		if len(rule.Networks) > 0 {
			found = append(found, Part{Name: "network", Value: strings.Join(rule.Networks, " "), Words: "from " + strings.Join(rule.Networks, " or "), Rules: []string{rule.ID}})
		}
	}
	return found
}
