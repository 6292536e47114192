package policy

import (
	"slices"
	"strings"
	"time"

	yaml "go.yaml.in/yaml/v3"

	"github.com/warder-project/warder/internal/registry/assurance"
)

// Accepts is one kind of shared secret that a policy accepts.
type Accepts struct {
	Method assurance.Method
	// Until is the last day on which it is accepted, which ends at midnight UTC (at
	// one in the morning in British Summer Time); zero is until further notice.
	Until time.Time
}

// at reports whether the method is accepted at a moment.
func (a Accepts) at(moment time.Time) bool {
	return a.Until.IsZero() || moment.Before(a.Until.AddDate(0, 0, 1))
}

// SharedSecrets are the methods that a policy must name to accept them. Keys need
// no naming: how good one must be is for the rules to say.
func SharedSecrets() []assurance.Method {
	return []assurance.Method{assurance.Password, assurance.TOTP, assurance.RecoveryCode}
}

// Accepts reports whether a method may be used, set up, or lived on in a session at
// a moment. A shared secret is accepted when the policy names it and its last day is
// not over; a code from an app only together with a password, without which it is
// nothing. Keys always are. Everything else never is.
func (p *Policy) Accepts(method assurance.Method, at time.Time) bool {
	return p != nil && accepts(p.Methods, method, at)
}

// Accepts is Policy.Accepts of the policy that was compiled. Where there is none,
// nothing is accepted.
func (c *Compiled) Accepts(method assurance.Method, at time.Time) bool {
	return c != nil && accepts(c.accepts, method, at)
}

// Methods are the shared secrets that the policy accepts, or did. The caller must
// not change them.
func (c *Compiled) Methods() []Accepts {
	if c == nil {
		return nil
	}
	return c.accepts
}

func accepts(named []Accepts, method assurance.Method, at time.Time) bool {
	switch method {
	case assurance.Password, assurance.RecoveryCode:
		return has(named, method, at)
	case assurance.TOTP:
		return has(named, assurance.TOTP, at) && has(named, assurance.Password, at)
	default:
		return method.SignsIn()
	}
}

// has does not use slices.ContainsFunc, whose closure would be made on every request.
func has(named []Accepts, method assurance.Method, at time.Time) bool {
	for i := range named {
		if named[i].Method == method {
			return named[i].at(at)
		}
	}
	return false
}

// Withdrawn lists the shared secrets that before accepts at a moment and p does not.
func (p *Policy) Withdrawn(before *Policy, at time.Time) []assurance.Method {
	var withdrawn []assurance.Method
	for _, method := range SharedSecrets() {
		if before.Accepts(method, at) && !p.Accepts(method, at) {
			withdrawn = append(withdrawn, method)
		}
	}
	return withdrawn
}

// methods reads which shared secrets are accepted.
func (r *reader) methods(node *yaml.Node) []Accepts {
	if node.Kind != yaml.MappingNode || node.Anchor != "" {
		r.fault(node, "methods", "found %s, expected a mapping such as {password: {until: 2027-03-31}, totp: {}}", found(node))
		return nil
	}
	lines := map[assurance.Method]int{}
	var named []Accepts
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
		named = append(named, Accepts{Method: method, Until: r.until(value, key.Value)})
	}
	if lines[assurance.TOTP] != 0 && lines[assurance.Password] == 0 {
		r.fault(node, "totp", "a code from an app counts only beside a password: expected password as well")
	}
	slices.SortFunc(named, func(a, b Accepts) int { return int(a.Method) - int(b.Method) })
	return named
}

// sharedSecret reads the word of a method, and says why another word is wrong.
func (r *reader) sharedSecret(key *yaml.Node) (assurance.Method, bool) {
	method := assurance.ParseMethod(key.Value)
	var words []string
	for _, one := range SharedSecrets() {
		words = append(words, one.String())
	}
	expected := strings.Join(words, ", ")
	switch {
	case plain(key) && slices.Contains(SharedSecrets(), method):
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
