package rulebook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/warder-project/warder/internal/access/policy"
)

// Check refuses a policy that contradicts itself: of two rules for the same, one denies
// all whom the other asks for something. It is for those who write one; a policy that is
// in force is never refused, and then denies. Problems: Contradictory.
func Check(file string, p *policy.Policy) error {
	r := &reader{file: file}
	first := map[string]*policy.Rule{}
	for i := range p.Rules {
		rule := &p.Rules[i]
		scope := scopeOf(rule)
		before := first[scope]
		if before == nil {
			first[scope] = rule
			continue
		}
		if before.Deny != rule.Deny {
			at := begin(p, rule.ID)
			r.faultAt(at.Line, at.Column, "deny", fmt.Sprintf("“%s” and “%s” are for the same people, services and requests, and one denies what the other asks for: expected one of them", before.ID, rule.ID))
		}
	}
	if len(r.faults) == 0 {
		return nil
	}
	return Contradictory.New().At(r.faults...)
}

// scopeOf is what, whom and when a rule is for, as a text that is the same for two rules
// exactly when they are for the same.
func scopeOf(rule *policy.Rule) string {
	var b strings.Builder
	for _, names := range [][]string{rule.Services, rule.Routes, rule.Methods, rule.Paths, rule.People, rule.Groups, rule.Roles, rule.Departments} {
		fmt.Fprintf(&b, "%q", slices.Sorted(slices.Values(names)))
	}
	fmt.Fprint(&b, rule.Privileged)
	if rule.When != nil {
		fmt.Fprintf(&b, "%q", rule.When.Text)
	}
	return b.String()
}

// begin is where a rule begins.
func begin(p *policy.Policy, id string) policy.Mention {
	for _, one := range p.Mentions {
		if one.Noun == policy.RuleName && one.Name == id {
			return one
		}
	}
	return policy.Mention{}
}

// Warning is something in a policy that is not wrong but is probably a slip.
type Warning struct {
	Rule         string
	Line, Column int
	Message      string
}

// Warnings says which rules do not do what whoever wrote them will have meant.
func Warnings(p *policy.Policy) []Warning {
	var all []Warning
	warn := func(rule *policy.Rule, format string, args ...any) {
		at := begin(p, rule.ID)
		all = append(all, Warning{Rule: rule.ID, Line: at.Line, Column: at.Column, Message: fmt.Sprintf(format, args...)})
	}
	var shut []*policy.Rule // rules that deny whatever happens
	opened := map[string]bool{}
	for i := range p.Rules {
		rule := &p.Rules[i]
		if rule.Deny && rule.When == nil {
			shut = append(shut, rule)
		}
		for _, service := range rule.Services {
			opened[service] = opened[service] || rule.Opens()
		}
	}
	for i := range p.Rules {
		rule := &p.Rules[i]
		if rule.Device {
			warn(rule, "It asks for a managed device, and nothing tells Warder yet which devices are: nobody meets it.")
		}
		for _, service := range rule.Services {
			if !opened[service] && !opened[policy.AnyService] && !rule.Deny {
				warn(rule, "It has a condition, so it only adds to other rules, and none of those opens “%s”: nobody can enter there.", service)
			}
		}
		for _, deny := range shut {
			if rule.Opens() && Includes(deny, rule) {
				warn(rule, "“%s” denies all whom it is for, so it lets nobody in.", deny.ID)
				break
			}
		}
	}
	return all
}
