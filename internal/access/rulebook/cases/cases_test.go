package cases_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/rulebook"
	"github.com/warder-project/warder/internal/access/rulebook/cases"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/testkit"
)

const text = `version: tested
methods: {password: {until: 2026-12-31}, totp: {}}
rules:
  - {id: all, title: All, services: ["*"], require: {aal: 1}}
  - {id: payroll, title: Payroll, services: [payroll], groups: [finance], require: {aal: 3, attested: true, max_age: 8h}}
  - {id: guests, title: Guests, services: [payroll], groups: [guests], deny: true}
`

func run(t *testing.T, tests string) []cases.Result {
	t.Helper()
	parsed, err := rulebook.Parse("policy.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	read, err := cases.Parse("tests.yaml", []byte(tests))
	if err != nil {
		t.Fatal(err)
	}
	return cases.Run(parsed, read, testkit.Start())
}

func TestCasesThatHoldPass(t *testing.T) {
	t.Parallel()
	results := run(t, `cases:
  - name: Finance with an attested key
    service: payroll
    person: {groups: [finance], department: Finance}
    session: {with: security_key_attested, age: 10m}
    method: GET
    path: /payslips
    networks: [office]
    device: managed
    signals: {new_country: no, country: GB}
    expect: {effect: allow, require: {aal: 3, attested: true, hardware_bound: false, max_age: 8h}, rules: [payroll, all], codes: [policy.rule_met]}
  - {name: too long ago, service: payroll, person: {groups: [finance]}, session: {with: security_key_attested, age: 9h}, expect: {effect: step_up, rules: [payroll], codes: [policy.signed_in_too_long_ago]}}
  - {name: a key without a PIN, service: payroll, person: {groups: [finance]}, session: {with: security_key_attested, pin: false}, expect: {effect: step_up}}
  - {name: a synced passkey elsewhere, service: wiki, session: {with: passkey_synced}, expect: {effect: allow, rules: [all]}}
  - {name: a guest, service: payroll, person: {groups: [guests]}, session: {with: security_key_attested}, expect: {effect: deny, rules: [guests]}}
  - {name: nobody, service: payroll, expect: {effect: step_up, codes: [policy.no_session]}}
  - {name: a leaver, service: wiki, person: {state: left}, session: {with: security_key}, expect: {effect: deny, codes: [policy.person_left]}}
  - {name: a lost key, service: wiki, session: {with: security_key, key: lost}, expect: {effect: step_up, codes: [policy.key_lost]}}
  - {name: a code in time, service: wiki, at: 2026-12-31T23:59:59Z, session: {with: totp}, expect: {effect: allow}}
  - {name: a code too late, service: wiki, at: 2027-01-01T00:00:00Z, session: {with: totp}, expect: {effect: step_up, codes: [policy.method_not_accepted]}}
`)
	for _, result := range results {
		if !result.Passed() {
			t.Errorf("%s: %q", result.Case.Name, result.Faults)
		}
	}
	if len(results) != 10 {
		t.Errorf("%d results", len(results))
	}
}

func TestFailingCaseSaysWhatWasExpectedAndFound(t *testing.T) {
	t.Parallel()
	results := run(t, `cases:
  - {name: right, service: wiki, session: {with: security_key}, expect: {effect: allow}}
  - name: wrong
    service: payroll
    person: {groups: [finance]}
    session: {with: password}
    expect: {effect: allow, require: {aal: 2, attested: false, max_age: 1h}, rules: [all], codes: [policy.rule_denies]}
`)
	want := `pass  right (line 2)
FAIL  wrong (line 3)
      effect: expected allow, found step_up (policy.level_too_low:payroll, policy.not_attested:payroll)
      rules: expected all, found payroll
      codes: expected policy.rule_denies, found policy.level_too_low:payroll, policy.not_attested:payroll
      require aal: expected 2, found 3
      require attested: expected false, found true
      require max_age: expected 1h0m0s, found 8h0m0s
1 of 2 hold.
`
	if diff := cmp.Diff(want, cases.Text(results)); diff != "" {
		t.Error(diff)
	}
	if failed := cases.Failed(results); len(failed) != 1 || failed[0].Case.Name != "wrong" || len(results) != 2 {
		t.Errorf("%+v", failed)
	}
}

func TestCasesThatCannotBeReadAreRefusedWithPlaceAndAdvice(t *testing.T) {
	t.Parallel()
	for tests, want := range map[string]string{
		"":                               "tests.yaml:1:1: the text is empty",
		"cases: {":                       "tests.yaml:1:1: this is not YAML",
		"cases: []\n---\nx":              "tests.yaml:2:1: a second document",
		"tests: []":                      `tests.yaml:1:1: "tests" is not known in the test cases: expected cases`,
		"cases: x":                       "tests.yaml:1:8: cases: expected a list",
		"cases: [{name: a, service: b}]": "tests.yaml:1:9: expect: missing",
		"cases: [{name: a, expect: {effect: allow}}]":                        "tests.yaml:1:9: service: missing",
		"cases: [{name: a, service: b, expect: {}}]":                         "tests.yaml:1:39: effect: missing",
		"cases: [{name: a, service: b, expect: {effect: perhaps}}]":          `effect: found "perhaps", expected one of allow, step_up, deny`,
		"cases: [{name: a, name: b}]":                                        "name: given twice",
		"cases: [{name: a, at: noon}]":                                       `at: found "noon", expected a moment`,
		"cases: [{name: a, session: {}}]":                                    "with: missing",
		"cases: [{name: a, session: {with: sms}}]":                           `with: found "sms"`,
		"cases: [{name: a, session: {with: totp, age: -1h}}]":                `age: found "-1h"`,
		"cases: [{name: a, service: b, person: {}, expect: {effect: deny}}]": "session: missing: a person is known only by a session",
		"cases: [{name: a, signals: {new_moon: yes}}]":                       `"new_moon" is not known in signals`,
		"cases: [{name: a, signals: {new_asn: unknown}}]":                    `new_asn: found "unknown", expected one of yes, no`,
		"cases: [{name: a, expect: {effect: deny, require: {aal: 4}}}]":      `aal: found "4"`,
		"cases: [{name: a, expect: {effect: deny, rules: x}}]":               "rules: expected a list",
		"x: &a 1\ncases: *a":                                                 "anchors and aliases are not used here",
	} {
		_, err := cases.Parse("tests.yaml", []byte(tests))
		found, ok := problem.Of(err)
		if !ok || found.Code != cases.Malformed.Code {
			t.Errorf("%q: %v", tests, err)
			continue
		}
		var lines []string
		for _, field := range found.Fields {
			lines = append(lines, field.String())
		}
		if all := strings.Join(lines, "\n"); !strings.Contains(all, want) {
			t.Errorf("%q: %s\nwant %s", tests, all, want)
		}
	}
	if _, err := cases.Parse("t", []byte(strings.Repeat("#", 1<<20+1))); !problem.Is(err, cases.Malformed) {
		t.Errorf("too large: %v", err)
	}
}

func FuzzCases(f *testing.F) {
	f.Add([]byte("cases: [{name: a, service: b, session: {with: totp}, expect: {effect: allow}}]"))
	parsed, err := rulebook.Parse("policy.yaml", []byte(text))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, tests []byte) {
		read, err := cases.Parse("t", tests)
		if err != nil {
			if !problem.Is(err, cases.Malformed) {
				t.Error(err)
			}
			return
		}
		cases.Text(cases.Run(parsed, read, time.Unix(0, 0)))
	})
}
