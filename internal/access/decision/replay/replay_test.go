package replay_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/decision/decisiondb"
	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/access/decision/replay"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/policy/policytest"
	"github.com/warder-project/warder/internal/access/rulebook"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// Whatever the policy and whatever the facts: made again under the policy that it was
// made under, no decision differs.
func TestReplayOfTheUnchangedPolicyChangesNothing(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(26, 11))
	for round := range 200 {
		made := policytest.Policy(random, "made-up")
		compiled := policy.Compile(made)
		var records []decision.Record
		for range 50 {
			facts := policytest.Facts(random)
			facts.At = facts.At.Truncate(time.Millisecond)
			record := decision.Remember(about(), &facts, compiled.Decide(&facts))
			if again, err := replay.Judge(policy.Compile(made), &record); err != nil || again.Kind != replay.Same {
				t.Fatalf("was %v because %s, and is %v (%v)\n%+v\n%+v", record.Effect, record.ReasonCodes(), again.Kind, err, facts, made.Rules)
			}
			records = append(records, record)
		}
		if round%50 > 0 {
			continue
		}
		d := dbtest.SQLite(t)
		keep(t, d, records)
		report, err := replay.New(decisiondb.New(d)).Report(t.Context(), policy.Compile(made), always(), replay.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if got := report.Total; got.Different() != 0 || got.Judged() != 50 || got.Of(replay.Same) != 50 {
			t.Fatalf("%d of %d decisions differ under the policy that made them: %v\n%+v", got.Different(), got.All(), report.Sample, made.Rules)
		}
	}
}

// The same with the desk, after everything has changed that a decision rests on.
func TestReplayNeedsNothingButTheRecord(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := decisiontest.Open(t, d)
		h.Service(t, "payroll")
		text := decisiontest.Everybody("one")
		h.Publish(t, text)
		amira := h.Somebody(t, "amira.khan", "finance")
		_, strong := h.SignIn(t, amira, decisiontest.Best())
		_, weak := h.SignIn(t, amira, assurance.Of(assurance.Observation{}))
		for _, token := range []secret.Value{strong, weak, strong} {
			question := h.Question("payroll", token)
			question.Path = "/payslip"
			h.Desk.Ask(t.Context(), question)
			h.Clock.Advance(37 * time.Millisecond)
		}
		ambiguous := h.Question("payroll", strong)
		ambiguous.Path = "/a/../b"
		h.Desk.Ask(t.Context(), ambiguous)
		must(t, h.Desk.Flush(t.Context()))
		must(t, h.People.RemoveMember(t.Context(), decisiontest.Desk(), "finance", amira.Person.ID))
		_, err := h.LostKey.Report(t.Context(), decisiontest.Desk(), amira.Key.ID, "lost", h.Clock.Now())
		must(t, err)
		h.Publish(t, decisiontest.Everybody("two"))

		player := replay.New(decisiondb.New(d))
		report, err := player.Report(t.Context(), compile(t, text), always(), replay.Limits{})
		must(t, err)
		want := replay.Counts{replay.Same: 2, replay.Elsewhere: 1}
		if diff := cmp.Diff(want, report.Total); diff != "" {
			t.Errorf("unchanged policy (-want +got):\n%s", diff)
		}
		if report.Requests != 4 || !report.Whole {
			t.Errorf("%d requests in %+v", report.Requests, report)
		}

		nobody := compile(t, "version: shut\nrules:\n  - {id: closed, title: Closed, services: [payroll], deny: true}\n")
		report, err = player.Report(t.Context(), nobody, always(), replay.Limits{})
		must(t, err)
		if got := report.Total.Of(replay.Stopped); got != 2 || report.People != 1 {
			t.Errorf("%d stopped, %d people", got, report.People)
		}
		if len(report.Services) != 1 || report.Services[0].Name != "payroll" || report.Services[0].People != 1 || len(report.Rules) != 1 || report.Rules[0].Name != "closed" {
			t.Errorf("services %+v, rules %+v", report.Services, report.Rules)
		}
		if len(report.Persons) != 1 || report.Persons[0].Name != string(amira.Person.ID) || len(report.Sample[replay.Stopped]) != 2 {
			t.Errorf("people %+v, sample %v", report.Persons, report.Sample)
		}
	})
}

// Each kind of difference is what was, and what would be.
func TestEveryDifferenceHasItsKind(t *testing.T) {
	t.Parallel()
	effects := map[policy.Effect]func(*policy.Facts){policy.Allow: func(*policy.Facts) {}, policy.StepUp: func(f *policy.Facts) { f.Session = policy.SessionIdle },
		policy.Deny: func(f *policy.Facts) { f.PersonMaySignIn = policy.No }}
	want := map[[2]policy.Effect]replay.Kind{
		{policy.Allow, policy.Deny}: replay.Stopped, {policy.StepUp, policy.Deny}: replay.Stopped, {policy.Allow, policy.StepUp}: replay.Asked,
		{policy.Deny, policy.StepUp}: replay.Offered, {policy.Deny, policy.Allow}: replay.LetIn, {policy.StepUp, policy.Allow}: replay.LetIn,
	}
	open := compile(t, decisiontest.Everybody("open"))
	for was := range effects {
		for would, spoil := range effects {
			facts := good("amira.khan", "Finance")
			spoil(&facts)
			record := decision.Remember(about(), &facts, policy.Verdict{Effect: was})
			got, err := replay.Judge(open, &record)
			must(t, err)
			expected, differs := want[[2]policy.Effect{was, would}]
			if !differs {
				expected = replay.Same
			}
			if got.Kind != expected || got.Kind.Differs() != differs {
				t.Errorf("was %v, would be %v: %v", was, would, got.Kind)
			}
		}
	}
}

// A decision stands for several requests; a draft that stops one of them stops it.
func TestStrictestRequestOfADecisionCounts(t *testing.T) {
	t.Parallel()
	facts := good("amira.khan", "Finance")
	facts.Method, facts.Path = "GET", "/"
	open := compile(t, decisiontest.Everybody("open"))
	record := decision.Remember(about(), &facts, open.Decide(&facts))
	record.Requests = append(record.Requests, decision.Request{At: facts.At.Add(2 * time.Hour), Method: "GET", Path: "/late"})
	got, err := replay.Judge(compile(t, "version: fresh\nrules:\n  - {id: fresh, title: Fresh, services: ['*'], require: {aal: 2, max_age: 1h}}\n"), &record)
	must(t, err)
	if got.Kind != replay.Asked || got.Facts.Path != "/late" {
		t.Errorf("%v at %s", got.Kind, got.Facts.Path)
	}
}

// A decision from before facts were kept is neither a difference nor the lack of one.
func TestWhatCannotBeMadeAgainIsCountedApart(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	facts := good("amira.khan", "Finance")
	open := compile(t, decisiontest.Everybody("open"))
	old := decision.Remember(about(), &facts, open.Decide(&facts))
	old.Input = nil
	keep(t, d, []decision.Record{old})
	report, err := replay.New(decisiondb.New(d)).Report(t.Context(), open, always(), replay.Limits{})
	must(t, err)
	if report.Total.Of(replay.Unjudged) != 1 || report.Total.Judged() != 0 || report.Total.Different() != 0 {
		t.Errorf("counted as %v", report.Total)
	}
}

// What is kept of a decision says who it was, not what a later record says.
func TestDifferencesAreSummedUpAndFoundOneByOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		open := compile(t, decisiontest.Everybody("open"))
		var records []decision.Record
		people := map[string]ids.Person{"amira.khan": ids.New[ids.Person](), "ben.cole": ids.New[ids.Person]()}
		for i := range 2400 {
			name, department := "amira.khan", "Finance"
			if i%3 == 0 {
				name, department = "ben.cole", "Digital"
			}
			facts := good(name, department)
			facts.At = facts.At.Add(time.Duration(i) * time.Minute)
			facts.AuthTime = facts.At.Add(-time.Duration(i%10) * time.Hour)
			record := decision.Remember(decision.About{Person: people[name]}, &facts, open.Decide(&facts))
			records = append(records, record)
		}
		keep(t, d, records)
		player := replay.New(decisiondb.New(d))
		draft := compile(t, "version: fresh\nrules:\n  - {id: fresh, title: Fresh, services: ['*'], require: {aal: 2, max_age: 7h}}\n")
		var told []int64
		report, err := player.Report(t.Context(), draft, always(), replay.Limits{Progress: func(done int64, _ time.Time) { told = append(told, done) }})
		must(t, err)
		if report.Total.Of(replay.Asked) != 480 || report.Total.Different() != 480 || !slices.Equal(told, []int64{1000, 2000, 2400}) {
			t.Errorf("%v, told of %v", report.Total, told)
		}
		byDepartment := map[string]int64{}
		for _, line := range report.Departments {
			byDepartment[line.Name] = line.Counts.Of(replay.Asked)
		}
		if diff := cmp.Diff(map[string]int64{"Finance": 320, "Digital": 160}, byDepartment); diff != "" {
			t.Error(diff)
		}
		if len(report.Sample[replay.Asked]) != replay.MostSamples || report.Persons[0].Name != string(people["amira.khan"]) {
			t.Errorf("sample of %d, people %+v", len(report.Sample[replay.Asked]), report.Persons)
		}

		seen := map[ids.Decision]bool{}
		want := replay.Want{Department: "Digital"}
		for pages := 0; ; pages++ {
			found, err := player.Find(t.Context(), draft, always(), want, replay.Page{Most: 50, Looked: 700})
			must(t, err)
			for _, one := range found.Differences {
				if seen[one.Record.ID] || one.Record.Person != people["ben.cole"] || one.Kind != replay.Asked || one.Verdict.Effect != policy.StepUp {
					t.Fatalf("found %+v", one)
				}
				seen[one.Record.ID] = true
			}
			if found.Next == "" {
				break
			}
			if want.After = found.Next; pages > 100 {
				t.Fatal("the pages do not end")
			}
		}
		if len(seen) != 160 {
			t.Errorf("%d found one by one, 160 counted", len(seen))
		}

		half, err := player.Report(t.Context(), draft, always(), replay.Limits{Most: 600})
		must(t, err)
		if half.Whole || half.Total.All() != 600 || half.Reached != records[1800].At {
			t.Errorf("of 600: whole %v, %d, reached %v and expected %v", half.Whole, half.Total.All(), half.Reached, records[1800].At)
		}
	})
}

func good(userName, department string) policy.Facts {
	at := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	return policy.Facts{At: at, Vouched: true, ServiceKnown: policy.Yes, ServiceAdmitted: policy.Yes, Service: "payroll", Session: policy.SessionAlive,
		PersonKnown: policy.Yes, PersonMaySignIn: policy.Yes, PersonState: "active", KeyKnown: policy.Yes, KeyMaySignIn: policy.Yes, KeyState: "enrolled",
		CredentialActive: policy.Yes, Assurance: decisiontest.Best(), AuthTime: at.Add(-time.Minute), UserName: userName, Department: department}
}

func about() decision.About {
	return decision.About{Person: ids.New[ids.Person](), Session: ids.New[ids.Session](), Key: ids.New[ids.Key](), Service: ids.New[ids.Service](), IP: netip.MustParseAddr("192.0.2.7")}
}

func always() replay.Span {
	return replay.Span{Since: time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2027, time.January, 1, 0, 0, 0, 0, time.UTC)}
}

func keep(t testing.TB, d *db.DB, records []decision.Record) {
	t.Helper()
	store := decisiondb.New(d)
	must(t, d.InTx(t.Context(), func(ctx context.Context) error { return store.Keep(ctx, records) }))
}

func compile(t testing.TB, text string) *policy.Compiled {
	t.Helper()
	parsed, err := rulebook.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(fmt.Errorf("%w\n%s", err, text))
	}
	return policy.Compile(parsed)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
