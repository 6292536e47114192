package gate_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/journey/forecast"
	"github.com/warder-project/warder/internal/journey/forecast/gate"
	"github.com/warder-project/warder/internal/journey/forecast/gate/gatedb"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// house is a department with a gate and two administrators who have just signed in.
type house struct {
	*signintest.House
	gate          *gate.Gate
	d             *db.DB
	worst         []forecast.Kind // what Recheck finds
	first, second gate.By
	nobody        gate.By // has just signed in, and administers nothing
}

func open(t *testing.T, d *db.DB) *house {
	t.Helper()
	h := &house{House: signintest.Open(t, d), d: d}
	h.gate = gate.New(gate.Deps{Store: gatedb.New(d), Tx: d, Audit: h.Audit, Sessions: h.Sessions, Now: h.Clock.Now,
		Administers: func(ctx context.Context, person ids.Person) (bool, error) {
			held, err := h.Roster.Of(ctx, person)
			return slices.Contains(held, roles.Administrator), err
		},
		Recheck: func(context.Context, gate.Draft) ([]forecast.Kind, error) { return h.worst, nil }})
	h.first, h.second, h.nobody = h.by(t, "first", true), h.by(t, "second", true), h.by(t, "nobody", false)
	return h
}

func (h *house) by(t *testing.T, userName string, administers bool) gate.By {
	t.Helper()
	person, key := h.Holder(t, userName)
	if administers {
		must(t, h.Roster.Grant(t.Context(), signintest.Desk(), person.ID, roles.Administrator))
	}
	session, _ := h.SignedIn(t, key)
	return gate.By{Person: person.ID, Session: session.ID}
}

var draft = gate.Draft{Text: "version: strict\nrules: []\n", Version: "strict", Against: "mild"}

func (h *house) forecast(t *testing.T, kinds ...forecast.Kind) {
	t.Helper()
	h.Clock.Advance(time.Second) // of two in one moment the worse counts
	made := &forecast.Forecast{At: h.Clock.Now(), Version: draft.Version, Against: draft.Against}
	for _, kind := range kinds {
		made.Findings = append(made.Findings, forecast.Finding{Kind: kind, Blocks: kind.Blocks()})
	}
	_, err := h.gate.Keep(t.Context(), audit.Person(h.first.Person), draft, made)
	must(t, err)
}

// enforce is what enforcing a draft does, and whether it may.
func (h *house) enforce(t *testing.T, draft gate.Draft) error {
	t.Helper()
	return h.d.InTx(t.Context(), func(ctx context.Context) error { return h.gate.MayEnforce(ctx, draft) })
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refused(t *testing.T, what string, err error, want problem.Definition) {
	t.Helper()
	if !problem.Is(err, want) {
		t.Errorf("%s: got %v, want %s", what, err, want.Code)
	}
}

// Issue 4 point 4 and C05.1: enforcing without a fresh forecast is refused.
func TestNothingIsEnforcedWithoutAFreshForecastOfThatText(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		refused(t, "no forecast", h.enforce(t, draft), gate.Missing)
		h.forecast(t, forecast.OneKey)
		must(t, h.enforce(t, draft))

		edited, moved := draft, draft
		edited.Text += "# one letter more\n"
		moved.Against = "another"
		refused(t, "another text", h.enforce(t, edited), gate.Missing)
		refused(t, "another policy in force", h.enforce(t, moved), gate.Missing)

		h.Clock.Advance(gate.Fresh + time.Second)
		refused(t, "a forecast of yesterday", h.enforce(t, draft), gate.Stale)
		h.forecast(t, forecast.NoMethod)
		refused(t, "a forecast that says no", h.enforce(t, draft), gate.Blocked)
		h.forecast(t)
		must(t, h.enforce(t, draft))
		h.worst = []forecast.Kind{forecast.NoBreakGlass}
		err := h.enforce(t, draft)
		refused(t, "what has become worse since", err, gate.Blocked)
		if !strings.Contains(err.Error(), forecast.NoBreakGlass.Title()) {
			t.Errorf("it does not say what: %v", err)
		}
	})
}

// Issue 4 point 4: going against it needs a named second person.
func TestGoingAgainstAForecastTakesASecondAdministratorWithAKey(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		const reason = "An attack is under way, incident 4711."
		_, err := h.gate.Ask(t.Context(), h.first, draft, reason)
		refused(t, "asked before a forecast", err, gate.Missing)
		h.forecast(t, forecast.NoMethod)
		_, err = h.gate.Ask(t.Context(), h.first, draft, " short ")
		refused(t, "no reason", err, gate.NoReason)
		_, err = h.gate.Ask(t.Context(), h.nobody, draft, reason)
		refused(t, "asked by nobody in particular", err, gate.NotYours)
		asked, err := h.gate.Ask(t.Context(), h.first, draft, reason)
		must(t, err)
		_, err = h.gate.Ask(t.Context(), h.second, draft, reason)
		refused(t, "asked twice", err, gate.AskedAlready)
		refused(t, "only asked", h.enforce(t, draft), gate.Blocked)

		_, err = h.gate.Approve(t.Context(), h.first, asked.ID)
		refused(t, "approved by who asked", err, gate.Yourself)
		_, err = h.gate.Approve(t.Context(), h.nobody, asked.ID)
		refused(t, "approved by nobody in particular", err, gate.NotYours)
		borrowed := gate.By{Person: h.second.Person, Session: h.first.Session}
		_, err = h.gate.Approve(t.Context(), borrowed, asked.ID)
		refused(t, "approved with somebody else’s session", err, gate.NotFresh)
		h.Clock.Advance(6 * time.Minute)
		_, err = h.gate.Approve(t.Context(), h.second, asked.ID)
		refused(t, "approved with a key touched long ago", err, gate.NotFresh)
		h.second = h.by(t, "third", true)
		_, err = h.gate.Approve(t.Context(), h.second, asked.ID)
		must(t, err)

		must(t, h.enforce(t, draft))
		refused(t, "used twice", h.enforce(t, draft), gate.Blocked)
		_, err = h.gate.Refuse(t.Context(), h.second, asked.ID)
		refused(t, "refused after it was used", err, gate.Over)
		want := []string{"policy.override_asked", "policy.override_approved", "policy.override_used"}
		if got := h.Actions(t, string(asked.ID)); !slices.Equal(got, want) && !slices.Equal(got, []string{want[2], want[1], want[0]}) {
			t.Errorf("the record says %v", got)
		}
		entries, err := h.Audit.List(t.Context(), audit.Filter{Action: "policy.override_asked"})
		if err != nil || len(entries) != 1 || entries[0].Details["reason"] != reason || entries[0].Details["asked_by"] != string(h.first.Person) {
			t.Errorf("the reason is not in the record: %v, %v", entries, err)
		}
	})
}

func TestOverrideIsOverAfterADay(t *testing.T) {
	t.Parallel()
	h := open(t, dbtest.SQLite(t))
	h.forecast(t, forecast.NoMethod)
	asked, err := h.gate.Ask(t.Context(), h.first, draft, "An attack is under way.")
	must(t, err)
	_, err = h.gate.Approve(t.Context(), h.second, asked.ID)
	must(t, err)
	h.Clock.Advance(gate.Stands - time.Hour)
	h.forecast(t, forecast.NoMethod)
	h.Clock.Advance(2 * time.Hour)
	refused(t, "too late", h.enforce(t, draft), gate.Blocked)
	again, err := h.gate.Ask(t.Context(), h.first, draft, "It is still under way.")
	must(t, err)
	_, err = h.gate.Refuse(t.Context(), h.first, again.ID)
	must(t, err)
	_, err = h.gate.Approve(t.Context(), h.by(t, "fourth", true), again.ID)
	refused(t, "approved after it was taken back", err, gate.Over)
}

func TestEveryProblemHasSentenceAndNextStep(t *testing.T) {
	t.Parallel()
	for _, definition := range gate.Problems() {
		if definition.Code == "" || definition.Sentence == "" || definition.Next == "" {
			t.Errorf("%+v", definition)
		}
	}
}
