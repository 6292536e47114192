package live_test

import (
	"context"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/access/live/livedb"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// byRole is a policy that asks more of whoever administers, and of some requests.
const byRole = `version: by-role
rules:
  - {id: all, title: All, services: ["*"], require: {aal: 1}}
  - {id: admins, title: Administrators with a proven key, services: [payroll], roles: [administrator], require: {aal: 3, max_age: 1m}}
  - {id: privileged, title: Whoever administers, services: [payroll], privileged: true, require: {aal: 3, max_age: 2m}}
  - {id: amira, title: Amira, services: [payroll], people: [amira.khan], methods: [DELETE], require: {aal: 3, max_age: 3m}}
  - {id: finance, title: Finance, services: [payroll], departments: [Finance], paths: [/export], require: {aal: 3, max_age: 4m}}
`

func give(t *testing.T, d *db.DB, person ids.Person, role string, at time.Time) {
	t.Helper()
	err := d.InTx(t.Context(), func(ctx context.Context) error {
		if _, err := d.From(ctx).ExecContext(ctx, `insert into role_grant (person_id, role, at) values ($1, $2, $3)`, string(person), role, db.Millis(at)); err != nil {
			return err
		}
		return tx.Publish(ctx, tx.Role, string(person))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What rules ask about a person and a request is in the view, and a role counts on the
// next request, also on another node.
func TestRolesAndTheRequestAreFactsOnEveryNode(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]func(testing.TB) string{"SQLite": dbtest.SQLiteURL, "PostgreSQL": dbtest.PostgresURL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rolesAndRequests(t, address(t))
		})
	}
}

func rolesAndRequests(t *testing.T, url string) {
	s := set(t, dbtest.Open(t, url))
	elsewhere := dbtest.Open(t, url)
	other := decisiontest.OpenWith(t, elsewhere, s.Clock, livedb.New(elsewhere), func(*decision.Deps) {})
	applied := follow(t, elsewhere, other.View)
	s.Publish(t, byRole)
	s.Clock.Advance(10 * time.Minute) // all are too long ago
	wants := func(why, method, path, want string) {
		t.Helper()
		for _, house := range []*decisiontest.House{s.House, other} {
			question := house.Question("payroll", s.token)
			question.Method, question.Path, question.At = method, path, s.Clock.Now()
			got := house.Desk.Ask(t.Context(), question).Verdict.ReasonCodes()
			for house == other && got != want {
				select {
				case <-applied:
				case <-time.After(10 * time.Second):
					t.Fatalf("%s: the other node says %s, want %s", why, got, want)
				}
				got = house.Desk.Ask(t.Context(), question).Verdict.ReasonCodes()
			}
			if got != want {
				t.Errorf("%s: %s, want %s", why, got, want)
			}
		}
	}
	const late = "policy.signed_in_too_long_ago:"
	wants("without a role", "GET", "/", "policy.rule_met:all")
	wants("by name and method", "DELETE", "/", late+"amira")
	// Nobody has said where she works, and so she may work in Finance.
	wants("by path", "GET", "/export", late+"finance")
	give(t, s.DB, s.amira.Person.ID, "auditor", s.Clock.Now())
	wants("an auditor", "GET", "/", late+"privileged")
	give(t, s.DB, s.amira.Person.ID, "administrator", s.Clock.Now())
	wants("an administrator", "GET", "/", late+"admins "+late+"privileged")

	subject, _ := s.View.Look(t.Context(), s.token.Hash(), s.Clock.Now())
	facts := policy.Facts{At: s.Clock.Now()}
	subject.Fill(&facts, policy.SessionAlive)
	if facts.UserName != "amira.khan" || len(facts.Roles.Names()) != 2 || len(facts.Groups.Names()) != 1 || facts.Privileged != policy.Yes {
		t.Errorf("%+v", facts)
	}
}
