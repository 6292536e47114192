package lostkey_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/access/lostkey"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestReportStopsTheKeyAndSaysHowLongItTook(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := decisiontest.Open(t, d)
		h.Service(t, "payroll")
		h.Publish(t, decisiontest.Everybody("1"))
		amira := h.Somebody(t, "amira.khan")
		portal, token := h.SignIn(t, amira, decisiontest.Best())
		_, gate := h.Gate(t, portal, "payroll.example.org")
		spare := amira
		spare.Key, spare.Credential = h.EnrolledKey(t, amira.Person.ID)
		_, spareToken := h.SignIn(t, spare, decisiontest.Best())

		reported := h.Clock.Now()
		// A listener that takes 1.25 seconds by the clock, as a slow one would.
		d.OnCommit(func(context.Context, []tx.Change) { h.Clock.Advance(1250 * time.Millisecond) })
		outcome, err := h.LostKey.Report(t.Context(), audit.Person(amira.Person.ID), amira.Key.ID, keys.Stolen, reported)
		if err != nil {
			t.Fatal(err)
		}
		if outcome.Key.State != keys.StateStolen || outcome.SessionsEnded != 2 || outcome.CredentialsSuspended != 1 || outcome.Took != 1250*time.Millisecond {
			t.Errorf("%+v", outcome)
		}
		for name, lost := range map[string]policy.Effect{"portal": h.Ask(t, "payroll", token).Verdict.Effect, "gate": h.Ask(t, "payroll", gate).Verdict.Effect} {
			if lost == policy.Allow {
				t.Errorf("the %s session of the stolen key goes on", name)
			}
		}
		if got := h.Ask(t, "payroll", spareToken).Verdict; got.Effect != policy.Allow {
			t.Errorf("the person's other key stopped too: %s", got.ReasonCodes())
		}
		entries, err := h.Audit.List(t.Context(), audit.Filter{Action: "key.block_in_force"})
		if err != nil || len(entries) != 1 {
			t.Fatalf("%d entries, error %v", len(entries), err)
		}
		want := map[string]string{"reason": "stolen", "milliseconds": strconv.Itoa(1250), "sessions_ended": "2", "credentials_suspended": "1"}
		if diff := cmp.Diff(want, entries[0].Details); diff != "" || entries[0].Subject != string(amira.Key.ID) {
			t.Error(entries[0].Subject, diff)
		}
	})
}

func TestReportingAgainIsNoFaultAndStopsWhatIsLeft(t *testing.T) {
	t.Parallel()
	h := decisiontest.Open(t, dbtest.SQLite(t))
	amira := h.Somebody(t, "amira.khan")
	// Blocked by itself, as by an older program: its session is still there.
	if _, err := h.Keys.Block(t.Context(), decisiontest.Desk(), amira.Key.ID, keys.Lost); err != nil {
		t.Fatal(err)
	}
	h.SignIn(t, amira, decisiontest.Best())
	for _, want := range []int{1, 0} {
		outcome, err := h.LostKey.Report(t.Context(), decisiontest.Desk(), amira.Key.ID, keys.Lost, time.Time{})
		if err != nil || outcome.SessionsEnded != want {
			t.Errorf("ended %d sessions, want %d, error %v", outcome.SessionsEnded, want, err)
		}
	}
}

func TestReportThatFailsHalfwayStopsNothing(t *testing.T) {
	t.Parallel()
	database := dbtest.SQLite(t)
	h := decisiontest.Open(t, database)
	amira := h.Somebody(t, "amira.khan")
	h.SignIn(t, amira, decisiontest.Best())
	broken := sessions.New(sessions.Deps{Store: noEnd{}, Tx: database, Audit: h.Audit, Now: h.Clock.Now})
	desk := lostkey.New(lostkey.Deps{Keys: h.Keys, Factors: h.Factors, Sessions: broken, Tx: database, Audit: h.Audit, Now: h.Clock.Now})
	if _, err := desk.Report(t.Context(), decisiontest.Desk(), amira.Key.ID, keys.Lost, time.Time{}); err == nil {
		t.Fatal("no error")
	}
	key, err := h.Keys.Get(t.Context(), amira.Key.ID)
	if err != nil || key.State != keys.StateEnrolled {
		t.Errorf("the key is %s, error %v: half a report was kept", key.State, err)
	}
	all, err := h.Factors.OfKey(t.Context(), amira.Key.ID)
	if err != nil || all[0].State != factors.Active {
		t.Errorf("the credential is %s, error %v", all[0].State, err)
	}
}

// noEnd is a store of sessions on a disk that is full.
type noEnd struct{ sessions.Store }

func (noEnd) End(context.Context, sessions.Which, sessions.Reason, time.Time) ([]ids.Session, error) {
	return nil, context.DeadlineExceeded
}

func TestReportOfNothingOrFromTheFutureIsRefused(t *testing.T) {
	t.Parallel()
	h := decisiontest.Open(t, dbtest.SQLite(t))
	amira := h.Somebody(t, "amira.khan")
	if _, err := h.LostKey.Report(t.Context(), decisiontest.Desk(), "key_none", keys.Lost, time.Time{}); !problem.Is(err, keys.NotFound) {
		t.Error(err)
	}
	if _, err := h.LostKey.Report(t.Context(), decisiontest.Desk(), amira.Key.ID, "mislaid", time.Time{}); !problem.Is(err, keys.ReasonUnknown) {
		t.Error(err)
	}
	if _, err := h.LostKey.Report(t.Context(), decisiontest.Desk(), amira.Key.ID, keys.Lost, h.Clock.Now().Add(time.Hour)); !problem.Is(err, lostkey.ReportFromFuture) {
		t.Error(err)
	}
}

// A report goes through even if the page it was made on is closed.
func TestReportSurvivesAClosedPage(t *testing.T) {
	t.Parallel()
	h := decisiontest.Open(t, dbtest.SQLite(t))
	amira := h.Somebody(t, "amira.khan")
	ctx, closePage := context.WithCancel(t.Context())
	closePage()
	if _, err := h.LostKey.Report(ctx, decisiontest.Desk(), amira.Key.ID, keys.Lost, time.Time{}); err != nil {
		t.Error(err)
	}
}

func TestPreviewOfAReportSaysWhatItThenStops(t *testing.T) {
	t.Parallel()
	h := decisiontest.Open(t, dbtest.SQLite(t))
	h.Service(t, "payroll")
	amira := h.Somebody(t, "amira.khan")
	portal, _ := h.SignIn(t, amira, decisiontest.Best())
	h.Gate(t, portal, "payroll.example.org")
	spare := amira
	spare.Key, spare.Credential = h.EnrolledKey(t, amira.Person.ID)
	h.SignIn(t, spare, decisiontest.Best())
	for range 2 { // and again, when there is nothing left to stop
		would, err := h.LostKey.Preview(t.Context(), amira.Key.ID, keys.Lost)
		if err != nil {
			t.Fatal(err)
		}
		before, err := h.Keys.Get(t.Context(), amira.Key.ID)
		if diff := cmp.Diff(before, would.Key); err != nil || diff != "" {
			t.Errorf("%v, the preview changed the key: %s", err, diff)
		}
		did, err := h.LostKey.Report(t.Context(), decisiontest.Desk(), amira.Key.ID, keys.Lost, time.Time{})
		if err != nil || did.SessionsEnded != would.SessionsEnded || did.CredentialsSuspended != would.CredentialsSuspended {
			t.Errorf("said %d sessions and %d credentials, stopped %d and %d, %v",
				would.SessionsEnded, would.CredentialsSuspended, did.SessionsEnded, did.CredentialsSuspended, err)
		}
	}
	for reason, key := range map[keys.Reason]ids.Key{"mislaid": amira.Key.ID, keys.Lost: "key_none"} {
		if _, err := h.LostKey.Preview(t.Context(), key, reason); err == nil {
			t.Errorf("%s, %s: no problem", key, reason)
		}
	}
}
