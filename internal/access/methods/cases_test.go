package methods_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/access/methods"
	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// A copy is used, then the key it was made of: its counter is behind.
func TestCounterThatRunsBackwardsOpensACaseUntilItIsLookedInto(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := signintest.Open(t, d)
		person, key := h.Holder(t, "amira.khan")
		copied := key.Clone()
		session, _ := h.SignedIn(t, copied)
		if open, err := h.Methods.Cases(t.Context()); err != nil || len(open) != 0 {
			t.Fatalf("%d cases before anything happened, %v", len(open), err)
		}
		attempt, browser := h.BegunWith(t, signin.Ask{Require: signin.Ordinary()}, "")
		_, err := h.Flow.UseKey(t.Context(), h.Touch(t, attempt, browser, key))
		want(t, err, factors.CloneSuspected)
		open, err := h.Methods.Cases(t.Context())
		if err != nil || len(open) != 1 || open[0].Credential.Person != person.ID || open[0].Credential.Reason != factors.CloneReason || !open[0].Since.Equal(h.Clock.Now()) {
			t.Fatalf("the cases are %+v, %v", open, err)
		}
		for _, finding := range []string{"", "  ", "two\nlines", strings.Repeat("x", 201)} {
			want(t, h.Methods.Settle(t.Context(), signintest.Desk(), session.Key, finding), methods.FindingMissing)
		}
		for range 2 { // the second click changes nothing
			if err := h.Methods.Settle(t.Context(), signintest.Desk(), session.Key, "There was a copy."); err != nil {
				t.Fatal(err)
			}
		}
		if open, err := h.Methods.Cases(t.Context()); err != nil || len(open) != 0 {
			t.Errorf("%d cases are left, %v", len(open), err)
		}
		if held, err := h.Keys.Get(t.Context(), session.Key); err != nil || held.State != keys.StateHeld || !held.ToReturn {
			t.Errorf("the key is %+v, %v", held, err)
		}
		got := h.Actions(t, string(session.Credential))
		if ending := []string{"factor.clone_suspected", "factor.suspended", "factor.looked_into", "factor.revoked"}; len(got) < 4 || !slices.Equal(got[len(got)-4:], ending) {
			t.Errorf("the record says %v, want it to end with %v", got, ending)
		}
	})
}

func TestLostKeyIsNoCase(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	_, key := h.Holder(t, "amira.khan")
	session, _ := h.SignedIn(t, key)
	if _, err := h.Factors.SuspendOfKey(t.Context(), signintest.Desk(), session.Key, "lost"); err != nil {
		t.Fatal(err)
	}
	if open, err := h.Methods.Cases(t.Context()); err != nil || len(open) != 0 {
		t.Errorf("%d cases, %v", len(open), err)
	}
	if err := h.Methods.Settle(t.Context(), signintest.Desk(), session.Key, "Nothing."); err != nil {
		t.Fatal(err)
	}
	if held, err := h.Factors.OfKey(t.Context(), session.Key); err != nil || held[0].State != factors.Suspended {
		t.Errorf("the registration is %+v, %v", held, err)
	}
}
