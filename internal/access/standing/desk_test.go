package standing_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/access/standing"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func open(t *testing.T, d *db.DB) (*signintest.House, *standing.Desk) {
	t.Helper()
	h := signintest.Open(t, d)
	return h, standing.New(standing.Deps{People: h.People, Keys: h.Keys, Sessions: h.Sessions, Roles: h.Roster, Tx: d, Now: h.Clock.Now})
}

// what a preview says and what an outcome says, in one form.
type said struct {
	State    people.State
	Sessions int
	Keys     []ids.Key
}

func keyIDs(found []keys.Key) (list []ids.Key) {
	for _, key := range found {
		list = append(list, key.ID)
	}
	return list
}

func TestPreviewSaysWhatTheDeedThenDoes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, desk := open(t, d)
		for i, test := range []struct {
			name     string
			order    standing.Order
			sessions int
			keys     int
			state    people.State
		}{
			{"suspend", standing.Order{Deed: standing.Suspend, Reason: "inquiry"}, 2, 0, people.Suspended},
			{"reinstate", standing.Order{Deed: standing.Reinstate, Reason: "cleared"}, 2, 0, people.Active},
			{"leave now", standing.Order{Deed: standing.Leave}, 2, 1, people.Left},
			{"leave later", standing.Order{Deed: standing.Leave, On: h.Clock.Now().AddDate(0, 1, 0)}, 0, 1, people.Active},
			{"sign out", standing.Order{Deed: standing.SignOut}, 2, 0, people.Active},
		} {
			person, key := h.Holder(t, "p"+strconv.Itoa(i))
			held, err := h.Keys.HeldBy(t.Context(), person.ID)
			if err != nil {
				t.Fatal(err)
			}
			_, token := h.SignedIn(t, key)
			lost, err := h.Keys.Add(t.Context(), signintest.Desk(), keys.NewKey{Serial: "90" + strconv.Itoa(i)})
			if err != nil {
				t.Fatal(err)
			}
			if _, err = h.Keys.Issue(t.Context(), signintest.Desk(), lost.ID, person.ID); err != nil {
				t.Fatal(err)
			}
			if _, err = h.Keys.Block(t.Context(), signintest.Desk(), lost.ID, keys.Lost); err != nil {
				t.Fatal(err) // a key that is gone cannot come back
			}
			test.order.Person = person.ID
			before := h.Actions(t, string(person.ID))
			preview, err := desk.Preview(t.Context(), test.order)
			if err != nil {
				t.Fatalf("%s: %v", test.name, err)
			}
			if diff := cmp.Diff(before, h.Actions(t, string(person.ID))); diff != "" {
				t.Errorf("%s: the preview changed something:\n%s", test.name, diff)
			}
			outcome, err := desk.Do(t.Context(), signintest.Desk(), test.order)
			if err != nil {
				t.Fatalf("%s: %v", test.name, err)
			}
			want := said{State: test.state, Sessions: test.sessions}
			if test.keys > 0 {
				want.Keys = []ids.Key{held[0].ID}
			}
			if diff := cmp.Diff(want, said{preview.Becomes, len(preview.Sessions), keyIDs(preview.Keys)}); diff != "" {
				t.Errorf("%s, the preview (-want +got):\n%s", test.name, diff)
			}
			if diff := cmp.Diff(want, said{outcome.Person.State, outcome.SessionsEnded, keyIDs(outcome.Keys)}); diff != "" {
				t.Errorf("%s, the deed (-want +got):\n%s", test.name, diff)
			}
			if _, err := h.Sessions.ByToken(t.Context(), token); (err == nil) != (test.sessions == 0) {
				t.Errorf("%s: the session they had answers %v", test.name, err)
			}
		}
	})
}

func TestLastAdministratorIsNotLockedOut(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, desk := open(t, d)
		first, key := h.Holder(t, "first")
		second := h.Somebody(t, "second")
		for _, person := range []ids.Person{first.ID, second.ID} {
			if err := h.Roster.Grant(t.Context(), signintest.Desk(), person, roles.Administrator); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := desk.Do(t.Context(), signintest.Desk(), standing.Order{Deed: standing.Suspend, Person: second.ID, Reason: "inquiry"}); err != nil {
			t.Fatalf("one of two administrators cannot be suspended: %v", err)
		}
		_, token := h.SignedIn(t, key)
		for _, deed := range []standing.Deed{standing.Suspend, standing.Leave} {
			order := standing.Order{Deed: deed, Person: first.ID, Reason: "inquiry"}
			if _, err := desk.Preview(t.Context(), order); !problem.Is(err, roles.LastAdministrator) {
				t.Errorf("the preview of %s says %v", deed, err)
			}
			if _, err := desk.Do(t.Context(), signintest.Desk(), order); !problem.Is(err, roles.LastAdministrator) {
				t.Errorf("%s of the last administrator: %v", deed, err)
			}
		}
		if _, err := h.Sessions.ByToken(t.Context(), token); err != nil {
			t.Errorf("what was refused ended their session: %v", err)
		}
	})
}

func TestRefusedDeedChangesNothing(t *testing.T) {
	t.Parallel()
	h, desk := open(t, dbtest.SQLite(t))
	person, key := h.Holder(t, "amira.khan")
	_, token := h.SignedIn(t, key)
	before := h.Actions(t, string(person.ID))
	for name, test := range map[string]struct {
		order standing.Order
		want  problem.Definition
	}{
		"no deed":      {standing.Order{Person: person.ID}, standing.UnknownDeed},
		"unknown deed": {standing.Order{Deed: "promote", Person: person.ID}, standing.UnknownDeed},
		"nobody":       {standing.Order{Deed: standing.SignOut, Person: ids.New[ids.Person]()}, people.NotFound},
	} {
		if _, err := desk.Preview(t.Context(), test.order); !problem.Is(err, test.want) {
			t.Errorf("%s: the preview says %v, want %s", name, err, test.want.Code)
		}
		if _, err := desk.Do(t.Context(), signintest.Desk(), test.order); !problem.Is(err, test.want) {
			t.Errorf("%s: got %v, want %s", name, err, test.want.Code)
		}
	}
	if !slices.Equal(before, h.Actions(t, string(person.ID))) {
		t.Errorf("the record says %v", h.Actions(t, string(person.ID)))
	}
	if _, err := h.Sessions.ByToken(t.Context(), token); err != nil {
		t.Errorf("their session was ended: %v", err)
	}
	gone := standing.Order{Deed: standing.Leave, Person: person.ID, On: time.Time{}}
	if _, err := desk.Do(t.Context(), signintest.Desk(), gone); err != nil {
		t.Fatal(err)
	}
	for _, deed := range []standing.Deed{standing.Reinstate, standing.Suspend} {
		if _, err := desk.Preview(t.Context(), standing.Order{Deed: deed, Person: person.ID}); !problem.Is(err, people.StateRefused) {
			t.Errorf("%s of somebody who has left: %v", deed, err)
		}
	}
}
