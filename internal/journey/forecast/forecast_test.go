package forecast_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/rulebook"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/journey/forecast"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/testkit"
)

const (
	mild = `version: mild
methods: {password: {}, totp: {}}
rules:
- {id: all, title: All, services: ['*'], require: {aal: 1}}
`
	strict = `version: strict
methods: {password: {}, totp: {}}
rules:
- {id: all, title: All, services: ['*'], require: {aal: 1}}
- {id: payroll, title: Payroll, services: [payroll], require: {aal: 2, phishing_resistant: true}}
- {id: no-robots, title: Robots, services: [wiki], groups: [robots], deny: true}
`
)

func compiled(t testing.TB, text string) *policy.Compiled {
	t.Helper()
	parsed, err := rulebook.Parse("policy.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return policy.Compile(parsed)
}

// The ways in.
func hardware(key string) forecast.Way {
	return forecast.Way{Proves: assurance.Of(assurance.Observation{UserVerified: true, Attested: true, HardwareBound: true}), Key: ids.Key(key), Spare: true}
}

func codes() forecast.Way {
	return forecast.Way{Proves: assurance.OfSecrets(assurance.Password, assurance.TOTP)}
}

const payroll, wiki = 0, 1

// somebody has two keys, uses everything, and is at work.
func somebody(name string, change ...func(*forecast.Somebody)) forecast.Somebody {
	who := forecast.Somebody{ID: ids.Person("prs_" + name), UserName: name, Name: strings.ToUpper(name), Department: "Finance",
		Ways: []forecast.Way{hardware("key_1_" + name), hardware("key_2_" + name)}, Leave: forecast.Leave{Away: policy.No}, Uses: []int{payroll, wiki}}
	for _, one := range change {
		one(&who)
	}
	return who
}

func with(ways ...forecast.Way) func(*forecast.Somebody) {
	return func(who *forecast.Somebody) { who.Ways = ways }
}

func using(services ...int) func(*forecast.Somebody) {
	return func(who *forecast.Somebody) { who.Uses = services }
}

func administrator(who *forecast.Somebody) {
	who.Roles, who.Administer = []string{"administrator"}, true
}

func away(truth policy.Truth) func(*forecast.Somebody) {
	return func(who *forecast.Somebody) {
		who.Leave = forecast.Leave{Away: truth}
		if truth == policy.Yes {
			who.Leave.Back = testkit.Start().AddDate(0, 0, 9)
		}
	}
}

func organisation(t testing.TB, people ...forecast.Somebody) *forecast.Facts {
	return &forecast.Facts{At: testkit.Start(), Before: compiled(t, mild), Next: compiled(t, strict), Scope: forecast.WhereUsed, BreakGlass: policy.Yes,
		Services: []forecast.Service{{Slug: "payroll"}, {Slug: "wiki"}}, People: people}
}

// found is what a forecast says, by kind: user names with the services.
func found(f *forecast.Forecast) map[forecast.Kind][]string {
	all := map[forecast.Kind][]string{}
	for _, finding := range f.Findings {
		all[finding.Kind] = []string{}
		for _, entry := range finding.People {
			line := entry.UserName
			for _, asked := range entry.At {
				line += " " + asked.Service
			}
			all[finding.Kind] = append(all[finding.Kind], line)
		}
	}
	return all
}

// Idea 3 and issue 4 point 4: every trap is found, each in its own list.
func TestForecastFindsEveryTrap(t *testing.T) {
	t.Parallel()
	facts := organisation(t,
		somebody("admin", administrator, with(hardware("a"))),
		somebody("codes", with(codes())),
		somebody("codes.away", with(codes()), away(policy.Yes)),
		somebody("codes.unknown", with(codes()), away(policy.Unknown)),
		somebody("codes.wiki", with(codes()), using(wiki)),
		somebody("fine"),
		somebody("fine.away", using(wiki), away(policy.Yes)),
		somebody("nothing", with()),
		somebody("one", with(hardware("k"))),
		somebody("post", with(codes()), func(who *forecast.Somebody) { who.Post = []string{"24180007"} }),
		somebody("robot", func(who *forecast.Somebody) { who.Groups = policy.GroupsOf("robots") }),
		somebody("team", func(who *forecast.Somebody) { who.Shared = true }),
	)
	facts.BreakGlass = policy.Unknown
	made := forecast.Make(facts)
	want := map[forecast.Kind][]string{
		forecast.NoMethod:        {"codes payroll", "codes.away payroll", "codes.unknown payroll", "post payroll"},
		forecast.ShutOut:         {"robot wiki"},
		forecast.NoAdministrator: {},
		forecast.NoBreakGlass:    {},
		forecast.OneKey:          {"admin", "one"},
		forecast.InPost:          {"post"},
		forecast.OnLeave:         {"codes.away"},
		forecast.LeaveUnknown:    {"codes.unknown"},
		forecast.SharedAccount:   {"team"},
		forecast.Already:         {"nothing payroll wiki"},
	}
	if diff := cmp.Diff(want, found(made)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := len(made.Blockers()); got != 4 {
		t.Errorf("%d findings stop the draft, want 4", got)
	}
	byService := []forecast.AtOne{
		{Service: "payroll", Judged: 10, Locked: []string{"codes", "codes.away", "codes.unknown", "post"}},
		{Service: "wiki", Judged: 12, Locked: []string{"robot"}},
	}
	if diff := cmp.Diff(byService, made.ByName); diff != "" {
		t.Errorf("by service (-want +got):\n%s", diff)
	}
	// Five are locked out; of the five others who are asked for more at payroll, one calls.
	if made.Load.Locked != 5 || made.Load.Contacts != 6 || made.Load.Assumption == "" {
		t.Errorf("the service desk is told to expect %+v", made.Load)
	}
	entry, _ := made.Find(forecast.NoMethod)
	if got := entry.People[0].At[0].String(); got != "payroll asks for AAL2, phishing-resistant (rules all, payroll)" {
		t.Errorf("what is asked reads %q", got)
	}
}

// Idea 3: no false alarm.
func TestCleanOrganisationRaisesNoAlarm(t *testing.T) {
	t.Parallel()
	facts := organisation(t, somebody("admin", administrator), somebody("fine"), somebody("other", using(wiki)))
	for _, scope := range []forecast.Scope{forecast.WhereUsed, forecast.WhereLetIn} {
		facts.Scope, facts.Privileged = scope, true
		made := forecast.Make(facts)
		if len(made.Findings) != 0 || len(made.ByName) != 0 || made.Load.Locked != 0 {
			t.Errorf("%q: %v, service desk %+v", scope, found(made), made.Load)
		}
		if text := made.Text(); !strings.Contains(text, "Nothing stops it.") {
			t.Error(text)
		}
	}
}

// C05.1: while anybody with a role has fewer than two strong ways in.
func TestEverybodyWithARoleNeedsTwoStrongWaysWhenTheirRulesGrowStricter(t *testing.T) {
	t.Parallel()
	auditor := func(who *forecast.Somebody) { who.Roles = []string{"auditor"} }
	loose := hardware("b")
	loose.Spare = false
	facts := organisation(t, somebody("admin", administrator), somebody("auditor", auditor, with(hardware("a"))), somebody("loose", auditor, with(hardware("a"), loose)),
		somebody("same", auditor, with(hardware("a"), hardware("a"))))
	if made := forecast.Make(facts); len(made.Blockers()) != 0 {
		t.Errorf("a rule that is not about roles is stopped by %v", found(made))
	}
	facts.Privileged = true
	got := found(forecast.Make(facts))[forecast.WeakPrivileged]
	if diff := cmp.Diff([]string{"auditor", "loose", "same"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatTheDraftRefusesIsNoStrongWay(t *testing.T) {
	t.Parallel()
	software := forecast.Way{Proves: assurance.Of(assurance.Observation{UserVerified: true}), Key: "soft", Spare: true}
	facts := organisation(t, somebody("admin", administrator, with(hardware("a"), software)))
	facts.Next = compiled(t, "version: h\nrules:\n- {id: all, title: All, services: ['*'], require: {aal: 3}}\n")
	if _, found := forecast.Make(facts).Find(forecast.NoAdministrator); !found {
		t.Error("a key that the draft refuses counts as a second strong way")
	}
}

// An empty or first policy cannot lock anybody out.
func TestFirstPolicyIsNeverStopped(t *testing.T) {
	t.Parallel()
	facts := organisation(t, somebody("codes", with(codes())), somebody("nothing", with()))
	facts.Before, facts.BreakGlass = nil, policy.No
	if made := forecast.Make(facts); len(made.Blockers()) != 0 {
		t.Errorf("stopped by %v", found(made))
	}
}

func TestSomebodyWithAnExceptionIsNotLockedOut(t *testing.T) {
	t.Parallel()
	exempt := func(who *forecast.Somebody) {
		who.Exceptions = map[int][]policy.Exception{payroll: {{ID: "exc_1", Floor: assurance.Requirement{AAL: assurance.AAL2},
			From: testkit.Start().Add(-time.Hour), Until: testkit.Start().Add(time.Hour)}}}
	}
	facts := organisation(t, somebody("admin", administrator), somebody("alike", with(codes())), somebody("exempt", with(codes()), exempt))
	if diff := cmp.Diff([]string{"alike payroll"}, found(forecast.Make(facts))[forecast.NoMethod]); diff != "" {
		t.Error(diff)
	}
}

// What cannot be foreseen is neither fine nor a lock-out.
func TestWhatDependsOnMoreThanAMethodIsToldApart(t *testing.T) {
	t.Parallel()
	facts := organisation(t, somebody("admin", administrator))
	facts.Next = compiled(t, "version: n\nrules:\n- {id: all, title: All, services: ['*'], require: {aal: 1, device: managed}}\n")
	if diff := cmp.Diff(map[forecast.Kind][]string{forecast.Elsewise: {"admin payroll wiki"}}, found(forecast.Make(facts))); diff != "" {
		t.Error(diff)
	}
}

func TestEveryKindHasWords(t *testing.T) {
	t.Parallel()
	for _, kind := range forecast.Kinds() {
		if !kind.Known() || kind.Title() == "" || kind.Next() == "" {
			t.Errorf("%s has no words", kind)
		}
	}
	if forecast.Kind("x").Known() {
		t.Error("any word is a kind")
	}
}

// large is an organisation in which everybody has their own mixture.
func large(t testing.TB, people, services int) *forecast.Facts {
	facts := organisation(t)
	facts.Services = nil
	for i := range services {
		facts.Services = append(facts.Services, forecast.Service{Slug: fmt.Sprint("service-", i)})
	}
	facts.Services[0].Slug = "payroll"
	groups := []policy.Groups{policy.GroupsOf("staff"), policy.GroupsOf("staff", "law"), policy.GroupsOf("staff", "finance"), policy.GroupsOf("robots")}
	ways := [][]forecast.Way{{hardware("x")}, {hardware("x"), hardware("y")}, {codes()}, {hardware("x"), codes()}, nil}
	for i := range people {
		who := somebody(fmt.Sprint("p", i), with(ways[i%len(ways)]...))
		who.Groups, who.Department, who.Uses = groups[i%len(groups)], fmt.Sprint("d", i%40), nil
		for service := i % 7; service < services; service += 1 + services/12 {
			who.Uses = append(who.Uses, service)
		}
		facts.People = append(facts.People, who)
	}
	return facts
}

// What was judged class by class is what judging each person alone gives.
func TestClassesChangeNothing(t *testing.T) {
	t.Parallel()
	facts := large(t, 400, 20)
	for _, scope := range []forecast.Scope{forecast.WhereUsed, forecast.WhereLetIn} {
		facts.Scope, facts.Named = scope, nil
		together := forecast.Make(facts)
		facts.Named = maps.Collect(func(yield func(string, bool) bool) {
			for i := range facts.People {
				if !yield(facts.People[i].UserName, true) {
					return
				}
			}
		})
		if diff := cmp.Diff(together, forecast.Make(facts)); diff != "" {
			t.Errorf("%q: %s", scope, diff)
		}
	}
}

func BenchmarkMake(b *testing.B) {
	for _, size := range []struct{ people, services int }{{800, 40}, {50_000, 500}} {
		for _, scope := range []forecast.Scope{forecast.WhereUsed, forecast.WhereLetIn} {
			facts := large(b, size.people, size.services)
			facts.Scope = scope
			b.Run(fmt.Sprintf("people=%d/services=%d/scope=%s", size.people, size.services, scope), func(b *testing.B) {
				for b.Loop() {
					forecast.Make(facts)
				}
			})
		}
	}
}
