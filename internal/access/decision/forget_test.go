package decision_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/decision/decisiondb"
	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// Decisions are kept for as long as is configured, and not a day longer; the audit
// record says how many went.
func TestDecisionsAreForgottenAfterTheirMonths(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := decisiontest.Open(t, d)
		desk := decision.New(decision.Deps{View: h.View, Store: decisiondb.New(d), Tx: d, Now: h.Clock.Now, Audit: h.Audit, Months: 14})
		first := time.Date(h.Clock.Now().Year(), h.Clock.Now().Month()-14, h.Clock.Now().Day(), 0, 0, 0, 0, time.UTC)
		var records []decision.Record
		add := func(at time.Time, count int) {
			for i := range count {
				records = append(records, decision.Remember(decision.About{}, &policy.Facts{At: at.Add(time.Duration(i) * time.Millisecond)}, policy.Verdict{}))
			}
		}
		add(first.AddDate(0, -1, 0), 2500)
		add(first.Add(-10*time.Millisecond), 10)
		add(first, 3)
		must(t, d.InTx(t.Context(), func(ctx context.Context) error { return decisiondb.New(d).Keep(ctx, records) }))

		gone, err := desk.Forget(t.Context())
		must(t, err)
		left, _, err := h.Desk.List(t.Context(), decision.Filter{})
		must(t, err)
		if gone != 2510 || len(left) != 3 {
			t.Errorf("%d forgotten, %d left", gone, len(left))
		}
		entries, err := h.Audit.List(t.Context(), audit.Filter{Action: "decision.forgotten", Limit: 10})
		must(t, err)
		var told []map[string]string
		for _, entry := range entries {
			told = append(told, entry.Details)
		}
		before := first.Format(time.RFC3339)
		want := []map[string]string{{"count": "510", "before": before, "months": "14"}, {"count": "2000", "before": before, "months": "14"}}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Errorf("the audit record (-want +got):\n%s", diff)
		}
		if again, err := desk.Forget(t.Context()); err != nil || again != 0 {
			t.Errorf("a second time: %d, %v", again, err)
		}
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
