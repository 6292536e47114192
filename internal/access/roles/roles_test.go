package roles_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/access/roles/rolesdb"
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

var root = audit.Command("root")

// office is a roster and a directory on one real store.
type office struct {
	t      *testing.T
	clock  *testkit.Clock
	people *people.Directory
	roster *roles.Roster
	audit  *audit.Log

	mu   sync.Mutex
	told []tx.Change
}

func newOffice(t *testing.T, d *db.DB) *office {
	o := &office{t: t, clock: testkit.NewClock()}
	o.audit = audit.New(audit.Deps{Store: auditdb.New(d), Tx: d, Now: o.clock.Now})
	o.people = people.New(people.Deps{Store: peopledb.New(d), Tx: d, Audit: o.audit, Now: o.clock.Now})
	o.roster = roles.New(roles.Deps{Store: rolesdb.New(d), People: o.people, Tx: d, Audit: o.audit, Now: o.clock.Now})
	d.OnCommit(func(_ context.Context, changes []tx.Change) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.told = append(o.told, changes...)
	})
	return o
}

// with adds a person who holds the roles.
func (o *office) with(userName string, held ...roles.Role) ids.Person {
	o.t.Helper()
	person, err := o.people.Add(o.t.Context(), root, people.NewPerson{UserName: userName, Name: userName})
	if err != nil {
		o.t.Fatal(err)
	}
	for _, role := range held {
		if err := o.roster.Grant(o.t.Context(), root, person.ID, role); err != nil {
			o.t.Fatal(err)
		}
	}
	return person.ID
}

// retire takes both out of the way of the next round.
func (o *office) retire(pair [2]ids.Person) {
	o.t.Helper()
	for _, person := range pair {
		if _, err := o.people.Leave(o.t.Context(), root, person, time.Time{}, ""); err != nil {
			o.t.Fatal(err)
		}
	}
}

func (o *office) holds(person ids.Person) []roles.Role {
	o.t.Helper()
	held, err := o.roster.Of(o.t.Context(), person)
	if err != nil {
		o.t.Fatal(err)
	}
	return held
}

func TestTableOfPermissionsIsAsAgreed(t *testing.T) {
	t.Parallel()
	want := map[roles.Role]string{
		roles.Administrator: "people.read people.write keys.read keys.write keys.block sessions.read sessions.end desk.use recovery.read recovery.approve services.read services.write decisions.read policy.write maturity.read evidence.write audit.read roles.read exceptions.read exceptions.write exceptions.approve breakglass.read breakglass.write roles.write",
		roles.SecurityLead:  "people.read keys.read keys.block sessions.read sessions.end recovery.read recovery.approve services.read decisions.read maturity.read evidence.write audit.read roles.read exceptions.read exceptions.write exceptions.approve breakglass.read",
		roles.KeyCustodian:  "people.read keys.read keys.write keys.block",
		roles.ServiceDesk:   "keys.block sessions.end desk.use recovery.read recovery.approve",
		roles.Auditor:       "people.read keys.read sessions.read recovery.read services.read decisions.read maturity.read audit.read roles.read exceptions.read breakglass.read",
		roles.ExerciseLead:  "people.read decisions.read",
		roles.RiskOwner:     "exceptions.read exceptions.approve exceptions.approve_high",
		"":                  "",
		"owner":             "",
	}
	got := map[roles.Role]string{}
	for role := range want {
		got[role] = strings.Join(roles.Permissions(role), " ")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("permissions (-want +got):\n%s", diff)
	}
	for _, permission := range []string{"", "people", "people.*", "people.read ", "PEOPLE.READ", "public", "self", "keys.issue"} {
		if roles.Allows(roles.All(), permission) {
			t.Errorf("%q is somebody's", permission)
		}
	}
	if roles.Allows(nil, "people.read") {
		t.Error("nobody in particular may read people")
	}
}

func TestNobodyGivesMoreThanTheyHold(t *testing.T) {
	t.Parallel()
	o := newOffice(t, dbtest.SQLite(t))
	admin := audit.Person(o.with("admin", roles.Administrator))
	suspended := o.with("suspended", roles.Administrator)
	if _, err := o.people.Suspend(t.Context(), root, suspended, time.Time{}, ""); err != nil {
		t.Fatal(err)
	}
	target := o.with("target")
	for _, test := range []struct {
		name  string
		actor audit.Actor
		want  bool
	}{
		{"administrator", admin, true},
		{"command line", root, true},
		{"security lead", audit.Person(o.with("lead", roles.SecurityLead)), false},
		{"key custodian", audit.Person(o.with("custodian", roles.KeyCustodian)), false},
		{"service desk", audit.Person(o.with("desk", roles.ServiceDesk)), false},
		{"auditor", audit.Person(o.with("auditor", roles.Auditor)), false},
		{"exercise lead", audit.Person(o.with("exercises", roles.ExerciseLead)), false},
		{"everything but administrator", audit.Person(o.with("most", roles.SecurityLead, roles.KeyCustodian, roles.ServiceDesk, roles.Auditor, roles.ExerciseLead)), false},
		{"suspended administrator", audit.Person(suspended), false},
		{"the person themselves", audit.Person(target), false},
		{"somebody unknown", audit.Person(ids.New[ids.Person]()), false},
		{"the system", audit.System("sync"), false},
		{"nobody", audit.Actor{}, false},
	} {
		for _, role := range roles.All() {
			err := o.roster.Grant(t.Context(), test.actor, target, role)
			// Who answers to the board is appointed on the host.
			if test.want && (role != roles.RiskOwner || test.actor == root) {
				if err != nil || !slices.Contains(o.holds(target), role) {
					t.Errorf("%s could not give %s: %v", test.name, role, err)
				}
				if err := o.roster.Revoke(t.Context(), test.actor, target, role); err != nil {
					t.Errorf("%s could not take %s: %v", test.name, role, err)
				}
				continue
			}
			if !problem.Is(err, roles.NotYours) {
				t.Errorf("%s gave %s: %v", test.name, role, err)
			}
			if err := o.roster.Revoke(t.Context(), test.actor, target, role); !problem.Is(err, roles.NotYours) {
				t.Errorf("%s took %s: %v", test.name, role, err)
			}
		}
		if held := o.holds(target); len(held) != 0 {
			t.Errorf("after %s the target holds %v", test.name, held)
		}
	}
}

func TestNobodyRaisesThemselves(t *testing.T) {
	t.Parallel()
	o := newOffice(t, dbtest.SQLite(t))
	admin := o.with("admin", roles.Administrator)
	for _, role := range roles.All() {
		if role == roles.RiskOwner {
			continue // not theirs to give to anybody
		}
		if err := o.roster.Grant(t.Context(), audit.Person(admin), admin, role); !problem.Is(err, roles.Yourself) {
			t.Errorf("an administrator gave themselves %s: %v", role, err)
		}
		if err := o.roster.MayGrant(t.Context(), audit.Person(admin), admin, role); !problem.Is(err, roles.Yourself) {
			t.Errorf("the preview says about %s: %v", role, err)
		}
	}
	if held := o.holds(admin); len(held) != 1 {
		t.Errorf("they hold %v", held)
	}
}

// Whoever answers to the board for a risk is not chosen by those who run the risk.
func TestRiskOwnerIsAppointedOnTheHostOnly(t *testing.T) {
	t.Parallel()
	o := newOffice(t, dbtest.SQLite(t))
	admin, target := audit.Person(o.with("admin", roles.Administrator)), o.with("target")
	if err := o.roster.Grant(t.Context(), admin, target, roles.RiskOwner); !problem.Is(err, roles.NotYours) {
		t.Errorf("an administrator appointed a risk owner: %v", err)
	}
	if err := o.roster.Grant(t.Context(), root, target, roles.RiskOwner); err != nil {
		t.Fatal(err)
	}
	if err := o.roster.Revoke(t.Context(), admin, target, roles.RiskOwner); !problem.Is(err, roles.NotYours) {
		t.Errorf("an administrator dismissed a risk owner: %v", err)
	}
}

func TestAuditorOnlyReads(t *testing.T) {
	t.Parallel()
	for _, name := range roles.Permissions(roles.Auditor) {
		if !strings.HasSuffix(name, ".read") {
			t.Errorf("the auditor may %s", name)
		}
	}
	for _, name := range roles.Permissions(roles.Administrator) {
		if strings.HasSuffix(name, ".read") && !roles.Allows([]roles.Role{roles.Auditor}, name) {
			t.Errorf("%s is hidden from the auditor", name)
		}
	}
	for _, role := range roles.All() {
		if len(roles.InWords(role)) != len(roles.Permissions(role)) || slices.Contains(roles.InWords(role), "") {
			t.Errorf("%s is not said in words: %q", role, roles.InWords(role))
		}
	}
}

// Whoever runs drills only watches what becomes of them.
func TestExerciseLeadOnlyReads(t *testing.T) {
	t.Parallel()
	may := roles.Permissions(roles.ExerciseLead)
	if len(may) == 0 {
		t.Error("the exercise lead may do nothing")
	}
	for _, name := range may {
		if !strings.HasSuffix(name, ".read") || !roles.Allows([]roles.Role{roles.Auditor}, name) {
			t.Errorf("the exercise lead may %s", name)
		}
	}
}

func TestRoleNeedsSomebodyWhoCanSignIn(t *testing.T) {
	t.Parallel()
	o := newOffice(t, dbtest.SQLite(t))
	leaver := o.with("leaver")
	if _, err := o.people.Leave(t.Context(), root, leaver, time.Time{}, ""); err != nil {
		t.Fatal(err)
	}
	if err := o.roster.Grant(t.Context(), root, leaver, roles.Auditor); !problem.Is(err, roles.CannotHold) {
		t.Errorf("a leaver became auditor: %v", err)
	}
	if err := o.roster.Grant(t.Context(), root, ids.New[ids.Person](), roles.Auditor); !problem.Is(err, people.NotFound) {
		t.Errorf("nobody became auditor: %v", err)
	}
	if err := o.roster.Grant(t.Context(), root, o.with("clerk"), "owner"); !problem.Is(err, roles.Unknown) {
		t.Errorf("got %v, want %s", err, roles.Unknown.Code)
	}
	joiner, err := o.people.Add(t.Context(), root, people.NewPerson{UserName: "joiner", Name: "J", Starts: days.Date(2026, 12, 1)})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.roster.Grant(t.Context(), root, joiner.ID, roles.Auditor); err != nil {
		t.Errorf("somebody who starts next week cannot be made ready: %v", err)
	}
}

func TestLastAdministratorStays(t *testing.T) {
	t.Parallel()
	o := newOffice(t, dbtest.SQLite(t))
	first := o.with("first", roles.Administrator)
	if err := o.roster.Revoke(t.Context(), root, first, roles.Administrator); !problem.Is(err, roles.LastAdministrator) {
		t.Fatalf("got %v, want %s", err, roles.LastAdministrator.Code)
	}
	second := o.with("second", roles.Administrator)
	if _, err := o.people.Suspend(t.Context(), root, second, time.Time{}, ""); err != nil {
		t.Fatal(err)
	}
	if err := o.roster.Revoke(t.Context(), root, first, roles.Administrator); !problem.Is(err, roles.LastAdministrator) {
		t.Errorf("an administrator who cannot sign in was counted: %v", err)
	}
	if _, err := o.people.Reinstate(t.Context(), root, second, ""); err != nil {
		t.Fatal(err)
	}
	if err := o.roster.Revoke(t.Context(), audit.Person(first), first, roles.Administrator); err != nil {
		t.Errorf("one of two administrators cannot step down: %v", err)
	}
	if held := o.holds(second); !slices.Equal(held, []roles.Role{roles.Administrator}) {
		t.Errorf("the second holds %v", held)
	}
}

func TestTwoAdministratorsWhoRevokeEachOtherLeaveOne(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		for round := range 10 {
			pair := [2]ids.Person{o.with("a"+string(rune('0'+round)), roles.Administrator), o.with("b"+string(rune('0'+round)), roles.Administrator)}
			var errs [2]error
			var group sync.WaitGroup
			for i := range pair {
				group.Go(func() {
					errs[i] = o.roster.Revoke(t.Context(), audit.Person(pair[i]), pair[1-i], roles.Administrator)
				})
			}
			group.Wait()
			left := 0
			for i := range pair {
				held := o.holds(pair[i])
				left += len(held)
				// Whoever is left is the one who won; the other's try was refused,
				// because they were no administrator any more.
				if len(held) == 1 && (errs[i] != nil || !problem.Is(errs[1-i], roles.NotYours)) {
					t.Errorf("the winner got %v, the loser %v", errs[i], errs[1-i])
				}
			}
			if left != 1 {
				t.Fatalf("round %d left %d administrators of two: %v", round, left, errs)
			}
			o.retire(pair)
		}
	})
}

func TestManyWhoStepDownAtOnceLeaveOne(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		const many = 6
		persons := make([]ids.Person, many)
		for i := range persons {
			persons[i] = o.with("p"+string(rune('0'+i)), roles.Administrator)
		}
		errs := make([]error, many)
		var group sync.WaitGroup
		for i, person := range persons {
			group.Go(func() { errs[i] = o.roster.Revoke(t.Context(), audit.Person(person), person, roles.Administrator) })
		}
		group.Wait()
		refused := 0
		for _, err := range errs {
			if problem.Is(err, roles.LastAdministrator) {
				refused++
			} else if err != nil {
				t.Errorf("got %v", err)
			}
		}
		grants, err := o.roster.All(t.Context())
		if err != nil || refused != 1 || len(grants) != 1 {
			t.Errorf("%d refused, %d left, %v", refused, len(grants), err)
		}
	})
}

func TestGrantIsRecordedAndToldOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t, dbtest.SQLite(t))
	person := o.with("alice")
	o.told = nil
	for range 2 {
		if err := o.roster.Grant(t.Context(), root, person, roles.Auditor); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := o.roster.Revoke(t.Context(), root, person, roles.Auditor); err != nil {
			t.Fatal(err)
		}
	}
	want := []tx.Change{{Topic: tx.Role, Ref: string(person)}, {Topic: tx.Role, Ref: string(person)}}
	if diff := cmp.Diff(want, o.told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	entries, err := o.audit.List(t.Context(), audit.Filter{Subject: string(person), Action: "role."})
	if err != nil || len(entries) != 2 || entries[0].Action != "role.revoked" || entries[1].Details["role"] != "auditor" {
		t.Errorf("recorded %+v, %v", entries, err)
	}
}

func TestProblemsAreComplete(t *testing.T) {
	t.Parallel()
	for _, definition := range roles.Problems() {
		if definition.Kind == problem.Internal || definition.Sentence == "" || definition.Next == "" || !strings.HasPrefix(definition.Code, "roles.") {
			t.Errorf("incomplete: %+v", definition)
		}
	}
}
