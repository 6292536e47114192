package policy_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/registry/assurance"
)

func condition(holds func(*policy.Facts) policy.Truth) *policy.Condition {
	return &policy.Condition{Text: "made up", Holds: holds}
}

func always(answer policy.Truth) *policy.Condition {
	return condition(func(*policy.Facts) policy.Truth { return answer })
}

// known is good with everything filled in that rules can ask of a person.
func known(groups ...string) policy.Facts {
	facts := good(groups...)
	facts.UserName, facts.Department, facts.Privileged = "amira.khan", "Finance", policy.No
	return facts
}

func TestRuleIsForEverybodyItNames(t *testing.T) {
	t.Parallel()
	rule := policy.Rule{ID: "r", Services: []string{"payroll"}, Require: assurance.Requirement{AAL: 2}, People: []string{"amira.khan"}, Groups: []string{"finance"},
		Roles: []string{"auditor"}, Departments: []string{"HR"}, Privileged: true}
	somebody := func(change func(*policy.Facts)) policy.Facts {
		facts := known()
		facts.UserName = "somebody.else"
		change(&facts)
		return facts
	}
	for name, c := range map[string]struct {
		change func(*policy.Facts)
		code   policy.Code
	}{
		"nobody it names":        {func(*policy.Facts) {}, policy.CodeNoRule},
		"by name":                {func(f *policy.Facts) { f.UserName = "amira.khan" }, policy.CodeMet},
		"by group":               {func(f *policy.Facts) { f.Groups = policy.GroupsOf("a", "finance") }, policy.CodeMet},
		"by role":                {func(f *policy.Facts) { f.Roles = policy.GroupsOf("auditor") }, policy.CodeMet},
		"by department":          {func(f *policy.Facts) { f.Department = "HR" }, policy.CodeMet},
		"by any role":            {func(f *policy.Facts) { f.Privileged = policy.Yes }, policy.CodeMet},
		"user name not known":    {func(f *policy.Facts) { f.UserName = "" }, policy.CodeRuleUnsure},
		"department not known":   {func(f *policy.Facts) { f.Department = "" }, policy.CodeRuleUnsure},
		"privilege not known":    {func(f *policy.Facts) { f.Privileged = policy.Unknown }, policy.CodeRuleUnsure},
		"privilege out of range": {func(f *policy.Facts) { f.Privileged = 7 }, policy.CodeRuleUnsure},
	} {
		facts := somebody(c.change)
		if got := compiled(rule).Decide(&facts); !got.Has(c.code) || (got.Effect == policy.Allow) != (c.code == policy.CodeMet) {
			t.Errorf("%s: %v because %s", name, got.Effect, got.ReasonCodes())
		}
		deny := policy.Rule{ID: "d", Services: []string{"*"}, Departments: []string{"HR"}, Deny: true}
		if got := compiled(everybody(), deny).Decide(&facts); got.Has(policy.CodeRuleDenies) != (facts.Department == "" || facts.Department == "HR") {
			t.Errorf("%s: a rule that denies HR: %v because %s", name, got.Effect, got.ReasonCodes())
		}
	}
}

func TestRuleForSomeRequestsCountsForThoseAndForWhatIsUnclear(t *testing.T) {
	t.Parallel()
	c := compiled(everybody(), policy.Rule{ID: "export", Services: []string{"payroll"}, Methods: []string{"GET", "POST"}, Paths: []string{"/export", "/admin/users"},
		Require: assurance.Requirement{AAL: 3, Forbid: assurance.Replayable}})
	for _, one := range []struct {
		method, path string
		counts       bool
	}{
		{"GET", "/export", true}, {"HEAD", "/export", true}, {"POST", "/export/2026/11.csv", true}, {"GET", "/admin/users/7", true},
		{"DELETE", "/export", false}, {"GET", "/exports", false}, {"GET", "/", false}, {"GET", "/admin", false}, {"GET", "/expor", false},
		{"GET", "/files/My%20Export", false}, {"GET", "/Export", true}, {"GET", "/EXPORT/1", true}, {"GET", "/%65xport", true}, {"GET", "/exp%6frt/1", true},
		{"GET", "/export;v=1", true}, {"GET", "/exp;v=1", true}, {"GET", "", true}, {"", "/export", true}, {"", "/other", false},
	} {
		facts := known()
		facts.Assurance.AAL = 2
		facts.Method, facts.Path = one.method, one.path
		if got := c.Decide(&facts); got.Has(policy.CodeLevelTooLow) != one.counts {
			t.Errorf("%s %s: %v because %s", one.method, one.path, got.Effect, got.ReasonCodes())
		}
	}
	// It opens only what it is plainly for.
	only := compiled(policy.Rule{ID: "export", Services: []string{"payroll"}, Paths: []string{"/export"}, Require: assurance.Requirement{AAL: 2}})
	for path, code := range map[string]policy.Code{"/export": policy.CodeMet, "/mail": policy.CodeNoRule, "/%65xport": policy.CodeRuleUnsure, "": policy.CodeRuleUnsure} {
		facts := known()
		facts.Path = path
		if got := only.Decide(&facts); !got.Has(code) {
			t.Errorf("%q: %v because %s", path, got.Effect, got.ReasonCodes())
		}
	}
}

func TestRuleWithAConditionOnlyAdds(t *testing.T) {
	t.Parallel()
	for answer, want := range map[policy.Truth]policy.Effect{policy.Yes: policy.StepUp, policy.Unknown: policy.StepUp, policy.No: policy.Allow, 9: policy.StepUp} {
		rule := policy.Rule{ID: "more", Services: []string{"*"}, When: always(answer), Require: assurance.Requirement{AAL: 3}}
		facts := known()
		facts.Assurance.AAL = 2
		if got := compiled(everybody(), rule).Decide(&facts); got.Effect != want {
			t.Errorf("answer %d: %v because %s", answer, got.Effect, got.ReasonCodes())
		}
		rule.When.Ignored = true
		if got := compiled(everybody(), rule).Decide(&facts); (got.Effect == policy.Allow) != (answer == policy.No || answer == policy.Unknown) {
			t.Errorf("answer %d, unknown is ignored: %v because %s", answer, got.Effect, got.ReasonCodes())
		}
		facts.Assurance = best
		if got := compiled(rule).Decide(&facts); got.Effect != policy.Deny || !got.Has(policy.CodeNoRule) {
			t.Errorf("answer %d: it opens a service: %v because %s", answer, got.Effect, got.ReasonCodes())
		}
	}
}

// Before anybody has signed in, what is not known is not asked yet; and a rule that
// denies everybody now denies now.
func TestConditionBeforeSigningIn(t *testing.T) {
	t.Parallel()
	nobody := policy.Facts{At: monday, Vouched: true, ServiceKnown: policy.Yes, ServiceAdmitted: policy.Yes, Service: "payroll", Session: policy.SessionNone}
	for answer, want := range map[policy.Truth]assurance.Level{policy.Yes: 3, policy.Unknown: 2, policy.No: 2} {
		c := compiled(everybody(), policy.Rule{ID: "more", Services: []string{"*"}, When: always(answer), Require: assurance.Requirement{AAL: 3}})
		if got := c.Decide(&nobody); got.Effect != policy.StepUp || got.Require.AAL != want {
			t.Errorf("answer %d: %v to %v", answer, got.Effect, got.Require)
		}
		c = compiled(policy.Rule{ID: "some", Services: []string{"*"}, Groups: []string{"x"}, Require: assurance.Requirement{AAL: 2}},
			policy.Rule{ID: "more", Services: []string{"*"}, When: always(answer), Require: assurance.Requirement{AAL: 3}},
			policy.Rule{ID: "shut", Services: []string{"*"}, When: always(answer), Deny: true})
		got := c.Decide(&nobody)
		if (got.Effect == policy.Deny) != (answer == policy.Yes) || answer != policy.Yes && got.Require.AAL != 2 {
			t.Errorf("answer %d, only some may enter: %v to %v because %s", answer, got.Effect, got.Require, got.ReasonCodes())
		}
	}
}

func TestDeviceAndNetworkAreAskedForAndUnknownIsNotEnough(t *testing.T) {
	t.Parallel()
	rule := everybody()
	rule.Device, rule.Networks = true, []string{"office", "vpn"}
	for want, change := range map[string]func(*policy.Facts){
		"policy.rule_met:everybody":           func(*policy.Facts) {},
		"policy.device_unsure:everybody":      func(f *policy.Facts) { f.Device = policy.Unknown },
		"policy.device_not_managed:everybody": func(f *policy.Facts) { f.Device = policy.No },
		"policy.network_unsure:everybody":     func(f *policy.Facts) { f.Network.Known = false },
		"policy.network_elsewhere:everybody":  func(f *policy.Facts) { f.Network.Names = []string{"café"} },
	} {
		facts := known()
		facts.Device, facts.Network = policy.Yes, policy.Network{Known: true, Names: []string{"vpn"}}
		facts.Exceptions = []policy.Exception{{ID: leave, Floor: assurance.Requirement{AAL: 1}, From: monday, Until: monday.AddDate(0, 0, 1)}}
		change(&facts)
		if got := compiled(rule).Decide(&facts); got.ReasonCodes() != want || (got.Effect == policy.Allow) != (want == "policy.rule_met:everybody") {
			t.Errorf("%v because %s, want %s", got.Effect, got.ReasonCodes(), want)
		}
	}
}

// C26.4: where somebody is never lowers what is asked of them. From wherever a request
// comes, it is allowed no more than the rules without conditions allow.
func TestNetworkLocationAloneNeverLowersTheRequirement(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(26, 4))
	places := []policy.Network{{}, {Known: true}, {Known: true, Names: []string{"office"}}, {Known: true, Names: []string{"office", "vpn"}}, {Known: true, Names: []string{"vpn"}}}
	for range 5000 {
		var rules, floor []policy.Rule
		for i := range 1 + random.IntN(6) {
			rule := policy.Rule{ID: fmt.Sprint("r", i), Services: []string{"*"}, Deny: random.IntN(7) == 0}
			if random.IntN(2) == 0 {
				rule.Groups = []string{[]string{"finance", "staff"}[random.IntN(2)]}
			}
			if random.IntN(2) == 0 {
				wanted, inside := []string{"office", "vpn"}[random.IntN(2)], random.IntN(2) == 0
				rule.When = condition(func(f *policy.Facts) policy.Truth {
					if !f.Network.Known {
						return policy.Unknown
					}
					return policy.Of(slices.Contains(f.Network.Names, wanted) == inside)
				})
				rule.When.Ignored = random.IntN(2) == 0
			}
			if random.IntN(4) == 0 && !rule.Deny {
				rule.Networks = []string{"office"}
			}
			if !rule.Deny {
				rule.Require = assurance.Requirement{AAL: assurance.Level(1 + random.IntN(3)), Attested: random.IntN(2) == 0, UserVerified: random.IntN(2) == 0}
			}
			rules = append(rules, rule)
			if rule.When == nil {
				rule.Networks = nil
				floor = append(floor, rule)
			}
		}
		facts := known([]string{"finance", "staff", "other"}[random.IntN(3)])
		facts.Assurance = assurance.Assurance{Method: assurance.SecurityKey, AAL: assurance.Level(1 + random.IntN(3)), Attested: random.IntN(2) == 0, UserVerified: random.IntN(2) == 0}
		most := compiled(floor...).Decide(&facts)
		c := compiled(rules...)
		for _, place := range places {
			facts.Network = place
			got := c.Decide(&facts)
			if got.Effect > most.Effect {
				t.Fatalf("from %v: %v, but %v without conditions: %+v", place, got.Effect, most.Effect, rules)
			}
			if got.Effect == policy.StepUp && got.Require.And(most.Require) != got.Require {
				t.Fatalf("from %v: %v is asked, but %v without conditions", place, got.Require, most.Require)
			}
		}
	}
}

// Adding a rule with a condition never allows more, whoever it is for and whatever it says.
func TestConditionNeverAsksForLess(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 2))
	for range 3000 {
		base := []policy.Rule{everybody(), {ID: "finance", Services: []string{"payroll"}, Groups: []string{"finance"}, Require: assurance.Requirement{AAL: assurance.Level(1 + random.IntN(3))}}}
		base = base[random.IntN(2):]
		more := policy.Rule{ID: "more", Services: []string{"*"}, When: always(policy.Truth(random.IntN(3))), Require: assurance.Requirement{AAL: assurance.Level(1 + random.IntN(3))}}
		more.When.Ignored = random.IntN(2) == 0
		facts := known([]string{"finance", "staff"}[random.IntN(2)])
		facts.Assurance.AAL = assurance.Level(1 + random.IntN(3))
		fewer, all := compiled(base...).Decide(&facts), compiled(append([]policy.Rule{more}, base...)...).Decide(&facts)
		if all.Effect > fewer.Effect {
			t.Fatalf("%v turned into %v by %+v", fewer.Effect, all.Effect, more)
		}
	}
}

// More rules with conditions than one key has room for are decided in the same way.
func TestManyConditionsAtOnce(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 31, 32, 33, 100} {
		rules := []policy.Rule{everybody()}
		for i := range n {
			rules = append(rules, policy.Rule{ID: fmt.Sprint("r", i), Services: []string{"payroll"}, When: always(policy.Of(i == n-1)), Require: assurance.Requirement{AAL: 3}})
		}
		c, facts := compiled(rules...), known()
		facts.Assurance.AAL = 2
		for range 2 {
			if got := c.Decide(&facts); got.ReasonCodes() != fmt.Sprint("policy.level_too_low:r", n-1) {
				t.Errorf("%d rules: %v because %s", n, got.Effect, got.ReasonCodes())
			}
		}
	}
}

func TestAllowingUnderAConditionAllocatesNothing(t *testing.T) {
	c, facts := compiled(everybody(), policy.Rule{ID: "more", Services: []string{"*"}, When: always(policy.Yes), Methods: []string{"GET"}, Require: assurance.Requirement{AAL: 3}}), known()
	facts.Method = "GET"
	c.Decide(&facts)
	if allocations := testing.AllocsPerRun(100, func() { c.Decide(&facts) }); allocations != 0 {
		t.Errorf("%v allocations", allocations)
	}
}
