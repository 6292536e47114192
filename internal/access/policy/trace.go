package policy

import (
	"fmt"
	"strings"

	"github.com/warder-project/warder/internal/registry/assurance"
)

// Mark is how one line of a trace came out.
type Mark string

// The marks.
const (
	Pass Mark = "pass" // a check without objection
	Fail Mark = "fail" // a check with one
	Hit  Mark = "hit"  // a rule that applies and is met
	Stop Mark = "stop" // a rule that applies and is not met, or denies
	Miss Mark = "miss" // a rule that does not apply
	May  Mark = "may"  // a rule that may apply, depending on who signs in
)

// Line is one line of a trace.
type Line struct {
	Mark     Mark
	About    string // "service", "person", "key", "credential", "session", "method", or the id of a rule
	Rule     bool   // About is a rule
	Sentence string
}

// Trace is a verdict with every check and every rule that led to it, in order.
type Trace struct {
	Verdict Verdict
	Lines   []Line
}

// Trace decides as Decide does and tells how each check and each rule came out.
// It goes through all rules and is not meant for every request.
func (c *Compiled) Trace(f *Facts) Trace {
	trace := Trace{Verdict: c.Decide(f)}
	if !f.Vouched {
		return trace.with(Line{Mark: Fail, About: "facts", Sentence: CodeNotVouched.Sentence()})
	}
	if c == nil {
		return trace.with(Line{Mark: Fail, About: "policy", Sentence: CodeNoPolicy.Sentence()})
	}
	if code := serviceFault(f); code != "" {
		return trace.with(Line{Mark: Fail, About: "service", Sentence: code.Sentence()})
	}
	trace = trace.with(Line{Mark: Pass, About: "service", Sentence: "The service “" + f.Service + "” is open for use."})
	trace = trace.with(c.checkLines(f)...)
	for i := range c.rules {
		trace = trace.with(ruleLine(&c.rules[i], f))
	}
	return trace
}

func (t Trace) with(lines ...Line) Trace {
	t.Lines = append(t.Lines, lines...)
	return t
}

func (c *Compiled) checkLines(f *Facts) []Line {
	if nobody(f) {
		return []Line{{Mark: Fail, About: "session", Sentence: CodeNoSession.Sentence()}}
	}
	passed := [5]Line{
		{About: "person", Sentence: "The person may sign in."},
		{About: "key", Sentence: "The key may be used."},
		{About: "credential", Sentence: "The key’s registration is active."},
		{About: "session", Sentence: "The session is alive, with " + f.Assurance.String() + "."},
		{About: "method", Sentence: "Signing in with “" + f.Assurance.Method.Class().Name + "” is accepted."},
	}
	if f.NoKey {
		passed[1].Sentence, passed[2].Sentence = "The session was begun without a key.", "What it was begun with is still there."
	}
	lines := passed[:]
	if f.Session != SessionAlive {
		lines = passed[:4] // whether its method is accepted was not asked
	}
	checked := c.checks(f)
	for i, found := range checked[:len(lines)] {
		lines[i].Mark = Pass
		if found.code != "" {
			lines[i].Mark, lines[i].Sentence = Fail, found.code.Sentence()
		}
	}
	return lines
}

func ruleLine(rule *Rule, f *Facts) Line {
	line := Line{Mark: Miss, About: rule.ID, Rule: true}
	switch {
	case !rule.covers(f.Service):
		line.Sentence = "It is for other services: " + strings.Join(rule.Services, ", ") + "."
	case nobody(f) && !rule.everybody():
		line.Mark = May
		line.Sentence = "It is for people in " + strings.Join(rule.Groups, " or ") + ", and nobody is signed in yet."
	case !rule.appliesTo(f.Groups):
		line.Sentence = "It is for people in " + strings.Join(rule.Groups, " or ") + ", and this person is in " + inWords(f.Groups) + "."
	case rule.Deny:
		line.Mark, line.Sentence = Stop, "It applies, and denies."
	case nobody(f):
		line.Mark, line.Sentence = Stop, "It applies to everybody and asks for "+rule.Require.String()+"."
	default:
		line.Mark, line.Sentence = asked(rule.Require, f)
	}
	return line
}

func asked(need assurance.Requirement, f *Facts) (Mark, string) {
	short := need.Unmet(f.Assurance, f.AuthTime, f.At)
	if short == 0 {
		return Hit, "It applies and asks for " + need.String() + ": met."
	}
	var missing []string
	short.Each(func(way assurance.Shortfall) { missing = append(missing, way.Sentence()) })
	return Stop, "It applies and asks for " + need.String() + ": not met. " + strings.Join(missing, " ")
}

func inWords(groups Groups) string {
	if len(groups.Names()) == 0 {
		return "no group"
	}
	return strings.Join(groups.Names(), ", ")
}

// Text is the trace for a terminal: a legend, a line per check and rule, and the
// verdict with its reasons. It ends with a line break.
func (t Trace) Text() string {
	var b strings.Builder
	for _, line := range t.Lines {
		what := line.About
		if line.Rule {
			what = "rule " + line.About
		}
		fmt.Fprintf(&b, "  %-4s  %-24s  %s\n", line.Mark, what, line.Sentence)
	}
	version := "no policy"
	if t.Verdict.PolicyVersion != "" {
		version = "policy " + t.Verdict.PolicyVersion
	}
	fmt.Fprintf(&b, "\nVerdict: %s (%s)\n", t.Verdict.Effect.Words(), version)
	if t.Verdict.Effect == StepUp {
		fmt.Fprintf(&b, "  sign in with: %s\n", t.Verdict.Require)
	}
	for _, reason := range t.Verdict.Reasons {
		fmt.Fprintf(&b, "  because  %s", reason.Sentence)
		fmt.Fprintf(&b, "  [%s]\n", strings.TrimSuffix(string(reason.Code)+" rule "+reason.Rule, " rule "))
	}
	return b.String()
}
