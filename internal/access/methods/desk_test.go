package methods_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/methods"
	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// complete is somebody with two keys of one batch.
func complete(t *testing.T, h *signintest.House) (person people.Person, first, second *softkey.Key) {
	t.Helper()
	person, first = h.Holder(t, "amira.khan")
	second = h.Batch.NewKey()
	h.Enrol(t, person.ID, second)
	return person, first, second
}

func of(t *testing.T, h *signintest.House, person ids.Person) methods.Overview {
	t.Helper()
	has, err := h.Methods.Of(t.Context(), person)
	if err != nil {
		t.Fatal(err)
	}
	return has
}

func want(t *testing.T, err error, definition problem.Definition) {
	t.Helper()
	if !problem.Is(err, definition) {
		t.Errorf("got error %v, want problem %s", err, definition.Code)
	}
}

func TestRemovedKeyEndsExactlyItsSessionsOnTheNextRequest(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := signintest.Open(t, d)
		person, first, second := complete(t, h)
		mine, mineToken := h.SignedIn(t, first)
		other, otherToken := h.SignedIn(t, second)
		preview, err := h.Methods.Preview(t.Context(), mine, other.Key)
		if err != nil {
			t.Fatal(err)
		}
		outcome, err := h.Methods.Remove(t.Context(), mine, other.Key)
		if err != nil {
			t.Fatal(err)
		}
		// The session of its enrolment, and the one above.
		if preview.Sessions != 2 || outcome.SessionsEnded != 2 || outcome.Left != 1 || preview.Here {
			t.Errorf("foreseen %+v, done %+v", preview, outcome)
		}
		if _, err := h.Sessions.ByToken(t.Context(), otherToken); !problem.Is(err, sessions.HasEnded) {
			t.Errorf("the session of the removed key: %v", err)
		}
		if _, err := h.Sessions.ByToken(t.Context(), mineToken); err != nil {
			t.Errorf("a session of the other key ended too: %v", err)
		}
		if good, err := h.Factors.StillGood(t.Context(), person.ID, other.Key, other.Credential); good || err != nil {
			t.Errorf("the credential may still be used: %v, %v", good, err)
		}
		has := of(t, h, person.ID)
		if has.Complete || has.Working() != 1 || !has.Works(mine.Key) {
			t.Errorf("afterwards they have %+v", has)
		}
		if got := h.Actions(t, string(other.Credential)); !slices.Equal(got, []string{"factor.registered", "factor.revoked"}) {
			t.Errorf("the record of the credential says %v", got)
		}
		if key := outcome.Key; key.State != keys.StateHeld || !key.ToReturn || key.Holder != person.ID {
			t.Errorf("the key is %+v, want held and to be handed back", key)
		}
		_, err = h.Methods.Remove(t.Context(), mine, other.Key)
		want(t, err, methods.NothingToRemove)
	})
}

func TestLastStrongMethodCannotBeRemovedByItsOwner(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	person, first, second := complete(t, h)
	session, _ := h.SignedIn(t, first)
	spare, _ := h.SignedIn(t, second)
	// The other key is there, but nobody can sign in with it.
	if _, err := h.LostKeys.Report(t.Context(), signintest.Desk(), spare.Key, keys.Lost, time.Time{}); err != nil {
		t.Fatal(err)
	}
	_, err := h.Methods.Preview(t.Context(), session, session.Key)
	want(t, err, methods.LastStrong)
	_, err = h.Methods.Remove(t.Context(), session, session.Key)
	want(t, err, methods.LastStrong)
	if has := of(t, h, person.ID); !has.Works(session.Key) {
		t.Error("the only key does not work any more")
	}
}

func TestTwoRemovalsAtOnceLeaveOneKey(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := signintest.Open(t, d)
		person, first, second := complete(t, h)
		one, _ := h.SignedIn(t, first)
		other, _ := h.SignedIn(t, second)
		var all sync.WaitGroup
		for _, each := range []struct {
			session sessions.Session
			key     ids.Key
		}{{one, other.Key}, {other, one.Key}, {one, one.Key}} {
			all.Go(func() { _, _ = h.Methods.Remove(t.Context(), each.session, each.key) })
		}
		all.Wait()
		if has := of(t, h, person.ID); has.Working() != 1 {
			t.Errorf("%d keys work, want 1", has.Working())
		}
	})
}

func TestRemovingAMethodNeedsAFreshStrongProof(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	person, first, second := complete(t, h)
	session, _ := h.SignedIn(t, first)
	spare, _ := h.SignedIn(t, second)
	try := func(name string, session sessions.Session, definition problem.Definition) {
		_, err := h.Methods.Remove(t.Context(), session, spare.Key)
		if !problem.Is(err, definition) {
			t.Errorf("%s: %v, want problem %s", name, err, definition.Code)
		}
	}
	_, stranger := h.Holder(t, "ben.adams")
	theirs, _ := h.SignedIn(t, stranger)
	try("somebody else", theirs, keys.NotFound)
	if err := h.Sessions.End(t.Context(), signintest.Desk(), session.ID, sessions.SignedOut); err != nil {
		t.Fatal(err)
	}
	try("signed out meanwhile", session, methods.NotFresh)
	try("a session that never was", sessions.Session{ID: ids.New[ids.Session](), Person: person.ID}, methods.NotFresh)
	session, _ = h.SignedIn(t, first)
	h.Clock.Advance(11 * time.Minute)
	try("eleven minutes later", session, methods.NotFresh)
	if has := of(t, h, person.ID); !has.Complete {
		t.Error("a key was removed")
	}
}

func TestTwoKeysThatWorkMakeAPersonComplete(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	person, _ := h.Holder(t, "amira.khan")
	if has := of(t, h, person.ID); has.Complete || has.Working() != 1 {
		t.Errorf("with one key: %+v", has)
	}
	second := h.Batch.NewKey()
	h.Enrol(t, person.ID, second)
	if has := of(t, h, person.ID); !has.Complete {
		t.Errorf("with two keys: %+v", has)
	}
	// A copy that was noticed is no key to rely on.
	session, _ := h.SignedIn(t, second)
	if _, err := h.Factors.SuspendOfKey(t.Context(), signintest.Desk(), session.Key, factors.CloneReason); err != nil {
		t.Fatal(err)
	}
	if has := of(t, h, person.ID); has.Complete {
		t.Errorf("with one of two stopped: %+v", has)
	}
}

// A removed key lies in a drawer until it is handed in. The next key of its model
// is another one.
func TestRemovedKeyIsNotTakenForTheNextOne(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	person, first, second := complete(t, h)
	session, _ := h.SignedIn(t, first)
	spare, _ := h.SignedIn(t, second)
	if _, err := h.Methods.Remove(t.Context(), session, spare.Key); err != nil {
		t.Fatal(err)
	}
	third := h.Batch.NewKey()
	h.Enrol(t, person.ID, third)
	removed, err := h.Keys.Get(t.Context(), spare.Key)
	if err != nil || removed.State != keys.StateHeld || !removed.ToReturn {
		t.Errorf("the removed key is %+v, %v", removed, err)
	}
	// Whoever wants it back registers it again.
	h.Enrol(t, person.ID, second)
	if has := of(t, h, person.ID); has.Working() != 3 {
		t.Errorf("%d keys work, want 3", has.Working())
	}
}

// C05.3: the last administrator is not left with a single key.
func TestLastAdministratorKeepsTwoKeys(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := signintest.Open(t, d)
		desk := methods.New(methods.Deps{Keys: h.Keys, Factors: h.Factors, Sessions: h.Sessions, Tx: d, Now: h.Clock.Now, Fresh: signin.FreshForNewKey(), Spared: h.Roster.MaySpare})
		person, first, second := complete(t, h)
		appoint := func(person ids.Person) {
			t.Helper()
			if err := h.Roster.Grant(t.Context(), signintest.Desk(), person, roles.Administrator); err != nil {
				t.Fatal(err)
			}
		}
		appoint(person.ID)
		mine, _ := h.SignedIn(t, first)
		other, _ := h.SignedIn(t, second)
		_, err := desk.Preview(t.Context(), mine, other.Key)
		want(t, err, methods.LastAdministrator)
		_, err = desk.Remove(t.Context(), mine, other.Key)
		want(t, err, methods.LastAdministrator)
		if left := of(t, h, person.ID); left.Working() != 2 {
			t.Errorf("%d keys are left", left.Working())
		}
		somebody, _ := h.Holder(t, "second.admin")
		appoint(somebody.ID)
		if _, err := desk.Remove(t.Context(), mine, other.Key); err != nil {
			t.Errorf("with another administrator: %v", err)
		}
		if err := h.Roster.Revoke(t.Context(), signintest.Desk(), somebody.ID, roles.Administrator); err != nil {
			t.Fatal(err)
		}
		if _, err := h.LostKeys.Report(t.Context(), signintest.Desk(), mine.Key, keys.Lost, h.Clock.Now()); err != nil {
			t.Errorf("a loss report does not work: %v", err)
		}
	})
}
