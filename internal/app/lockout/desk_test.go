package lockout_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/breakglass"
	"github.com/warder-project/warder/internal/access/breakglass/breakglasstest"
	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/decision/decisiondb"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/access/policy/versions/versionsdb"
	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/app/lockout"
	"github.com/warder-project/warder/internal/base/days"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/health"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/journey/forecast"
	"github.com/warder-project/warder/internal/journey/forecast/gate"
	"github.com/warder-project/warder/internal/proof/adoption"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/exceptions"
	"github.com/warder-project/warder/internal/registry/exceptions/exceptionsdb"
	"github.com/warder-project/warder/internal/registry/exceptions/exceptionstest"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/leave"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

const (
	mild   = "version: mild\nmethods: {password: {}, totp: {}}\nrules:\n- {id: all, title: All, services: ['*'], require: {aal: 2}}\n"
	strict = "version: strict\nmethods: {password: {}, totp: {}}\nrules:\n- {id: all, title: All, services: ['*'], require: {aal: 2, phishing_resistant: true}}\n"
)

// house is a department on real stores, with two administrators who have two keys each
// and a tested emergency access: nothing to complain of.
type house struct {
	*breakglasstest.House
	desk     *lockout.Desk
	policies *versions.Library
}

func open(t *testing.T, d *db.DB) *house {
	t.Helper()
	h := &house{House: breakglasstest.Open(t, d)}
	h.policies = versions.New(versions.Deps{Store: versionsdb.New(d), Tx: d, Audit: h.Audit, Now: h.Clock.Now,
		MayEnforce: func(ctx context.Context, asked versions.Enforcing) error { return h.desk.MayEnforce(ctx, asked) }})
	h.desk = lockout.Open(lockout.Parts{DB: d, Audit: h.Audit, People: h.People, Keys: h.Keys, Factors: h.Factors, Services: h.Services, Roles: h.Roster,
		Sessions: h.Sessions, BreakGlass: h.Desk, Policies: h.policies, Now: h.Clock.Now,
		Secrets: func(ctx context.Context, _ ids.Person, yield func(ids.Person, adoption.Holding) error) error {
			for _, method := range []assurance.Method{assurance.Password, assurance.TOTP} {
				holders, err := h.Secrets.Holders(ctx, method)
				for _, holder := range holders {
					if err := yield(holder, adoption.Holding{Method: method}); err != nil {
						return err
					}
				}
				if err != nil {
					return err
				}
			}
			return nil
		}})
	for _, userName := range []string{"admin.one", "admin.two"} {
		person := h.twoKeys(t, userName)
		must(t, h.Roster.Grant(t.Context(), signintest.Desk(), person.ID, roles.Administrator))
	}
	h.Opened(t, breakglass.Test)
	_, err := h.policies.Publish(t.Context(), signintest.Desk(), versions.Text{Name: "policy.yaml", Body: []byte(mild)}, versions.EnforceOptions{})
	must(t, err)
	return h
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (h *house) twoKeys(t *testing.T, userName string) people.Person {
	t.Helper()
	person, _ := h.Holder(t, userName)
	h.Enrol(t, person.ID, h.Batch.NewKey())
	return person
}

func (h *house) forecast(t *testing.T, question lockout.Question) map[forecast.Kind][]string {
	t.Helper()
	question.Text = versions.Text{Name: "strict.yaml", Body: []byte(strict)}
	made, _, err := h.desk.Forecast(t.Context(), question)
	must(t, err)
	found := map[forecast.Kind][]string{}
	for _, finding := range made.Findings {
		found[finding.Kind] = []string{}
		for _, entry := range finding.People {
			found[finding.Kind] = append(found[finding.Kind], entry.UserName)
		}
	}
	return found
}

func same(t *testing.T, what string, want, got map[forecast.Kind][]string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// Idea 3, issue 4 point 4: traps seeded in the real stores are all found, and a clean
// organisation raises no alarm.
func TestForecastFromRealStoresFindsEveryTrapAndNothingElse(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		same(t, "a clean organisation", map[forecast.Kind][]string{}, h.forecast(t, lockout.Question{}))

		codes, _ := h.Legacy(t, "codes")
		away, _ := h.Legacy(t, "codes.away")
		post, _ := h.Legacy(t, "codes.post")
		key, err := h.Keys.Add(t.Context(), signintest.Desk(), keys.NewKey{Serial: "24180007"})
		must(t, err)
		_, err = h.Keys.Issue(t.Context(), signintest.Desk(), key.ID, post.ID)
		must(t, err)
		h.Holder(t, "one.key")
		team, err := h.People.Add(t.Context(), signintest.Desk(), people.NewPerson{UserName: "team", Name: "The team", Kind: people.KindShared})
		must(t, err)
		h.Enrol(t, team.ID, h.Batch.NewKey())
		h.Enrol(t, team.ID, h.Batch.NewKey())
		leaver, err := h.People.Add(t.Context(), signintest.Desk(), people.NewPerson{UserName: "leaver", Name: "Leaver", Ends: h.Clock.Now()})
		must(t, err)
		h.GiveSecrets(t, leaver)

		today := days.London(h.Clock.Now())
		want := map[forecast.Kind][]string{
			forecast.NoMethod:      {"codes", "codes.away", "codes.post", "leaver"},
			forecast.OneKey:        {"one.key"},
			forecast.InPost:        {"codes.post"},
			forecast.LeaveUnknown:  {"codes", "codes.away", "codes.post", "leaver"},
			forecast.SharedAccount: {"team"},
		}
		same(t, "with no calendar, nobody is known to be there", want, h.forecast(t, lockout.Question{}))

		_, err = h.desk.Leave.Import(t.Context(), signintest.Desk(), leave.Period{First: today, Last: today.AddDate(0, 0, 30)},
			[]leave.Absence{{Person: away.ID, First: today.AddDate(0, 0, 7), Last: today.AddDate(0, 0, 9)}, {Person: codes.ID, First: today, Last: today}})
		must(t, err)
		delete(want, forecast.LeaveUnknown)
		want[forecast.OnLeave] = []string{"codes"}
		same(t, "today", want, h.forecast(t, lockout.Question{}))
		want[forecast.NoMethod] = []string{"codes", "codes.away", "codes.post"}
		want[forecast.OnLeave] = []string{"codes.away"}
		same(t, "in a week, when the leaver has left", want, h.forecast(t, lockout.Question{At: forecast.Noon(today.AddDate(0, 0, 7))}))

		if _, _, err := h.desk.Forecast(t.Context(), lockout.Question{Text: versions.Text{Body: []byte(strict)}, Days: 30}); !problem.Is(err, lockout.NoUses) {
			t.Errorf("judged where nobody has ever been: %v", err)
		}
		visit := decision.Record{ID: decision.Since(h.Clock.Now()), At: h.Clock.Now(), Person: codes.ID, Service: h.Service.ID, Effect: policy.Allow,
			Requests: []decision.Request{{At: h.Clock.Now(), Method: "GET", Path: "/"}}}
		must(t, d.InTx(t.Context(), func(ctx context.Context) error { return decisiondb.New(d).Keep(ctx, []decision.Record{visit}) }))
		h.Clock.Advance(time.Hour)
		want[forecast.NoMethod], want[forecast.OnLeave] = []string{"codes"}, []string{"codes"}
		same(t, "where people have been", want, h.forecast(t, lockout.Question{Days: 30}))

		must(t, revoke(t, h, "admin.one"))
		must(t, revoke(t, h, "admin.two"))
		h.Clock.Advance(101 * 24 * time.Hour)
		found := h.forecast(t, lockout.Question{})
		for _, kind := range []forecast.Kind{forecast.NoAdministrator, forecast.NoBreakGlass} {
			if _, is := found[kind]; !is {
				t.Errorf("%s is not found: %v", kind, found)
			}
		}
	})
}

// Whoever has an exception is judged with it, as they would be at the door.
func TestExceptionKeepsItsPeopleOutOfTheForecast(t *testing.T) {
	t.Parallel()
	h := open(t, dbtest.SQLite(t))
	excused, _ := h.Legacy(t, "excused")
	h.Legacy(t, "codes")
	if got := h.forecast(t, lockout.Question{})[forecast.NoMethod]; !slices.Equal(got, []string{"codes", "excused"}) {
		t.Fatalf("before the exception: %v", got)
	}
	now := h.Clock.Now()
	e := exceptionstest.Proposal(h.Service.ID, excused.ID)
	e.ID, e.Version, e.State, e.ApprovedBy = ids.New[ids.Exception](), 1, exceptions.Approved, h.North.ID
	e.Subject.People, e.ProposedBy = []ids.Person{excused.ID}, audit.Person(excused.ID)
	e.Start, e.ProposedAt, e.ChangedAt, e.ApprovedAt, e.End = now, now, now, now, now.Add(48*time.Hour)
	must(t, h.DB.InTx(t.Context(), func(ctx context.Context) error { _, err := exceptionsdb.New(h.DB).Add(ctx, e); return err }))
	if got := h.forecast(t, lockout.Question{})[forecast.NoMethod]; !slices.Equal(got, []string{"codes"}) {
		t.Errorf("with it: %v", got)
	}
	if got := h.forecast(t, lockout.Question{At: now.Add(72 * time.Hour)})[forecast.NoMethod]; !slices.Equal(got, []string{"codes", "excused"}) {
		t.Errorf("on a day after its end: %v", got)
	}
}

// revoke reports one key of somebody lost.
func revoke(t *testing.T, h *house, userName string) error {
	t.Helper()
	person, err := h.People.ByUserName(t.Context(), userName)
	must(t, err)
	held, err := h.Keys.HeldBy(t.Context(), person.ID)
	must(t, err)
	_, err = h.LostKeys.Report(t.Context(), signintest.Desk(), held[0].ID, keys.Lost, h.Clock.Now())
	return err
}

// C05.1 and C50.3: the gate at the versions, from refusal to enforcing.
func TestForecastRefusesThenFixThenEnforce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		codes, _ := h.Legacy(t, "codes")
		text := versions.Text{Name: "strict.yaml", Body: []byte(strict)}
		publish := func() error {
			_, err := h.policies.Publish(t.Context(), signintest.Desk(), text, versions.EnforceOptions{})
			return err
		}
		if err := publish(); !problem.Is(err, gate.Missing) {
			t.Fatalf("without a forecast: %v", err)
		}
		made, kept, err := h.desk.Make(t.Context(), signintest.Desk(), lockout.Question{Text: text})
		must(t, err)
		if len(made.Blockers()) != 1 || kept.Blockers != 1 || kept.Against != "mild" {
			t.Errorf("%+v", kept)
		}
		if err := publish(); !problem.Is(err, gate.Blocked) {
			t.Fatalf("with a forecast that says no: %v", err)
		}
		h.Enrol(t, codes.ID, h.Batch.NewKey())
		h.Clock.Advance(time.Minute)
		_, _, err = h.desk.Make(t.Context(), signintest.Desk(), lockout.Question{Text: text})
		must(t, err)
		must(t, publish())
		looser := versions.Text{Name: "looser.yaml", Body: []byte("version: looser\nrules:\n- {id: all, title: All, services: ['*'], require: {aal: 1}}\n")}
		if _, err := h.policies.Publish(t.Context(), signintest.Desk(), looser, versions.EnforceOptions{}); !problem.Is(err, gate.Missing) {
			t.Errorf("methods that are no longer accepted need a forecast too: %v", err)
		}
	})
}

// C05.3: what is left to be said once the last administrator has lost a key.
func TestSingleKeyOfTheLastAdministratorIsACondition(t *testing.T) {
	t.Parallel()
	h := open(t, dbtest.SQLite(t))
	board := health.NewBoard(h.Clock.Now)
	said := func() bool {
		h.desk.Watch(t.Context(), board, slog.New(slog.DiscardHandler))
		return len(board.List()) > 0
	}
	must(t, revoke(t, h, "admin.one"))
	if said() {
		t.Error("it is said of one of two administrators")
	}
	two, err := h.People.ByUserName(t.Context(), "admin.two")
	must(t, err)
	must(t, h.Roster.Revoke(t.Context(), signintest.Desk(), two.ID, roles.Administrator))
	if !said() {
		t.Error("it is not said of the last")
	}
	must(t, h.Roster.Grant(t.Context(), signintest.Desk(), two.ID, roles.Administrator))
	if said() {
		t.Error("it does not clear")
	}
}

// C05.1: the pack is a draft; it asks more of whoever holds a role, opens nothing, and
// is not enforced while one of them has a single key.
func TestPrivilegedFirstIsADraftThatWaitsForTwoStrongMethodsOfEach(t *testing.T) {
	t.Parallel()
	h := open(t, dbtest.SQLite(t))
	auditor, _ := h.Holder(t, "auditor")
	must(t, h.Roster.Grant(t.Context(), signintest.Desk(), auditor.ID, roles.Auditor))
	draft, err := h.desk.PrivilegedFirst(t.Context(), signintest.Desk())
	must(t, err)
	if draft.State != versions.Draft || draft.Version != "mild-privileged-first" {
		t.Errorf("%+v", draft)
	}
	text := versions.Text{Name: draft.Name, Body: []byte(draft.Text)}
	made, _, err := h.desk.Make(t.Context(), signintest.Desk(), lockout.Question{Text: text})
	must(t, err)
	weak, found := made.Find(forecast.WeakPrivileged)
	if !found || !weak.Blocks || len(weak.People) != 1 || weak.People[0].UserName != "auditor" || len(made.Blockers()) != 1 {
		t.Errorf("%+v", made.Findings)
	}
	enforce := func() error {
		_, err := h.policies.Enforce(t.Context(), signintest.Desk(), draft.Number, versions.EnforceOptions{})
		return err
	}
	if err := enforce(); !problem.Is(err, gate.Blocked) {
		t.Errorf("with an auditor who has one key: %v", err)
	}
	h.Enrol(t, auditor.ID, h.Batch.NewKey())
	h.Clock.Advance(time.Minute)
	_, _, err = h.desk.Make(t.Context(), signintest.Desk(), lockout.Question{Text: text})
	must(t, err)
	must(t, enforce())
	if _, err := h.desk.PrivilegedFirst(t.Context(), signintest.Desk()); !problem.Is(err, lockout.PackThere) {
		t.Errorf("a second time: %v", err)
	}
}
