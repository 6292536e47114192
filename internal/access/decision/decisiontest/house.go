// Package decisiontest builds a small department on a real database for the tests
// of the access floor: people with keys, services with routes, a published
// policy, a live view that hears of every commit, and a desk that decides from
// it. Only tests import it.
package decisiontest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/decision/decisiondb"
	"github.com/warder-project/warder/internal/access/live"
	"github.com/warder-project/warder/internal/access/live/livedb"
	"github.com/warder-project/warder/internal/access/lostkey"
	"github.com/warder-project/warder/internal/access/policy/trials"
	"github.com/warder-project/warder/internal/access/policy/trials/trialsdb"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/access/policy/versions/versionsdb"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/sessions/sessionsdb"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/audit/auditdb"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/factorsdb"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/keys/keysdb"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/people/peopledb"
	"github.com/warder-project/warder/internal/registry/services"
	"github.com/warder-project/warder/internal/registry/services/servicesdb"
	"github.com/warder-project/warder/internal/testkit"
)

// House is the department. Several houses may stand on one database, as several
// nodes do.
type House struct {
	DB       *db.DB
	Clock    *testkit.Clock
	Audit    *audit.Log
	People   *people.Directory
	Keys     *keys.Register
	Models   *keys.Models
	Factors  *factors.Factors
	Services *services.Catalogue
	Policies *versions.Library
	Trials   *trials.Book
	Sessions *sessions.Book
	View     *live.View
	Desk     *decision.Desk
	LostKey  *lostkey.Desk

	credentials *factorsdb.Store
}

// Desk is the actor of everything the house does by itself.
func Desk() audit.Actor { return audit.Command("test") }

// Open builds a house on a migrated database. Its view has been loaded and hears
// of every commit of d.
func Open(t testing.TB, d *db.DB) *House {
	t.Helper()
	return OpenWith(t, d, testkit.NewClock(), livedb.New(d), func(*decision.Deps) {})
}

// OpenWith builds a house with a clock, a reader and changes to the desk's Deps.
func OpenWith(t testing.TB, d *db.DB, clock *testkit.Clock, reader live.Reader, adapt func(*decision.Deps)) *House {
	t.Helper()
	h := &House{DB: d, Clock: clock, credentials: factorsdb.New(d)}
	now := clock.Now
	h.Audit = audit.New(audit.Deps{Store: auditdb.New(d), Tx: d, Now: now})
	h.People = people.New(people.Deps{Store: peopledb.New(d), Tx: d, Audit: h.Audit, Now: now})
	h.Keys = keys.New(keys.Deps{Store: keysdb.New(d), Tx: d, Audit: h.Audit, Now: now})
	h.Models = keys.NewModels(keys.ModelDeps{Store: keysdb.NewModels(d), Tx: d, Audit: h.Audit, Now: now})
	h.Factors = factors.New(factors.Deps{Store: h.credentials, Tx: d, Audit: h.Audit, Now: now, Keys: h.Keys, Models: h.Models})
	h.Services = services.New(services.Deps{Store: servicesdb.New(d), Tx: d, Audit: h.Audit, Now: now})
	h.Policies = versions.New(versions.Deps{Store: versionsdb.New(d), Tx: d, Audit: h.Audit, Now: now,
		MayEnforce: func(context.Context, versions.Enforcing) error { return nil }})
	h.Trials = trials.New(trials.Deps{Store: trialsdb.New(d), Tx: d, Now: now})
	h.Sessions = sessions.New(sessions.Deps{Store: sessionsdb.New(d), Tx: d, Audit: h.Audit, Now: now})
	h.View = live.New(live.Deps{Reader: reader, Book: h.Sessions, Now: now})
	d.OnCommit(h.View.Apply)
	deps := decision.Deps{View: h.View, Store: decisiondb.New(d), Tx: d, Now: now, Trials: h.Trials, Reader: reader,
		SessionsOf: h.Sessions.OfPerson, Credentials: h.Factors.OfPerson, Suppose: h.Factors.Suppose}
	adapt(&deps)
	h.Desk = decision.New(deps)
	h.LostKey = lostkey.New(lostkey.Deps{Keys: h.Keys, Factors: h.Factors, Sessions: h.Sessions, Tx: d, Audit: h.Audit, Now: now})
	_, err := h.Models.Put(t.Context(), Desk(), Make())
	must(t, err)
	must(t, h.View.Load(t.Context()))
	return h
}

// Make is the model of every key of the house: allowed, and hardware.
func Make() keys.Model {
	return keys.Model{AAGUID: "57a2de30-0000-4000-8000-00000000d340", Vendor: "Blue Keys", Name: "One", Allowed: true, HardwareBound: true}
}

// Holder is somebody with a key.
type Holder struct {
	Person     people.Person
	Key        keys.Key
	Credential factors.Credential
}

// Somebody adds a person in these groups who holds one enrolled, attested key.
func (h *House) Somebody(t testing.TB, userName string, groups ...string) Holder {
	t.Helper()
	ctx := t.Context()
	person, err := h.People.Add(ctx, Desk(), people.NewPerson{UserName: userName, Name: userName, Email: userName + "@example.org", Kind: people.KindPerson})
	must(t, err)
	for _, group := range groups {
		h.Group(t, group)
		must(t, h.People.AddMember(ctx, Desk(), group, person.ID))
	}
	key, credential := h.EnrolledKey(t, person.ID)
	return Holder{Person: person, Key: key, Credential: credential}
}

// Group makes a group unless it is there.
func (h *House) Group(t testing.TB, name string) {
	t.Helper()
	all, err := h.People.Groups(t.Context())
	must(t, err)
	for _, group := range all {
		if group.Name == name {
			return
		}
	}
	_, err = h.People.AddGroup(t.Context(), Desk(), name)
	must(t, err)
}

// EnrolledKey gives a person one more key, with a credential on it.
func (h *House) EnrolledKey(t testing.TB, person ids.Person) (keys.Key, factors.Credential) {
	t.Helper()
	key, err := h.Keys.Add(t.Context(), Desk(), keys.NewKey{Label: "Blue"})
	must(t, err)
	return h.Credential(t, person, key, Make().AAGUID)
}

// Credential issues a key from stock to a person and makes a credential on it that has
// proven a model.
func (h *House) Credential(t testing.TB, person ids.Person, key keys.Key, model string) (keys.Key, factors.Credential) {
	t.Helper()
	ctx := t.Context()
	_, err := h.Keys.Issue(ctx, Desk(), key.ID, person)
	must(t, err)
	key, err = h.Keys.MarkEnrolled(ctx, Desk(), key.ID)
	must(t, err)
	id := ids.New[ids.Credential]()
	credential := factors.Credential{ID: id, Person: person, Key: key.ID, CredentialID: []byte(id), PublicKey: []byte{1}, Model: model,
		Attestation: factors.AttestationVerified, HardwareBound: true, State: factors.Active, CreatedAt: h.Clock.Now()}
	must(t, h.DB.InTx(ctx, func(ctx context.Context) error {
		if err := h.credentials.Add(ctx, credential); err != nil {
			return err
		}
		return tx.Publish(ctx, tx.Credential, string(id))
	}))
	return key, credential
}

// Best is what the strongest sign-in proves.
func Best() assurance.Assurance {
	return assurance.Of(assurance.Observation{UserVerified: true, Attested: true, HardwareBound: true})
}

// SignIn begins a session of the holder.
func (h *House) SignIn(t testing.TB, holder Holder, have assurance.Assurance) (sessions.Session, secret.Value) {
	t.Helper()
	session, token, err := h.Sessions.Start(t.Context(), audit.Person(holder.Person.ID), Begun(holder, have))
	must(t, err)
	return session, token
}

// Begun is a session of the holder as sign-in begins one.
func Begun(holder Holder, have assurance.Assurance) sessions.NewSession {
	return sessions.NewSession{Person: holder.Person.ID, Credential: holder.Credential.ID, Key: holder.Key.ID, Assurance: have, AMR: have.AMR(),
		IP: "192.0.2.7", UserAgent: "Test/1.0"}
}

// Gate begins a gate session for host below a portal session.
func (h *House) Gate(t testing.TB, portal sessions.Session, host string) (sessions.Session, secret.Value) {
	t.Helper()
	ticket, err := h.Sessions.Ticket(t.Context(), portal.ID, host)
	must(t, err)
	session, token, err := h.Sessions.Redeem(t.Context(), ticket, host)
	must(t, err)
	return session, token
}

// Service adds a service at https://SLUG.example.org.
func (h *House) Service(t testing.TB, slug string) services.Service {
	t.Helper()
	service, err := h.Services.Add(t.Context(), Desk(), services.NewService{Slug: slug, Name: slug, Impact: 3,
		Routes: []services.NewRoute{{Host: slug + ".example.org", PathPrefix: "/"}}})
	must(t, err)
	return service
}

// Publish enforces a policy text.
func (h *House) Publish(t testing.TB, text string) {
	t.Helper()
	_, err := h.Policies.Publish(t.Context(), Desk(), versions.Text{Name: "test.yaml", Body: []byte(text)}, versions.EnforceOptions{})
	must(t, err)
}

// Question is a request of whoever holds the token to a service's first page.
func (h *House) Question(slug string, token secret.Value) *decision.Question {
	return &decision.Question{Token: token.Hash(), HasToken: !token.Empty(), Portal: true, Host: slug + ".example.org", Path: "/", Method: "GET", At: h.Clock.Now()}
}

// Ask asks the desk for that.
func (h *House) Ask(t testing.TB, slug string, token secret.Value) decision.Decision {
	t.Helper()
	return h.Desk.Ask(t.Context(), h.Question(slug, token))
}

// Everybody is a policy in which everybody may use every service with a key and
// its PIN.
func Everybody(version string) string {
	return fmt.Sprintf(`version: %s
rules:
  - id: everybody
    title: Everybody signs in with a key
    services: ["*"]
    require: {aal: 2, phishing_resistant: true}
`, version)
}

// Start is where the clock of a new house stands.
func Start() time.Time { return testkit.Start() }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
