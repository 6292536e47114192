package helpdesk_test

import (
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/helpdesk"
	"github.com/warder-project/warder/internal/access/helpdesk/helpdeskdb"
	"github.com/warder-project/warder/internal/access/recovery"
	"github.com/warder-project/warder/internal/access/recovery/recoverytest"
	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// house is a department whose service desk can be opened on several nodes.
type house struct {
	*recoverytest.House
	alarm atomic.Bool
}

func open(t *testing.T, d *db.DB) *house { return &house{House: recoverytest.Open(t, d)} }

// node is a desk on the same database, as another node or a restart has it.
func (h *house) node() *helpdesk.Desk {
	return helpdesk.New(helpdesk.Deps{Store: helpdeskdb.New(h.DB), Tx: h.DB, Audit: h.Audit, People: h.People, Keys: h.Keys, Factors: h.Factors,
		Roles: h.Roster, Recovery: h.Desk, Alarm: h.alarm.Store, Now: h.Clock.Now})
}

func must[T any](value T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func refused(t *testing.T, what string, err error, want problem.Definition) {
	t.Helper()
	if !problem.Is(err, want) {
		t.Errorf("%s: %v, want %s", what, err, want.Code)
	}
}

// C31.5: the desk sees only what is needed, and every look-up is on record.
func TestEveryLookUpIsRecordedAndShowsOnlyWhatIsNeeded(t *testing.T) {
	t.Parallel()
	h := open(t, dbtest.SQLite(t))
	desk := h.node()
	ctx := t.Context()
	agent, manager := h.Member(t, "desk.agent", roles.ServiceDesk), h.Member(t, "maria.lind")
	amira := h.Under(t, "amira.khan", manager.Person)
	by := agent.Now(t)
	for _, text := range []string{"amira.khan", " Amira.Khan ", "9-amira.khan"} {
		found, err := desk.LookUp(ctx, by, text)
		if err != nil || found.Person != amira.ID || !found.Able || !found.MaySignIn || found.Open != nil || found.Last != nil {
			t.Errorf("%q: %+v, %v", text, found, err)
		}
	}
	for _, text := range []string{"", "amira", "a%", "khan", "Name of amira.khan", "9-", "\x00"} {
		_, err := desk.LookUp(ctx, by, text)
		refused(t, text, err, helpdesk.Nobody)
	}
	entries := must(h.Audit.List(ctx, audit.Filter{Action: "desk.looked_up", Limit: 100}))(t)
	if len(entries) != 10 {
		t.Errorf("%d look-ups are on record, want 10", len(entries))
	}
	for _, entry := range entries {
		if entry.Actor != audit.Person(agent.ID) || len(entry.Details) != 0 {
			t.Errorf("on record: %+v", entry)
		}
	}
	shown := reflect.TypeOf(helpdesk.Found{})
	for i := range shown.NumField() {
		for _, private := range []string{"Email", "Address", "Department", "Job", "Manager", "Employee"} {
			if strings.Contains(shown.Field(i).Name, private) {
				t.Errorf("the desk sees %s", shown.Field(i).Name)
			}
		}
	}
}

// C31.5: rate limits per agent with an alert. They hold across nodes and restarts.
func TestAgentIsHeldBackOnEveryNodeAndAfterARestart(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		desk := h.node()
		ctx := t.Context()
		agent, other := h.Member(t, "desk.agent", roles.ServiceDesk), h.Member(t, "desk.two", roles.ServiceDesk)
		by := agent.Now(t)
		nodes := []*helpdesk.Desk{desk, h.node()}
		results := make([]error, helpdesk.LookUpsAnHour+4)
		var all sync.WaitGroup
		for i := range results {
			all.Go(func() { _, results[i] = nodes[i%2].LookUp(ctx, by, "desk.two") })
		}
		all.Wait()
		through := 0
		for _, err := range results {
			if err == nil {
				through++
			} else if !problem.Is(err, helpdesk.TooManyLookUps) {
				t.Errorf("%v", err)
			}
		}
		if through != helpdesk.LookUpsAnHour {
			t.Errorf("%d look-ups were let through", through)
		}
		if !h.alarm.Load() {
			t.Error("there is no alarm")
		}
		if held := must(h.Audit.List(ctx, audit.Filter{Action: "desk.held_back"}))(t); len(held) != 1 || held[0].Details["deed"] != "looked_up" {
			t.Errorf("on record: %+v", held)
		}
		if _, err := desk.LookUp(ctx, other.Now(t), "desk.agent"); err != nil {
			t.Errorf("another agent is held back too: %v", err)
		}
		h.Clock.Advance(time.Hour)
		if _, err := h.node().LookUp(ctx, by, "desk.two"); err != nil {
			t.Errorf("after an hour: %v", err)
		}
		for _, test := range []struct {
			after time.Duration
			want  bool
		}{{0, true}, {24 * time.Hour, false}} {
			h.Clock.Advance(test.after)
			if err := h.node().Watch(ctx); err != nil || h.alarm.Load() != test.want {
				t.Errorf("after %s the alarm is %v, %v", test.after, h.alarm.Load(), err)
			}
		}
		for i := range helpdesk.CasesADay + 1 {
			person := h.Somebody(t, "p"+string(rune('a'+i)))
			_, err := desk.Open(ctx, agent.Now(t), recovery.Opening{Person: person.ID, Why: recovery.FirstKey})
			if i < helpdesk.CasesADay && err != nil {
				t.Fatal(err)
			}
			if i == helpdesk.CasesADay {
				refused(t, "one case too many", err, helpdesk.TooManyCases)
			}
		}
		h.Clock.Advance(24 * time.Hour)
		if err := desk.Forget(ctx); err != nil {
			t.Fatal(err)
		}
	})
}
