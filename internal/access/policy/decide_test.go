package policy_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/registry/assurance"
)

var monday = time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)

var best = assurance.Assurance{Method: assurance.SecurityKeyAttested, AAL: 3, PhishingResistant: true, HardwareBound: true, Attested: true, UserVerified: true}

// good is the facts of somebody against whom nothing can be said.
func good(groups ...string) policy.Facts {
	return policy.Facts{At: monday, Vouched: true, ServiceKnown: policy.Yes, ServiceAdmitted: policy.Yes, Service: "payroll",
		Session: policy.SessionAlive, PersonKnown: policy.Yes, PersonMaySignIn: policy.Yes, PersonState: "active",
		Groups: policy.GroupsOf(groups...), KeyKnown: policy.Yes, KeyMaySignIn: policy.Yes, KeyState: "enrolled",
		CredentialActive: policy.Yes, Assurance: best, AuthTime: monday.Add(-time.Hour)}
}

func compiled(rules ...policy.Rule) *policy.Compiled {
	return policy.Compile(&policy.Policy{Version: "v", Rules: rules})
}

func everybody() policy.Rule {
	return policy.Rule{ID: "everybody", Title: "All", Services: []string{"*"}, Require: assurance.Requirement{AAL: 2}}
}

func TestNothingKnownIsRefused(t *testing.T) {
	t.Parallel()
	if got := compiled(everybody()).Decide(&policy.Facts{}); got.Effect != policy.Deny || len(got.Reasons) == 0 {
		t.Errorf("no facts at all: %v %s", got.Effect, got.ReasonCodes())
	}
	facts := good()
	var none *policy.Compiled
	if got := none.Decide(&facts); got.Effect != policy.Deny || !got.Has(policy.CodeNoPolicy) {
		t.Errorf("no policy at all: %v %s", got.Effect, got.ReasonCodes())
	}
	if (policy.Verdict{}).Effect != policy.Deny {
		t.Error("the zero verdict does not deny")
	}
}

func TestEveryFactThatIsMissingOrWrongHasItsOwnReason(t *testing.T) {
	t.Parallel()
	allow := good()
	if got := compiled(everybody()).Decide(&allow); got.Effect != policy.Allow {
		t.Fatalf("with all facts good: %v %s", got.Effect, got.ReasonCodes())
	}
	cases := []struct {
		spoil  func(*policy.Facts)
		effect policy.Effect
		code   policy.Code
	}{
		{func(f *policy.Facts) { f.Vouched = false }, policy.Deny, policy.CodeNotVouched},
		{func(f *policy.Facts) { f.ServiceKnown = policy.Unknown }, policy.Deny, policy.CodeServiceUnsure},
		{func(f *policy.Facts) { f.ServiceKnown = policy.No }, policy.Deny, policy.CodeServiceUnknown},
		{func(f *policy.Facts) { f.ServiceAdmitted = policy.Unknown }, policy.Deny, policy.CodeAdmissionUnsure},
		{func(f *policy.Facts) { f.ServiceAdmitted = policy.No }, policy.Deny, policy.CodeServiceNotAdmitted},
		{func(f *policy.Facts) { f.Session = policy.SessionUnknown }, policy.Deny, policy.CodeSessionUnsure},
		{func(f *policy.Facts) { f.Session = 200 }, policy.Deny, policy.CodeSessionUnsure},
		{func(f *policy.Facts) { f.Session = policy.SessionNone }, policy.StepUp, policy.CodeNoSession},
		{func(f *policy.Facts) { f.Session = policy.SessionEnded }, policy.StepUp, policy.CodeSessionEnded},
		{func(f *policy.Facts) { f.Session = policy.SessionIdle }, policy.StepUp, policy.CodeSessionIdle},
		{func(f *policy.Facts) { f.Session = policy.SessionExpired }, policy.StepUp, policy.CodeSessionExpired},
		{func(f *policy.Facts) { f.Session = policy.SessionFromFuture }, policy.StepUp, policy.CodeSessionFromFuture},
		{func(f *policy.Facts) { f.PersonKnown = policy.Unknown }, policy.Deny, policy.CodePersonUnsure},
		{func(f *policy.Facts) { f.PersonKnown = policy.No }, policy.Deny, policy.CodePersonUnknown},
		{func(f *policy.Facts) { f.PersonMaySignIn = policy.Unknown }, policy.Deny, policy.CodePersonUnsure},
		{func(f *policy.Facts) { f.PersonMaySignIn, f.PersonState = policy.No, "left" }, policy.Deny, policy.CodePersonLeft},
		{func(f *policy.Facts) { f.PersonMaySignIn, f.PersonState = policy.No, "suspended" }, policy.Deny, policy.CodePersonSuspended},
		{func(f *policy.Facts) { f.PersonMaySignIn, f.PersonState = policy.No, "active" }, policy.Deny, policy.CodePersonNotEmployed},
		{func(f *policy.Facts) { f.KeyKnown = policy.Unknown }, policy.Deny, policy.CodeKeyUnsure},
		{func(f *policy.Facts) { f.KeyKnown = policy.No }, policy.StepUp, policy.CodeKeyUnknown},
		{func(f *policy.Facts) { f.KeyMaySignIn = policy.Unknown }, policy.Deny, policy.CodeKeyUnsure},
		{func(f *policy.Facts) { f.KeyMaySignIn, f.KeyState = policy.No, "lost" }, policy.StepUp, policy.CodeKeyLost},
		{func(f *policy.Facts) { f.KeyMaySignIn, f.KeyState = policy.No, "stolen" }, policy.StepUp, policy.CodeKeyStolen},
		{func(f *policy.Facts) { f.KeyMaySignIn, f.KeyState = policy.No, "returned" }, policy.StepUp, policy.CodeKeyNotUsable},
		{func(f *policy.Facts) { f.CredentialActive = policy.Unknown }, policy.Deny, policy.CodeCredentialUnsure},
		{func(f *policy.Facts) { f.CredentialActive = policy.No }, policy.StepUp, policy.CodeCredentialNotActive},
		{func(f *policy.Facts) { f.NoKey, f.KeyKnown, f.CredentialActive = true, policy.No, policy.No }, policy.StepUp, policy.CodeSecretNotActive},
		{func(f *policy.Facts) { f.Assurance.Method = assurance.TOTP }, policy.StepUp, policy.CodeMethodNotAccepted},
		{func(f *policy.Facts) { f.Assurance.AAL = 1 }, policy.StepUp, policy.CodeLevelTooLow},
	}
	for _, c := range cases {
		facts := good()
		c.spoil(&facts)
		got := compiled(everybody()).Decide(&facts)
		if got.Effect != c.effect || got.ReasonCodes() != withRule(c.code) {
			t.Errorf("%s: got %v because %s", c.code, got.Effect, got.ReasonCodes())
		}
		if got.Effect == policy.StepUp && !got.Require.Defined() {
			t.Errorf("%s: asked to sign in, but not with what", c.code)
		}
	}
}

func withRule(code policy.Code) string {
	if code == policy.CodeLevelTooLow {
		return string(code) + ":everybody"
	}
	return string(code)
}

// Every combination of what the view may say about somebody: only the one in
// which all is well is allowed.
func TestOnlyOneCombinationOfFactsIsAllowed(t *testing.T) {
	t.Parallel()
	c, allowed := compiled(everybody()), 0
	truths := []policy.Truth{policy.Unknown, policy.No, policy.Yes, 9}
	for i := range 4 * 4 * 4 * 4 * 4 * 4 * 4 * 8 {
		facts, n := good(), i
		next := func(base int) int { digit := n % base; n /= base; return digit }
		for _, fact := range []*policy.Truth{&facts.ServiceKnown, &facts.ServiceAdmitted, &facts.PersonKnown, &facts.PersonMaySignIn,
			&facts.KeyKnown, &facts.KeyMaySignIn, &facts.CredentialActive} {
			*fact = truths[next(4)]
		}
		facts.Session = policy.SessionState(next(8))
		if got := c.Decide(&facts); got.Effect == policy.Allow {
			allowed++
			if diff := cmp.Diff(good(), facts, cmp.AllowUnexported(policy.Groups{})); diff != "" {
				t.Fatal("allowed:", diff)
			}
		} else if len(got.Reasons) == 0 {
			t.Fatalf("refused without a reason: %+v", facts)
		}
	}
	if allowed != 1 {
		t.Errorf("%d combinations are allowed, want 1", allowed)
	}
}

func TestRulesAddUpAndAreNamed(t *testing.T) {
	t.Parallel()
	c := compiled(
		policy.Rule{ID: "all", Services: []string{"*"}, Require: assurance.Requirement{AAL: 2, PhishingResistant: true}},
		policy.Rule{ID: "payroll", Services: []string{"payroll"}, Require: assurance.Requirement{AAL: 3, MaxAge: 8 * time.Hour}},
		policy.Rule{ID: "finance", Services: []string{"payroll"}, Groups: []string{"finance"}, Require: assurance.Requirement{AAL: 2, Attested: true, MaxAge: time.Hour}},
		policy.Rule{ID: "guests", Services: []string{"*"}, Groups: []string{"guests"}, Deny: true},
		policy.Rule{ID: "mail", Services: []string{"mail"}, Require: assurance.Requirement{AAL: 1}},
	)
	facts := good("finance")
	if got := c.Decide(&facts); got.Effect != policy.Allow || got.ReasonCodes() != "policy.rule_met:all policy.rule_met:payroll policy.rule_met:finance" {
		t.Errorf("good: %v %s", got.Effect, got.ReasonCodes())
	}
	facts.Assurance = assurance.Assurance{Method: assurance.SecurityKey, AAL: 1}
	facts.AuthTime = monday.Add(-2 * time.Hour)
	got := c.Decide(&facts)
	want := strings.Join([]string{"policy.level_too_low:all", "policy.level_too_low:payroll", "policy.level_too_low:finance",
		"policy.not_phishing_resistant:all", "policy.not_attested:finance", "policy.signed_in_too_long_ago:finance"}, " ")
	if got.Effect != policy.StepUp || got.ReasonCodes() != want {
		t.Errorf("weak: %v\n got %s\nwant %s", got.Effect, got.ReasonCodes(), want)
	}
	require := assurance.Requirement{AAL: 3, PhishingResistant: true, Attested: true, MaxAge: time.Hour}
	if diff := cmp.Diff(require, got.Require); diff != "" {
		t.Error("step up to:", diff)
	}
	facts = good("finance", "guests")
	if got := c.Decide(&facts); got.Effect != policy.Deny || got.ReasonCodes() != "policy.rule_denies:guests" {
		t.Errorf("guest: %v %s", got.Effect, got.ReasonCodes())
	}
}

func TestNoRuleMeansNobody(t *testing.T) {
	t.Parallel()
	c := compiled(policy.Rule{ID: "mail", Services: []string{"mail"}, Require: assurance.Requirement{AAL: 1}},
		policy.Rule{ID: "finance", Services: []string{"payroll"}, Groups: []string{"finance"}, Require: assurance.Requirement{AAL: 2}},
		policy.Rule{ID: "hr", Services: []string{"payroll"}, Groups: []string{"hr"}, Require: assurance.Requirement{AAL: 3, Attested: true}})
	facts := good("estates")
	if got := c.Decide(&facts); got.Effect != policy.Deny || !got.Has(policy.CodeNoRule) {
		t.Errorf("somebody in no group of any rule: %v %s", got.Effect, got.ReasonCodes())
	}
	facts.Service = "wiki"
	if got := c.Decide(&facts); got.Effect != policy.Deny || !got.Has(policy.CodeNoRule) {
		t.Errorf("a service that no rule names: %v %s", got.Effect, got.ReasonCodes())
	}
	// Nobody signed in: signing in could help at payroll, but not at the wiki.
	facts = policy.Facts{At: monday, Vouched: true, ServiceKnown: policy.Yes, ServiceAdmitted: policy.Yes, Service: "payroll", Session: policy.SessionNone}
	got := c.Decide(&facts)
	if got.Effect != policy.StepUp || got.Require != (assurance.Requirement{AAL: 2}) {
		t.Errorf("before signing in: %v to %v", got.Effect, got.Require)
	}
	facts.Service = "wiki"
	if got := c.Decide(&facts); got.Effect != policy.Deny || !got.Has(policy.CodeNoRule) {
		t.Errorf("signing in cannot help, and was asked for: %v %s", got.Effect, got.ReasonCodes())
	}
}

// A rule names properties, never methods: what comes up next year is judged by
// what it is.
func TestMethodIsJudgedByItsProperties(t *testing.T) {
	t.Parallel()
	c := compiled(everybody(),
		policy.Rule{ID: "no-copies", Services: []string{"payroll"}, Require: assurance.Requirement{AAL: 2, Forbid: assurance.Exportable}},
		policy.Rule{ID: "no-phone", Services: []string{"*"}, Require: assurance.Requirement{AAL: 1, Forbid: assurance.SIMSwappable | assurance.Restricted}})
	for method, want := range map[assurance.Method]string{
		assurance.SecurityKeyAttested: "policy.rule_met:everybody policy.rule_met:no-copies policy.rule_met:no-phone",
		assurance.PasskeySynced:       "policy.method_exportable:no-copies",
		assurance.SecurityKey:         "policy.method_exportable:no-copies", // what it is made of is only claimed
		assurance.SMS:                 "policy.method_not_accepted policy.method_sim_swappable:no-phone policy.method_exportable:no-copies policy.method_restricted:no-phone",
		assurance.UnknownMethod:       "policy.method_not_accepted policy.method_sim_swappable:no-phone policy.method_exportable:no-copies policy.method_restricted:no-phone",
	} {
		facts := good()
		facts.Assurance.Method = method
		got := c.Decide(&facts)
		if got.ReasonCodes() != want || (got.Effect == policy.Allow) != (method == assurance.SecurityKeyAttested) {
			t.Errorf("%s: %v because %s", method, got.Effect, got.ReasonCodes())
		}
		if got.Require.Forbid != assurance.Exportable|assurance.SIMSwappable|assurance.Restricted {
			t.Errorf("together the rules forbid %s", got.Require.Forbid)
		}
	}
}

func TestUndefinedRequirementLetsNobodyIn(t *testing.T) {
	t.Parallel()
	c := compiled(everybody(), policy.Rule{ID: "forgotten", Services: []string{"payroll"}})
	facts := good()
	if got := c.Decide(&facts); got.Effect != policy.Deny || !got.Has(policy.CodeUndefined) {
		t.Errorf("%v %s", got.Effect, got.ReasonCodes())
	}
}

// Adding a rule to a policy may refuse more. It lets somebody in only where no
// rule applied before.
func TestNoRuleAsksForLess(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 23))
	pick := func(from ...string) []string { return []string{from[random.IntN(len(from))]} }
	for range 3000 {
		var rules []policy.Rule
		for i := range 1 + random.IntN(5) {
			rule := policy.Rule{ID: fmt.Sprint("r", i), Services: pick("*", "payroll", "mail"), Deny: random.IntN(8) == 0}
			if random.IntN(2) == 0 {
				rule.Groups = pick("finance", "guests")
			}
			if !rule.Deny {
				rule.Require = assurance.Requirement{AAL: assurance.Level(1 + random.IntN(3)), Attested: random.IntN(2) == 0,
					Forbid: assurance.Weakness(1<<random.IntN(6)) & assurance.EveryWeakness}
			}
			rules = append(rules, rule)
		}
		facts := good(pick("finance", "guests", "other")...)
		facts.Assurance = assurance.Assurance{Method: assurance.Method(random.IntN(32)), AAL: assurance.Level(1 + random.IntN(3)), Attested: random.IntN(2) == 0}
		// Any of them, first or last: none may take the place of another.
		at := random.IntN(len(rules))
		without := slices.Delete(slices.Clone(rules), at, at+1)
		fewer, more := compiled(without...).Decide(&facts), compiled(rules...).Decide(&facts)
		if more.Effect > fewer.Effect && !fewer.Has(policy.CodeNoRule) {
			t.Fatalf("a rule more turned %v into %v: %+v", fewer.Effect, more.Effect, rules)
		}
		if more.Effect == policy.Allow {
			for _, rule := range rules {
				applies := slices.Contains([]string{"*", "payroll"}, rule.Services[0]) && (len(rule.Groups) == 0 || facts.Groups.Contains(rule.Groups[0]))
				if applies && rule.Require.Forbid&facts.Assurance.Method.Weaknesses() != 0 {
					t.Fatalf("%s was let in past a rule that forbids %s", facts.Assurance.Method, rule.Require.Forbid)
				}
			}
		}
	}
}

func TestAllowingAllocatesNothing(t *testing.T) {
	forbids := everybody()
	forbids.Require.Forbid = assurance.EveryWeakness
	c, facts := compiled(forbids), good("a", "b")
	c.Decide(&facts)
	if allocations := testing.AllocsPerRun(100, func() { c.Decide(&facts) }); allocations != 0 {
		t.Errorf("%v allocations", allocations)
	}
}

func TestRememberedOutcomesAreBounded(t *testing.T) {
	t.Parallel()
	c := compiled(everybody())
	for i := range 20_000 {
		facts := good(fmt.Sprint("group-", i))
		if got := c.Decide(&facts); got.Effect != policy.Allow {
			t.Fatal(got.ReasonCodes())
		}
	}
	if kept := c.Remembered(); kept > 8192 {
		t.Errorf("%d outcomes are kept", kept)
	}
}

func TestEveryReasonIsAPlainSentence(t *testing.T) {
	t.Parallel()
	for _, code := range policy.Codes() {
		sentence := code.Sentence()
		if !strings.HasSuffix(sentence, ".") || len(sentence) < 15 || len(sentence) > 140 || strings.ContainsAny(sentence, "_%{}") {
			t.Errorf("%s: %q", code, sentence)
		}
		if !strings.HasPrefix(string(code), "policy.") {
			t.Errorf("%s has no room in its name", code)
		}
	}
	if policy.Code("policy.not_yet_written").Sentence() == "" {
		t.Error("a code of a later version says nothing")
	}
}

func TestReasonsComeBackFromTheirCodes(t *testing.T) {
	t.Parallel()
	verdict := policy.Verdict{Reasons: []policy.Reason{
		{Code: policy.CodeLevelTooLow, Rule: "payroll", Sentence: policy.CodeLevelTooLow.Sentence()},
		{Code: policy.CodeSessionIdle, Sentence: policy.CodeSessionIdle.Sentence()}}}
	if diff := cmp.Diff(verdict.Reasons, policy.ParseReasons(verdict.ReasonCodes())); diff != "" {
		t.Error(diff)
	}
}
