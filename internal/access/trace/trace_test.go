package trace_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/trace"
	"github.com/warder-project/warder/internal/registry/assurance"
)

var monday = time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)

var best = assurance.Assurance{Method: assurance.SecurityKeyAttested, AAL: 3, PhishingResistant: true, HardwareBound: true, Attested: true, UserVerified: true}

func good(groups ...string) policy.Facts {
	return policy.Facts{At: monday, Vouched: true, ServiceKnown: policy.Yes, ServiceAdmitted: policy.Yes, Service: "payroll",
		Session: policy.SessionAlive, PersonKnown: policy.Yes, PersonMaySignIn: policy.Yes, PersonState: "active", UserName: "amira.khan",
		Department: "Finance", Privileged: policy.No, Groups: policy.GroupsOf(groups...), KeyKnown: policy.Yes, KeyMaySignIn: policy.Yes,
		KeyState: "enrolled", CredentialActive: policy.Yes, Assurance: best, AuthTime: monday.Add(-time.Hour)}
}

func compiled(rules ...policy.Rule) *policy.Compiled {
	return policy.Compile(&policy.Policy{Version: "v", Rules: rules})
}

func TestTraceTellsHitAndMissRuleByRule(t *testing.T) {
	t.Parallel()
	c := compiled(
		policy.Rule{ID: "all", Services: []string{"*"}, Require: assurance.Requirement{AAL: 2}},
		policy.Rule{ID: "finance", Services: []string{"payroll"}, Groups: []string{"finance"}, Require: assurance.Requirement{AAL: 3, MaxAge: time.Minute}},
		policy.Rule{ID: "hr", Services: []string{"payroll"}, Groups: []string{"hr"}, Deny: true},
		policy.Rule{ID: "mail", Services: []string{"mail"}, Deny: true})
	facts := good("finance")
	want := `  pass  service                   The service “payroll” is open for use.
  pass  person                    The person may sign in.
  pass  key                       The key may be used.
  pass  credential                The key’s registration is active.
  pass  session                   The session is alive, with AAL3, phishing-resistant, hardware-bound, attested, user-verified.
  pass  method                    Signing in with “attested security key” is accepted.
  hit   rule all                  It applies and asks for AAL2: met.
  stop  rule finance              It applies and asks for AAL3, within 1 minute: not met. You signed in too long ago for this.
  miss  rule hr                   It is for people in hr, and this person is in finance.
  miss  rule mail                 It is for other services: mail.

Verdict: asked to sign in (policy v)
  sign in with: AAL3, within 1 minute
  asked    AAL3, by rule finance
  asked    within 1 minute, by rule finance
  because  You signed in too long ago for this.  [policy.signed_in_too_long_ago rule finance]
`
	if diff := cmp.Diff(want, trace.Of(c, &facts).Text()); diff != "" {
		t.Error(diff)
	}
}

// The strictest wins in each respect, and each part names the rules it comes from.
func TestEffectiveRequirementNamesTheRuleBehindEachPart(t *testing.T) {
	t.Parallel()
	c := compiled(
		policy.Rule{ID: "all", Services: []string{"*"}, Require: assurance.Requirement{AAL: 2, PhishingResistant: true, MaxAge: 8 * time.Hour}},
		policy.Rule{ID: "admins", Services: []string{"*"}, Privileged: true, Require: assurance.Requirement{AAL: 3, PhishingResistant: true, Attested: true}},
		policy.Rule{ID: "payroll", Services: []string{"payroll"}, Groups: []string{"finance"}, Networks: []string{"office", "vpn"}, Require: assurance.Requirement{AAL: 2, MaxAge: time.Hour, Forbid: assurance.Exportable}},
		policy.Rule{ID: "night", Services: []string{"*"}, When: condition(policy.Unknown), Require: assurance.Requirement{AAL: 3, MaxAge: time.Minute}},
		policy.Rule{ID: "mail", Services: []string{"mail"}, Deny: true},
		policy.Rule{ID: "hr", Services: []string{"payroll"}, Groups: []string{"hr"}, Deny: true})
	facts := good("finance")
	facts.Privileged = policy.Yes
	got := trace.EffectiveOf(c, &facts)
	want := trace.Effective{
		Require: assurance.Requirement{AAL: 3, PhishingResistant: true, Attested: true, MaxAge: time.Hour, Forbid: assurance.Exportable},
		Opens:   []string{"all", "admins", "payroll"}, May: []string{"night"},
		Parts: []trace.Part{
			{Name: "aal", Value: "3", Words: "AAL3", Rules: []string{"admins"}},
			{Name: "phishing_resistant", Value: "true", Words: "phishing-resistant", Rules: []string{"all", "admins"}},
			{Name: "attested", Value: "true", Words: "attested", Rules: []string{"admins"}},
			{Name: "forbid", Value: "exportable", Words: "nothing exportable", Rules: []string{"payroll"}},
			{Name: "max_age", Value: "1h0m0s", Words: "within 1 hour", Rules: []string{"payroll"}},
			{Name: "network", Value: "office vpn", Words: "from office or vpn", Rules: []string{"payroll"}},
		}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	facts.Groups = policy.GroupsOf("finance", "hr")
	if got := trace.EffectiveOf(c, &facts); !cmp.Equal(got.Denies, []string{"hr"}) {
		t.Errorf("denied by %v", got.Denies)
	}
	facts.Service = "mail"
	if got := trace.EffectiveOf(nil, &facts); got.Require.Defined() || got.Parts != nil {
		t.Errorf("without a policy: %+v", got)
	}
}

func condition(answer policy.Truth) *policy.Condition {
	return &policy.Condition{Text: "it is " + [...]string{"not known", "false", "true"}[answer], Holds: func(*policy.Facts) policy.Truth { return answer }}
}

// Whatever decides is what is told, for any policy and anybody.
func TestTraceAndVerdictAreOfOnePiece(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(24, 26))
	maybe := func(names ...string) []string {
		if random.IntN(3) > 0 {
			return nil
		}
		return []string{names[random.IntN(len(names))]}
	}
	for range 5000 {
		var rules []policy.Rule
		for i := range random.IntN(7) {
			rule := policy.Rule{ID: fmt.Sprint("r", i), Services: []string{[]string{"*", "payroll", "mail"}[random.IntN(3)]}, Groups: maybe("finance", "hr"),
				People: maybe("amira.khan", "ben.li"), Roles: maybe("auditor"), Departments: maybe("Finance", "HR"), Privileged: random.IntN(9) == 0,
				Methods: maybe("GET", "POST"), Paths: maybe("/export", "/app"), Deny: random.IntN(6) == 0}
			if random.IntN(3) == 0 {
				rule.When = condition(policy.Truth(random.IntN(3)))
				rule.When.Ignored = random.IntN(2) == 0
			}
			if !rule.Deny {
				rule.Require = assurance.Requirement{AAL: assurance.Level(1 + random.IntN(3)), Attested: random.IntN(2) == 0}
			}
			rules = append(rules, rule)
		}
		facts := good(append(maybe("finance"), maybe("hr", "other")...)...)
		facts.Department = []string{"Finance", "Estates", ""}[random.IntN(3)]
		facts.UserName = []string{"amira.khan", "carol.m", ""}[random.IntN(3)]
		facts.Privileged = policy.Truth(random.IntN(3))
		facts.Method, facts.Path = []string{"GET", "POST", ""}[random.IntN(3)], []string{"/export/1", "/app", "/exp%6frt", ""}[random.IntN(4)]
		c := compiled(rules...)
		for range 2 {
			told := trace.Of(c, &facts)
			sure := len(told.Effective.May) == 0
			require := told.Effective.Require
			switch verdict := told.Verdict; {
			case !cmp.Equal(verdict, c.Decide(&facts)):
				t.Fatalf("%+v\n%s", rules, told.Text())
			case sure && verdict.Require != require && verdict.Effect != policy.Deny:
				t.Fatalf("%+v\n%v is asked, %v is told\n%s", rules, verdict.Require, require, told.Text())
			case verdict.Effect == policy.Allow && (len(told.Effective.Opens) == 0 || len(told.Effective.Denies) > 0):
				t.Fatalf("%+v\nlet in by no rule\n%s", rules, told.Text())
			case verdict.Effect == policy.Allow && strings.Contains(told.Text(), "\n  stop"):
				t.Fatalf("%+v\nlet in past a rule\n%s", rules, told.Text())
			}
		}
	}
}

func TestTraceSaysWhyARuleCountsThatIsNotKnownToApply(t *testing.T) {
	t.Parallel()
	c := compiled(
		policy.Rule{ID: "all", Services: []string{"*"}, Require: assurance.Requirement{AAL: 2}},
		policy.Rule{ID: "hr", Services: []string{"*"}, Departments: []string{"HR"}, Require: assurance.Requirement{AAL: 3}},
		policy.Rule{ID: "export", Services: []string{"*"}, Paths: []string{"/export"}, Methods: []string{"POST"}, Require: assurance.Requirement{AAL: 3}},
		policy.Rule{ID: "abroad", Services: []string{"*"}, When: condition(policy.Unknown), Require: assurance.Requirement{AAL: 3}},
		policy.Rule{ID: "home", Services: []string{"*"}, When: condition(policy.No), Require: assurance.Requirement{AAL: 3}},
		policy.Rule{ID: "office", Services: []string{"*"}, When: condition(policy.Yes), Networks: []string{"office"}, Require: assurance.Requirement{AAL: 1}})
	facts := good()
	facts.Department, facts.Path, facts.Method = "", "/mail", "GET"
	facts.Network = policy.Network{Known: true}
	text := trace.Of(c, &facts).Text()
	for _, line := range []string{
		"hit   rule hr                   It applies and asks for AAL3: met. It counts because it is not known whether this person is one of the department HR.",
		"miss  rule export               It is for other requests: method POST, path /export.",
		"hit   rule abroad               It applies and asks for AAL3: met. It counts because it is not known whether its condition is fulfilled.",
		"miss  rule home                 Its condition is not fulfilled: it is false",
		"stop  rule office               It applies and asks for AAL1, from office: not met. This can only be used from certain networks, and you are on another.",
		"because  This can only be used from certain networks, and you are on another.  [policy.network_elsewhere rule office]",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("%q is not in\n%s", line, text)
		}
	}
}
