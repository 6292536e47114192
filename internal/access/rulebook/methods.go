package rulebook

import (
	"slices"
	"strings"
	"time"

	yaml "go.yaml.in/yaml/v3"

	"github.com/warder-project/warder/internal/registry/assurance"
)

// methods reads which shared secrets are accepted.
func (r *reader) methods(node *yaml.Node) assurance.Accepted {
	if node.Kind != yaml.MappingNode || node.Anchor != "" {
		r.fault(node, "methods", "found %s, expected a mapping such as {password: {until: 2027-03-31}, totp: {}}", found(node))
		return nil
	}
	lines := map[assurance.Method]int{}
	var named assurance.Accepted
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		method, ok := r.sharedSecret(key)
		if !ok {
			continue
		}
		if lines[method] != 0 {
			r.fault(key, key.Value, "given twice: it is already on line %d", lines[method])
			continue
		}
		lines[method] = max(key.Line, 1)
		named = append(named, assurance.Acceptance{Method: method, Until: r.until(value, key.Value)})
	}
	if lines[assurance.TOTP] != 0 && lines[assurance.Password] == 0 {
		r.fault(node, "totp", "a code from an app counts only beside a password: expected password as well")
	}
	slices.SortFunc(named, func(a, b assurance.Acceptance) int { return int(a.Method) - int(b.Method) })
	return named
}

// sharedSecret reads the word of a method, and says why another word is wrong.
func (r *reader) sharedSecret(key *yaml.Node) (assurance.Method, bool) {
	method := assurance.ParseMethod(key.Value)
	var words []string
	for _, one := range assurance.SharedSecrets() {
		words = append(words, one.String())
	}
	expected := strings.Join(words, ", ")
	switch {
	case plain(key) && slices.Contains(assurance.SharedSecrets(), method):
		return method, true
	case method != assurance.UnknownMethod && method.SignsIn():
		r.fault(key, "methods", "%s needs no naming: how good a key must be is for the rules to say; expected %s", found(key), expected)
	case method != assurance.UnknownMethod:
		r.fault(key, "methods", "%s never signs anyone in here: expected %s", found(key), expected)
	default:
		r.fault(key, "methods", "%s is not known: expected %s", found(key), expected)
	}
	return method, false
}

// until reads the last day of a method.
func (r *reader) until(node *yaml.Node, method string) time.Time {
	fields := r.mapping(node, "“"+method+"”, {} or a mapping", []string{"until"})
	value, given := fields["until"]
	if !given {
		return time.Time{}
	}
	day, err := time.Parse(time.DateOnly, value.Value)
	if !plain(value) || err != nil {
		r.fault(value, "until", "found %s, expected a day such as 2027-03-31", found(value))
		// The strict reading of a day that cannot be read; the text is refused anyway.
		return time.Unix(0, 0).UTC()
	}
	return day
}
