package rulebook

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	yaml "go.yaml.in/yaml/v3"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// The limits of a policy.
const (
	rulesMost   = 10_000
	namesMost   = 1_000 // services or groups in one rule
	versionMost = 64
	titleMost   = 200
	ageLeast    = time.Second
	ageMost     = 720 * time.Hour
)

var (
	ruleID  = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)
	managed = regexp.MustCompile(`^managed$`)
	slug    = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)
)

func (r *reader) policy(root *yaml.Node) *policy.Policy {
	parsed := &policy.Policy{}
	fields := r.mapping(root, "the policy", []string{"version", "methods", "rules"})
	if fields == nil {
		return parsed
	}
	if methods, given := fields["methods"]; given {
		parsed.Methods = r.methods(methods)
	}
	if node := r.needed(root, fields, "version"); node != nil {
		parsed.Version = r.line(node, "version", versionMost)
	}
	node := r.needed(root, fields, "rules")
	if node == nil {
		return parsed
	}
	if node.Kind != yaml.SequenceNode || node.Anchor != "" {
		r.fault(node, "rules", "expected a list of rules")
		return parsed
	}
	if len(node.Content) > rulesMost {
		r.fault(node, "rules", "%d rules, expected at most %d", len(node.Content), rulesMost)
		return parsed
	}
	seen := map[string]int{}
	for _, each := range node.Content {
		rule := r.rule(each)
		if before, twice := seen[rule.ID]; twice && rule.ID != "" {
			r.fault(each, "id", "“%s” is already the id of the rule on line %d", rule.ID, before)
		}
		seen[rule.ID] = each.Line
		parsed.Rules = append(parsed.Rules, rule)
	}
	parsed.Mentions = r.mentions
	return parsed
}

// ruleFields are what a rule may say.
var ruleFields = []string{"id", "title", "services", "routes", "methods", "paths", "people", "groups", "roles", "departments", "privileged",
	"when", "unknown", "require", "forbid", "deny"}

func (r *reader) rule(node *yaml.Node) policy.Rule {
	var rule policy.Rule
	fields := r.mapping(node, "a rule", ruleFields)
	if fields == nil {
		return rule
	}
	if id := r.needed(node, fields, "id"); id != nil {
		rule.ID = r.word(id, "id", ruleID, "lower-case letters, digits, - and _")
	}
	from := len(r.mentions)
	r.mention(node, policy.RuleName, rule.ID)
	if title := r.needed(node, fields, "title"); title != nil {
		rule.Title = r.line(title, "title", titleMost)
	}
	r.what(node, fields, &rule)
	r.who(fields, &rule)
	rule.When = r.when(fields)
	r.demands(node, fields, &rule)
	for i := range r.mentions[from:] {
		r.mentions[from+i].Rule = rule.ID
	}
	return rule
}

// demands reads what the rule asks for, or that it denies.
func (r *reader) demands(node *yaml.Node, fields map[string]*yaml.Node, rule *policy.Rule) {
	if deny, given := fields["deny"]; given {
		rule.Deny = r.truth(deny, "deny")
	}
	require, given := fields["require"]
	switch {
	case given && rule.Deny:
		r.fault(require, "require", "a rule that denies asks for nothing: expected either deny or require")
	case given:
		r.require(require, rule)
	case !rule.Deny:
		r.fault(node, "require", "missing: expected require, or deny: true")
	}
	if forbid, given := fields["forbid"]; given && rule.Deny {
		r.fault(forbid, "forbid", "a rule that denies lets nothing in: expected either deny or forbid")
	} else if given {
		rule.Require.Forbid = r.forbid(forbid)
	}
}

func (r *reader) services(node *yaml.Node) []string {
	services := r.names(node, "services", func(each *yaml.Node) string {
		if each.Kind == yaml.ScalarNode && each.Value == policy.AnyService {
			return policy.AnyService
		}
		r.mention(each, policy.ServiceName, each.Value)
		return r.word(each, "services", slug, "the slug of a service, or \"*\"")
	})
	if len(services) > 1 && slices.Contains(services, policy.AnyService) {
		r.fault(node, "services", "\"*\" already means every service: expected it alone")
	}
	return services
}

func (r *reader) require(node *yaml.Node, rule *policy.Rule) {
	need := &rule.Require
	fields := r.mapping(node, "require", []string{"aal", "phishing_resistant", "hardware_bound", "attested", "user_verified", "max_age", "device", "network"})
	if fields == nil {
		return
	}
	if level := r.needed(node, fields, "aal"); level != nil {
		number, err := strconv.Atoi(level.Value)
		if level.Tag != "!!int" || level.Anchor != "" || err != nil || number < 1 || number > 3 {
			r.fault(level, "aal", "found %s, expected 1, 2 or 3", found(level))
		}
		need.AAL = assurance.Level(number)
	}
	for name, into := range map[string]*bool{
		"phishing_resistant": &need.PhishingResistant, "hardware_bound": &need.HardwareBound,
		"attested": &need.Attested, "user_verified": &need.UserVerified,
	} {
		if value, given := fields[name]; given {
			*into = r.truth(value, name)
		}
	}
	if age, given := fields["max_age"]; given {
		need.MaxAge = r.age(age)
	}
	if device, given := fields["device"]; given {
		rule.Device = r.word(device, "device", managed, "managed") != ""
	}
	if networks, given := fields["network"]; given {
		rule.Networks = r.names(networks, "network", func(each *yaml.Node) string {
			r.mention(each, policy.NetworkName, each.Value)
			return r.word(each, "network", slug, "the name of a network")
		})
	}
}

// forbid reads weaknesses by their words.
func (r *reader) forbid(node *yaml.Node) assurance.Weakness {
	var all assurance.Weakness
	r.names(node, "forbid", func(each *yaml.Node) string {
		one, known := assurance.ParseWeakness(each.Value)
		all |= one
		if !known || !plain(each) {
			r.fault(each, "forbid", "found %s, expected one of %s", found(each), strings.Join(assurance.EveryWeakness.Words(), ", "))
		}
		return each.Value
	})
	return all
}

func (r *reader) age(node *yaml.Node) time.Duration {
	age, err := time.ParseDuration(node.Value)
	if node.Kind != yaml.ScalarNode || node.Anchor != "" || err != nil || age < ageLeast || age > ageMost {
		r.fault(node, "max_age", "found %s, expected a time between 1s and 720h, such as 8h or 30m", found(node))
		return ageLeast
	}
	return age
}

// mapping gives the values by name, or nil after a fault. It refuses what is not
// in known, and what is given twice.
func (r *reader) mapping(node *yaml.Node, what string, known []string) map[string]*yaml.Node {
	if node.Kind != yaml.MappingNode || node.Anchor != "" {
		r.fault(node, "", "found %s, expected %s with %s", found(node), what, strings.Join(known, ", "))
		return nil
	}
	fields := map[string]*yaml.Node{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		switch {
		case excluding(key):
			r.exclusion(key, key.Value)
		case key.Kind != yaml.ScalarNode || key.Anchor != "" || !slices.Contains(known, key.Value):
			r.fault(key, "", "%s is not known in %s: expected %s", found(key), what, strings.Join(known, ", "))
		case fields[key.Value] != nil:
			r.fault(key, key.Value, "given twice: it is already on line %d", fields[key.Value].Line)
		default:
			fields[key.Value] = value
		}
	}
	return fields
}

func (r *reader) needed(parent *yaml.Node, fields map[string]*yaml.Node, name string) *yaml.Node {
	node, given := fields[name]
	if !given {
		r.fault(parent, name, "missing")
	}
	return node
}

// names reads a list of at least one.
func (r *reader) names(node *yaml.Node, field string, read func(*yaml.Node) string) []string {
	if node.Kind != yaml.SequenceNode || node.Anchor != "" || len(node.Content) == 0 || len(node.Content) > namesMost {
		r.fault(node, field, "expected a list of 1 to %d, such as [one, two]", namesMost)
		return nil
	}
	var names []string
	for _, each := range node.Content {
		name := read(each)
		if name != "" && slices.Contains(names, name) {
			r.fault(each, field, "“%s” is in the list twice", name)
		}
		names = append(names, name)
	}
	return names
}

func (r *reader) word(node *yaml.Node, field string, form *regexp.Regexp, expected string) string {
	if !plain(node) || !form.MatchString(node.Value) {
		r.fault(node, field, "found %s, expected %s", found(node), expected)
		return ""
	}
	return node.Value
}

// line reads one line of text for people.
func (r *reader) line(node *yaml.Node, field string, most int) string {
	text := strings.TrimSpace(node.Value)
	bad := func(c rune) bool { return !unicode.IsPrint(c) }
	if !plain(node) || text == "" || utf8.RuneCountInString(text) > most || strings.ContainsFunc(text, bad) {
		r.fault(node, field, "found %s, expected one line of at most %d characters", found(node), most)
		return ""
	}
	return text
}

func (r *reader) truth(node *yaml.Node, field string) bool {
	if node.Tag != "!!bool" || node.Anchor != "" || (node.Value != "true" && node.Value != "false") {
		r.fault(node, field, "found %s, expected true or false", found(node))
		return false
	}
	return node.Value == "true"
}

// plain reports whether the node is a value without tricks. Numbers and dates
// are texts as far as a policy is concerned: version: 2026-11-23.
func plain(node *yaml.Node) bool {
	return node.Kind == yaml.ScalarNode && node.Anchor == "" && node.Tag != "!!null" && node.Tag != "!!binary"
}

// found names what stands at the node, shortened.
func found(node *yaml.Node) string {
	switch node.Kind {
	case yaml.ScalarNode:
		text := []rune(node.Value)
		if len(text) > 40 {
			text = append(text[:40], '…')
		}
		if len(text) == 0 {
			return "nothing"
		}
		return strconv.Quote(string(text))
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "a mapping"
	case yaml.AliasNode:
		return "an alias (*" + node.Value + ")"
	case yaml.DocumentNode:
	}
	return "something else"
}
