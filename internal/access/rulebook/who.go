package rulebook

import (
	"regexp"
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v3"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/ids"
)

var (
	verb     = regexp.MustCompile(`^[A-Z]{1,16}$`)
	prefix   = regexp.MustCompile(`^(/[A-Za-z0-9._~!$&'()*+,=:@-]+)+$|^/$`)
	meanings = regexp.MustCompile(`^(applies|ignored)$`)
	role     = regexp.MustCompile(`^[a-z][a-z_]{0,31}$`)
	// left is how people say that they want to leave somebody out.
	left = regexp.MustCompile(`(?i)^(except|exclud|exempt|unless|omit|skip|ignore|bypass|without|not?([_-]|$)|but([_-]|$))|[_-](except|excluded|exempt)`)
	// without is the same in front of a name.
	without = regexp.MustCompile(`(?i)^([!~^-]|not |except |all but )`)
)

// excluding reports whether a field would leave somebody out.
func excluding(key *yaml.Node) bool {
	return key.Kind == yaml.ScalarNode && left.MatchString(key.Value)
}

// mention notes a name that is kept elsewhere.
func (r *reader) mention(at *yaml.Node, noun policy.Noun, name string) {
	r.mentions = append(r.mentions, policy.Mention{Noun: noun, Name: name, Line: max(at.Line, 1), Column: max(at.Column, 1)})
}

// what reads which requests a rule is for.
func (r *reader) what(node *yaml.Node, fields map[string]*yaml.Node, rule *policy.Rule) {
	if services := r.needed(node, fields, "services"); services != nil {
		rule.Services = r.services(services)
	}
	if routes, given := fields["routes"]; given {
		rule.Routes = r.names(routes, "routes", func(each *yaml.Node) string {
			if _, err := ids.Parse[ids.Route](each.Value); err != nil || !plain(each) {
				r.fault(each, "routes", "found %s, expected the id of a route, rte_ and 26 characters", found(each))
				return ""
			}
			r.mention(each, policy.RouteName, each.Value)
			return each.Value
		})
	}
	if methods, given := fields["methods"]; given {
		rule.Methods = r.names(methods, "methods", func(each *yaml.Node) string {
			return r.word(each, "methods", verb, "a method of HTTP in upper case, such as POST")
		})
	}
	if paths, given := fields["paths"]; given {
		rule.Paths = r.names(paths, "paths", func(each *yaml.Node) string {
			return r.word(each, "paths", prefix, "the beginning of a path such as /export, without a slash at its end or encoded bytes")
		})
	}
}

// who reads whom a rule is for. Nothing here can leave anybody out.
func (r *reader) who(fields map[string]*yaml.Node, rule *policy.Rule) {
	list := func(field string, noun policy.Noun, read func(*yaml.Node) string) []string {
		node, given := fields[field]
		if !given {
			return nil
		}
		return r.names(node, field, func(each *yaml.Node) string {
			if each.Kind == yaml.ScalarNode && without.MatchString(each.Value) {
				r.exclusion(each, field)
				return ""
			}
			r.mention(each, noun, strings.TrimSpace(each.Value))
			return read(each)
		})
	}
	word := func(field string, form *regexp.Regexp, expected string) func(*yaml.Node) string {
		return func(each *yaml.Node) string { return r.word(each, field, form, expected) }
	}
	rule.People = list("people", policy.PersonName, word("people", slug, "a user name"))
	rule.Groups = list("groups", policy.GroupName, word("groups", slug, "the name of a group"))
	rule.Roles = list("roles", policy.RoleName, word("roles", role, "a role such as administrator"))
	rule.Departments = list("departments", policy.DepartmentName, func(each *yaml.Node) string { return r.line(each, "departments", titleMost) })
	if node, given := fields["privileged"]; given {
		rule.Privileged = r.truth(node, "privileged")
		if !rule.Privileged && node.Value == "false" {
			r.exclusion(node, "privileged")
		}
	}
}

// Known says of each kind of name whether there is such a thing. A kind that is not in it
// is not checked.
type Known map[policy.Noun]func(name string) bool

// Check refuses a policy with names of what is not there. Problems: NameUnknown.
func (k Known) Check(file string, p *policy.Policy) error {
	r := &reader{file: file}
	for _, one := range p.Mentions {
		if known := k[one.Noun]; known != nil && !known(one.Name) {
			r.faultAt(one.Line, one.Column, string(one.Noun), "there is no "+string(one.Noun)+" “"+one.Name+"”: correct the name, or add it first")
		}
	}
	if len(r.faults) == 0 {
		return nil
	}
	return NameUnknown.New().At(r.faults...)
}

// Has is a list as a question, for Known.
func Has(names []string) func(string) bool {
	return func(name string) bool { return slices.Contains(names, name) }
}
