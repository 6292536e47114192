package people_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/warder-project/warder/internal/base/days"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/audit/auditdb"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/people/peopledb"
	"github.com/warder-project/warder/internal/testkit"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

var admin = audit.Command("root")

// office is a directory on a real store, with everything it has told others.
type office struct {
	*people.Directory
	t     *testing.T
	clock *testkit.Clock
	audit *audit.Log

	mu   sync.Mutex
	told []tx.Change // guarded by mu while imports race
}

func newOffice(t *testing.T) *office {
	t.Helper()
	return officeOn(t, dbtest.SQLite(t))
}

func officeOn(t *testing.T, d *db.DB) *office {
	o := &office{t: t, clock: testkit.NewClock()}
	o.audit = audit.New(audit.Deps{Store: auditdb.New(d), Tx: d, Now: o.clock.Now})
	o.Directory = people.New(people.Deps{Store: peopledb.New(d), Tx: d, Audit: o.audit, Now: o.clock.Now})
	d.OnCommit(func(_ context.Context, changes []tx.Change) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.told = append(o.told, changes...)
	})
	return o
}

func (o *office) add(userName string) people.Person {
	o.t.Helper()
	person, err := o.Add(o.t.Context(), admin, people.NewPerson{UserName: userName, Name: "Name of " + userName, Email: userName + "@example.org"})
	if err != nil {
		o.t.Fatal(err)
	}
	return person
}

// recorded lists the actions in the audit record about one thing, oldest first.
func (o *office) recorded(subject string) []string {
	o.t.Helper()
	entries, err := o.audit.List(o.t.Context(), audit.Filter{Subject: subject})
	if err != nil {
		o.t.Fatal(err)
	}
	var actions []string
	for _, entry := range entries {
		actions = append([]string{entry.Action}, actions...)
	}
	return actions
}

func TestAddedPersonIsFoundRecordedAndTold(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	boss := o.add("tomos")
	want := people.Person{UserName: "amira.khan", Name: "Amira Khan", Email: "Amira.Khan@example.org", EmployeeID: "7", Department: "Finance", JobTitle: "Analyst",
		Kind: people.KindPerson, Manager: boss.ID, Starts: days.Date(2026, 1, 5), Ends: days.Date(2027, 1, 5), State: people.Active,
		CreatedAt: testkit.Start(), ChangedAt: testkit.Start()}
	added, err := o.Add(t.Context(), admin, people.NewPerson{UserName: "amira.khan", Name: " Amira Khan ", Email: "Amira.Khan@example.org", EmployeeID: "7",
		Department: "Finance", JobTitle: "Analyst", Manager: boss.ID, Starts: time.Date(2026, 1, 5, 17, 30, 0, 0, time.UTC), Ends: days.Date(2027, 1, 5)})
	if err != nil {
		t.Fatal(err)
	}
	got, err := o.ByUserName(t.Context(), " Amira.KHAN ")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]people.Person{want, added}, []people.Person{got, got}, cmpopts.IgnoreFields(people.Person{}, "ID")); diff != "" || got.ID != added.ID {
		t.Errorf("person (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"person.added"}, o.recorded(string(got.ID))); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
	if last := o.told[len(o.told)-1]; last != (tx.Change{Topic: tx.Person, Ref: string(got.ID)}) {
		t.Errorf("told %+v", o.told)
	}
}

func TestWhatCannotBeStoredIsNamedFieldByField(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for name, test := range map[string]struct {
		wanted people.NewPerson
		fields []string
	}{
		"nothing":         {people.NewPerson{}, []string{"user_name", "name"}},
		"capitals":        {people.NewPerson{UserName: "Alice", Name: "A"}, []string{"user_name"}},
		"too long":        {people.NewPerson{UserName: strings.Repeat("a", 65), Name: strings.Repeat("é", 201)}, []string{"user_name", "name"}},
		"looks alike":     {people.NewPerson{UserName: "аlice", Name: "A"}, []string{"user_name"}},
		"hidden":          {people.NewPerson{UserName: ".alice", Name: "A"}, []string{"user_name"}},
		"header break":    {people.NewPerson{UserName: "a", Name: "A\r\nX-Admin: 1", Email: "a@b\r\n.c"}, []string{"email", "name"}},
		"right to left":   {people.NewPerson{UserName: "a", Name: "A\u202eB"}, []string{"name"}},
		"address":         {people.NewPerson{UserName: "a", Name: "A", Email: "a@b, c@d"}, []string{"email"}},
		"kind":            {people.NewPerson{UserName: "a", Name: "A", Kind: "robot"}, []string{"kind"}},
		"dates":           {people.NewPerson{UserName: "a", Name: "A", Starts: days.Date(2026, 2, 2), Ends: days.Date(2026, 2, 1)}, []string{"ends"}},
		"manager's shape": {people.NewPerson{UserName: "a", Name: "A", Manager: "tomos"}, []string{"manager"}},
	} {
		_, err := o.Add(t.Context(), admin, test.wanted)
		found, _ := problem.Of(err)
		if !problem.Is(err, people.Malformed) {
			t.Errorf("%s: got %v", name, err)
			continue
		}
		var fields []string
		for _, field := range found.Fields {
			fields = append(fields, field.Name)
		}
		if diff := cmp.Diff(test.fields, fields); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if _, err := o.Add(t.Context(), admin, people.NewPerson{UserName: "a", Name: "A", Manager: ids.New[ids.Person]()}); !problem.Is(err, people.ManagerNotFound) {
		t.Errorf("got %v, want %s", err, people.ManagerNotFound.Code)
	}
}

func TestSuspendedPersonCannotSignInUntilReinstated(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	alice := o.add("alice")
	if _, err := o.Suspend(t.Context(), admin, alice.ID, o.clock.Now().Add(time.Minute), ""); !problem.Is(err, people.MomentRefused) {
		t.Errorf("suspended from a time to come: %v", err)
	}
	for range 2 { // asking again changes nothing
		if got, err := o.Suspend(t.Context(), admin, alice.ID, time.Time{}, "badge found"); err != nil || got.MaySignIn(o.clock.Now()) {
			t.Fatalf("got %+v, %v", got, err)
		}
	}
	got, err := o.Reinstate(t.Context(), admin, alice.ID, "it was hers")
	if err != nil || !got.MaySignIn(o.clock.Now()) {
		t.Errorf("got %+v, %v", got, err)
	}
	if diff := cmp.Diff([]string{"person.added", "person.suspended", "person.reinstated"}, o.recorded(string(alice.ID))); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
}

func TestLeaverIsOutAtOnceAndForGood(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	alice := o.add("alice")
	got, err := o.Leave(t.Context(), admin, alice.ID, o.clock.Now(), "new job")
	if err != nil || got.MaySignIn(o.clock.Now()) || got.State != people.Left || got.Ends != days.Date(2026, 11, 23) {
		t.Fatalf("got %+v, %v", got, err)
	}
	stored, err := o.Get(t.Context(), alice.ID)
	if diff := cmp.Diff(got, stored); diff != "" || err != nil {
		t.Errorf("stored (-want +got), %v:\n%s", err, diff)
	}
	if _, err := o.Reinstate(t.Context(), admin, alice.ID, ""); !problem.Is(err, people.StateRefused) {
		t.Errorf("a leaver came back: %v", err)
	}
	if _, err := o.Leave(t.Context(), admin, alice.ID, o.clock.Now().Add(time.Hour), ""); !problem.Is(err, people.StateRefused) {
		t.Errorf("a leaver left again, later: %v", err)
	}
}

func TestLeavingLaterKeepsSignInUntilTheLastDayIsOver(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	alice := o.add("alice")
	// 23:30 UTC on 31 July is half past midnight of 1 August in London.
	got, err := o.Leave(t.Context(), admin, alice.ID, time.Date(2027, 7, 31, 23, 30, 0, 0, time.UTC), "")
	if err != nil || got.State != people.Active || got.Ends != days.Date(2027, 8, 1) {
		t.Fatalf("got %+v, %v", got, err)
	}
	if end := time.Date(2027, 8, 1, 23, 0, 0, 0, time.UTC); !got.MaySignIn(end.Add(-1)) || got.MaySignIn(end) {
		t.Error("the last day does not end at midnight in London")
	}
}

func TestSomebodyWhoLeavesBeforeTheirFirstDayIsOut(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	joiner, err := o.Add(t.Context(), admin, people.NewPerson{UserName: "joiner", Name: "J", Starts: days.Date(2026, 12, 1)})
	if err != nil {
		t.Fatal(err)
	}
	got, err := o.Leave(t.Context(), admin, joiner.ID, time.Time{}, "did not come")
	if err != nil || got.State != people.Left || got.MaySignIn(got.Starts.Add(time.Hour)) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestGroupsByHand(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	alice := o.add("alice")
	if err := o.AddMember(t.Context(), admin, "payroll", alice.ID); !problem.Is(err, people.GroupNotFound) {
		t.Errorf("got %v", err)
	}
	for _, name := range []string{"payroll", "finance"} {
		if _, err := o.AddGroup(t.Context(), admin, name); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := o.AddMember(t.Context(), admin, name, alice.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := o.AddGroup(t.Context(), admin, "payroll"); !problem.Is(err, people.GroupTaken) {
		t.Errorf("got %v", err)
	}
	if _, err := o.AddGroup(t.Context(), admin, "pay,roll"); !problem.Is(err, people.GroupMalformed) {
		t.Errorf("got %v", err)
	}
	if err := o.AddMember(t.Context(), admin, "payroll", ids.New[ids.Person]()); !problem.Is(err, people.NotFound) {
		t.Errorf("got %v", err)
	}
	if err := o.RemoveMember(t.Context(), admin, "finance", alice.ID); err != nil {
		t.Fatal(err)
	}
	groups, err := o.GroupsOf(t.Context(), alice.ID)
	if diff := cmp.Diff([]string{"payroll"}, groups); diff != "" || err != nil {
		t.Errorf("groups (-want +got), %v:\n%s", err, diff)
	}
}

func TestListIsPaged(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, name := range []string{"e", "c", "a", "d", "b"} {
		o.add(name)
	}
	var got []string
	after := ""
	for pages := 0; pages == 0 || after != ""; pages++ {
		page, next, err := o.List(t.Context(), people.Filter{After: after, Limit: 2})
		if err != nil || pages > 3 {
			t.Fatal(pages, err)
		}
		for _, person := range page {
			got = append(got, person.UserName)
		}
		got = append(got, "|")
		after = next
	}
	if diff := cmp.Diff("a b | c d | e |", strings.Join(got, " ")); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	counts, err := o.Count(t.Context())
	if err != nil || counts != (people.Counts{Active: 5}) {
		t.Errorf("got %+v, %v", counts, err)
	}
	for _, text := range []string{"\x00", "\xff"} {
		if page, _, err := o.List(t.Context(), people.Filter{Text: text}); err != nil || len(page) != 0 {
			t.Errorf("%q: got %v, %v", text, page, err)
		}
		if _, err := o.ByUserName(t.Context(), text); !problem.Is(err, people.NotFound) {
			t.Errorf("%q: got %v", text, err)
		}
	}
}
