package peopledb_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/audit/auditdb"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/people/peopledb"
	"github.com/warder-project/warder/internal/testkit"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

const (
	// importAddress tells a copy of the test program to be the importer.
	importAddress = "WARDER_TEST_IMPORT_ADDRESS"
	// importHalt names the moment at which the importer stands still.
	importHalt = "WARDER_TEST_IMPORT_HALT"
	staff      = 5000
)

func staffRows() []people.Row {
	rows := make([]people.Row, staff)
	for i := range rows {
		rows[i] = people.Row{Line: i + 2, UserName: fmt.Sprintf("p%05d", i), Name: fmt.Sprintf("Person %d", i),
			Email: fmt.Sprintf("p%d@example.org", i), Department: fmt.Sprintf("Department %d", i%12), Groups: []string{"staff", fmt.Sprintf("d%d", i%12)}}
		if i > 0 {
			rows[i].Manager = fmt.Sprintf("p%05d", i/8)
		}
	}
	return rows
}

func directoryOn(d *db.DB, store people.Store, runner tx.Runner) *people.Directory {
	log := audit.New(audit.Deps{Store: auditdb.New(d), Tx: d, Now: testkit.Start})
	return people.New(people.Deps{Store: store, Tx: runner, Audit: log, Now: testkit.Start})
}

// reached says where the importer is, and stands still there if it was told to.
func reached(moment string) {
	fmt.Printf("reached %s\n", moment)
	if os.Getenv(importHalt) == moment {
		time.Sleep(time.Minute) // killed long before
	}
}

// telling is the real store, which says how far it is.
type telling struct{ people.Store }

func (s telling) Add(ctx context.Context, persons []people.Person) error {
	half := len(persons) / 2
	if err := s.Store.Add(ctx, persons[:half]); err != nil {
		return err
	}
	reached("half")
	return s.Store.Add(ctx, persons[half:])
}

// tellingRunner is the real unit of work, which says when only the commit is left.
type tellingRunner struct{ tx.Runner }

func (r tellingRunner) InTx(ctx context.Context, fn func(context.Context) error) error {
	return r.Runner.InTx(ctx, func(ctx context.Context) error {
		err := fn(ctx)
		reached("written")
		return err
	})
}

// TestImporterProcess is the child: it imports everybody and says so.
func TestImporterProcess(t *testing.T) {
	address := os.Getenv(importAddress)
	if address == "" {
		t.Skip("runs only as the child of another test")
	}
	d, err := db.Open(t.Context(), db.Options{URL: address})
	if err != nil {
		t.Fatal(err)
	}
	directory := directoryOn(d, telling{peopledb.New(d)}, tellingRunner{d})
	if _, err := directory.Import(t.Context(), audit.Command("test"), staffRows(), people.Apply); err != nil {
		t.Fatal(err)
	}
	reached("kept")
}

func TestImportKilledAtAnyMomentIsWhollyThereOrWhollyNot(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, halt, kill string
		want             []int // how many people there may be afterwards
	}{
		{"halfway through the people", "half", "half", []int{0}},
		{"with everything written but the commit", "written", "written", []int{0}},
		{"while it commits", "", "written", []int{0, staff}},
		{"after it said so", "kept", "kept", []int{staff}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			address := dbtest.SQLiteURL(t)
			child := testkit.Run(t, testkit.Command{Path: os.Args[0], Args: []string{"-test.run=^TestImporterProcess$", "-test.v"},
				Env: []string{importAddress + "=" + address, importHalt + "=" + test.halt}})
			child.Line("^reached " + test.kill + "$")
			child.Kill()

			d := dbtest.Open(t, address)
			directory := directoryOn(d, peopledb.New(d), d)
			got := stored(t, d, directory)
			if want := test.want; got != want[0] && got != want[len(want)-1] {
				t.Fatalf("%d people are there, want one of %v", got, want)
			}
			// Whatever happened, the same file brings the directory to the same end.
			plan, err := directory.Import(t.Context(), audit.Command("test"), staffRows(), people.Apply)
			if err != nil || len(plan.Joins) != staff-got || plan.Unchanged != got {
				t.Fatalf("importing again: %d joins, %d unchanged, %v", len(plan.Joins), plan.Unchanged, err)
			}
			if got := stored(t, d, directory); got != staff {
				t.Errorf("%d people are there in the end", got)
			}
		})
	}
}

// stored counts people, and makes sure that groups and the audit record tell the
// same story.
func stored(t *testing.T, d *db.DB, directory *people.Directory) int {
	t.Helper()
	counts, err := directory.Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var members, entries int
	err = d.From(t.Context()).QueryRowContext(t.Context(), `
		select (select count(*) from people_group_member), (select count(*) from audit_entry where action = 'person.added')`).Scan(&members, &entries)
	if err != nil {
		t.Fatal(err)
	}
	if members != 2*counts.Active || entries != counts.Active {
		t.Errorf("%d people, %d memberships, %d audit entries", counts.Active, members, entries)
	}
	return counts.Active
}

func TestLargeDepartmentIsImported(t *testing.T) {
	if testing.Short() {
		t.Skip("takes several seconds; left out with -short")
	}
	t.Parallel()
	d := dbtest.SQLite(t)
	directory := directoryOn(d, peopledb.New(d), d)
	rows := make([]people.Row, 20_000)
	for i := range rows {
		rows[i] = people.Row{UserName: fmt.Sprintf("p%06d", i), Name: "N", Email: fmt.Sprintf("p%d@example.org", i), Groups: []string{"staff"}}
	}
	begun := time.Now()
	plan, err := directory.Import(t.Context(), audit.Command("test"), rows, people.Apply)
	if err != nil || len(plan.Joins) != len(rows) {
		t.Fatalf("%d joins, %v", len(plan.Joins), err)
	}
	t.Logf("imported in %s", time.Since(begun))
	plan, err = directory.Import(t.Context(), audit.Command("test"), rows, people.DryRun)
	if err != nil || plan.Unchanged != len(rows) {
		t.Errorf("%d unchanged, %v", plan.Unchanged, err)
	}
}
