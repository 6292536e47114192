package rulebook_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/rulebook"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/assurance"
)

const example = `# Who may enter where.
version: 2026-11-23
rules:
  - id: payroll
    title: Payroll is for Finance, with their own keys
    services: [payroll]
    groups: [finance]
    require:
      aal: 3
      phishing_resistant: true
      hardware_bound: true
      attested: true
      user_verified: true
      max_age: 8h
    forbid: [phishable, exportable]
  - id: guests
    title: Guests stay out of everything
    services: ["*"]
    groups: [guests]
    deny: true
`

func TestPolicyTextIsReadAsWritten(t *testing.T) {
	t.Parallel()
	want := &policy.Policy{Version: "2026-11-23", Rules: []policy.Rule{
		{ID: "payroll", Title: "Payroll is for Finance, with their own keys", Services: []string{"payroll"}, Groups: []string{"finance"},
			Require: assurance.Requirement{AAL: 3, PhishingResistant: true, HardwareBound: true, Attested: true, UserVerified: true,
				Forbid: assurance.Phishable | assurance.Exportable, MaxAge: 8 * time.Hour}},
		{ID: "guests", Title: "Guests stay out of everything", Services: []string{"*"}, Groups: []string{"guests"}, Deny: true},
	}}
	for name, text := range map[string]string{"as it is": example, "with a byte order mark": "\ufeff" + example, "from Windows": strings.ReplaceAll(example, "\n", "\r\n")} {
		got, err := rulebook.Parse("policy.yaml", []byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(policy.Policy{}, "Mentions")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// Each slip is found at its line and column.
func TestSlipInAPolicyIsNamedWithItsPlace(t *testing.T) {
	t.Parallel()
	rule := func(lines string) string {
		return "version: 1\nrules:\n  - id: a\n    title: A\n    services: [x]\n" + lines
	}
	cases := map[string]struct{ text, want string }{
		"empty":                  {"", "p.yaml:1:1: the text is empty: expected version and rules"},
		"only a comment":         {"# nothing\n", "p.yaml:1:1: the text is empty: expected version and rules"},
		"not YAML":               {"version: [1\nrules: 3", "p.yaml:1: this is not YAML: did not find expected ',' or ']'"},
		"a list":                 {"- a\n", "p.yaml:1:1: found a list, expected the policy with version, methods, rules"},
		"no version":             {"rules: []\n", "p.yaml:1:1: version: missing"},
		"unknown key":            {"version: 1\nrule: []\nrules: []\n", `p.yaml:2:1: "rule" is not known in the policy: expected version, methods, rules`},
		"key twice":              {"version: 1\nversion: 2\nrules: []\n", "p.yaml:2:1: version: given twice: it is already on line 1"},
		"unknown key in a rule":  {rule("    group: [x]\n    deny: true\n"), `p.yaml:6:5: "group" is not known in a rule: expected id, title, services, routes, methods, paths, people, groups, roles, departments, privileged, when, unknown, require, forbid, deny`},
		"no such weakness":       {rule("    require: {aal: 2}\n    forbid: [phishable, ugly]\n"), `p.yaml:7:25: forbid: found "ugly", expected one of phishable, sim_swappable, exportable, replayable, restricted`},
		"weakness twice":         {rule("    require: {aal: 2}\n    forbid: [phishable, phishable]\n"), `p.yaml:7:25: forbid: “phishable” is in the list twice`},
		"forbids nothing":        {rule("    require: {aal: 2}\n    forbid: []\n"), "p.yaml:7:13: forbid: expected a list of 1 to 1000, such as [one, two]"},
		"denies and forbids":     {rule("    deny: true\n    forbid: [phishable]\n"), "p.yaml:7:13: forbid: a rule that denies lets nothing in: expected either deny or forbid"},
		"unknown key in require": {rule("    require: {aal: 2, phishing: true}\n"), `p.yaml:6:23: "phishing" is not known in require: expected aal, phishing_resistant, hardware_bound, attested, user_verified, max_age, device, network`},
		"level 4":                {rule("    require:\n      aal: 4\n"), `p.yaml:7:12: aal: found "4", expected 1, 2 or 3`},
		"level in words":         {rule("    require:\n      aal: two\n"), `p.yaml:7:12: aal: found "two", expected 1, 2 or 3`},
		"no level":               {rule("    require: {attested: true}\n"), "p.yaml:6:14: aal: missing"},
		"yes is not true":        {rule("    require: {aal: 2, attested: yes}\n"), `p.yaml:6:33: attested: found "yes", expected true or false`},
		"age without unit":       {rule("    require: {aal: 2, max_age: 8}\n"), `p.yaml:6:32: max_age: found "8", expected a time between 1s and 720h, such as 8h or 30m`},
		"age of nothing":         {rule("    require: {aal: 2, max_age: 0s}\n"), `p.yaml:6:32: max_age: found "0s", expected a time between 1s and 720h, such as 8h or 30m`},
		"age below zero":         {rule("    require: {aal: 2, max_age: -8h}\n"), `p.yaml:6:32: max_age: found "-8h", expected a time between 1s and 720h, such as 8h or 30m`},
		"neither":                {rule("    groups: [x]\n"), "p.yaml:3:5: require: missing: expected require, or deny: true"},
		"both":                   {rule("    deny: true\n    require: {aal: 2}\n"), "p.yaml:7:14: require: a rule that denies asks for nothing: expected either deny or require"},
		"no groups":              {rule("    deny: true\n    groups: []\n"), "p.yaml:7:13: groups: expected a list of 1 to 1000, such as [one, two]"},
		"group twice":            {rule("    deny: true\n    groups: [x, x]\n"), "p.yaml:7:17: groups: “x” is in the list twice"},
		"any and more":           {"version: 1\nrules:\n  - {id: a, title: A, services: [\"*\", x], deny: true}\n", "p.yaml:3:33: services: \"*\" already means every service: expected it alone"},
		"bad slug":               {"version: 1\nrules:\n  - {id: a, title: A, services: [Pay Roll], deny: true}\n", `p.yaml:3:34: services: found "Pay Roll", expected the slug of a service, or "*"`},
		"alias":                  {"version: 1\nrules:\n  - &r {id: a, title: A, services: [x], deny: true}\n  - *r\n", "p.yaml:3:5: found a mapping, expected a rule with id, title, services, routes, methods, paths, people, groups, roles, departments, privileged, when, unknown, require, forbid, deny"},
		"merge key":              {rule("    <<: {deny: true}\n"), `p.yaml:6:5: "<<" is not known in a rule: expected id, title, services, routes, methods, paths, people, groups, roles, departments, privileged, when, unknown, require, forbid, deny`},
		"second document":        {"version: 1\nrules: []\n---\nversion: 2\n", "p.yaml:3:1: a second document begins here: expected one policy"},
		"null":                   {"version:\nrules: []\n", "p.yaml:1:9: version: found nothing, expected one line of at most 64 characters"},
		"id twice": {"version: 1\nrules:\n  - {id: a, title: A, services: [x], deny: true}\n  - {id: a, title: B, services: [y], deny: true}\n",
			"p.yaml:4:5: id: “a” is already the id of the rule on line 3"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parsed, err := rulebook.Parse("p.yaml", []byte(c.text))
			if parsed != nil || !problem.Is(err, rulebook.Malformed) {
				t.Fatalf("read as %+v, error %v", parsed, err)
			}
			found, _ := problem.Of(err)
			for _, field := range found.Fields {
				if field.String() == c.want {
					return
				}
			}
			t.Errorf("\n got %v\nwant %s", found.Fields, c.want)
		})
	}
}

func TestPolicyOfAMegabyteIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := rulebook.Parse("p.yaml", make([]byte, 1<<20+1)); !problem.Is(err, rulebook.TooLarge) {
		t.Errorf("got %v", err)
	}
}

// Whatever is read can be compiled and decides; whatever is not read is a
// problem with a place.
func FuzzParse(f *testing.F) {
	f.Add([]byte(example))
	f.Add([]byte("version: 1\nrules:\n  - &a {id: a, title: A, services: [x], require: {aal: 2, max_age: 1h}}\n  - *a\n"))
	f.Add([]byte("version: !!binary aGk=\nrules: []\n---\n"))
	f.Add([]byte("{version: 1, rules: [{id: a, title: A, services: [\"*\"], deny: true}]}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		parsed, err := rulebook.Parse("p.yaml", text)
		if err != nil {
			found, ok := problem.Of(err)
			if !ok || parsed != nil || found.Code == rulebook.Malformed.Code && (len(found.Fields) == 0 || found.Fields[0].Line < 1) {
				t.Fatalf("not a problem with a place: %v", err)
			}
			return
		}
		for _, rule := range parsed.Rules {
			if rule.Deny == rule.Require.Defined() || rule.ID == "" || len(rule.Services) == 0 {
				t.Fatalf("accepted a rule that says nothing: %+v", rule)
			}
		}
		at := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
		facts := policy.Facts{At: at, Vouched: true, ServiceKnown: policy.Yes, ServiceAdmitted: policy.Yes, Service: "payroll",
			Session: policy.SessionAlive, PersonKnown: policy.Yes, PersonMaySignIn: policy.Yes, Groups: policy.GroupsOf("finance"),
			KeyKnown: policy.Yes, KeyMaySignIn: policy.Yes, CredentialActive: policy.Yes, AuthTime: at,
			Assurance: assurance.Assurance{Method: assurance.SecurityKeyAttested, AAL: 3}}
		compiled := policy.Compile(parsed)
		if got := compiled.Decide(&facts); got.Effect != policy.Allow && len(got.Reasons) == 0 {
			t.Fatal("refused without a reason")
		}
		facts = policy.Facts{}
		if compiled.Decide(&facts).Effect != policy.Deny {
			t.Fatal("nothing known was allowed")
		}
	})
}
