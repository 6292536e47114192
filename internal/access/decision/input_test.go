package decision_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/rulebook"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// Whatever has changed since, a decision can be made again from what was kept of it.
func TestDecisionIsMadeAgainFromWhatWasKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := decisiontest.Open(t, d)
		h.Service(t, "payroll")
		text := decisiontest.Everybody("one")
		h.Publish(t, text)
		amira := h.Somebody(t, "amira.khan", "finance", "staff")
		_, strong := h.SignIn(t, amira, decisiontest.Best())
		_, weak := h.SignIn(t, amira, assurance.Of(assurance.Observation{}))
		h.Clock.Advance(5*time.Minute + 123*time.Microsecond)
		for _, token := range []secret.Value{strong, weak} {
			h.Ask(t, "payroll", token)
		}
		question := h.Question("payroll", strong)
		question.Path = "/a/../b"
		h.Desk.Ask(t.Context(), question)
		if err := h.Desk.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.Publish(t, decisiontest.Everybody("two"))
		if err := h.People.RemoveMember(t.Context(), decisiontest.Desk(), "finance", amira.Person.ID); err != nil {
			t.Fatal(err)
		}
		compiled := compile(t, text)
		records, _, err := h.Desk.List(t.Context(), decision.Filter{})
		if err != nil || len(records) != 3 {
			t.Fatalf("%d decisions: %v", len(records), err)
		}
		for _, record := range records {
			facts, kept, err := record.Facts()
			if err != nil {
				t.Fatal(err)
			}
			if asked := record.ReasonCodes() != string(decision.CodeAmbiguousPath); kept != asked {
				t.Errorf("%s: facts kept: %v, policy asked: %v", record.ReasonCodes(), kept, asked)
			}
			if !kept {
				continue
			}
			again := compiled.Decide(&facts)
			if again.Effect != record.Effect || again.ReasonCodes() != record.ReasonCodes() || again.Require != record.Require {
				t.Errorf("decided %v because %s, and again %v because %s", record.Effect, record.ReasonCodes(), again.Effect, again.ReasonCodes())
			}
			if size := len(record.Input); size > 120 {
				t.Errorf("the facts take %d bytes, and 120 are allowed", size)
			}
		}
	})
}

// What the record says elsewhere is not kept twice, and comes back as it was: also a path
// that is cut in the record, and one that policy was not told.
func TestFactsComeBackAsTheyWereAsked(t *testing.T) {
	t.Parallel()
	long := "/" + strings.Repeat("a", 300)
	for _, path := range []string{"/", "/payslip/2026", long, long[:256], long[:255], "/with space", "/caf\xe9", ""} {
		facts := policy.Facts{At: decisiontest.Start(), Vouched: true, Route: string(ids.New[ids.Route]()), Method: "GET", Path: path}
		record := decision.Remember(decision.About{}, &facts, policy.Verdict{})
		if path == "" { // longer than policy is told
			record.Requests[0].Path = long[:256]
		}
		got, kept, err := record.Facts()
		if err != nil || !kept || got.Path != path || got.Method != "GET" || got.Route != facts.Route || !got.At.Equal(facts.At) {
			t.Errorf("path %q came back as %q (%v, %v)", path, got.Path, kept, err)
		}
	}
	facts := policy.Facts{At: decisiontest.Start(), Vouched: true, Method: "GET", Path: "/payslip"}
	if record := decision.Remember(decision.About{}, &facts, policy.Verdict{}); bytes.Contains(record.Input, []byte("payslip")) {
		t.Error("the path is kept twice")
	}
}

func compile(t *testing.T, text string) *policy.Compiled {
	t.Helper()
	parsed, err := rulebook.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return policy.Compile(parsed)
}
