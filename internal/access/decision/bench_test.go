package decision_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/decision/decisiondb"
	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/services"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// fifty is a policy of 50 rules, one of which is for everything.
func fifty() string {
	var b strings.Builder
	b.WriteString("version: fifty\nrules:\n")
	for i := range 50 {
		slug := fmt.Sprintf("%q", fmt.Sprintf("service-%d", i))
		if i == 49 {
			slug = `"*"`
		}
		fmt.Fprintf(&b, "  - id: rule-%d\n    title: Rule %d\n    services: [%s]\n    groups: [finance, staff]\n    require: {aal: 3, phishing_resistant: true, max_age: 8h}\n    forbid: [phishable, exportable]\n", i, i, slug)
	}
	return b.String()
}

// busy is a house with 50 services and 50 rules, and the question of somebody
// whose gate session is alive.
func busy(t testing.TB) (*decisiontest.House, *decision.Question) {
	h := decisiontest.Open(t, dbtest.SQLite(t))
	for i := range 50 {
		slug := fmt.Sprintf("service-%d", i)
		if _, err := h.Services.Add(t.Context(), decisiontest.Desk(), services.NewService{Slug: slug, Name: slug, Impact: 1,
			Routes: []services.NewRoute{{Host: slug + ".example.org", PathPrefix: "/app"}}}); err != nil {
			t.Fatal(err)
		}
	}
	h.Publish(t, fifty())
	amira := h.Somebody(t, "amira.khan", "finance", "staff")
	portal, _ := h.SignIn(t, amira, decisiontest.Best())
	_, token := h.Gate(t, portal, "service-7.example.org")
	question := h.Question("service-7", token)
	question.Path = "/app/payslips/2026/11"
	return h, question
}

// BenchmarkAsk is what a decision costs, with the record of it being written.
func BenchmarkAsk(b *testing.B) {
	h, question := busy(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if got := h.Desk.Ask(b.Context(), question); got.Verdict.Effect != policy.Allow {
			b.Fatal(got.Verdict.ReasonCodes())
		}
		if i%4096 == 4095 {
			b.StopTimer()
			if err := h.Desk.Flush(b.Context()); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
		}
	}
}

// BenchmarkAskRecorded includes the writing.
func BenchmarkAskRecorded(b *testing.B) {
	h, question := busy(b)
	for i := 0; b.Loop(); i++ {
		h.Desk.Ask(b.Context(), question)
		if i%4096 == 4095 {
			if err := h.Desk.Flush(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkRecord is what a row of its own costs, as when every request is of
// another session.
func BenchmarkRecord(b *testing.B) {
	h, question := busy(b)
	store := decisiondb.New(h.DB)
	made := h.Desk.Ask(b.Context(), question)
	for b.Loop() {
		records := make([]decision.Record, 1024)
		for i := range records {
			records[i] = decision.Record{ID: ids.New[ids.Decision](), At: question.At, Person: made.Person, Session: made.Session, Service: made.Service,
				Effect: policy.Allow, Reasons: made.Verdict.Reasons, Policy: "fifty", Requests: []decision.Request{{At: question.At, Method: "GET", Path: question.Path}}}
		}
		if err := h.DB.InTx(b.Context(), func(ctx context.Context) error { return store.Keep(ctx, records) }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1024, "ns/row")
}
