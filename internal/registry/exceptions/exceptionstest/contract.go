// Package exceptionstest holds the contract that every exceptions.Store must pass, and
// what a proposal looks like. It is for tests only.
package exceptionstest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/exceptions"
	"github.com/warder-project/warder/internal/testkit"
)

// Kept is an empty store, with the units of work it is used in and what is in the
// other rooms' tables.
type Kept struct {
	exceptions.Store
	Tx              tx.Runner
	Owner, Approver ids.Person
	Service         ids.Service
	Route           ids.Route
}

// Contract is what every exceptions.Store promises. open gives an empty one.
func Contract(t *testing.T, open func(t testing.TB) Kept) {
	for name, keep := range map[string]func(t *testing.T, k Kept){
		"EveryFieldComesBackAsWritten":  fieldsComeBack,
		"NumbersAreGivenOnceAndInOrder": numbers,
		"OfManyChangesAtOnceOneIsKept":  oneAdvances,
		"ListsAreNarrowed":              finds,
		"EachIsWarnedOnceOfEachEnd":     warns,
		"RulesOfTheDatabase":            rules,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			keep(t, open(t))
		})
	}
}

// Proposal is a complete proposal of low risk for a service, for tests.
func Proposal(service ids.Service, owner ids.Person) exceptions.Exception {
	return exceptions.Exception{Subject: exceptions.Subject{Service: service}, Owner: owner,
		Floor: assurance.Requirement{AAL: assurance.AAL2}, Reason: exceptions.LegacyProtocol,
		Narrative: "The old client cannot ask for a key.",
		Risk:      exceptions.Risk{Likelihood: 2, Impact: 3, Narrative: "A password could be phished; the service holds no personal data."},
		Controls:  []exceptions.Control{{Text: "Only from the office network", How: "Try to sign in from elsewhere."}},
		Sunset:    exceptions.Sunset{Path: exceptions.PathGate, Milestones: []exceptions.Milestone{{Text: "Route created", Due: testkit.Start().Add(20 * day)}}},
		OnOverdue: exceptions.Fallback{Kind: exceptions.Ends}, End: testkit.Start().Add(40 * day)}
}

const day = 24 * time.Hour

// example is an exception as a Register would store it.
func (k Kept) example() exceptions.Exception {
	e := Proposal(k.Service, k.Owner)
	e.ID, e.State, e.Version = ids.New[ids.Exception](), exceptions.Proposed, 1
	e.ProposedBy, e.Start, e.ProposedAt, e.ChangedAt = audit.Person(k.Owner), testkit.Start(), testkit.Start(), testkit.Start()
	return e
}

func (k Kept) in(t testing.TB, work func(ctx context.Context) error) {
	t.Helper()
	if err := k.Tx.InTx(t.Context(), work); err != nil {
		t.Fatal(err)
	}
}

func (k Kept) add(t testing.TB, made exceptions.Exception) exceptions.Exception {
	t.Helper()
	k.in(t, func(ctx context.Context) (err error) { made.Number, err = k.Add(ctx, made); return err })
	return made
}

// approved is e, approved.
func (k Kept) approved(e exceptions.Exception) exceptions.Exception {
	e.State, e.ApprovedBy, e.ApprovedAt = exceptions.Approved, k.Approver, testkit.Start()
	return e
}

func fieldsComeBack(t *testing.T, k Kept) {
	at := testkit.Start()
	made := k.example()
	made.Subject.People, made.Subject.Groups, made.Subject.Route = sortedPair(k.Owner, k.Approver), []string{"night-shift", "wards"}, k.Route
	made.Floor = assurance.Requirement{AAL: assurance.AAL2, PhishingResistant: true, Attested: true, Forbid: assurance.ParseMethod("sms").Weaknesses(), MaxAge: 90 * time.Minute}
	made.Reviews, made.Evidence = []time.Time{at.Add(day), at.Add(2 * day)}, []string{"https://wiki.test/risk"}
	made.OnOverdue = exceptions.Fallback{Kind: exceptions.Stricter, Floor: assurance.Requirement{AAL: assurance.AAL3}}
	made = k.add(t, made)
	got, err := k.ByID(t.Context(), made.ID)
	if diff := cmp.Diff(made, got); diff != "" || err != nil {
		t.Fatalf("a new exception (-want +got), %v:\n%s", err, diff)
	}
	changed := k.approved(made)
	changed.Floor, changed.Owner = assurance.Requirement{AAL: assurance.AAL3}, k.Owner
	changed.Controls = []exceptions.Control{{Text: "a", How: "b", Result: exceptions.Works, Note: "c", TestedAt: at, TestedBy: audit.Command("op")}}
	changed.Sunset, changed.Reviews, changed.Evidence = exceptions.Sunset{Path: exceptions.PathOther}, []time.Time{at.Add(3 * day)}, []string{"https://x.test"}
	changed.Start, changed.End, changed.ChangedAt, changed.Lapses = at.Add(time.Hour), at.Add(50*day), at.Add(time.Minute), at.Add(40*day)
	changed.Renewal = exceptions.Renewal{End: at.Add(60 * day), Reason: "late", By: audit.Person(k.Owner), At: at}
	changed.Renewals, changed.ForBoard, changed.Ending, changed.EndedAt = 3, true, "why", at.Add(2*time.Hour)
	k.in(t, func(ctx context.Context) error { return k.Advance(ctx, changed) })
	changed.Version++
	got, err = k.ByID(t.Context(), made.ID)
	if diff := cmp.Diff(changed, got); diff != "" || err != nil {
		t.Errorf("a changed exception (-want +got), %v:\n%s", err, diff)
	}
	if _, err := k.ByID(t.Context(), ids.New[ids.Exception]()); !problem.Is(err, exceptions.NotFound) {
		t.Errorf("an exception that is not there: %v", err)
	}
}

func sortedPair(a, b ids.Person) []ids.Person {
	if a > b {
		a, b = b, a
	}
	return []ids.Person{a, b}
}

func numbers(t *testing.T, k Kept) {
	const many = 8
	got := make([]int64, many)
	var group sync.WaitGroup
	for i := range got {
		group.Go(func() {
			err := k.Tx.InTx(t.Context(), func(ctx context.Context) (err error) { got[i], err = k.Add(ctx, k.example()); return err })
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	seen := map[int64]bool{}
	for _, number := range got {
		if number < 1 || number > many || seen[number] {
			t.Errorf("numbers %v: %d is out of order", got, number)
		}
		seen[number] = true
	}
}

func oneAdvances(t *testing.T, k Kept) {
	made := k.add(t, k.example())
	results := make([]error, 6)
	var group sync.WaitGroup
	for i := range results {
		group.Go(func() {
			results[i] = k.Tx.InTx(t.Context(), func(ctx context.Context) error { return k.Advance(ctx, k.approved(made)) })
		})
	}
	group.Wait()
	won := 0
	for _, err := range results {
		if err == nil {
			won++
		} else if !problem.Is(err, exceptions.MovedOn) {
			t.Errorf("got %v, want %s", err, exceptions.MovedOn.Code)
		}
	}
	if won != 1 {
		t.Errorf("%d of %d were kept", won, len(results))
	}
}

func finds(t *testing.T, k Kept) {
	first := k.add(t, k.example())
	second := k.approved(k.example())
	second.Subject = exceptions.Subject{People: []ids.Person{k.Owner}}
	second = k.add(t, second)
	unseen := k.approved(k.example()) // by whoever was to review it
	unseen.Subject, unseen.Lapses = second.Subject, second.Start
	k.add(t, unseen)
	for name, try := range map[string]struct {
		filter exceptions.Filter
		want   []int64
	}{
		"everything":       {exceptions.Filter{}, []int64{second.Number + 1, second.Number, first.Number}},
		"the latest":       {exceptions.Filter{Limit: 1}, []int64{second.Number + 1}},
		"a number":         {exceptions.Filter{Number: first.Number}, []int64{first.Number}},
		"a state":          {exceptions.Filter{State: exceptions.Approved}, []int64{second.Number + 1, second.Number}},
		"a service":        {exceptions.Filter{Service: k.Service}, []int64{first.Number}},
		"an owner":         {exceptions.Filter{Owner: k.Owner, State: exceptions.Proposed}, []int64{first.Number}},
		"nobody's":         {exceptions.Filter{Owner: k.Approver}, nil},
		"in force":         {exceptions.Filter{InForce: second.Start}, []int64{second.Number}},
		"before it starts": {exceptions.Filter{InForce: second.Start.Add(-time.Millisecond)}, nil},
		"just before end":  {exceptions.Filter{InForce: second.End.Add(-time.Millisecond)}, []int64{second.Number}},
		"at its very end":  {exceptions.Filter{InForce: second.End}, nil},
	} {
		got, err := k.List(t.Context(), try.filter)
		var numbers []int64
		for _, one := range got {
			numbers = append(numbers, one.Number)
		}
		if diff := cmp.Diff(try.want, numbers); diff != "" || err != nil {
			t.Errorf("%s (-want +got), %v:\n%s", name, err, diff)
		}
	}
}

func warns(t *testing.T, k Kept) {
	made := k.add(t, k.example())
	warning := exceptions.Warning{Exception: made.ID, Person: k.Owner, End: made.End, Days: 30, At: testkit.Start()}
	for _, try := range []struct {
		change func(w *exceptions.Warning)
		want   bool
	}{
		{func(*exceptions.Warning) {}, true},
		{func(w *exceptions.Warning) { w.At = w.At.Add(time.Hour) }, false},
		{func(w *exceptions.Warning) { w.Days = 14 }, true},
		{func(w *exceptions.Warning) { w.Person = k.Approver }, true},
		{func(w *exceptions.Warning) { w.End = w.End.Add(time.Hour) }, true},
	} {
		again := warning
		try.change(&again)
		k.in(t, func(ctx context.Context) error {
			if got, err := k.Warn(ctx, again); got != try.want || err != nil {
				t.Errorf("%+v: got %v, %v, want %v", again, got, err, try.want)
			}
			return nil
		})
	}
}

// The database itself refuses what must never be.
func rules(t *testing.T, k Kept) {
	for name, spoil := range map[string]func(e *exceptions.Exception){
		"no end":                       func(e *exceptions.Exception) { e.End = time.Time{} },
		"an end at the beginning":      func(e *exceptions.Exception) { e.End = e.Start },
		"no floor":                     func(e *exceptions.Exception) { e.Floor = assurance.Requirement{} },
		"a risk off the scale":         func(e *exceptions.Exception) { e.Risk.Impact = 6 },
		"no state":                     func(e *exceptions.Exception) { e.State = "" },
		"approved by nobody":           func(e *exceptions.Exception) { e.State = exceptions.Approved },
		"approved by its owner":        func(e *exceptions.Exception) { *e = k.approved(*e); e.ApprovedBy = e.Owner },
		"approved by who asked":        func(e *exceptions.Exception) { *e = k.approved(*e); e.ProposedBy = audit.Person(k.Approver) },
		"an owner nobody knows":        func(e *exceptions.Exception) { e.Owner = ids.New[ids.Person]() },
		"for somebody nobody knows":    func(e *exceptions.Exception) { e.Subject.People = []ids.Person{ids.New[ids.Person]()} },
		"at a service nobody knows":    func(e *exceptions.Exception) { e.Subject.Service = ids.New[ids.Service]() },
		"on a route that is not there": func(e *exceptions.Exception) { e.Subject.Route = ids.New[ids.Route]() },
	} {
		made := k.example()
		spoil(&made)
		if err := k.Tx.InTx(t.Context(), func(ctx context.Context) error { _, err := k.Add(ctx, made); return err }); err == nil {
			t.Errorf("%s: it was kept", name)
		}
	}
}
