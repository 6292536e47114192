package recoverytest

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/warder-project/warder/internal/access/recovery"
	"github.com/warder-project/warder/internal/access/recovery/recoverydb"
	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/people"
)

// House is a department with a service desk.
type House struct {
	*signintest.House
	Desk *recovery.Desk

	mu    sync.Mutex
	told  map[ids.Person][]string // guarded by mu: subject, a line end, text
	token secret.Value            // of the last objection; guarded by mu
}

// Open builds a house on a migrated database.
func Open(t testing.TB, d *db.DB) *House {
	t.Helper()
	h := &House{House: signintest.Open(t, d), told: map[ids.Person][]string{}}
	h.Desk = recovery.New(recovery.Deps{Store: recoverydb.New(h.DB), Tx: h.DB, Audit: h.Audit, People: h.People, Keys: h.Keys,
		Factors: h.Factors, Roles: h.Roster, Sessions: h.Sessions, Invitations: h.Invitations, LostKeys: h.LostKeys, Now: h.Clock.Now,
		Tell: func(_ context.Context, person ids.Person, subject, text string) error {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.told[person] = append(h.told[person], subject+"\n"+text)
			return nil
		},
		ObjectionAt: func(token secret.Value) string {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.token = token
			return "https://warder.example/not-me/" + token.Reveal()
		}})
	h.Follower = h.Desk
	return h
}

// Told says what a person was sent, one string with all of it.
func (h *House) Told(person ids.Person) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Join(h.told[person], "\n\n")
}

// Objection is what the last person who was helped can stop it with.
func (h *House) Objection() secret.Value {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.token
}

// Member is somebody with a key who can touch it.
type Member struct {
	people.Person
	Key   *softkey.Key
	house *House
}

// Member adds somebody with a key and roles.
func (h *House) Member(t testing.TB, userName string, held ...roles.Role) Member {
	t.Helper()
	person, key := h.Holder(t, userName)
	for _, role := range held {
		must(t, h.Roster.Grant(t.Context(), signintest.Desk(), person.ID, role))
	}
	return Member{Person: person, Key: key, house: h}
}

// Under adds somebody with a key who has a line manager.
func (h *House) Under(t testing.TB, userName string, manager people.Person) Member {
	t.Helper()
	person, err := h.People.Add(t.Context(), signintest.Desk(), people.NewPerson{UserName: userName, Name: "Name of " + userName, Manager: manager.ID, EmployeeID: "9-" + userName})
	must(t, err)
	key := h.Batch.NewKey()
	h.Enrol(t, person.ID, key)
	return Member{Person: person, Key: key, house: h}
}

// Now is the member at a page, with a key touched this moment.
func (m Member) Now(t testing.TB) recovery.By {
	t.Helper()
	session, _ := m.house.SignedIn(t, m.Key)
	return recovery.SignedIn(m.ID, session.ID)
}
