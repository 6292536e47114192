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
//	    groups: [finance]            # people in any of these; leave out for everybody
//	    require:
//	      aal: 3                     # 1 to 3; NIST SP 800-63B-4 §2
//	      phishing_resistant: true
//	      hardware_bound: true
//	      attested: true
//	      user_verified: true
//	      max_age: 8h                # 1s to 720h since the sign-in; leave out for no limit of its own
//	    forbid: [phishable, exportable] # and sim_swappable, replayable, restricted: what the way of
//	                                 # signing in must not be, as the catalogue of registry/assurance has it
//	  - id: guests
//	    title: Guests stay out of payroll
//	    services: [payroll]
//	    groups: [guests]
//	    deny: true                   # instead of require
//
// Problems: Malformed, TooLarge.
func Parse(name string, text []byte) (*policy.Policy, error) {
	if len(text) > longest {
		return nil, TooLarge.New()
	}
	root, err := document(name, text)
	if err != nil {
		return nil, err
	}
	r := &reader{file: name}
	parsed := r.policy(root)
	if len(r.faults) > 0 {
		slices.SortStableFunc(r.faults, func(a, b problem.Field) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
		})
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
	file   string
	faults []problem.Field
}

// faultsMost is how many faults are told: nobody reads more.
const faultsMost = 20

func (r *reader) fault(at *yaml.Node, name, format string, args ...any) {
	if len(r.faults) < faultsMost {
		r.faults = append(r.faults, problem.Field{Name: name, File: r.file,
			Line: max(at.Line, 1), Column: max(at.Column, 1), Message: fmt.Sprintf(format, args...)})
	}
}
