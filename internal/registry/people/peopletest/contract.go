// Package peopletest holds the promises every people.Store must keep, and makes
// people for the tests of other rooms.
package peopletest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/days"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/people"
)

// Opened is an empty store to try.
type Opened struct {
	Store people.Store
	Tx    tx.Runner
}

// Contract tries a store; open gives a new empty one.
func Contract(t *testing.T, open func(t *testing.T) Opened) {
	for _, promise := range []struct {
		name string
		keep func(t *testing.T, s Opened)
	}{
		{"EveryFieldComesBackAsWritten", fieldsComeBack},
		{"ManyPeopleAreAddedAtOnce", manyAtOnce},
		{"NobodyIsFoundUnderAnotherName", nobodyIsFound},
		{"OneNumberIsOnePersons", numberIsOnePersons},
		{"UserNamesAndAddressesBelongToOnePerson", namesAreUnique},
		{"AddressesMayBeExchangedInOneChange", addressesSwap},
		{"OfManyWhoWantTheSameNameOneGetsIt", raceForAName},
		{"PagesShowEverybodyOnce", pagesGoOn},
		{"SearchTakesSignsToTheLetter", searchIsLiteral},
		{"FilterNarrowsToDepartmentAndState", filterNarrows},
		{"MembershipsAreKeptOncePerSource", membershipsAreKept},
		{"GroupNamesAreUnique", groupNamesAreUnique},
		{"AMissingManagerIsRefusedAtTheEnd", missingManager},
		{"AFailedUnitOfWorkLeavesNothing", failureLeavesNothing},
	} {
		t.Run(promise.name, func(t *testing.T) {
			t.Parallel()
			promise.keep(t, open(t))
		})
	}
}

var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// Somebody is a complete active person of that user name, for tests.
func Somebody(userName string) people.Person {
	return people.Person{ID: ids.New[ids.Person](), UserName: userName, Name: "Somebody " + userName, Email: userName + "@example.org",
		EmployeeID: "E-" + userName, Department: "Finance", JobTitle: "Clerk", Kind: people.KindPerson, State: people.Active,
		Starts: days.Date(2020, time.March, 2), CreatedAt: start, ChangedAt: start}
}

func (s Opened) must(t *testing.T, fn func(ctx context.Context) error) {
	t.Helper()
	if err := s.Tx.InTx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func (s Opened) add(t *testing.T, persons ...people.Person) {
	t.Helper()
	s.must(t, func(ctx context.Context) error { return s.Store.Add(ctx, persons) })
}

func (s Opened) refused(t *testing.T, want problem.Definition, fn func(ctx context.Context) error) {
	t.Helper()
	if err := s.Tx.InTx(t.Context(), fn); !problem.Is(err, want) {
		t.Errorf("got %v, want %s", err, want.Code)
	}
}

func (s Opened) list(t *testing.T, filter people.Filter) []string {
	t.Helper()
	if filter.Limit == 0 {
		filter.Limit = 1000
	}
	page, err := s.Store.List(t.Context(), filter)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, person := range page {
		names = append(names, person.UserName)
	}
	return names
}

func fieldsComeBack(t *testing.T, s Opened) {
	boss, person := Somebody("boss"), Somebody("clerk")
	person.Manager, person.Ends, person.State = boss.ID, days.Date(2027, time.February, 28), people.Suspended
	person.Name, person.Email = "Zoë Ōtsuka-O’Brien", "Zoe@Example.org"
	bare := people.Person{ID: ids.New[ids.Person](), UserName: "bare", Name: "Bare", Kind: people.KindService, State: people.Left, CreatedAt: start, ChangedAt: start}
	s.add(t, person, boss, bare) // the manager comes after the person
	changed := person
	changed.Name, changed.Email, changed.Manager, changed.Starts, changed.Ends = "Zoë", "", "", time.Time{}, time.Time{}
	changed.Kind, changed.State, changed.ChangedAt = people.KindGuest, people.Active, start.Add(time.Hour)
	changed.EmployeeID, changed.Department, changed.JobTitle = "7", "Law", "Judge"
	for _, want := range []people.Person{person, bare, changed} {
		if want == changed {
			s.must(t, func(ctx context.Context) error { return s.Store.Change(ctx, []people.Person{changed}) })
		}
		byID, err := s.Store.ByID(t.Context(), want.ID)
		if err != nil {
			t.Fatal(err)
		}
		byName, err := s.Store.ByUserName(t.Context(), want.UserName)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]people.Person{want, want}, []people.Person{byID, byName}); diff != "" {
			t.Errorf("person (-want +got):\n%s", diff)
		}
	}
}

func manyAtOnce(t *testing.T, s Opened) {
	const many = 1234
	persons := make([]people.Person, many)
	for i := range persons {
		persons[i] = Somebody(fmt.Sprintf("p%05d", i))
		if i > 0 {
			persons[i].Manager = persons[(i*7+1)%many].ID
		}
	}
	s.add(t, persons...)
	i := 0
	err := s.Store.Each(t.Context(), func(got people.Person) error {
		if i >= many || got != persons[i] {
			return fmt.Errorf("person %d is %+v", i, got)
		}
		i++
		return nil
	})
	if err != nil || i != many {
		t.Errorf("read %d people: %v", i, err)
	}
	counted, err := s.Store.Count(t.Context())
	if diff := cmp.Diff(map[people.State]int{people.Active: many}, counted); diff != "" || err != nil {
		t.Errorf("counts (-want +got), %v:\n%s", err, diff)
	}
	stop := errors.New("enough")
	if err := s.Store.Each(t.Context(), func(people.Person) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v, want the error of yield", err)
	}
}

func numberIsOnePersons(t *testing.T, s Opened) {
	alice, bob, clara := Somebody("alice"), Somebody("bob"), Somebody("clara")
	alice.EmployeeID, bob.EmployeeID, clara.EmployeeID = "17", "170", "170"
	s.add(t, alice, bob, clara)
	for number, want := range map[string][]people.Person{"17": {alice}, "170": {bob, clara}, "1": nil} {
		got, err := s.Store.ByEmployeeID(t.Context(), number)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("number %q (-want +got), %v:\n%s", number, err, diff)
		}
	}
}

func nobodyIsFound(t *testing.T, s Opened) {
	s.add(t, Somebody("alice"))
	for _, name := range []string{"", "ALICE", "alic_", "alice ", "%"} {
		if got, err := s.Store.ByUserName(t.Context(), name); !problem.Is(err, people.NotFound) {
			t.Errorf("%q: got %+v, %v", name, got, err)
		}
	}
	if got, err := s.Store.ByID(t.Context(), ids.New[ids.Person]()); !problem.Is(err, people.NotFound) {
		t.Errorf("got %+v, %v", got, err)
	}
	s.refused(t, people.NotFound, func(ctx context.Context) error {
		return s.Store.Change(ctx, []people.Person{Somebody("nobody")})
	})
}

func namesAreUnique(t *testing.T, s Opened) {
	alice, bob := Somebody("alice"), Somebody("bob")
	noEmail, noEmailEither := Somebody("carol"), Somebody("dave")
	noEmail.Email, noEmailEither.Email = "", ""
	s.add(t, alice, bob, noEmail, noEmailEither)
	sameName, sameEmail := Somebody("alice"), Somebody("erin")
	sameName.Email = "other@example.org"
	sameEmail.Email = "ALICE@example.org"
	s.refused(t, people.UserNameTaken, func(ctx context.Context) error { return s.Store.Add(ctx, []people.Person{sameName}) })
	s.refused(t, people.EmailTaken, func(ctx context.Context) error { return s.Store.Add(ctx, []people.Person{sameEmail}) })
	bob.Email = "Alice@Example.org"
	s.refused(t, people.EmailTaken, func(ctx context.Context) error { return s.Store.Change(ctx, []people.Person{bob}) })
	if diff := cmp.Diff([]string{"alice", "bob", "carol", "dave"}, s.list(t, people.Filter{})); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
}

func addressesSwap(t *testing.T, s Opened) {
	alice, bob := Somebody("alice"), Somebody("bob")
	s.add(t, alice, bob)
	alice.Email, bob.Email = bob.Email, alice.Email
	s.must(t, func(ctx context.Context) error { return s.Store.Change(ctx, []people.Person{alice, bob}) })
	got, err := s.Store.ByID(t.Context(), bob.ID)
	if err != nil || got.Email != "alice@example.org" {
		t.Errorf("got %q, %v", got.Email, err)
	}
}

func raceForAName(t *testing.T, s Opened) {
	const racers = 8
	results := make([]error, racers)
	var group sync.WaitGroup
	for i := range racers {
		group.Go(func() {
			person := Somebody("alice")
			person.Email = fmt.Sprintf("a%d@example.org", i)
			results[i] = s.Tx.InTx(t.Context(), func(ctx context.Context) error {
				return s.Store.Add(ctx, []people.Person{person})
			})
		})
	}
	group.Wait()
	won := 0
	for _, err := range results {
		if err == nil {
			won++
		} else if !problem.Is(err, people.UserNameTaken) {
			t.Errorf("got %v, want %s", err, people.UserNameTaken.Code)
		}
	}
	if won != 1 || len(s.list(t, people.Filter{})) != 1 {
		t.Errorf("%d of %d got the name", won, racers)
	}
}

func pagesGoOn(t *testing.T, s Opened) {
	var want []string
	var persons []people.Person
	for i := range 23 {
		persons = append(persons, Somebody(fmt.Sprintf("p%02d", (i*5)%23)))
		want = append(want, fmt.Sprintf("p%02d", i))
	}
	s.add(t, persons...)
	var got []string
	for after := ""; ; {
		page := s.list(t, people.Filter{After: after, Limit: 5})
		if len(page) == 0 {
			break
		}
		got = append(got, page...)
		after = page[len(page)-1]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
}

func searchIsLiteral(t *testing.T, s Opened) {
	percent, under, back, zoe := Somebody("a"), Somebody("b"), Somebody("c"), Somebody("d")
	percent.Name, under.Name, back.Name, zoe.Name = "100% Sure", "under_score", `back\slash`, "ZOË Ünal"
	s.add(t, percent, under, back, zoe)
	for text, want := range map[string][]string{
		"100%": {"a"}, "%": {"a"}, "_": {"b"}, `\`: {"c"}, "zoë": {"d"}, "ÜNAL": {"d"}, "E-C": {"c"}, "B@EXAMPLE": {"b"}, "nobody": {}, "": {"a", "b", "c", "d"},
	} {
		if diff := cmp.Diff(want, s.list(t, people.Filter{Text: text})); diff != "" {
			t.Errorf("search %q (-want +got):\n%s", text, diff)
		}
	}
}

func filterNarrows(t *testing.T, s Opened) {
	law, gone := Somebody("law"), Somebody("gone")
	law.Department, gone.State = "Law", people.Left
	safe := Somebody("safe")
	safe.Kind = people.KindBreakGlass
	s.add(t, law, gone, Somebody("both"), safe)
	for _, test := range []struct {
		filter people.Filter
		want   []string
	}{
		{people.Filter{Department: "Law"}, []string{"law"}},
		{people.Filter{Department: "law"}, []string{}},
		{people.Filter{State: people.Left}, []string{"gone"}},
		{people.Filter{State: people.Active, Department: "Finance", Kind: people.KindPerson}, []string{"both"}},
		{people.Filter{Kind: people.KindBreakGlass}, []string{"safe"}},
		{people.Filter{State: people.Active, Department: "Finance", Text: "law"}, []string{}},
	} {
		if diff := cmp.Diff(test.want, s.list(t, test.filter)); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", test.filter, diff)
		}
	}
}

func membershipsAreKept(t *testing.T, s Opened) {
	alice := Somebody("alice")
	finance, payroll := people.Group{ID: ids.New[ids.Group](), Name: "finance", CreatedAt: start}, people.Group{ID: ids.New[ids.Group](), Name: "payroll", CreatedAt: start}
	hand := people.Member{Group: payroll.ID, Person: alice.ID, Source: people.ByHand}
	feed := people.Member{Group: payroll.ID, Person: alice.ID, Source: people.ByFeed}
	other := people.Member{Group: finance.ID, Person: alice.ID, Source: people.ByFeed}
	s.add(t, alice)
	s.must(t, func(ctx context.Context) error {
		if err := s.Store.AddGroups(ctx, []people.Group{payroll, finance}); err != nil {
			return err
		}
		return s.Store.AddMembers(ctx, []people.Member{hand, feed, other, hand}, start)
	})
	s.must(t, func(ctx context.Context) error { return s.Store.AddMembers(ctx, []people.Member{feed}, start) })
	groups, err := s.Store.AllGroups(t.Context())
	if diff := cmp.Diff([]people.Group{finance, payroll}, groups); diff != "" || err != nil {
		t.Errorf("groups (-want +got), %v:\n%s", err, diff)
	}
	var told []string
	err = s.Store.EachMember(t.Context(), func(member people.Member, group string) error {
		told = append(told, group+" by "+string(member.Source))
		return nil
	})
	if diff := cmp.Diff([]string{"finance by feed", "payroll by feed", "payroll by hand"}, told); diff != "" || err != nil {
		t.Errorf("members (-want +got), %v:\n%s", err, diff)
	}
	s.must(t, func(ctx context.Context) error { return s.Store.RemoveMembers(ctx, []people.Member{feed, other, feed}) })
	names, err := s.Store.GroupsOf(t.Context(), alice.ID)
	if diff := cmp.Diff([]string{"payroll"}, names); diff != "" || err != nil {
		t.Errorf("groups of alice (-want +got), %v:\n%s", err, diff)
	}
}

func groupNamesAreUnique(t *testing.T, s Opened) {
	add := func(ctx context.Context) error {
		return s.Store.AddGroups(ctx, []people.Group{{ID: ids.New[ids.Group](), Name: "finance", CreatedAt: start}})
	}
	s.must(t, add)
	s.refused(t, people.GroupTaken, add)
}

func missingManager(t *testing.T, s Opened) {
	alice := Somebody("alice")
	alice.Manager = ids.New[ids.Person]()
	if err := s.Tx.InTx(t.Context(), func(ctx context.Context) error { return s.Store.Add(ctx, []people.Person{alice}) }); err == nil {
		t.Error("a person with a manager who does not exist was stored")
	}
	if got := s.list(t, people.Filter{}); len(got) != 0 {
		t.Errorf("got %s", strings.Join(got, ", "))
	}
}

func failureLeavesNothing(t *testing.T, s Opened) {
	broken := errors.New("broken")
	err := s.Tx.InTx(t.Context(), func(ctx context.Context) error {
		if err := s.Store.Add(ctx, []people.Person{Somebody("alice")}); err != nil {
			return err
		}
		return broken
	})
	if got := s.list(t, people.Filter{}); !errors.Is(err, broken) || len(got) != 0 {
		t.Errorf("got %v and %v", got, err)
	}
}
