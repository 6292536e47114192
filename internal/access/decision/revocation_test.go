package decision_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

const manySessions = 10_000

// deeds are the ways by which a credential stops.
var deeds = []struct {
	name string
	stop func(ctx context.Context, h *decisiontest.House, holder decisiontest.Holder) error
}{
	{"credential-revoked", func(ctx context.Context, h *decisiontest.House, holder decisiontest.Holder) error {
		_, err := h.Factors.RevokeOfKey(ctx, decisiontest.Desk(), holder.Key.ID, "test")
		return err
	}},
	{"key-reported-lost", func(ctx context.Context, h *decisiontest.House, holder decisiontest.Holder) error {
		_, err := h.LostKey.Report(ctx, audit.Person(holder.Person.ID), holder.Key.ID, keys.Lost, h.Clock.Now())
		return err
	}},
}

// signedInOften opens very many sessions with one key, all in one unit of work,
// and returns some of their tokens, the first and the last among them.
func signedInOften(t testing.TB, h *decisiontest.House, holder decisiontest.Holder) []secret.Value {
	t.Helper()
	var tokens []secret.Value
	err := h.DB.InTx(t.Context(), func(ctx context.Context) error {
		tokens = nil
		for i := range manySessions {
			_, token, err := h.Sessions.Start(ctx, audit.Person(holder.Person.ID), decisiontest.Begun(holder, decisiontest.Best()))
			if err != nil {
				return err
			}
			if i%1111 == 0 || i == manySessions-1 {
				tokens = append(tokens, token)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

// opensWith says how many of the sessions are let in.
func opensWith(t testing.TB, h *decisiontest.House, tokens []secret.Value) int {
	t.Helper()
	open := 0
	for _, token := range tokens {
		if h.Ask(t, "payroll", token).Verdict.Effect == policy.Allow {
			open++
		}
	}
	return open
}

func TestCredentialWithTenThousandSessionsIsRefusedOnTheNextRequest(t *testing.T) {
	t.Parallel()
	for _, deed := range deeds {
		t.Run(deed.name, func(t *testing.T) {
			t.Parallel()
			h := decisiontest.Open(t, dbtest.SQLite(t))
			h.Service(t, "payroll")
			h.Publish(t, decisiontest.Everybody("one"))
			holder, other := h.Somebody(t, "amira.khan"), h.Somebody(t, "b.jones")
			_, colleague := h.SignIn(t, other, decisiontest.Best())
			tokens := signedInOften(t, h, holder)
			if open := opensWith(t, h, tokens); open != len(tokens) {
				t.Fatalf("%d of %d sessions are let in before", open, len(tokens))
			}
			if err := deed.stop(t.Context(), h, holder); err != nil {
				t.Fatal(err)
			}
			if open := opensWith(t, h, tokens); open != 0 {
				t.Errorf("%d of %d sessions are still let in", open, len(tokens))
			}
			if opensWith(t, h, []secret.Value{colleague}) != 1 {
				t.Error("somebody else’s session was stopped too")
			}
		})
	}
}

// BenchmarkRevocation is the time from the order to stop a credential with ten
// thousand sessions until their next request has been refused.
func BenchmarkRevocation(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		for _, deed := range deeds {
			b.Run(engine+"/"+deed.name, func(b *testing.B) {
				for b.Loop() {
					open := dbtest.SQLite
					if engine == "postgres" {
						open = dbtest.Postgres
					}
					h := decisiontest.Open(b, open(b))
					h.Service(b, "payroll")
					h.Publish(b, decisiontest.Everybody("one"))
					var took []float64
					for _, name := range []string{"one", "two", "three", "four", "five"} {
						holder := h.Somebody(b, name)
						tokens := signedInOften(b, h, holder)
						before := time.Now()
						if err := deed.stop(b.Context(), h, holder); err != nil {
							b.Fatal(err)
						}
						if opensWith(b, h, tokens[:1]) != 0 {
							b.Fatal("the next request was let in")
						}
						took = append(took, float64(time.Since(before).Microseconds())/1000)
						if opensWith(b, h, tokens) != 0 {
							b.Fatal("a later request was let in")
						}
					}
					slices.Sort(took)
					b.ReportMetric(took[len(took)/2], "ms-to-refusal")
					b.ReportMetric(0, "ns/op")
				}
			})
		}
	}
}
