package versions_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/access/policy/versions/versionsdb"
	"github.com/warder-project/warder/internal/access/rulebook"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/audit/auditdb"
	"github.com/warder-project/warder/internal/testkit"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func open(d *db.DB) (*versions.Library, *audit.Log) {
	now := testkit.NewClock().Now
	log := audit.New(audit.Deps{Store: auditdb.New(d), Tx: d, Now: now})
	return versions.New(versions.Deps{Store: versionsdb.New(d), Tx: d, Audit: log, Now: now}), log
}

func text(version string) []byte {
	return []byte("version: " + version + "\nrules: []\n")
}

func TestPublishedPolicySupersedesTheOneBefore(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		library, log := open(d)
		ctx, actor := t.Context(), audit.Command("root")
		if _, _, err := library.Current(ctx); !problem.Is(err, versions.NonePublished) {
			t.Errorf("before: %v", err)
		}
		for _, version := range []string{"a", "b", "b"} { // the same text twice is one version
			if _, err := library.Publish(ctx, actor, "policy.yaml", text(version)); err != nil {
				t.Fatal(err)
			}
		}
		one := versions.Version{Number: 1, Version: "a", Name: "policy.yaml", Text: string(text("a")), State: versions.Superseded,
			PublishedBy: "command root", PublishedAt: testkit.Start()}
		two := one
		two.Number, two.Version, two.Text, two.State = 2, "b", string(text("b")), versions.Enforced
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
		if _, err := library.Publish(ctx, actor, "policy.yaml", []byte("version: a\nrules: [] # other\n")); !problem.Is(err, versions.VersionTaken) {
			t.Errorf("another text under an old name: %v", err)
		}
		if _, err := library.Publish(ctx, actor, "policy.yaml", []byte("version: c\n")); !problem.Is(err, rulebook.Malformed) {
			t.Errorf("malformed: %v", err)
		}
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
				if _, err := library.Publish(t.Context(), audit.Nobody(), "p", text(fmt.Sprint("v", i))); err != nil {
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

func TestEveryProblemHasSentenceAndNextStep(t *testing.T) {
	t.Parallel()
	for _, definition := range append(versions.Problems(), rulebook.Problems()...) {
		if definition.Code == "" || definition.Sentence == "" || definition.Next == "" {
			t.Errorf("%+v", definition)
		}
	}
}
