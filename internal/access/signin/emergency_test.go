package signin_test

import (
	"testing"

	"github.com/warder-project/warder/internal/access/invitations"
	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/people"
)

// TestIdentityForEmergenciesSignsInNowhereByItself goes every way that leads others
// to a session.
func TestIdentityForEmergenciesSignsInNowhereByItself(t *testing.T) {
	t.Parallel()
	h := house(t)
	safe, err := h.People.Add(t.Context(), signintest.Desk(), people.NewPerson{UserName: "safe-one", Name: "Safe one", Kind: people.KindBreakGlass})
	must(t, err)

	// What does not prove that it is hardware is not taken, although others may register it here.
	attempt, browser := h.Invited(t, safe.ID)
	soft := h.Batch.NewKey()
	soft.Behaviour.Statement = softkey.Self
	if _, err := h.Flow.Register(t.Context(), h.Registration(t, attempt, browser, soft)); !problem.Is(err, signin.ErrNotHardware) {
		t.Fatalf("a key that proves nothing: %v", err)
	}
	key := h.Batch.NewKey()
	_, err = h.Flow.Register(t.Context(), h.Registration(t, attempt, browser, key))
	must(t, err)
	done := h.Finish(t, attempt, browser, key)
	if !done.KeptForEmergencies || done.Session != "" || !done.Token.Empty() {
		t.Errorf("registering it led to %+v", done)
	}
	if open, err := h.Sessions.OfPerson(t.Context(), safe.ID); err != nil || len(open) != 0 {
		t.Errorf("sessions %v, %v", open, err)
	}
	if _, err := h.Invitations.Invite(t.Context(), signintest.Desk(), safe.ID, 0); !problem.Is(err, invitations.Enrolled) {
		t.Errorf("a second link: %v", err)
	}
	for _, name := range []string{"", "safe-one"} {
		attempt, browser := h.BegunWith(t, signin.Ask{Require: signin.Ordinary()}, name)
		step, err := h.Flow.UseKey(t.Context(), h.Touch(t, attempt, browser, key))
		must(t, err)
		if refused, ok := step.(signin.Refused); !ok || refused.Problem.Code != signin.ErrKeptForEmergencies.Code {
			t.Errorf("signing in as %q led to %+v", name, step)
		}
	}
	for _, role := range roles.All() {
		if err := h.Roster.Grant(t.Context(), signintest.Desk(), safe.ID, role); !problem.Is(err, roles.CannotHold) {
			t.Errorf("the role %s: %v", role, err)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
