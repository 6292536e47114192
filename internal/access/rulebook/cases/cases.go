// Package cases is what the writer of a policy expects of it: facts about a request in
// words, and what must come out. The cases stand in a text beside the policy, are run
// by a command, shown on its page, and must hold before it is put in force.
//
// The room owns the format of that text (see Parse). What the facts mean, and what
// comes out, is access/policy's alone: a case is decided by the code that decides
// requests.
package cases

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// Case is one expectation.
type Case struct {
	Name  string
	Line  int
	facts policy.Facts
	age   time.Duration // since the sign-in
	want  want
}

// want is what is expected. What is not said is not looked at.
type want struct {
	effect  string
	require *demand
	rules   []string // exactly these are named by the reasons
	codes   []string // each of these is among the reasons
}

// demand is what is expected of the requirement, part by part; nil is not looked at.
type demand struct {
	aal                                                  *assurance.Level
	phishingResistant, hardwareBound, attested, verified *bool
	maxAge                                               *time.Duration
}

// Result is how one case came out.
type Result struct {
	Case   Case
	Faults []string // what was expected and what was found; none when it holds
}

// Passed reports whether the case holds.
func (r Result) Passed() bool { return len(r.Faults) == 0 }

// Run decides each case by the policy. Those that name no moment are decided at now.
func Run(p *policy.Policy, cases []Case, now time.Time) []Result {
	compiled := policy.Compile(p)
	results := make([]Result, 0, len(cases))
	for _, one := range cases {
		facts := one.facts
		if facts.At.IsZero() {
			facts.At = now.UTC().Truncate(time.Millisecond)
		}
		facts.AuthTime = facts.At.Add(-one.age)
		results = append(results, Result{Case: one, Faults: one.want.faults(compiled.Decide(&facts))})
	}
	return results
}

// Failed is the results that do not hold.
func Failed(results []Result) []Result {
	return slices.DeleteFunc(slices.Clone(results), Result.Passed)
}

func (w want) faults(got policy.Verdict) []string {
	var faults []string
	add := func(what, expected, found string) {
		if expected != found {
			faults = append(faults, fmt.Sprintf("%s: expected %s, found %s", what, expected, found))
		}
	}
	if w.effect != got.Effect.String() {
		add("effect", w.effect, got.Effect.String()+" ("+why(got)+")")
	}
	var rules []string
	for _, reason := range got.Reasons {
		if reason.Rule != "" {
			rules = append(rules, reason.Rule)
		}
	}
	slices.Sort(rules)
	if w.rules != nil {
		add("rules", orNone(w.rules), orNone(slices.Compact(rules)))
	}
	for _, code := range w.codes {
		if !got.Has(policy.Code(code)) {
			faults = append(faults, fmt.Sprintf("codes: expected %s, found %s", code, why(got)))
		}
	}
	if w.require != nil {
		faults = append(faults, w.require.faults(got.Require)...)
	}
	return faults
}

func (d *demand) faults(got assurance.Requirement) []string {
	var faults []string
	if d.aal != nil && *d.aal != got.AAL {
		faults = append(faults, fmt.Sprintf("require aal: expected %d, found %d", *d.aal, got.AAL))
	}
	for _, part := range []struct {
		name  string
		wants *bool
		has   bool
	}{{"phishing_resistant", d.phishingResistant, got.PhishingResistant}, {"hardware_bound", d.hardwareBound, got.HardwareBound},
		{"attested", d.attested, got.Attested}, {"user_verified", d.verified, got.UserVerified}} {
		if part.wants != nil && *part.wants != part.has {
			faults = append(faults, fmt.Sprintf("require %s: expected %v, found %v", part.name, *part.wants, part.has))
		}
	}
	if d.maxAge != nil && *d.maxAge != got.MaxAge {
		faults = append(faults, fmt.Sprintf("require max_age: expected %s, found %s", *d.maxAge, got.MaxAge))
	}
	return faults
}

func why(got policy.Verdict) string {
	if len(got.Reasons) == 0 {
		return "no reason"
	}
	return strings.ReplaceAll(got.ReasonCodes(), " ", ", ")
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// Text is the results for a terminal: a line for each case, what was expected and found
// of those that do not hold, and how many do. It ends with a line break.
func Text(results []Result) string {
	var b strings.Builder
	for _, result := range results {
		mark := "pass"
		if !result.Passed() {
			mark = "FAIL"
		}
		fmt.Fprintf(&b, "%s  %s (line %d)\n", mark, result.Case.Name, result.Case.Line)
		for _, fault := range result.Faults {
			fmt.Fprintf(&b, "      %s\n", fault)
		}
	}
	fmt.Fprintf(&b, "%d of %d hold.\n", len(results)-len(Failed(results)), len(results))
	return b.String()
}
