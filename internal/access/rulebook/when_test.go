package rulebook_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/rulebook"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// ruled is a policy of one rule, whose further lines are given.
func ruled(lines string) string {
	return "version: 1\nrules:\n  - id: a\n    title: A\n    services: [x]\n" + lines
}

// refused reads a text that must be refused, and gives the faults.
func refused(t *testing.T, text string, want problem.Definition) string {
	t.Helper()
	parsed, err := rulebook.Parse("p.yaml", []byte(text))
	if parsed != nil || !problem.Is(err, want) {
		t.Fatalf("%s\nwas read as %+v, error %v", text, parsed, err)
	}
	found, _ := problem.Of(err)
	var faults []string
	for _, field := range found.Fields {
		faults = append(faults, field.String())
	}
	return strings.Join(faults, "\n")
}

func read(t *testing.T, text string) *policy.Policy {
	t.Helper()
	parsed, err := rulebook.Parse("p.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// Whatever way YAML has of writing a condition, its slip is found where it stands.
func TestSlipInAConditionIsNamedWithItsLineAndColumn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ lines, place string }{
		"plain":               {"    when: now > wrong\n", "p.yaml:6:17: "},
		"single quotes":       {"    when: 'now > wrong'\n", "p.yaml:6:18: "},
		"with a quote inside": {"    when: '\"it''s\" == wrong'\n", "p.yaml:6:23: "},
		"double quotes":       {"    when: \"\\\"a\\\" == wrong\"\n", "p.yaml:6:21: "},
		"a block":             {"    when: |\n      now == now\n        && wrong\n", "p.yaml:8:12: "},
		"a block, stripped":   {"    when: |- # why\n\n        wrong\n", "p.yaml:8:9: "},
		"folded":              {"    when: >\n      now == now\n      && 1 == wrong\n", "p.yaml:8:15: "},
		"over two lines":      {"    when: now == now &&\n      wrong\n", "p.yaml:7:7: "},
		"in a flow":           {"    when:    wrong\n", "p.yaml:6:14: "},
		"behind letters":      {"    when: '\"ää€\" == wrong'\n", "p.yaml:6:21: "},
	} {
		for _, ending := range []string{"\n", "\r\n"} {
			got := refused(t, strings.ReplaceAll(ruled("    deny: true\n"+c.lines), "\n", ending), rulebook.Malformed)
			line, rest, _ := strings.Cut(strings.TrimPrefix(c.place, "p.yaml:"), ":")
			want := "p.yaml:" + string(line[0]+1) + ":" + rest + "when: “wrong” is neither a fact nor a function"
			if !strings.HasPrefix(got, want) {
				t.Errorf("%s:\n got %s\nwant %s…", name, got, want)
			}
		}
	}
	got := refused(t, ruled("    deny: true\n    when: |\n      now > wrong ||\n      other == 3\n"), rulebook.Malformed)
	if !strings.Contains(got, "p.yaml:8:13: when: “wrong”") || !strings.Contains(got, "p.yaml:9:7: when: “other”") {
		t.Errorf("of two slips: %s", got)
	}
}

func TestConditionThatIsNoConditionIsRefused(t *testing.T) {
	t.Parallel()
	for when, want := range map[string]string{
		"now":                               "this is a timestamp, expected something that is true or false",
		"session.aal + 1":                   "this is a int, expected something that is true or false",
		"true":                              "it speaks of no fact",
		"1 < 2":                             "it speaks of no fact",
		"session.aal == \"three\"":          "found no matching overload",
		"signals.new_planet":                "“signals.new_planet” is neither a fact nor a function: expected one of signals.country, signals.new_network",
		"now >":                             "Syntax error",
		"hour(now, \"Europe/Lundon\") < 8":  "found no time zone",
		"hour(now, \"Local\") < 8":          "found no time zone",
		"hour(now, request.method) < 8":     "found no time zone",
		"now.getHours(\"Europe/London\")>1": "“getHours” is neither a fact nor a function",
		"session.age > duration(\"8x\")":    "found \"8x\", expected a length of time",
		"now > timestamp(\"tomorrow\")":     "found \"tomorrow\", expected a time",
		"request.method.matches(\"(\")":     "error parsing regexp",
		"[1,2].exists(i, i > session.aal)":  "exists",
		"{\"a\": session.aal}.a == 1":       "found something that conditions do not have",
		strings.Repeat("(", 60) + "now" + strings.Repeat(")", 60) + " == now": "recursion",
		"now == now" + strings.Repeat(" ", 2048):                              "expected at most 2048",
	} {
		got := refused(t, ruled("    deny: true\n    when: '"+when+"'\n"), rulebook.Malformed)
		if !strings.Contains(got, want) {
			t.Errorf("%s:\n got %s\nwant %s", when, got, want)
		}
	}
}

func TestConditionThatCouldCostTooMuchIsRefusedWhenItIsRead(t *testing.T) {
	t.Parallel()
	costly := strings.TrimSuffix(strings.Repeat("request.path.matches(\"(a|b|c)*d(e|f)*\") || ", 40), " || ")
	got := refused(t, ruled("    deny: true\n    unknown: applies\n    when: '"+costly+"'\n"), rulebook.Malformed)
	if !strings.Contains(got, "p.yaml:8:12: when: asking this can cost") || !strings.Contains(got, "use fewer patterns") {
		t.Error(got)
	}
	read(t, ruled("    deny: true\n    unknown: applies\n    when: 'request.path.matches(\"^/export/[0-9]+$\")'\n"))
}

// What a fact that is not known means must be said.
func TestConditionOnAFactThatMayBeUnknownMustSayWhatUnknownMeans(t *testing.T) {
	t.Parallel()
	when := "    deny: true\n    when: signals.new_country || now < timestamp(\"2027-01-01T00:00:00Z\")\n"
	got := refused(t, ruled(when), rulebook.Malformed)
	if want := "p.yaml:7:11: unknown: signals.new_country may be not known: add unknown: applies, so that the rule then counts, or unknown: ignored, so that it does not"; got != want {
		t.Errorf("got %s", got)
	}
	if rule := read(t, ruled(when+"    unknown: applies\n")).Rules[0]; rule.When.Ignored {
		t.Error("applies is read as ignored")
	}
	if rule := read(t, ruled(when+"    unknown: ignored\n")).Rules[0]; !rule.When.Ignored {
		t.Error("ignored is read as applies")
	}
	for lines, want := range map[string]string{
		when + "    unknown: maybe\n":                                  `found "maybe", expected applies or ignored`,
		"    deny: true\n    unknown: applies\n":                       "there is no when that could be not known",
		"    deny: true\n    when: now == now\n    unknown: ignored\n": "all that when speaks of is always known",
	} {
		if got := refused(t, ruled(lines), rulebook.Malformed); !strings.Contains(got, want) {
			t.Errorf("%s: %s", lines, got)
		}
	}
}

func TestRuleThatWouldLeaveSomebodyOutIsRefused(t *testing.T) {
	t.Parallel()
	for lines, place := range map[string]string{
		"    except: [amira.khan]\n    deny: true\n":                              "p.yaml:6:5: except: \"except\" would leave somebody out",
		"    exclude: {groups: [x]}\n    deny: true\n":                            "p.yaml:6:5: exclude: ",
		"    not_groups: [x]\n    deny: true\n":                                   "p.yaml:6:5: not_groups: ",
		"    not: {groups: [x]}\n    deny: true\n":                                "p.yaml:6:5: not: ",
		"    groups_except: [x]\n    deny: true\n":                                "p.yaml:6:5: groups_except: ",
		"    unless: now == now\n    deny: true\n":                                "p.yaml:6:5: unless: ",
		"    require: {aal: 2, exempt: [x]}\n":                                    "p.yaml:6:23: exempt: ",
		"    groups: [staff, \"!guests\"]\n    deny: true\n":                      "p.yaml:6:21: groups: \"!guests\" would leave somebody out",
		"    groups: [staff, -guests]\n    deny: true\n":                          "p.yaml:6:21: groups: ",
		"    people: [\"not amira.khan\"]\n    deny: true\n":                      "p.yaml:6:14: people: ",
		"    departments: [all but Finance]\n    deny: true\n":                    "p.yaml:6:19: departments: ",
		"    privileged: false\n    deny: true\n":                                 "p.yaml:6:17: privileged: ",
		"    deny: true\n    when: '!(\"staff\" in groups)'\n":                    "p.yaml:7:25: when: “groups” speaks of people",
		"    deny: true\n    when: person.department != \"Finance\"\n":            "p.yaml:7:11: when: “person” speaks of people",
		"    deny: true\n    when: |\n      now == now &&\n      user != \"a\"\n": "p.yaml:9:7: when: “user” speaks of people",
	} {
		if got := refused(t, ruled(lines), rulebook.ExceptionRequired); !strings.HasPrefix(got, place) {
			t.Errorf("%s:\n got %s\nwant %s…", lines, got, place)
		}
	}
	if rulebook.ExceptionRequired.Code != "exception.required" {
		t.Error(rulebook.ExceptionRequired.Code)
	}
}

func TestRuleNamesPeopleAndRequests(t *testing.T) {
	t.Parallel()
	rule := read(t, ruled(`    routes: [rte_00000000000000000000000000]
    methods: [POST, DELETE]
    paths: [/export, /admin/users]
    people: [amira.khan]
    groups: [finance]
    roles: [security_lead]
    departments: [Human Resources]
    privileged: true
    require: {aal: 2, device: managed, network: [office, vpn]}
`)).Rules[0]
	if len(rule.Routes) != 1 || len(rule.Methods) != 2 || len(rule.Paths) != 2 || rule.People[0] != "amira.khan" || rule.Groups[0] != "finance" ||
		rule.Roles[0] != "security_lead" || rule.Departments[0] != "Human Resources" || !rule.Privileged || !rule.Device || len(rule.Networks) != 2 {
		t.Errorf("%+v", rule)
	}
	for lines, want := range map[string]string{
		"    methods: [post]\n":                    "p.yaml:6:15: methods: found \"post\", expected a method of HTTP in upper case",
		"    paths: [export]\n":                    "p.yaml:6:13: paths: found \"export\"",
		"    paths: [/a/]\n":                       "p.yaml:6:13: paths: ",
		"    paths: [/a%2fb]\n":                    "p.yaml:6:13: paths: ",
		"    routes: [export]\n":                   "p.yaml:6:14: routes: found \"export\", expected the id of a route",
		"    roles: [The Boss]\n":                  "p.yaml:6:13: roles: ",
		"    require: {aal: 2, device: owned}\n":   "p.yaml:6:31: device: found \"owned\", expected managed",
		"    require: {aal: 2, network: office}\n": "p.yaml:6:32: network: expected a list",
	} {
		if !strings.Contains(lines, "require") {
			lines += "    deny: true\n"
		}
		if got := refused(t, ruled(lines), rulebook.Malformed); !strings.Contains(got, want) {
			t.Errorf("%s:\n got %s\nwant %s", lines, got, want)
		}
	}
}

func TestNameOfNobodyIsRefusedWithItsPlace(t *testing.T) {
	t.Parallel()
	text := ruled("    people: [amira.khan, nobody.here]\n    groups: [finance]\n    unknown: applies\n    when: |\n      !(\"orfice\" in network.names)\n    require: {aal: 2, network: [office]}\n")
	known := rulebook.Known{policy.ServiceName: rulebook.Has([]string{"x"}), policy.PersonName: rulebook.Has([]string{"amira.khan"}), policy.NetworkName: rulebook.Has([]string{"office"})}
	err := known.Check("p.yaml", read(t, text))
	found, _ := problem.Of(err)
	if !problem.Is(err, rulebook.NameUnknown) || len(found.Fields) != 2 ||
		found.Fields[0].String() != "p.yaml:6:26: person: there is no person “nobody.here”: correct the name, or add it first" ||
		found.Fields[1].String() != "p.yaml:10:9: network: there is no network “orfice”: correct the name, or add it first" {
		t.Errorf("%v %v", err, found)
	}
	known[policy.PersonName] = rulebook.Has([]string{"amira.khan", "nobody.here"})
	known[policy.NetworkName] = rulebook.Has([]string{"office", "orfice"})
	if err := known.Check("p.yaml", read(t, text)); err != nil {
		t.Error(err)
	}
}

func TestPolicyThatContradictsItselfIsRefused(t *testing.T) {
	t.Parallel()
	two := func(a, b string) string {
		return "version: 1\nrules:\n  - {id: a, title: A, services: [x, y], " + a + "}\n  - {id: b, title: B, services: [y, x], " + b + "}\n"
	}
	err := rulebook.Check("p.yaml", read(t, two("groups: [p, q], deny: true", "groups: [q, p], require: {aal: 2}")))
	if found, _ := problem.Of(err); !problem.Is(err, rulebook.Contradictory) || !strings.HasPrefix(found.Fields[0].String(), "p.yaml:4:5: deny: “a” and “b” are for the same people, services and requests") {
		t.Error(err)
	}
	for _, fine := range []string{two("groups: [p], deny: true", "groups: [q, p], require: {aal: 2}"), two("groups: [p], deny: true, when: now == now", "groups: [p], require: {aal: 2}")} {
		if err := rulebook.Check("p.yaml", read(t, fine)); err != nil {
			t.Error(err)
		}
	}

	warned := rulebook.Warnings(read(t, two("deny: true", "groups: [q], require: {aal: 2, device: managed}")))
	if len(warned) != 2 || warned[0].Rule != "b" || warned[0].Line != 4 || !strings.Contains(warned[0].Message, "managed device") || !strings.Contains(warned[1].Message, "“a” denies all whom it is for") {
		t.Errorf("%+v", warned)
	}
	warned = rulebook.Warnings(read(t, two("when: now == now, require: {aal: 2}", "groups: [q], deny: true")))
	if len(warned) != 2 || !strings.Contains(warned[0].Message, "none of those opens “x”") {
		t.Errorf("%+v", warned)
	}
}

// A text with conditions decides what it says, also where something is not known.
func TestConditionDecidesWhetherARuleCounts(t *testing.T) {
	t.Parallel()
	c := policy.Compile(read(t, `version: 1
rules:
  - {id: all, title: All, services: [payroll], require: {aal: 2}}
  - id: abroad
    title: From a new country or by night with a key
    services: [payroll]
    when: signals.new_country || hour(now, "Europe/London") < 6 && !("office" in network.names)
    unknown: applies
    require: {aal: 3}
  - {id: late, title: Nobody on Sundays, services: [payroll], when: 'weekday(now, "Europe/London") == "sunday"', deny: true}
  - {id: odd, title: A hint, services: [payroll], when: signals.unusual_hour, unknown: ignored, require: {aal: 3}}
`))
	at := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	for name, one := range map[string]struct {
		facts  func(*policy.Facts)
		effect policy.Effect
		codes  string
	}{
		"by day, nothing new":       {func(f *policy.Facts) { f.Signals.NewCountry = policy.No }, policy.Allow, "policy.rule_met:all"},
		"country not known":         {func(*policy.Facts) {}, policy.StepUp, "policy.level_too_low:abroad"},
		"a new country":             {func(f *policy.Facts) { f.Signals.NewCountry = policy.Yes }, policy.StepUp, "policy.level_too_low:abroad"},
		"by night, network unknown": {func(f *policy.Facts) { f.Signals.NewCountry, f.At = policy.No, at.Add(-5*time.Hour) }, policy.StepUp, "policy.level_too_low:abroad"},
		"by night in the office": {func(f *policy.Facts) {
			f.Signals.NewCountry, f.At, f.Network = policy.No, at.Add(-5*time.Hour), policy.Network{Known: true, Names: []string{"office"}}
		}, policy.Allow, "policy.rule_met:all"},
		"by night elsewhere": {func(f *policy.Facts) {
			f.Signals.NewCountry, f.At, f.Network = policy.No, at.Add(-5*time.Hour), policy.Network{Known: true}
		}, policy.StepUp, "policy.level_too_low:abroad"},
		"on Sunday": {func(f *policy.Facts) { f.Signals.NewCountry, f.At = policy.No, at.AddDate(0, 0, -1) }, policy.Deny, "policy.rule_denies:late"},
		"a hint":    {func(f *policy.Facts) { f.Signals.NewCountry, f.Signals.UnusualHour = policy.No, policy.Yes }, policy.StepUp, "policy.level_too_low:odd"},
	} {
		facts := facts(at)
		one.facts(&facts)
		facts.AuthTime = facts.At
		for range 2 { // worked out, and remembered
			if got := c.Decide(&facts); got.Effect != one.effect || got.ReasonCodes() != one.codes {
				t.Errorf("%s: %v because %s", name, got.Effect, got.ReasonCodes())
			}
		}
	}
}

func facts(at time.Time) policy.Facts {
	facts := policy.Facts{At: at, Vouched: true, ServiceKnown: policy.Yes, ServiceAdmitted: policy.Yes, Service: "payroll",
		Session: policy.SessionAlive, PersonKnown: policy.Yes, PersonMaySignIn: policy.Yes, Groups: policy.GroupsOf("finance"),
		KeyKnown: policy.Yes, KeyMaySignIn: policy.Yes, CredentialActive: policy.Yes, AuthTime: at}
	facts.Assurance.Method, facts.Assurance.AAL = assurance.SecurityKey, 2
	return facts
}

func FuzzCondition(f *testing.F) {
	for _, seed := range []string{`signals.new_country || !("office" in network.names)`, `hour(now, "Europe/London") < 8`, `request.path.matches("^/a(b|c)*$")`,
		`session.age > duration("8h") ? signals.country == "GB" : request.method in ["POST"]`, `size(network.names) > 1`, "(((", `"\U0010ffff" == request.path`, `-session.aal % 0 == 1`} {
		f.Add(seed, "GET", "/a")
	}
	f.Fuzz(func(t *testing.T, when, method, path string) {
		text, err := json.Marshal(when)
		if err != nil {
			return
		}
		at := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
		for _, unknown := range []string{"", "    unknown: applies\n", "    unknown: ignored\n"} {
			parsed, err := rulebook.Parse("p.yaml", []byte("version: 1\nrules:\n  - {id: b, title: B, services: [payroll], require: {aal: 2}}\n  - id: a\n    title: A\n    services: [payroll]\n    require: {aal: 3}\n"+unknown+"    when: "+string(text)+"\n"))
			if err != nil {
				found, ok := problem.Of(err)
				if !ok || len(found.Fields) == 0 || found.Fields[0].Line < 1 || found.Fields[0].Column < 1 {
					t.Fatalf("not a problem with a place: %v", err)
				}
				continue
			}
			c := policy.Compile(parsed)
			seen := facts(at)
			seen.Method, seen.Path = method, path
			first := c.Decide(&seen)
			if first.Effect == policy.Deny || c.Decide(&seen).ReasonCodes() != first.ReasonCodes() {
				t.Fatalf("%v because %s", first.Effect, first.ReasonCodes())
			}
		}
	})
}
