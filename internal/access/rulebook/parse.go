package rulebook

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"

	yaml "go.yaml.in/yaml/v3"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/rulebook/condition"
	"github.com/warder-project/warder/internal/base/problem"
)

// longest is the most bytes a policy text may have.
const longest = 1 << 20

// Parse reads a policy text. name is the file as the person named it; it appears
// in problems, with line and column. The format is YAML, strictly: a key that is
// not known, a key given twice, an anchor or alias, or a second document is
// wrong, because a slip in a policy must not quietly let somebody in.
//
//	version: 2026-11-23              # any text of up to 64 characters; each published version its own
//	methods:                         # which shared secrets are accepted; what is left out is not
//	  password: {until: 2027-03-31}  # to the end of that day, midnight UTC; {} is until further notice
//	  totp: {until: 2027-03-31}      # counts only beside a password
//	  recovery_code: {}
//	rules:
//	  - id: payroll                  # lower-case letters, digits, - and _; unique
//	    title: Payroll is for Finance, with their own keys
//	    services: [payroll]          # slugs, or ["*"] for every service
//	    methods: [POST]              # only requests with these; GET includes HEAD
//	    paths: [/export]             # only requests on these and what lies below
//	    routes: [rte_…]              # only requests on these routes, by their ids
//	    groups: [finance]            # whoever is in any of these,
//	    people: [amira.khan]         # or is one of these, by user name,
//	    roles: [administrator]       # or holds one of these roles here,
//	    departments: [Finance]       # or works in one of these,
//	    privileged: true             # or holds any role here; none of the five is everybody
//	    when: '!("office" in network.names)' # only then: see below
//	    unknown: applies             # when that is not known: applies or ignored
//	    require:
//	      aal: 3                     # 1 to 3; NIST SP 800-63B-4 §2
//	      phishing_resistant: true
//	      hardware_bound: true
//	      attested: true
//	      user_verified: true
//	      max_age: 8h                # 1s to 720h since the sign-in; leave out for no limit of its own
//	      device: managed            # one that the organisation manages
//	      network: [office, vpn]     # from any of these named networks
//	    forbid: [phishable, exportable] # and sim_swappable, replayable, restricted: what the way of
//	                                 # signing in must not be, as the catalogue of registry/assurance has it
//	  - id: guests
//	    title: Guests stay out of payroll
//	    services: [payroll]
//	    groups: [guests]
//	    deny: true                   # instead of require
//
// Whom a rule is for can only include. There is nothing by which somebody could be left
// out: such a text is refused with ExceptionRequired.
//
// A condition is an expression in CEL about the request, the session, the network, the
// signals and the time: see rulebook/condition. A rule with a condition only adds to what
// other rules ask for, or denies; it opens no service itself. So neither a place nor an
// hour is ever a reason to ask for less. Where the condition speaks of a fact that may be
// not known, unknown must say what that means for the rule. What goes wrong while a
// condition is asked counts as if it were fulfilled.
//
// Of a request that is not known (its path, say, because it has encoded bytes in it), and
// of a person's department or role that is not known, the strict is assumed: the rule
// counts, and does not by itself let anybody in.
//
// Problems: Malformed, TooLarge, ExceptionRequired.
func Parse(name string, text []byte) (*policy.Policy, error) {
	if len(text) > longest {
		return nil, TooLarge.New()
	}
	root, err := document(name, text)
	if err != nil {
		return nil, err
	}
	r := &reader{file: name, source: newSource(text)}
	parsed := r.policy(root)
	if len(r.faults) > 0 {
		slices.SortStableFunc(r.faults, func(a, b problem.Field) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
		})
		if r.excludes {
			return nil, ExceptionRequired.New().At(r.faults...)
		}
		return nil, Malformed.New().At(r.faults...)
	}
	return parsed, nil
}

// document reads exactly one YAML document and gives its root.
func document(name string, text []byte) (*yaml.Node, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	// The fields are checked by reader, which also knows their columns;
	// KnownFields only matters to decoding into structs.
	decoder.KnownFields(true)
	var first, second yaml.Node
	switch err := decoder.Decode(&first); {
	case errors.Is(err, io.EOF), err == nil && len(first.Content) == 0:
		return nil, Malformed.New().At(problem.Field{File: name, Line: 1, Column: 1, Message: "the text is empty: expected version and rules"})
	case err != nil:
		return nil, Malformed.New().At(syntaxFault(name, err))
	}
	switch err := decoder.Decode(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		return nil, Malformed.New().At(syntaxFault(name, err))
	default:
		return nil, Malformed.New().At(problem.Field{File: name, Line: max(second.Line, 1), Column: max(second.Column, 1), Message: "a second document begins here: expected one policy"})
	}
	return first.Content[0], nil
}

var yamlLine = regexp.MustCompile(`line (\d+): (.*)`)

// syntaxFault turns an error of the YAML library into a place. The library
// names lines, not columns.
func syntaxFault(name string, err error) problem.Field {
	field := problem.Field{File: name, Line: 1, Message: "this is not YAML: " + err.Error()}
	if found := yamlLine.FindStringSubmatch(err.Error()); found != nil {
		if line, err := strconv.Atoi(found[1]); err == nil {
			field.Line = line
		}
		field.Message = "this is not YAML: " + found[2]
	}
	return field
}

// reader walks the document and gathers faults, so that a person can correct
// all of them at once.
type reader struct {
	file     string
	source   source
	faults   []problem.Field
	excludes bool // a fault is that somebody would be left out

	mentions   []policy.Mention
	conditions *condition.Compiler // nil before the first condition
}

// faultsMost is how many faults are told: nobody reads more.
const faultsMost = 20

func (r *reader) fault(at *yaml.Node, name, format string, args ...any) {
	r.faultAt(at.Line, at.Column, name, fmt.Sprintf(format, args...))
}

func (r *reader) faultAt(line, column int, name, message string) {
	if len(r.faults) < faultsMost {
		r.faults = append(r.faults, problem.Field{Name: name, File: r.file, Line: max(line, 1), Column: max(column, 1), Message: message})
	}
}

// exclusion is a fault that would leave somebody out.
func (r *reader) exclusion(at *yaml.Node, name string) {
	r.excludes = true
	r.fault(at, name, "%s would leave somebody out, and a rule can only include: take it out, and agree an exception for whom it was meant", found(at))
}
