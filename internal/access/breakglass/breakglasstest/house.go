// Package breakglasstest builds, for tests, a department that can be opened in an
// emergency, on the one of signintest: two identities whose keys are kept in
// different places. It also holds the contract that every breakglass.Store must pass.
package breakglasstest

import (
	"path/filepath"
	"testing"

	"github.com/warder-project/warder/internal/access/breakglass"
	"github.com/warder-project/warder/internal/access/breakglass/breakglassdb"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/seal"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/people"
)

// House is the department.
type House struct {
	*signintest.House
	Desk     *breakglass.Desk
	North    people.Person
	South    people.Person
	NorthKey *softkey.Key
	SouthKey *softkey.Key
}

// Open builds the house: both keys are registered, and their places recorded.
func Open(t testing.TB, d *db.DB) *House {
	t.Helper()
	h := &House{House: signintest.Open(t, d)}
	sealer, err := seal.OpenKeyFile(filepath.Join(t.TempDir(), "warder.key"), true)
	must(t, err)
	h.Desk = breakglass.New(breakglass.Deps{Store: breakglassdb.New(d), Tx: d, Audit: h.Audit, People: h.People, Keys: h.Keys,
		Models: h.Models, Factors: h.Factors, Sessions: h.Sessions, Seal: sealer, Now: h.Clock.Now})
	h.North, h.NorthKey = h.Kept(t, "north", "Safe in York")
	h.South, h.SouthKey = h.Kept(t, "south", "Safe in Bath")
	return h
}

// Kept adds an identity with a key that is kept in a place; "" records none.
func (h *House) Kept(t testing.TB, userName, place string) (people.Person, *softkey.Key) {
	t.Helper()
	person, err := h.People.Add(t.Context(), signintest.Desk(), people.NewPerson{UserName: userName, Name: "Key of the " + userName, Kind: people.KindBreakGlass})
	must(t, err)
	key := h.Batch.NewKey()
	h.Enrol(t, person.ID, key)
	if place != "" {
		must(t, h.Desk.KeepAt(t.Context(), signintest.Desk(), h.KeyOf(t, person.ID), place))
	}
	return person, key
}

// KeyOf is the id of the one key somebody holds.
func (h *House) KeyOf(t testing.TB, person ids.Person) ids.Key {
	t.Helper()
	held, err := h.Keys.HeldBy(t.Context(), person)
	must(t, err)
	if len(held) != 1 {
		t.Fatalf("%s holds %d keys, not one", person, len(held))
	}
	return held[0].ID
}

// Ask is what the first person enters.
func Ask(purpose breakglass.Purpose) breakglass.Ask {
	return breakglass.Ask{Purpose: purpose, Reason: "Every administrator has lost their key.", Holder: "Nadia Holt"}
}

// SecondHolder is the name that the second person gives.
const SecondHolder = "Sam Reed"

// Answered is what a key answers to a challenge.
func (h *House) Answered(t testing.TB, asked breakglass.Challenge, browser secret.Value, key *softkey.Key) breakglass.Answer {
	t.Helper()
	response, err := key.Get(asked.Options, signintest.Origin)
	must(t, err)
	return breakglass.Answer{Sealed: asked.Sealed, Browser: browser, Response: response, Holder: SecondHolder, IP: "192.0.2.7", UserAgent: "Test"}
}

// First touches the first key.
func (h *House) First(t testing.TB, purpose breakglass.Purpose, key *softkey.Key) (breakglass.Use, secret.Value) {
	t.Helper()
	browser := secret.Token()
	asked, err := h.Desk.Begin(t.Context(), Ask(purpose), browser)
	must(t, err)
	use, err := h.Desk.First(t.Context(), h.Answered(t, asked, browser, key))
	must(t, err)
	return use, browser
}

// Second is what a key answers when it is asked as the second.
func (h *House) Second(t testing.TB, use ids.Use, browser secret.Value, key *softkey.Key) breakglass.Answer {
	t.Helper()
	_, asked, err := h.Desk.Next(t.Context(), use, browser)
	must(t, err)
	return h.Answered(t, asked, browser, key)
}

// Opened opens Warder, or tests that it could be, with both keys.
func (h *House) Opened(t testing.TB, purpose breakglass.Purpose) breakglass.Opened {
	t.Helper()
	use, browser := h.First(t, purpose, h.NorthKey)
	opened, err := h.Desk.Second(t.Context(), use.ID, h.Second(t, use.ID, browser, h.SouthKey))
	must(t, err)
	return opened
}
