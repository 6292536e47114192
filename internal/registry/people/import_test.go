package people_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/warder-project/warder/internal/base/days"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func (o *office) imported(mode people.Mode, rows ...people.Row) people.Plan {
	o.t.Helper()
	for i := range rows {
		rows[i].File, rows[i].Line = "staff.csv", i+2
	}
	plan, err := o.Import(o.t.Context(), admin, rows, mode)
	if err != nil {
		o.t.Fatal(err)
	}
	return plan
}

func (o *office) everybody() []people.Person {
	o.t.Helper()
	var all []people.Person
	if err := o.Each(o.t.Context(), func(person people.Person) error { all = append(all, person); return nil }); err != nil {
		o.t.Fatal(err)
	}
	return all
}

func row(userName string) people.Row {
	return people.Row{UserName: userName, Name: "Name of " + userName, Email: userName + "@example.org", Department: "Finance"}
}

var withoutIDs = cmpopts.IgnoreFields(people.Join{}, "Person")

func TestDryRunSaysWhatApplyThenDoes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := officeOn(t, d)
		o.imported(people.Apply, row("alice"), row("bob"), row("carol"), row("gone"), row("same"))
		gone, err := o.ByUserName(t.Context(), "gone")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.Leave(t.Context(), admin, gone.ID, o.clock.Now(), ""); err != nil {
			t.Fatal(err)
		}
		before := o.everybody()
		moved, swapped, back := row("alice"), row("bob"), row("gone")
		moved.Department, moved.Email, moved.Manager, moved.Groups, moved.Ends = "Law", "bob@example.org", "dora", []string{"law", "all", "law"}, days.Date(2026, 12, 31)
		swapped.Email = "alice@example.org"
		back.Ends = days.Date(2026, 11, 23)
		joins := row("dora")
		want := people.Plan{
			Rows:  5,
			Joins: []people.Join{{UserName: "dora", Name: "Name of dora", Line: 4}},
			Changes: []people.Change{
				{UserName: "alice", Line: 2, Fields: []people.FieldChange{{Field: "email", From: "alice@example.org", To: "bob@example.org"}, {Field: "department", From: "Finance", To: "Law"},
					{Field: "ends", To: "2026-12-31"}, {Field: "manager", To: "dora"}, {Field: "groups", To: "all;law"}}},
				{UserName: "bob", Line: 3, Fields: []people.FieldChange{{Field: "email", From: "bob@example.org", To: "alice@example.org"}}},
			},
			Unchanged: 2,
			NewGroups: []string{"all", "law"},
			Missing:   []people.Known{{UserName: "carol", Name: "Name of carol", State: people.Active}},
			Left:      []people.Known{{UserName: "gone", Name: "Name of gone", State: people.Left}},
		}
		without := cmp.Options{withoutIDs, cmpopts.IgnoreFields(people.Change{}, "Person"), cmpopts.IgnoreFields(people.Known{}, "Person")}
		rows := []people.Row{moved, swapped, joins, back, row("same")}
		if diff := cmp.Diff(want, o.imported(people.DryRun, rows...), without); diff != "" {
			t.Errorf("dry run (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(before, o.everybody()); diff != "" {
			t.Errorf("the dry run changed people (-want +got):\n%s", diff)
		}
		want.Applied = true
		if diff := cmp.Diff(want, o.imported(people.Apply, rows...), without); diff != "" {
			t.Errorf("apply (-want +got):\n%s", diff)
		}
		again := o.imported(people.DryRun, rows...)
		if len(again.Joins)+len(again.Changes)+len(again.NewGroups) != 0 || again.Unchanged != 5 {
			t.Errorf("the same file again: %+v", again)
		}
		alice, err := o.ByUserName(t.Context(), "alice")
		if err != nil {
			t.Fatal(err)
		}
		dora, err := o.ByUserName(t.Context(), "dora")
		if err != nil || alice.Manager != dora.ID || alice.Email != "bob@example.org" {
			t.Errorf("got %+v and %+v, %v", alice, dora, err)
		}
		if diff := cmp.Diff([]string{"person.added", "person.changed"}, o.recorded(string(alice.ID))); diff != "" {
			t.Errorf("audit (-want +got):\n%s", diff)
		}
		if stillGone, err := o.ByUserName(t.Context(), "gone"); err != nil || stillGone.State != people.Left {
			t.Errorf("an import brought a leaver back: %+v, %v", stillGone, err)
		}
		if carol, err := o.ByUserName(t.Context(), "carol"); err != nil || carol.State != people.Active {
			t.Errorf("an import removed somebody: %+v, %v", carol, err)
		}
	})
}

func TestNoFeedMakesOrUnmakesAnIdentityForEmergencies(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	alice, safe := row("alice"), row("safe")
	safe.Kind = people.KindBreakGlass
	o.imported(people.Apply, alice, safe)
	before := o.everybody()
	made, unmade := alice, safe
	made.Kind, unmade.Kind = people.KindBreakGlass, ""
	for _, changed := range []people.Row{made, unmade} {
		if _, err := o.Import(t.Context(), admin, []people.Row{changed}, people.Apply); !problem.Is(err, people.ImportRefused) {
			t.Errorf("%s: got %v", changed.UserName, err)
		}
	}
	if diff := cmp.Diff(before, o.everybody()); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
}

func TestColumnsTheFeedDoesNotHaveAreKept(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	boss, full := row("boss"), row("alice")
	full.Manager, full.Groups, full.Starts, full.Ends, full.Kind, full.EmployeeID, full.JobTitle = "boss", []string{"law"}, days.Date(2020, 1, 1), days.Date(2027, 1, 1), people.KindGuest, "7", "Judge"
	o.imported(people.Apply, boss, full)
	before := o.everybody()
	sparse := people.Row{UserName: "alice", Name: "Name of alice", Keep: people.FieldEmail | people.FieldEmployeeID | people.FieldDepartment | people.FieldJobTitle |
		people.FieldKind | people.FieldManager | people.FieldStarts | people.FieldEnds | people.FieldGroups}
	if plan := o.imported(people.Apply, sparse); plan.Unchanged != 1 {
		t.Errorf("got %+v", plan)
	}
	if diff := cmp.Diff(before, o.everybody()); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
	// The last working day that is kept counts against a first one that is new.
	late := sparse
	late.Starts, late.Keep = days.Date(2027, 2, 1), sparse.Keep&^people.FieldStarts
	if _, err := o.Import(t.Context(), admin, []people.Row{late}, people.DryRun); !problem.Is(err, people.ImportRefused) {
		t.Errorf("got %v", err)
	}
	sparse.Keep = 0 // now the empty values count
	if plan := o.imported(people.Apply, sparse); len(plan.Changes) != 1 || len(plan.Changes[0].Fields) != 9 {
		t.Errorf("got %+v", plan.Changes)
	}
}

func TestFeedTakesAwayOnlyWhatAFeedHasGiven(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	alice := row("alice")
	alice.Groups = []string{"finance", "all"}
	o.imported(people.Apply, alice)
	person, err := o.ByUserName(t.Context(), "alice")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"finance", "press"} {
		if name == "press" {
			if _, err := o.AddGroup(t.Context(), admin, name); err != nil {
				t.Fatal(err)
			}
		}
		if err := o.AddMember(t.Context(), admin, name, person.ID); err != nil {
			t.Fatal(err)
		}
	}
	alice.Groups = nil
	o.imported(people.Apply, alice)
	groups, err := o.GroupsOf(t.Context(), person.ID)
	if diff := cmp.Diff([]string{"finance", "press"}, groups); diff != "" || err != nil {
		t.Errorf("groups (-want +got), %v:\n%s", err, diff)
	}
}

func TestFeedWithOneWrongRowChangesNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.imported(people.Apply, row("alice"), row("boss"))
	before := o.everybody()
	with := func(userName string, change func(*people.Row)) people.Row {
		r := row(userName)
		change(&r)
		return r
	}
	for name, test := range map[string]struct {
		rows []people.Row
		want string
	}{
		"same user name twice": {[]people.Row{row("new"), row("x"), row("new")}, "staff.csv:4: user_name: \"new\" is on line 2 already"},
		"address of another":   {[]people.Row{with("new", func(r *people.Row) { r.Email = "ALICE@example.org" })}, "staff.csv:2: email: is the address of \"alice\""},
		"same address twice":   {[]people.Row{row("x"), with("new", func(r *people.Row) { r.Email = "x@example.org" })}, "staff.csv:3: email: is the address of \"x\" as well (line 2)"},
		"manager not there":    {[]people.Row{with("new", func(r *people.Row) { r.Manager = "nobody" })}, "staff.csv:2: manager: \"nobody\" is neither"},
		"own manager":          {[]people.Row{with("new", func(r *people.Row) { r.Manager = "new" })}, "staff.csv:2: manager: is the person's own"},
		"managers in a circle": {[]people.Row{with("x", func(r *people.Row) { r.Manager = "y" }), with("y", func(r *people.Row) { r.Manager = "z" }), with("z", func(r *people.Row) { r.Manager = "x" })}, "the line of managers comes back to \"x\""},
		"wrong values":         {[]people.Row{row("good"), with("New", func(r *people.Row) { r.Kind = "robot" })}, "staff.csv:3: user_name: \"New\" has a character"},
		"wrong group":          {[]people.Row{with("new", func(r *people.Row) { r.Groups = []string{"Not Good"} })}, "staff.csv:2: groups:"},
		"dates the wrong way":  {[]people.Row{with("new", func(r *people.Row) { r.Starts, r.Ends = days.Date(2026, 2, 2), days.Date(2026, 2, 1) })}, "staff.csv:2: ends:"},
	} {
		for i := range test.rows {
			test.rows[i].File, test.rows[i].Line = "staff.csv", i+2
		}
		for _, mode := range []people.Mode{people.DryRun, people.Apply} {
			_, err := o.Import(t.Context(), admin, test.rows, mode)
			if !problem.Is(err, people.ImportRefused) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: got %v\nwant …%s…", name, err, test.want)
			}
		}
	}
	if diff := cmp.Diff(before, o.everybody()); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
}

func TestAtMostTwentyPlacesAreListed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	rows := make([]people.Row, 100)
	for i := range rows {
		rows[i] = people.Row{UserName: fmt.Sprintf("p%d", i), Line: i + 2, Manager: "nobody", Name: "N"}
	}
	_, err := o.Import(t.Context(), admin, rows, people.DryRun)
	found, _ := problem.Of(err)
	if len(found.Fields) != 20 {
		t.Errorf("got %d places", len(found.Fields))
	}
}

func TestImportsAtTheSameTimeDoNotMix(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := officeOn(t, d)
		errs := make([]error, 4)
		var group sync.WaitGroup
		for i := range errs {
			group.Go(func() {
				rows := make([]people.Row, 50)
				for j := range rows {
					rows[j] = row(fmt.Sprintf("p%d", j))
					rows[j].Department = fmt.Sprintf("Department %d", i)
					rows[j].Groups = []string{fmt.Sprintf("d%d", i)}
				}
				_, errs[i] = o.Import(t.Context(), admin, rows, people.Apply)
			})
		}
		group.Wait()
		if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
			t.Fatal(errs[i])
		}
		all := o.everybody()
		for _, person := range all {
			groups, err := o.GroupsOf(t.Context(), person.ID)
			if err != nil || person.Department != all[0].Department || len(groups) != 1 || !strings.HasSuffix(person.Department, groups[0][1:]) {
				t.Fatalf("%+v in %v beside %s, %v", person, groups, all[0].Department, err)
			}
		}
		if len(all) != 50 {
			t.Errorf("got %d people", len(all))
		}
	})
}

func TestManyChangesAreToldAsOne(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	rows := make([]people.Row, 501)
	for i := range rows {
		rows[i] = row(fmt.Sprintf("p%d", i))
	}
	o.imported(people.Apply, rows...)
	if len(o.told) != 1 || o.told[0].Ref != "" {
		t.Errorf("told %d changes, first %+v", len(o.told), o.told[0])
	}
}

func TestProblemsAreComplete(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, definition := range people.Problems() {
		if definition.Kind == problem.Internal || definition.Sentence == "" || definition.Next == "" || seen[definition.Code] || !strings.HasPrefix(definition.Code, "people.") {
			t.Errorf("incomplete or doubled: %+v", definition)
		}
		seen[definition.Code] = true
	}
}
