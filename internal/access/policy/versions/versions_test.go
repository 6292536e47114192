package versions_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/access/policy/versions/versionsdb"
	"github.com/warder-project/warder/internal/access/rulebook"
	"github.com/warder-project/warder/internal/access/rulebook/cases"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/audit/auditdb"
	"github.com/warder-project/warder/internal/testkit"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

var root = audit.Command("root")

func open(d *db.DB) (*versions.Library, *audit.Log) {
	return openWith(d, func(context.Context, versions.Enforcing) error { return nil })
}

func openWith(d *db.DB, may func(context.Context, versions.Enforcing) error) (*versions.Library, *audit.Log) {
	now := testkit.NewClock().Now
	log := audit.New(audit.Deps{Store: auditdb.New(d), Tx: d, Now: now})
	return versions.New(versions.Deps{Store: versionsdb.New(d), Tx: d, Audit: log, Now: now, MayEnforce: may}), log
}

func text(version string) versions.Text {
	return versions.Text{Name: "policy.yaml", Body: []byte("version: " + version + "\nrules: []\n")}
}

// asking is a text that asks everybody for a level.
func asking(version string, level int) versions.Text {
	return versions.Text{Name: "policy.yaml", Body: fmt.Appendf(nil, "version: %s\nrules:\n- {id: all, title: All, services: ['*'], require: {aal: %d}}\n", version, level)}
}

func imported(t *testing.T, library *versions.Library, text versions.Text) versions.Version {
	t.Helper()
	version, err := library.Import(t.Context(), root, text)
	if err != nil {
		t.Fatal(err)
	}
	return version
}

func wantProblem(t *testing.T, what string, err error, want problem.Definition) {
	t.Helper()
	if !problem.Is(err, want) {
		t.Errorf("%s: %v, want %s", what, err, want.Code)
	}
}

func TestPublishedPolicySupersedesTheOneBefore(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		library, log := open(d)
		ctx := t.Context()
		_, _, err := library.Current(ctx)
		wantProblem(t, "before", err, versions.NonePublished)
		for _, version := range []string{"a", "b", "b"} { // the same text twice is one version
			if _, err := library.Publish(ctx, root, text(version), versions.EnforceOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		one := versions.Version{Number: 1, Version: "a", Name: "policy.yaml", Text: string(text("a").Body), State: versions.Retired, Revision: 3,
			SavedBy: "command root", SavedAt: testkit.Start(), PublishedBy: "command root", PublishedAt: testkit.Start(), Since: testkit.Start()}
		two := one
		two.Number, two.Version, two.Text, two.State, two.Revision = 2, "b", string(text("b").Body), versions.Enforced, 2
		got, err := library.List(ctx)
		if diff := cmp.Diff([]versions.Version{two, one}, got); diff != "" || err != nil {
			t.Error(err, diff)
		}
		current, parsed, err := library.Current(ctx)
		if diff := cmp.Diff(two, current); diff != "" || err != nil || parsed.Version != "b" {
			t.Error(err, diff)
		}
		if entries, err := log.List(ctx, audit.Filter{Action: "policy.published"}); err != nil || len(entries) != 2 {
			t.Errorf("%d audit entries, error %v", len(entries), err)
		}
		other := versions.Text{Name: "policy.yaml", Body: []byte("version: a\nrules: [] # other\n")}
		_, err = library.Publish(ctx, root, other, versions.EnforceOptions{})
		wantProblem(t, "another text under an old name", err, versions.VersionTaken)
		_, err = library.Publish(ctx, root, versions.Text{Name: "p", Body: []byte("version: c\n")}, versions.EnforceOptions{})
		wantProblem(t, "malformed", err, rulebook.Malformed)
		if current, _, err := library.Current(ctx); err != nil || current.Version != "b" {
			t.Errorf("after refusals %q is enforced, error %v", current.Version, err)
		}
	})
}

func TestOfManyPublishersAtOnceOneTextIsEnforced(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		library, _ := open(d)
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				if _, err := library.Publish(t.Context(), audit.Nobody(), text(fmt.Sprint("v", i)), versions.EnforceOptions{}); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		all, err := library.List(t.Context())
		if err != nil || len(all) != 8 {
			t.Fatalf("%d versions, error %v", len(all), err)
		}
		for i, version := range all {
			if version.Number != int64(8-i) || (version.State == versions.Enforced) != (i == 0) {
				t.Errorf("%+v", version)
			}
		}
	})
}

// TestOfTwoAdministratorsWhoPublishAtOnceOneIsRefused: both compared their draft with
// the same policy in force. One goes in; the other is told, and loses nothing.
func TestOfTwoAdministratorsWhoPublishAtOnceOneIsRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		library, _ := open(d)
		before, err := library.Publish(t.Context(), root, text("before"), versions.EnforceOptions{Over: versions.NoneInForce})
		if err != nil {
			t.Fatal(err)
		}
		drafts := []versions.Version{imported(t, library, asking("a", 2)), imported(t, library, asking("b", 3)), imported(t, library, asking("c", 1))}
		var group sync.WaitGroup
		var done, refused atomic.Int32
		for _, draft := range drafts {
			group.Go(func() {
				_, err := library.Enforce(t.Context(), root, draft.Number, versions.EnforceOptions{Revision: draft.Revision, Over: before.Number})
				switch {
				case err == nil:
					done.Add(1)
				case problem.Is(err, versions.ReplacedMeanwhile):
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		group.Wait()
		if done.Load() != 1 || refused.Load() != 2 {
			t.Errorf("%d were put in force and %d refused, of 3", done.Load(), refused.Load())
		}
		current, _, err := library.Current(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, draft := range drafts {
			kept, err := library.Get(t.Context(), draft.Number)
			if err != nil || kept.Text != draft.Text || (kept.State == versions.Draft) == (kept.Number == current.Number) {
				t.Errorf("%+v, %v", kept, err)
			}
		}
	})
}

// TestOfTwoWhoEditADraftAtOnceTheSecondIsTold: nothing is written over unseen.
func TestOfTwoWhoEditADraftAtOnceTheSecondIsTold(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		library, _ := open(d)
		draft := imported(t, library, asking("draft", 2))
		var group sync.WaitGroup
		var done, refused atomic.Int32
		for level := range 3 {
			group.Go(func() {
				_, err := library.Save(t.Context(), root, draft.Number, draft.Revision, asking("draft", level+1))
				switch {
				case err == nil:
					done.Add(1)
				case problem.Is(err, versions.ChangedMeanwhile):
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		group.Wait()
		if done.Load() != 1 || refused.Load() != 2 {
			t.Errorf("%d were saved and %d refused, of 3", done.Load(), refused.Load())
		}
		saved, err := library.Get(t.Context(), draft.Number)
		if err != nil || saved.Revision != draft.Revision+1 {
			t.Errorf("%+v, %v", saved, err)
		}
		for what, act := range map[string]func() (versions.Version, error){
			"enforce": func() (versions.Version, error) {
				return library.Enforce(t.Context(), root, draft.Number, versions.EnforceOptions{Revision: draft.Revision})
			},
			"report-only": func() (versions.Version, error) {
				return library.ReportOnly(t.Context(), root, draft.Number, draft.Revision)
			},
			"retire": func() (versions.Version, error) {
				return library.Retire(t.Context(), root, draft.Number, draft.Revision)
			},
		} {
			_, err := act()
			wantProblem(t, what+" what somebody else has changed", err, versions.ChangedMeanwhile)
		}
	})
}

func TestDraftGoesThroughReportOnlyIntoForce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		library, log := open(d)
		ctx := t.Context()
		draft := imported(t, library, asking("a", 2))
		steps := []func(context.Context, audit.Actor, int64, int64) (versions.Version, error){library.ReportOnly, library.Withdraw, library.ReportOnly}
		revision := draft.Revision
		for i, step := range steps {
			moved, err := step(ctx, root, draft.Number, revision)
			if err != nil || moved.Revision != revision+1 {
				t.Fatalf("step %d: %+v, %v", i, moved, err)
			}
			revision = moved.Revision
		}
		_, err := library.Save(ctx, root, draft.Number, revision, asking("a", 3))
		wantProblem(t, "editing what is in report-only", err, versions.NotInThisState)
		published, err := library.Enforce(ctx, root, draft.Number, versions.EnforceOptions{Revision: revision, Over: versions.NoneInForce})
		if err != nil || published.State != versions.Enforced || published.PublishedBy != "command root" {
			t.Fatalf("%+v, %v", published, err)
		}
		_, err = library.Retire(ctx, root, draft.Number, 0)
		wantProblem(t, "retiring what is in force", err, versions.NotInThisState)
		_, err = library.Enforce(ctx, root, draft.Number, versions.EnforceOptions{})
		wantProblem(t, "enforcing what is in force", err, versions.NotInThisState)
		_, err = library.Get(ctx, 99)
		wantProblem(t, "no such number", err, versions.NotFound)
		for action, want := range map[string]int{"policy.draft_saved": 1, "policy.report_only": 2, "policy.withdrawn": 1, "policy.published": 1} {
			if entries, err := log.List(ctx, audit.Filter{Action: action}); err != nil || len(entries) != want {
				t.Errorf("%s: %d audit entries, want %d, error %v", action, len(entries), want, err)
			}
		}
	})
}

func TestAtMostThreeVersionsAreInReportOnly(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		library, _ := open(d)
		var group sync.WaitGroup
		var refused atomic.Int32
		for i := range 5 {
			draft := imported(t, library, text(fmt.Sprint("v", i)))
			group.Go(func() {
				if _, err := library.ReportOnly(t.Context(), root, draft.Number, 0); problem.Is(err, versions.TooManyOnTrial) {
					refused.Add(1)
				} else if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if refused.Load() != 2 {
			t.Errorf("%d of five were refused", refused.Load())
		}
	})
}

// TestStricterPolicyIsNotEnforcedWhereNothingCanBeForeseen: without the gate, only what
// asks for no more goes in; and what the gate refuses is left as it was.
func TestStricterPolicyIsNotEnforcedWhereNothingCanBeForeseen(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	library, _ := openWith(d, nil)
	publish := func(library *versions.Library, version string, level int) error {
		_, err := library.Publish(t.Context(), root, asking(version, level), versions.EnforceOptions{})
		return err
	}
	for version, level := range map[string]int{"one": 2} {
		if err := publish(library, version, level); err != nil {
			t.Fatal(err)
		}
	}
	wantProblem(t, "stricter", publish(library, "two", 3), versions.Unforeseen)
	if err := publish(library, "three", 1); err != nil {
		t.Errorf("weaker: %v", err)
	}
	var asked versions.Enforcing
	gated, _ := openWith(d, func(_ context.Context, e versions.Enforcing) error {
		asked = e
		return versions.Unforeseen.New()
	})
	draft := imported(t, gated, asking("four", 3))
	_, err := gated.Enforce(t.Context(), root, draft.Number, versions.EnforceOptions{})
	wantProblem(t, "refused by the gate", err, versions.Unforeseen)
	if diff := cmp.Diff([]string{"all"}, asked.Stricter); diff != "" || asked.Before.Version != "three" || asked.Next.Version != "four" ||
		asked.Version.Number != draft.Number {
		t.Errorf("asked about %+v %s", asked, diff)
	}
	if kept, err := gated.Get(t.Context(), draft.Number); err != nil || kept.State != versions.Draft || kept.Revision != draft.Revision {
		t.Errorf("after the refusal: %+v, %v", kept, err)
	}
	if current, _, err := gated.Current(t.Context()); err != nil || current.Version != "three" {
		t.Errorf("in force is %q, %v", current.Version, err)
	}
}

// TestPolicyWhoseOwnCasesFailIsNotEnforced: it can be kept and tried, and says which
// case it does not keep.
func TestPolicyWhoseOwnCasesFailIsNotEnforced(t *testing.T) {
	t.Parallel()
	library, _ := open(dbtest.SQLite(t))
	draft := asking("tested", 2)
	draft.Tests = []byte("cases: [{name: attested keys only, service: payroll, session: {with: security_key}, expect: {effect: step_up}}]\n")
	kept := imported(t, library, draft)
	_, err := library.Enforce(t.Context(), root, kept.Number, versions.EnforceOptions{})
	wantProblem(t, "a failing case", err, cases.NotMet)
	if found, ok := problem.Of(err); !ok || len(found.Fields) != 1 || found.Fields[0].String() != "tests:1: attested keys only: effect: expected step_up, found allow (policy.rule_met:all)" {
		t.Errorf("%v", found.Fields)
	}
	better := asking("tested", 3)
	better.Tests = draft.Tests
	if kept, err = library.Save(t.Context(), root, kept.Number, kept.Revision, better); err != nil {
		t.Fatal(err)
	}
	if _, err := library.Enforce(t.Context(), root, kept.Number, versions.EnforceOptions{}); err != nil {
		t.Error(err)
	}
	better.Tests = []byte("cases: 5")
	_, err = library.Import(t.Context(), root, better)
	wantProblem(t, "cases that cannot be read", err, cases.Malformed)
}

func TestEveryProblemHasSentenceAndNextStep(t *testing.T) {
	t.Parallel()
	for _, definition := range append(versions.Problems(), rulebook.Problems()...) {
		if definition.Code == "" || definition.Sentence == "" || definition.Next == "" {
			t.Errorf("%+v", definition)
		}
	}
}
