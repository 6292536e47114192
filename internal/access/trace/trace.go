package trace

import (
	"fmt"
	"strings"

	"github.com/warder-project/warder/internal/access/policy"
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

// Trace is a verdict with every check and every rule that led to it, in order, and
// the rules behind each part of what is asked for.
type Trace struct {
	Verdict   policy.Verdict
	Lines     []Line
	Effective Effective
}

// Of decides as Decide does and tells how each check and each rule came out. It goes
// through all rules and is not meant for every request.
func Of(c *policy.Compiled, f *policy.Facts) Trace {
	trace := Trace{Verdict: c.Decide(f)}
	if !f.Vouched {
		return trace.with(Line{Mark: Fail, About: "facts", Sentence: policy.CodeNotVouched.Sentence()})
	}
	if c == nil {
		return trace.with(Line{Mark: Fail, About: "policy", Sentence: policy.CodeNoPolicy.Sentence()})
	}
	if code := policy.ServiceFault(f); code != "" {
		return trace.with(Line{Mark: Fail, About: "service", Sentence: code.Sentence()})
	}
	trace = trace.with(Line{Mark: Pass, About: "service", Sentence: "The service “" + f.Service + "” is open for use."})
	trace = trace.with(checkLines(c, f)...)
	rules := c.Rules()
	for i := range rules {
		trace = trace.with(ruleLine(&rules[i], f))
	}
	trace.Effective = EffectiveOf(c, f)
	return trace
}

// nobody reports whether the request carries no session that belongs to anybody.
func nobody(f *policy.Facts) bool { return f.Session == policy.SessionNone }

func (t Trace) with(lines ...Line) Trace {
	t.Lines = append(t.Lines, lines...)
	return t
}

func checkLines(c *policy.Compiled, f *policy.Facts) []Line {
	if nobody(f) {
		return []Line{{Mark: Fail, About: "session", Sentence: policy.CodeNoSession.Sentence()}}
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
	if f.Session != policy.SessionAlive {
		lines = passed[:4] // whether its method is accepted was not asked
	}
	objections := c.Objections(f)
	for i, code := range objections[:len(lines)] {
		lines[i].Mark = Pass
		if code != "" {
			lines[i].Mark, lines[i].Sentence = Fail, code.Sentence()
		}
	}
	return lines
}

func ruleLine(rule *policy.Rule, f *policy.Facts) Line {
	line := Line{Mark: Miss, About: rule.ID, Rule: true}
	if line.Sentence = missed(rule, f); line.Sentence != "" {
		return line
	}
	unsure := doubts(rule, f)
	switch {
	case nobody(f) && !rule.Everybody():
		line.Mark = May
		line.Sentence = "It is for " + For(rule) + ", and nobody is signed in yet."
	case nobody(f) && len(unsure) > 0:
		line.Mark = May
		line.Sentence = "It may apply: " + strings.Join(unsure, ", and ") + "."
	case rule.Deny:
		line.Mark, line.Sentence = Stop, "It applies, and denies."
	case nobody(f):
		line.Mark, line.Sentence = Stop, "It applies to everybody and asks for "+asksFor(rule)+"."
	default:
		line.Mark, line.Sentence = judged(rule, f)
	}
	if len(unsure) > 0 && line.Mark != May {
		line.Sentence += " It counts because " + strings.Join(unsure, ", and ") + "."
	}
	return line
}

// missed says why a rule does not apply, or "".
func missed(rule *policy.Rule, f *policy.Facts) string {
	switch {
	case !rule.Covers(f.Service):
		return "It is for other services: " + strings.Join(rule.Services, ", ") + "."
	case !nobody(f) && rule.AppliesTo(f) == policy.No:
		return "It is for " + For(rule) + ", and this person is in " + inWords(f.Groups) + "."
	case rule.IsAbout(f) == policy.No:
		return "It is for other requests: " + requests(rule) + "."
	}
	if rule.When == nil {
		return ""
	}
	switch answer := rule.When.Holds(f); {
	case answer == policy.No:
		return "Its condition is not fulfilled: " + rule.When.Text
	case answer != policy.Yes && rule.When.Ignored:
		return "It is not known whether its condition is fulfilled, and then it does not count: " + rule.When.Text
	}
	return ""
}

// doubts says what is not known of that on which it depends whether a rule applies.
func doubts(rule *policy.Rule, f *policy.Facts) []string {
	var all []string
	if !nobody(f) && rule.AppliesTo(f) != policy.Yes {
		all = append(all, "it is not known whether this person is one of "+For(rule))
	}
	if rule.IsAbout(f) != policy.Yes {
		all = append(all, "it is not known whether the request is one of those that it is for")
	}
	if rule.When != nil && rule.When.Holds(f) == policy.Unknown {
		all = append(all, "it is not known whether its condition is fulfilled")
	}
	return all
}

func judged(rule *policy.Rule, f *policy.Facts) (Mark, string) {
	var missing []string
	rule.Require.Unmet(f.Assurance, f.AuthTime, f.At).Each(func(way assurance.Shortfall) { missing = append(missing, way.Sentence()) })
	for _, code := range rule.Misplaced(f) {
		if code != "" {
			missing = append(missing, code.Sentence())
		}
	}
	asks := "It applies and asks for " + asksFor(rule)
	if len(missing) == 0 {
		return Hit, asks + ": met."
	}
	return Stop, asks + ": not met. " + strings.Join(missing, " ")
}

// asksFor is what the rule requires, for people.
func asksFor(r *policy.Rule) string {
	text := r.Require.String()
	if r.Device {
		text += ", on a managed device"
	}
	if len(r.Networks) > 0 {
		text += ", from " + strings.Join(r.Networks, " or ")
	}
	return text
}

// requests is which requests the rule is for, in words.
func requests(r *policy.Rule) string {
	var all []string
	for _, part := range []struct {
		word  string
		names []string
	}{{"method", r.Methods}, {"path", r.Paths}, {"route", r.Routes}} {
		if len(part.names) > 0 {
			all = append(all, part.word+" "+strings.Join(part.names, " or "))
		}
	}
	return strings.Join(all, ", ")
}

// For is whom the rule is for, in words.
func For(r *policy.Rule) string {
	if r.Everybody() {
		return "everybody"
	}
	var all []string
	if len(r.Groups) > 0 {
		all = append(all, "people in "+strings.Join(r.Groups, " or "))
	}
	if len(r.People) > 0 {
		all = append(all, strings.Join(r.People, " or "))
	}
	if len(r.Roles) > 0 {
		all = append(all, "whoever holds the role "+strings.Join(r.Roles, " or "))
	}
	if len(r.Departments) > 0 {
		all = append(all, "the department "+strings.Join(r.Departments, " or "))
	}
	if r.Privileged {
		all = append(all, "whoever administers")
	}
	return strings.Join(all, " or ")
}

func inWords(groups policy.Groups) string {
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
	if t.Verdict.Effect == policy.StepUp {
		fmt.Fprintf(&b, "  sign in with: %s\n", t.Verdict.Require)
	}
	for _, part := range t.Effective.Parts {
		fmt.Fprintf(&b, "  asked    %s, by rule %s\n", part.Words, strings.Join(part.Rules, ", "))
	}
	for _, reason := range t.Verdict.Reasons {
		fmt.Fprintf(&b, "  because  %s", reason.Sentence)
		fmt.Fprintf(&b, "  [%s]\n", strings.TrimSuffix(string(reason.Code)+" rule "+reason.Rule, " rule "))
	}
	return b.String()
}
