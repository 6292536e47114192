// Package recoverytest holds the contract that every recovery.Store must pass, and
// a department in which cases can be led. It is for tests only.
package recoverytest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/recovery"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/testkit"
)

// Kept is a store with the units of work it is used in.
type Kept struct {
	recovery.Store
	Tx tx.Runner
}

// Contract is what every recovery.Store promises. open gives an empty one.
func Contract(t *testing.T, open func(t testing.TB) Kept) {
	t.Run("EveryFieldComesBackAsWritten", func(t *testing.T) { fieldsComeBack(t, open(t)) })
	t.Run("OneOpenCaseForEachPerson", func(t *testing.T) { oneOpen(t, open(t)) })
	t.Run("OfManyChangesAtOnceOneIsKept", func(t *testing.T) { oneAdvances(t, open(t)) })
	t.Run("EachApprovesOnce", func(t *testing.T) { approvesOnce(t, open(t)) })
	t.Run("CasesAreFoundByWhatBelongsToThem", func(t *testing.T) { finds(t, open(t)) })
	t.Run("RulesOfTheDatabase", func(t *testing.T) { rules(t, open(t)) })
}

func example(person ids.Person) recovery.Case {
	return recovery.Case{ID: ids.New[ids.Recovery](), Person: person, State: recovery.Opened, Why: recovery.LostAll, Privileged: true,
		Lost:   []recovery.Loss{{Key: ids.New[ids.Key](), How: keys.Stolen}},
		Opener: audit.Person(ids.New[ids.Person]()), Objection: secret.Token().Hash(),
		OpenedAt: testkit.Start(), ExpiresAt: testkit.Start().Add(time.Hour), Version: 1}
}

func (k Kept) in(t testing.TB, work func(ctx context.Context) error) {
	t.Helper()
	must(t, k.Tx.InTx(t.Context(), work))
}

func fieldsComeBack(t *testing.T, k Kept) {
	made := example(ids.New[ids.Person]())
	k.in(t, func(ctx context.Context) error { return k.Open(ctx, made) })
	got, err := k.ByID(t.Context(), made.ID)
	if diff := cmp.Diff(made, got); diff != "" || err != nil {
		t.Errorf("a new case (-want +got), %v:\n%s", err, diff)
	}
	changed := made
	changed.State, changed.Method, changed.Note, changed.Checker = recovery.Completed, recovery.Video, "photo pass matches", audit.Command("op")
	changed.CoolsUntil, changed.Pass, changed.Credential = made.OpenedAt.Add(time.Hour), ids.New[ids.Invitation](), ids.New[ids.Credential]()
	changed.Ending, changed.ExpiresAt, changed.ClosedAt = "done", made.ExpiresAt.Add(time.Hour), made.OpenedAt.Add(2*time.Hour)
	k.in(t, func(ctx context.Context) error { return k.Advance(ctx, changed) })
	changed.Version++
	got, err = k.ByID(t.Context(), made.ID)
	if diff := cmp.Diff(changed, got); diff != "" || err != nil {
		t.Errorf("a changed case (-want +got), %v:\n%s", err, diff)
	}
	if _, err := k.ByID(t.Context(), ids.New[ids.Recovery]()); !problem.Is(err, recovery.NotFound) {
		t.Errorf("a case that is not there: %v", err)
	}
}

func oneOpen(t *testing.T, k Kept) {
	person := ids.New[ids.Person]()
	results := make([]error, 5)
	made := make([]recovery.Case, 5)
	var all sync.WaitGroup
	for i := range results {
		made[i] = example(person)
		all.Go(func() {
			results[i] = k.Tx.InTx(t.Context(), func(ctx context.Context) error { return k.Open(ctx, made[i]) })
		})
	}
	all.Wait()
	opened := -1
	for i, err := range results {
		switch {
		case err == nil && opened < 0:
			opened = i
		case err == nil:
			t.Error("two cases of one person are open")
		case !problem.Is(err, recovery.AlreadyOpen):
			t.Errorf("a second case: %v", err)
		}
	}
	over := made[max(opened, 0)]
	over.State, over.ClosedAt = recovery.Withdrawn, over.OpenedAt.Add(time.Minute)
	k.in(t, func(ctx context.Context) error { return k.Advance(ctx, over) })
	k.in(t, func(ctx context.Context) error { return k.Open(ctx, example(person)) })
}

func oneAdvances(t *testing.T, k Kept) {
	made := example(ids.New[ids.Person]())
	k.in(t, func(ctx context.Context) error { return k.Open(ctx, made) })
	kept := raced(t, k, func(ctx context.Context, _ int) error {
		changed := made
		changed.State = recovery.Checked
		return k.Advance(ctx, changed)
	}, recovery.WrongStep)
	if kept != 1 {
		t.Errorf("%d changes of one version were kept", kept)
	}
}

func approvesOnce(t *testing.T, k Kept) {
	made, twice := example(ids.New[ids.Person]()), ids.New[ids.Person]()
	k.in(t, func(ctx context.Context) error { return k.Open(ctx, made) })
	kept := raced(t, k, func(ctx context.Context, _ int) error {
		return k.Approve(ctx, made.ID, recovery.Approval{By: twice, Lead: true, At: made.OpenedAt})
	}, recovery.AlreadyInvolved)
	if kept != 1 {
		t.Errorf("one person approved %d times", kept)
	}
	other := recovery.Approval{By: ids.New[ids.Person](), At: made.OpenedAt.Add(time.Second)}
	k.in(t, func(ctx context.Context) error { return k.Approve(ctx, made.ID, other) })
	got, err := k.ByID(t.Context(), made.ID)
	want := []recovery.Approval{{By: twice, Lead: true, At: made.OpenedAt}, other}
	if diff := cmp.Diff(want, got.Approvals); diff != "" || err != nil {
		t.Errorf("approvals (-want +got), %v:\n%s", err, diff)
	}
}

// raced does the same several times at once and says how many were kept; the
// others must have been answered with the problem.
func raced(t *testing.T, k Kept, work func(ctx context.Context, i int) error, want problem.Definition) (kept int) {
	t.Helper()
	results := make([]error, 5)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() {
			results[i] = k.Tx.InTx(t.Context(), func(ctx context.Context) error { return work(ctx, i) })
		})
	}
	all.Wait()
	for _, err := range results {
		switch {
		case err == nil:
			kept++
		case !problem.Is(err, want):
			t.Errorf("got %v, want %s", err, want.Code)
		}
	}
	return kept
}

func finds(t *testing.T, k Kept) {
	first, second := example(ids.New[ids.Person]()), example(ids.New[ids.Person]())
	second.OpenedAt = first.OpenedAt.Add(time.Second)
	second.CoolsUntil, second.Pass, second.Credential = first.OpenedAt, ids.New[ids.Invitation](), ids.New[ids.Credential]()
	over := example(first.Person)
	over.OpenedAt, over.State, over.ClosedAt = first.OpenedAt.Add(-time.Hour), recovery.Expired, first.OpenedAt
	for _, one := range []recovery.Case{over, first, second} {
		k.in(t, func(ctx context.Context) error { return k.Open(ctx, one) })
	}
	for name, test := range map[string]struct {
		filter recovery.Filter
		want   []ids.Recovery
	}{
		"all, newest first": {recovery.Filter{}, []ids.Recovery{second.ID, first.ID, over.ID}},
		"a page":            {recovery.Filter{Limit: 1}, []ids.Recovery{second.ID}},
		"open ones":         {recovery.Filter{Open: true}, []ids.Recovery{second.ID, first.ID}},
		"of a person":       {recovery.Filter{Person: first.Person}, []ids.Recovery{first.ID, over.ID}},
		"by the pass":       {recovery.Filter{Pass: second.Pass}, []ids.Recovery{second.ID}},
		"by the credential": {recovery.Filter{Credential: second.Credential, Open: true}, []ids.Recovery{second.ID}},
		"by the objection":  {recovery.Filter{Objection: over.Objection}, []ids.Recovery{over.ID}},
		"by another":        {recovery.Filter{Objection: secret.Token().Hash()}, nil},
	} {
		found, err := k.List(t.Context(), test.filter)
		var got []ids.Recovery
		for _, one := range found {
			got = append(got, one.ID)
		}
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("%s (-want +got), %v:\n%s", name, err, diff)
		}
	}
}

// rules: what the database itself refuses, whatever the program above it does.
func rules(t *testing.T, k Kept) {
	for name, spoil := range map[string]func(*recovery.Case){
		"opened by themselves":             func(c *recovery.Case) { c.Opener = audit.Person(c.Person) },
		"checked by themselves":            func(c *recovery.Case) { c.Checker = audit.Person(c.Person) },
		"a pass without cooling off":       func(c *recovery.Case) { c.Pass = ids.New[ids.Invitation]() },
		"over and open":                    func(c *recovery.Case) { c.State = recovery.Expired },
		"open and over":                    func(c *recovery.Case) { c.ClosedAt = c.OpenedAt },
		"a state that is none":             func(c *recovery.Case) { c.State = "approved" },
		"a way to identify that is none":   func(c *recovery.Case) { c.Method = "voice" },
		"a reason that is none of the few": func(c *recovery.Case) { c.Why = "asked nicely" },
	} {
		spoilt := example(ids.New[ids.Person]())
		spoil(&spoilt)
		if err := k.Tx.InTx(t.Context(), func(ctx context.Context) error { return k.Open(ctx, spoilt) }); err == nil {
			t.Errorf("%s was kept", name)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
