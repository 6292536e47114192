package cases

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	yaml "go.yaml.in/yaml/v3"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// The limits of a text of cases.
const (
	longest   = 1 << 20
	casesMost = 2_000
)

// Malformed: the text cannot be read as cases.
var Malformed = problem.Define(problem.Invalid, "policy.tests_malformed",
	"The test cases of the policy could not be read.", "Correct the places named below and try again. Nothing has been changed.")

// NotMet: the cases beside a policy do not hold.
var NotMet = problem.Define(problem.Conflict, "policy.tests_failed",
	"Test cases beside this policy do not hold, so it was not put in force.", "Correct the policy, or the cases if they are wrong, and try again.")

// Problems lists every problem of this room, for documents and tests.
func Problems() []problem.Definition { return []problem.Definition{Malformed, NotMet} }

// Parse reads cases. name is the file as the person named it. The format is YAML, as
// strict as the policy itself:
//
//	cases:
//	  - name: Finance reaches payroll with their own keys
//	    service: payroll
//	    at: 2026-11-23T09:00:00Z        # leave out for the moment of the run
//	    person: {groups: [finance], roles: [], department: Finance, state: active} # or suspended, left
//	    session:                        # leave out for nobody signed in
//	      with: security_key_attested   # or security_key, passkey_device, passkey_synced, totp, password
//	      pin: true                     # the key has checked a PIN or a finger; true unless said
//	      age: 10m                      # since the sign-in; 0s unless said
//	      key: enrolled                 # or lost, stolen
//	    method: GET
//	    path: /payslips
//	    networks: [office]              # leave out for an address that is not known; [] for one in no named network
//	    device: managed                 # or unmanaged; leave out for not known
//	    signals: {new_country: yes}     # yes or no; what is left out is not known
//	    expect:
//	      effect: allow                 # or step_up, deny
//	      require: {aal: 3, attested: true} # the parts that are named must be so
//	      rules: [payroll]              # the rules that the reasons name, all of them
//	      codes: [policy.rule_met]      # reasons that must be among those given
//
// Problems: Malformed.
func Parse(name string, text []byte) ([]Case, error) {
	r := &reader{file: name}
	root := r.document(text)
	var found []Case
	if root != nil {
		r.fields(root, "the test cases", map[string]func(*yaml.Node){"cases": func(node *yaml.Node) {
			if node.Kind != yaml.SequenceNode || len(node.Content) > casesMost {
				r.fault(node, "cases", fmt.Sprintf("expected a list of at most %d cases", casesMost))
				return
			}
			for _, each := range node.Content {
				found = append(found, r.one(each))
			}
		}})
	}
	if len(r.faults) > 0 {
		return nil, Malformed.New().At(r.faults...)
	}
	return found, nil
}

type reader struct {
	file   string
	faults []problem.Field
}

const faultsMost = 20

func (r *reader) fault(at *yaml.Node, name, message string) {
	if len(r.faults) < faultsMost {
		r.faults = append(r.faults, problem.Field{Name: name, File: r.file, Line: max(at.Line, 1), Column: max(at.Column, 1), Message: message})
	}
}

func (r *reader) document(text []byte) *yaml.Node {
	start := &yaml.Node{Line: 1, Column: 1}
	if len(text) > longest {
		r.fault(start, "", "the text is larger than 1 MiB")
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	var root, second yaml.Node
	switch err := decoder.Decode(&root); {
	case errors.Is(err, io.EOF), err == nil && len(root.Content) == 0:
		r.fault(start, "", "the text is empty: expected cases")
		return nil
	case err != nil:
		r.fault(start, "", "this is not YAML: "+strings.TrimPrefix(err.Error(), "yaml: "))
		return nil
	}
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		r.fault(&second, "", "a second document begins here: expected one text of cases")
		return nil
	}
	return root.Content[0]
}

// fields calls what reads each field. It refuses what is not known, and what is given
// twice.
func (r *reader) fields(node *yaml.Node, what string, known map[string]func(*yaml.Node)) {
	names := make([]string, 0, len(known))
	for name := range known {
		names = append(names, name)
	}
	slices.Sort(names)
	if node.Kind != yaml.MappingNode || node.Anchor != "" {
		r.fault(node, "", "expected "+what+" with "+strings.Join(names, ", "))
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		read := known[key.Value]
		switch {
		case read == nil || key.Kind != yaml.ScalarNode:
			r.fault(key, "", fmt.Sprintf("%q is not known in %s: expected %s", key.Value, what, strings.Join(names, ", ")))
		case seen[key.Value]:
			r.fault(key, key.Value, "given twice")
		case value.Kind == yaml.AliasNode || value.Anchor != "":
			r.fault(value, key.Value, "anchors and aliases are not used here")
		default:
			seen[key.Value] = true
			read(value)
		}
	}
}

// word reads one of the words; with none given, any single line.
func (r *reader) word(into *string, name string, words ...string) func(*yaml.Node) {
	return func(node *yaml.Node) {
		*into = node.Value
		switch {
		case node.Kind != yaml.ScalarNode || node.Value == "":
			r.fault(node, name, "expected one line of text")
		case len(words) > 0 && !slices.Contains(words, node.Value):
			r.fault(node, name, fmt.Sprintf("found %q, expected one of %s", node.Value, strings.Join(words, ", ")))
		}
	}
}

func (r *reader) words(into *[]string, name string) func(*yaml.Node) {
	return func(node *yaml.Node) {
		*into = []string{}
		if node.Kind != yaml.SequenceNode {
			r.fault(node, name, "expected a list such as [one, two]")
			return
		}
		for _, each := range node.Content {
			var one string
			r.word(&one, name)(each)
			*into = append(*into, one)
		}
	}
}

func (r *reader) truth(into *bool, name string) func(*yaml.Node) {
	return func(node *yaml.Node) {
		var word string
		r.word(&word, name, "true", "false")(node)
		*into = word == "true"
	}
}

func (r *reader) duration(into *time.Duration, name string) func(*yaml.Node) {
	return func(node *yaml.Node) {
		parsed, err := time.ParseDuration(node.Value)
		if err != nil || parsed < 0 {
			r.fault(node, name, fmt.Sprintf("found %q, expected a time such as 8h or 30m", node.Value))
		}
		*into = parsed
	}
}

// one reads a case. Whoever is signed in is somebody against whom nothing is known,
// but for what the case says.
func (r *reader) one(node *yaml.Node) Case {
	one := Case{Line: node.Line}
	f := &one.facts
	*f = policy.Facts{Vouched: true, ServiceKnown: policy.Yes, ServiceAdmitted: policy.Yes, Session: policy.SessionNone}
	person, expected := false, false
	r.fields(node, "a case", map[string]func(*yaml.Node){
		"name": r.word(&one.Name, "name"), "service": r.word(&f.Service, "service"),
		"at": func(node *yaml.Node) {
			at, err := time.Parse(time.RFC3339, node.Value)
			if err != nil {
				r.fault(node, "at", fmt.Sprintf("found %q, expected a moment such as 2026-11-23T09:00:00Z", node.Value))
			}
			f.At = at
		},
		"person":  func(node *yaml.Node) { person = true; r.person(node, f) },
		"session": func(node *yaml.Node) { r.session(node, &one) },
		"method":  r.word(&f.Method, "method"), "path": r.word(&f.Path, "path"),
		"networks": func(node *yaml.Node) { f.Network.Known = true; r.words(&f.Network.Names, "networks")(node) },
		"device": func(node *yaml.Node) {
			var word string
			r.word(&word, "device", "managed", "unmanaged")(node)
			f.Device = policy.Of(word == "managed")
		},
		"signals": func(node *yaml.Node) { r.signals(node, &f.Signals) },
		"expect":  func(node *yaml.Node) { expected = true; r.expect(node, &one.want) },
	})
	for name, given := range map[string]bool{"name": one.Name != "", "service": f.Service != "", "expect": expected} {
		if !given {
			r.fault(node, name, "missing")
		}
	}
	if person && f.Session == policy.SessionNone {
		r.fault(node, "session", "missing: a person is known only by a session")
	}
	return one
}

func (r *reader) person(node *yaml.Node, f *policy.Facts) {
	var groups, roles []string
	state := "active"
	r.fields(node, "a person", map[string]func(*yaml.Node){
		"groups": r.words(&groups, "groups"), "roles": r.words(&roles, "roles"), "department": r.word(&f.Department, "department"),
		"user_name": r.word(&f.UserName, "user_name"), "state": r.word(&state, "state", "active", "suspended", "left")})
	f.Groups, f.Roles, f.Privileged = policy.GroupsOf(groups...), policy.GroupsOf(roles...), policy.Of(len(roles) > 0)
	f.PersonKnown, f.PersonState, f.PersonMaySignIn = policy.Yes, state, policy.Of(state == "active")
}

func (r *reader) session(node *yaml.Node, one *Case) {
	f := &one.facts
	with, key, pin := "", "enrolled", true
	r.fields(node, "a session", map[string]func(*yaml.Node){
		"with": r.word(&with, "with", "security_key_attested", "security_key", "passkey_device", "passkey_synced", "totp", "password"),
		"pin":  r.truth(&pin, "pin"), "age": r.duration(&one.age, "age"), "key": r.word(&key, "key", "enrolled", "lost", "stolen")})
	if with == "" {
		r.fault(node, "with", "missing")
	}
	f.Session, f.CredentialActive = policy.SessionAlive, policy.Yes
	f.KeyKnown, f.KeyState, f.KeyMaySignIn = policy.Yes, key, policy.Of(key == "enrolled")
	if f.PersonKnown == policy.Unknown {
		f.PersonKnown, f.PersonState, f.PersonMaySignIn, f.Privileged = policy.Yes, "active", policy.Yes, policy.No
	}
	switch with {
	case "totp":
		f.NoKey, f.Assurance = true, assurance.OfSecrets(assurance.Password, assurance.TOTP)
	case "password":
		f.NoKey, f.Assurance = true, assurance.OfSecrets(assurance.Password)
	default:
		f.Assurance = assurance.Of(assurance.Observation{UserVerified: pin, Attested: with == "security_key_attested", HardwareBound: with == "security_key_attested",
			BackupEligible: with == "passkey_synced", BuiltIn: with == "passkey_device"})
	}
}

func (r *reader) signals(node *yaml.Node, s *policy.Signals) {
	known := map[string]func(*yaml.Node){"country": r.word(&s.Country, "country")}
	for name, into := range map[string]*policy.Truth{"new_network": &s.NewNetwork, "new_asn": &s.NewASN, "new_country": &s.NewCountry,
		"impossible_travel": &s.ImpossibleTravel, "new_device": &s.NewDevice, "unusual_hour": &s.UnusualHour,
		"failure_burst": &s.FailureBurst, "listed_network": &s.ListedNetwork, "key_reported_lost": &s.KeyReportedLost} {
		known[name] = func(node *yaml.Node) {
			var word string
			r.word(&word, name, "yes", "no")(node)
			*into = policy.Of(word == "yes")
		}
	}
	r.fields(node, "signals", known)
}

func (r *reader) expect(node *yaml.Node, w *want) {
	r.fields(node, "what is expected", map[string]func(*yaml.Node){
		"effect": r.word(&w.effect, "effect", policy.Allow.String(), policy.StepUp.String(), policy.Deny.String()),
		"rules":  r.words(&w.rules, "rules"), "codes": r.words(&w.codes, "codes"),
		"require": func(node *yaml.Node) { w.require = &demand{}; r.demand(node, w.require) }})
	slices.Sort(w.rules)
	if w.effect == "" {
		r.fault(node, "effect", "missing")
	}
}

func (r *reader) demand(node *yaml.Node, d *demand) {
	known := map[string]func(*yaml.Node){
		"aal": func(node *yaml.Node) {
			var word string
			r.word(&word, "aal", "1", "2", "3")(node)
			level := assurance.Level(strings.Index("0123", word))
			d.aal = &level
		},
		"max_age": func(node *yaml.Node) { d.maxAge = new(time.Duration); r.duration(d.maxAge, "max_age")(node) },
	}
	for name, into := range map[string]**bool{"phishing_resistant": &d.phishingResistant, "hardware_bound": &d.hardwareBound, "attested": &d.attested, "user_verified": &d.verified} {
		known[name] = func(node *yaml.Node) { *into = new(bool); r.truth(*into, name)(node) }
	}
	r.fields(node, "require", known)
}
