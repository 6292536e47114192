package versions_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/access/rulebook"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/testkit"
)

// written is a policy of these rules, with whatever stands before a line of dots.
func written(t testing.TB, rules string) *policy.Policy {
	t.Helper()
	head, rules, apart := strings.Cut(rules, "...\n")
	if !apart {
		head, rules = "", head
	}
	text := "version: x\n" + head + "rules: []\n"
	if rules != "" {
		text = "version: x\n" + head + "rules:\n" + rules
	}
	parsed, err := rulebook.Parse("policy.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestStricterNamesEveryRuleThatAsksForMore(t *testing.T) {
	t.Parallel()
	const (
		two    = "- {id: a, title: A, services: ['*'], require: {aal: 2}}\n"
		three  = "- {id: a, title: A, services: ['*'], require: {aal: 3}}\n"
		law    = "- {id: law, title: L, services: [wiki], groups: [law], require: {aal: 1}}\n"
		wiki   = "- {id: wiki, title: W, services: [wiki], require: {aal: 1}}\n"
		noWiki = "- {id: no, title: N, services: [wiki], groups: [law], deny: true}\n"
	)
	for name, test := range map[string]struct {
		before, next string
		want         []string
	}{
		"the same":                      {two, two, nil},
		"a higher level":                {two, three, []string{"a"}},
		"a lower level":                 {three, two, nil},
		"a rule beside a stronger one":  {two, two + wiki, nil},
		"one that is taken from others": {two + wiki, wiki, []string{"a"}},
		"a rule for a service so far shut": {wiki,
			wiki + "- {id: b, title: B, services: [payroll], require: {aal: 3}}\n", nil},
		"a rule for fewer people":     {wiki, law, []string{"wiki"}},
		"a rule for more people":      {law, wiki, []string{"wiki"}},
		"somebody shut out":           {wiki, wiki + noWiki, []string{"no"}},
		"somebody let in":             {wiki + noWiki, wiki, nil},
		"an age":                      {two, "- {id: a, title: A, services: ['*'], require: {aal: 2, max_age: 1h}}\n", []string{"a"}},
		"a weakness forbidden":        {two, "- {id: a, title: A, services: ['*'], require: {aal: 2}, forbid: [phishable]}\n", []string{"a"}},
		"the same under another name": {two, strings.Replace(two, "id: a", "id: z", 1), nil},
		"nothing left":                {two, "", []string{"a"}},
		"anything, where nothing was": {"", three, nil},
		"a method accepted no longer": {"methods: {password: {until: 2027-01-01}, totp: {until: 2027-01-01}}\n...\n" + two, "methods: {password: {until: 2027-01-01}}\n...\n" + two, []string{"methods: totp"}},
		"a method accepted less long": {"methods: {password: {until: 2027-01-01}}\n...\n" + two, "methods: {password: {until: 2026-12-31}}\n...\n" + two, []string{"methods: password"}},
		"a method accepted longer":    {"methods: {password: {until: 2027-01-01}}\n...\n" + two, "methods: {password: {until: 2027-06-01}}\n...\n" + two, nil},
	} {
		if diff := cmp.Diff(test.want, versions.Stricter(written(t, test.before), written(t, test.next))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestWhatIsNotCalledStricterShutsNobodyOut tries policies made at random on people
// and services made at random: whoever was let in still is, unless Stricter said so.
func TestWhatIsNotCalledStricterShutsNobodyOut(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(9, 9))
	some := func(of ...string) string {
		return "[" + strings.Join(of[:1+random.IntN(len(of))], ", ") + "]"
	}
	rules := func() string {
		var text strings.Builder
		for i := range 1 + random.IntN(3) {
			fmt.Fprintf(&text, "- {id: r%d, title: R, services: %s", i, []string{"['*']", "[wiki]", "[payroll, wiki]"}[random.IntN(3)])
			if random.IntN(2) == 0 {
				fmt.Fprintf(&text, ", groups: %s", some("law", "finance"))
			}
			if random.IntN(5) == 0 {
				text.WriteString(", deny: true}\n")
			} else {
				fmt.Fprintf(&text, ", require: {aal: %d, phishing_resistant: %v}}\n", 1+random.IntN(3), random.IntN(2) == 0)
			}
		}
		return text.String()
	}
	same := 0
	for range 4000 {
		before, next := written(t, rules()), written(t, rules())
		if len(versions.Stricter(before, next)) > 0 {
			continue
		}
		same++
		for _, service := range []string{"wiki", "payroll", "other"} {
			for _, groups := range [][]string{nil, {"law"}, {"finance"}, {"law", "finance"}} {
				for level := assurance.AAL1; level <= assurance.AAL3; level++ {
					for _, resistant := range []bool{false, true} {
						facts := policy.Facts{At: testkit.Start(), Vouched: true, ServiceKnown: policy.Yes, ServiceAdmitted: policy.Yes, Service: service,
							Session: policy.SessionAlive, PersonKnown: policy.Yes, PersonMaySignIn: policy.Yes, PersonState: "active",
							Groups: policy.GroupsOf(groups...), KeyKnown: policy.Yes, KeyMaySignIn: policy.Yes, KeyState: "enrolled",
							CredentialActive: policy.Yes, AuthTime: testkit.Start().Add(-time.Hour)}
						facts.Assurance = assurance.Assurance{Method: assurance.SecurityKey, AAL: level, PhishingResistant: resistant}
						was, is := policy.Compile(before).Decide(&facts), policy.Compile(next).Decide(&facts)
						if was.Effect == policy.Allow && is.Effect != policy.Allow {
							t.Fatalf("%s %v level %d: was let in by\n%+v\nand is not by\n%+v", service, groups, level, before.Rules, next.Rules)
						}
					}
				}
			}
		}
	}
	if same < 100 {
		t.Errorf("only %d pairs were not called stricter: this shows little", same)
	}
}
