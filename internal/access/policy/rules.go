package policy

import (
	"slices"

	"github.com/warder-project/warder/internal/registry/assurance"
)

// Policy is a policy text as parsed: see rulebook.Parse for the format.
type Policy struct {
	Version string             // chosen by whoever wrote it; each published version has its own
	Methods assurance.Accepted // the shared secrets that are accepted, in the order of assurance.SharedSecrets
	Rules   []Rule
}

// AnyService in a rule's services stands for all of them.
const AnyService = "*"

// Rule says what some services ask of some people.
type Rule struct {
	ID       string   // unique in the policy; reasons name it
	Title    string   // why the rule is there, for people
	Services []string // slugs, or AnyService
	Groups   []string // people in any of these; empty means everybody
	Require  assurance.Requirement
	Deny     bool // they may not enter at all; Require is then undefined
}

// everybody reports whether the rule is for people of every group and none.
func (r *Rule) everybody() bool { return len(r.Groups) == 0 }

// for reports whether the rule is for somebody in these groups.
func (r *Rule) appliesTo(groups Groups) bool {
	return r.everybody() || slices.ContainsFunc(r.Groups, groups.Contains)
}

// covers reports whether the rule is for the service.
func (r *Rule) covers(service string) bool {
	return slices.Contains(r.Services, AnyService) || slices.Contains(r.Services, service)
}

// Services lists the slugs the rules name, sorted, each once, without AnyService.
func (p *Policy) Services() []string {
	return p.named(func(rule Rule) []string { return rule.Services })
}

// Groups lists the groups the rules name, sorted, each once.
func (p *Policy) Groups() []string {
	return p.named(func(rule Rule) []string { return rule.Groups })
}

func (p *Policy) named(of func(Rule) []string) []string {
	var names []string
	for _, rule := range p.Rules {
		for _, name := range of(rule) {
			if name != AnyService {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Warning is something in a policy that is not wrong but is probably a slip.
type Warning struct {
	Rule    string
	Message string
}

// Warnings says which rules name services that are not in known. Such a rule
// does nothing until there is a service of that name.
func (p *Policy) Warnings(known []string) []Warning {
	var warnings []Warning
	for _, rule := range p.Rules {
		for _, slug := range rule.Services {
			if slug != AnyService && !slices.Contains(known, slug) {
				warnings = append(warnings, Warning{Rule: rule.ID, Message: "There is no service called “" + slug + "”, so this rule does nothing for it."})
			}
		}
	}
	return warnings
}
