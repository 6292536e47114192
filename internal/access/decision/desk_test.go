package decision_test

import (
	"testing"

	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestLostKeyIsRefusedOnTheNextRequest(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := decisiontest.Open(t, d)
		h.Service(t, "payroll")
		h.Publish(t, decisiontest.Everybody("1"))
		amira := h.Somebody(t, "amira.khan", "finance")
		_, token := h.SignIn(t, amira, decisiontest.Best())
		if got := h.Ask(t, "payroll", token); got.Verdict.Effect != policy.Allow {
			t.Fatalf("before the report: %v %s", got.Verdict.Effect, got.Verdict.ReasonCodes())
		}
		outcome, err := h.LostKey.Report(t.Context(), audit.Person(amira.Person.ID), amira.Key.ID, keys.Lost, h.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		if outcome.SessionsEnded != 1 || outcome.CredentialsSuspended != 1 {
			t.Errorf("stopped %d sessions and %d credentials, want 1 and 1", outcome.SessionsEnded, outcome.CredentialsSuspended)
		}
		got := h.Ask(t, "payroll", token).Verdict
		if got.Effect == policy.Allow {
			t.Fatal("the session of a lost key was allowed in")
		}
		if want := "policy.key_lost policy.credential_not_active policy.session_ended"; got.ReasonCodes() != want {
			t.Errorf("reasons %q, want %q", got.ReasonCodes(), want)
		}
	})
}

func TestNobodyEntersWithoutAPolicy(t *testing.T) {
	t.Parallel()
	h := decisiontest.Open(t, dbtest.SQLite(t))
	h.Service(t, "payroll")
	amira := h.Somebody(t, "amira.khan")
	_, token := h.SignIn(t, amira, decisiontest.Best())
	for _, who := range []secret.Value{token, {}} {
		got := h.Ask(t, "payroll", who).Verdict
		if got.Effect != policy.Deny || !got.Has(policy.CodeNoPolicy) {
			t.Errorf("got %v %s, want deny for want of a policy", got.Effect, got.ReasonCodes())
		}
	}
}
