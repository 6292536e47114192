package policy

import (
	"slices"
	"strings"

	"github.com/warder-project/warder/internal/registry/assurance"
)

// Policy is a policy text as parsed: see rulebook.Parse for the format.
type Policy struct {
	Version string             // chosen by whoever wrote it; each published version has its own
	Methods assurance.Accepted // the shared secrets that are accepted, in the order of assurance.SharedSecrets
	Rules   []Rule
	// Mentions are the names in it that are kept elsewhere, in the order of the text.
	Mentions []Mention
}

// Noun is what kind of thing a name in a policy is the name of.
type Noun string

// The nouns.
const (
	RuleName       Noun = "rule" // where a rule begins
	ServiceName    Noun = "service"
	RouteName      Noun = "route"
	PersonName     Noun = "person"
	GroupName      Noun = "group"
	RoleName       Noun = "role"
	DepartmentName Noun = "department"
	NetworkName    Noun = "network"
)

// Mention is a name in a policy, with its place in the text.
type Mention struct {
	Noun         Noun
	Name         string
	Rule         string // the id of the rule it is in
	Line, Column int
}

// AnyService in a rule's services stands for all of them.
const AnyService = "*"

// Rule says what some services ask of some people.
type Rule struct {
	ID       string   // unique in the policy; reasons name it
	Title    string   // why the rule is there, for people
	Services []string // slugs, or AnyService

	// What a request must be, in each respect that is not empty.
	Routes  []string // ids of routes
	Methods []string // upper case
	Paths   []string // each with all that lies below it

	// Whom it is for: everybody whom one of these names; nothing named is everybody.
	// There is nothing by which somebody could be left out.
	People      []string // user names
	Groups      []string
	Roles       []string
	Departments []string
	Privileged  bool // all who hold a role

	// When, unless nil, says at what times, from where and so on the rule counts. A
	// rule with a condition only adds to what others ask for: it opens nothing itself,
	// so that no place and no hour is ever a reason to ask for less.
	When *Condition

	Require  assurance.Requirement
	Device   bool     // a managed device
	Networks []string // named networks, of which the address must lie in one; empty is anywhere
	Deny     bool     // they may not enter at all; what is required is then undefined
}

// Condition is what a rule says under “when”.
type Condition struct {
	Text string // as written
	// Unless says that the rule does not count where the answer is not known. It
	// counts otherwise.
	Ignored bool
	Holds   func(f *Facts) Truth // must not keep the facts
}

// Opens reports whether the rule lets in those who meet it.
func (r *Rule) Opens() bool { return !r.Deny && r.When == nil }

// varies reports whether the rule counts for some requests of the same person at the
// same service and not for others.
func (r *Rule) varies() bool {
	return r.When != nil || len(r.Routes) > 0 || len(r.Methods) > 0 || len(r.Paths) > 0
}

// Everybody reports whether the rule is for people of every group and none.
func (r *Rule) Everybody() bool {
	return len(r.People) == 0 && len(r.Groups) == 0 && len(r.Roles) == 0 && len(r.Departments) == 0 && !r.Privileged
}

// Covers reports whether the rule is for the service.
func (r *Rule) Covers(service string) bool {
	return slices.Contains(r.Services, AnyService) || slices.Contains(r.Services, service)
}

// AppliesTo says whether the rule is for the person. Where that depends on something
// that is not known, it is not known.
func (r *Rule) AppliesTo(f *Facts) Truth {
	if r.Everybody() || slices.Contains(r.People, f.UserName) && f.UserName != "" || slices.ContainsFunc(r.Groups, f.Groups.Contains) ||
		slices.ContainsFunc(r.Roles, f.Roles.Contains) || slices.Contains(r.Departments, f.Department) && f.Department != "" ||
		r.Privileged && f.Privileged == Yes {
		return Yes
	}
	if len(r.People) > 0 && f.UserName == "" || len(r.Departments) > 0 && f.Department == "" ||
		(r.Privileged || len(r.Roles) > 0) && f.Privileged != Yes && f.Privileged != No {
		return Unknown
	}
	return No
}

// IsAbout says whether the rule is about the request.
func (r *Rule) IsAbout(f *Facts) Truth {
	all := Yes
	for _, one := range [...]Truth{among(r.Routes, f.Route), oneOf(r.Methods, f.Method), below(r.Paths, f.Path)} {
		all = all.and(one)
	}
	return all
}

// counts is what is left of a rule's condition when its answer is not known.
func (c *Condition) counts(answer Truth) Truth {
	if answer == Unknown && c.Ignored {
		return No
	}
	return answer
}

// and is the conjunction of two facts, either of which may be missing.
func (t Truth) and(other Truth) Truth {
	switch {
	case t == No || other == No:
		return No
	case t == Yes && other == Yes:
		return Yes
	}
	return Unknown
}

func among(names []string, one string) Truth {
	switch {
	case len(names) == 0:
		return Yes
	case one == "":
		return Unknown
	}
	return Of(slices.Contains(names, one))
}

// oneOf regards HEAD as GET, whose answer it asks for (RFC 9110 §9.3.2).
func oneOf(methods []string, method string) Truth {
	if method == "HEAD" && slices.Contains(methods, "GET") {
		return Yes
	}
	answer := among(methods, method)
	if answer == No && slices.ContainsFunc(methods, func(one string) bool { return strings.EqualFold(one, method) }) {
		return Unknown // RFC 9110 §9.1 says no; not every application does
	}
	return answer
}

func below(prefixes []string, path string) Truth {
	if len(prefixes) == 0 {
		return Yes
	}
	answer := No
	for _, prefix := range prefixes {
		switch liesBelow(path, prefix) {
		case Yes:
			return Yes
		case Unknown:
			answer = Unknown
		case No:
		}
	}
	return answer
}

// liesBelow says whether a path is the prefix or lies below it. Some applications
// decode a path before they read it, and some do not regard its case: where only they
// would say yes, it is not known.
func liesBelow(path, prefix string) Truth {
	prefix = strings.TrimSuffix(prefix, "/")
	if path == "" {
		return Unknown
	}
	odd := strings.IndexAny(path, "%;")
	whole := len(path) == len(prefix) || len(path) > len(prefix) && path[len(prefix)] == '/'
	switch {
	case whole && strings.HasPrefix(path, prefix):
		return Yes
	case whole && strings.EqualFold(path[:len(prefix)], prefix):
		return Unknown
	case odd >= 0 && odd <= len(prefix) && strings.EqualFold(path[:odd], prefix[:odd]):
		return Unknown
	case strings.ContainsAny(path, ". ") && tightened(path) != path && liesBelow(tightened(path), prefix) != No:
		return Unknown
	}
	return No
}

// tightened leaves out dots and spaces at the end of a part, as some applications do.
func tightened(path string) string {
	parts := strings.Split(path, "/")
	for i := range parts {
		parts[i] = strings.TrimRight(parts[i], ". ")
	}
	return strings.Join(parts, "/")
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
