// Package signintest builds, for tests, a small department in which people can
// really sign in: the rooms below on a real database, one model of software
// key that is trusted, one service behind the gateway, and the sign-in itself.
package signintest

import (
	"context"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/warder-project/warder/internal/access/invitations"
	"github.com/warder-project/warder/internal/access/invitations/invitationsdb"
	"github.com/warder-project/warder/internal/access/invitations/invitationstest"
	"github.com/warder-project/warder/internal/access/lostkey"
	"github.com/warder-project/warder/internal/access/methods"
	"github.com/warder-project/warder/internal/access/returns"
	"github.com/warder-project/warder/internal/access/risk"
	"github.com/warder-project/warder/internal/access/risk/arrivals"
	"github.com/warder-project/warder/internal/access/risk/objections"
	"github.com/warder-project/warder/internal/access/risk/riskdb"
	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/access/roles/rolesdb"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/sessions/sessionsdb"
	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/access/signin/attempts"
	"github.com/warder-project/warder/internal/access/signin/attempts/attemptsdb"
	"github.com/warder-project/warder/internal/access/signin/decoys"
	"github.com/warder-project/warder/internal/access/signin/decoys/decoysdb"
	"github.com/warder-project/warder/internal/access/throttle"
	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/audit/auditdb"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/factorsdb"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret"
	"github.com/warder-project/warder/internal/registry/factors/webauthn"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/keys/keysdb"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/people/peopledb"
	"github.com/warder-project/warder/internal/registry/services"
	"github.com/warder-project/warder/internal/registry/services/servicesdb"
	"github.com/warder-project/warder/internal/testkit"
)

// The department.
const (
	Origin      = "https://warder.example" // where people sign in
	ServiceHost = "payroll.example"        // of the one service
	ServicePage = "https://payroll.example/payslips?month=11"
	Model       = "5b0e3c1e-0f1a-4c0e-9a55-7761726465aa" // of the keys that are trusted
)

// House is the department.
type House struct {
	DB          *db.DB
	Clock       *testkit.Clock
	Audit       *audit.Log
	People      *people.Directory
	Keys        *keys.Register
	Models      *keys.Models
	Factors     *factors.Factors
	Services    *services.Catalogue
	Sessions    *sessions.Book
	LostKeys    *lostkey.Desk
	Methods     *methods.Desk
	Roster      *roles.Roster
	Flow        *signin.Flow
	Store       attempts.Store // of attempts
	Invitations *invitations.Desk
	Returns     *returns.Desk
	Guard       *invitationstest.Guard // of passes
	Follower    invitations.Follower   // nil when nobody follows
	Secrets     *sharedsecret.Book
	Throttle    *throttle.Guard
	Watch       *risk.Watch
	Objections  *objections.Desk
	Places      risk.Setup   // what is known of addresses; set it before anybody signs in
	Message     secret.Value // with which somebody objects to the last unusual sign-in they were told of
	Service     services.Service
	Batch       *softkey.Batch

	unguarded atomic.Bool
	accepted  atomic.Pointer[map[assurance.Method]bool]
}

// Desk is the actor of everything the house does by itself.
func Desk() audit.Actor { return audit.Command("test") }

// Open builds a house with a trusted model and a service on a migrated database.
func Open(t testing.TB, d *db.DB) *House {
	t.Helper()
	h := Wire(t, d, testkit.NewClock(), d)
	vendor, err := softkey.NewVendor("Imaginary Keys")
	must(t, err)
	h.Batch, err = vendor.Batch(Model)
	must(t, err)
	_, err = h.Models.Put(t.Context(), Desk(), keys.Model{AAGUID: Model, Vendor: "Imaginary Keys", Name: "One",
		Allowed: true, HardwareBound: true, Roots: vendor.RootPEM()})
	must(t, err)
	h.Service, err = h.Services.Add(t.Context(), Desk(), services.NewService{Slug: "payroll", Name: "Payroll",
		Routes: []services.NewRoute{{Host: ServiceHost}}})
	must(t, err)
	return h
}

// Wire builds the rooms and nothing else. runner stands between them and the
// database, so that a test can watch or break its units of work.
func Wire(t testing.TB, d *db.DB, clock *testkit.Clock, runner tx.Runner) *House {
	t.Helper()
	h, now := &House{DB: d, Clock: clock, Guard: &invitationstest.Guard{}}, clock.Now
	ceremonies, err := webauthn.New(webauthn.Deps{RPID: "warder.example", RPName: "Warder", Origins: []string{Origin}})
	must(t, err)
	portal, err := url.Parse(Origin)
	must(t, err)
	h.Audit = audit.New(audit.Deps{Store: auditdb.New(d), Tx: runner, Now: now})
	h.People = people.New(people.Deps{Store: peopledb.New(d), Tx: runner, Audit: h.Audit, Now: now})
	h.Keys = keys.New(keys.Deps{Store: keysdb.New(d), Tx: runner, Audit: h.Audit, Now: now})
	h.Models = keys.NewModels(keys.ModelDeps{Store: keysdb.NewModels(d), Tx: runner, Audit: h.Audit, Now: now})
	h.Factors = factors.New(factors.Deps{Store: factorsdb.New(d), Tx: runner, Audit: h.Audit, Now: now,
		Keys: h.Keys, Models: h.Models, Ceremonies: ceremonies, AcceptUnattested: true})
	h.Services = services.New(services.Deps{Store: servicesdb.New(d), Tx: runner, Audit: h.Audit, Now: now})
	h.Sessions = sessions.New(sessions.Deps{Store: sessionsdb.New(d), Tx: runner, Audit: h.Audit, Now: now})
	h.Roster = roles.New(roles.Deps{Store: rolesdb.New(d), People: h.People, Tx: runner, Audit: h.Audit, Now: now})
	h.LostKeys = lostkey.New(lostkey.Deps{Keys: h.Keys, Factors: h.Factors, Sessions: h.Sessions, Tx: runner, Audit: h.Audit, Now: now})
	h.Methods = methods.New(methods.Deps{Keys: h.Keys, Factors: h.Factors, Sessions: h.Sessions, Tx: runner, Now: now, Fresh: signin.FreshForNewKey()})
	h.Invitations = invitations.New(invitations.Deps{Store: invitationsdb.New(d), Tx: runner, Audit: h.Audit, People: h.People,
		Keys: h.Keys, Factors: h.Factors, Administrators: h.Roster, Guard: h.Guard, Follower: following{h}, Now: now})
	h.wireSecrets(t, runner)
	h.Store = attemptsdb.New(d)
	h.wireRisk(runner)
	h.Flow = signin.New(signin.Deps{Attempts: attempts.New(attempts.Deps{Store: h.Store, Tx: runner, Now: now}), Decoys: decoys.New(decoysdb.New(d)), Tx: runner, Audit: h.Audit, People: h.People, Factors: h.Factors,
		Sessions: h.Sessions, Invitations: h.Invitations, Now: now,
		Secrets: h.Secrets, Guard: guard{h.Throttle, &h.unguarded}, Accepts: h.accepts, Privileged: h.privileged,
		Arrivals: arrivals.New(h.Watch, h.Objections, h.Factors.Works)})
	h.Returns = returns.New(returns.Deps{Sessions: h.Sessions, Services: h.routes, Portal: portal, Now: now})
	return h
}

// wireRisk builds what judges where people come from. Nobody is told anything.
func (h *House) wireRisk(runner tx.Runner) {
	store := riskdb.New(h.DB)
	tell := func(context.Context, ids.Person, string, string) error { return nil }
	h.Watch = risk.New(risk.Deps{Store: store, Tx: runner, Audit: h.Audit, Sessions: h.Sessions, Now: h.Clock.Now, Tell: tell,
		Setup:       func() risk.Setup { return h.Places },
		ObjectionAt: func(token secret.Value) string { h.Message = token; return token.Reveal() }})
	h.Objections = objections.New(objections.Deps{Store: store, Tx: runner, Audit: h.Audit, Sessions: h.Sessions, Now: h.Clock.Now, Tell: tell})
}

// following tells the house's follower, if it has one by then.
type following struct{ house *House }

func (f following) Registered(ctx context.Context, invitation ids.Invitation, credential ids.Credential) error {
	if f.house.Follower == nil {
		return nil
	}
	return f.house.Follower.Registered(ctx, invitation, credential)
}

func (f following) Confirmed(ctx context.Context, credential ids.Credential) error {
	if f.house.Follower == nil {
		return nil
	}
	return f.house.Follower.Confirmed(ctx, credential)
}

// routes reads the table anew; a test has no live view. On error there are no routes.
func (h *House) routes() *services.Table {
	table, err := h.Services.Table(context.Background())
	if err != nil {
		return services.NewTable(nil)
	}
	return table
}

// Somebody adds a person without a key.
func (h *House) Somebody(t testing.TB, userName string) people.Person {
	t.Helper()
	person, err := h.People.Add(t.Context(), Desk(), people.NewPerson{UserName: userName, Name: "Name of " + userName, Kind: people.KindPerson})
	must(t, err)
	return person
}

// Holder adds a person and registers a key of the trusted model for them, the
// way it is done: with a one-time link.
func (h *House) Holder(t testing.TB, userName string) (people.Person, *softkey.Key) {
	t.Helper()
	person, key := h.Somebody(t, userName), h.Batch.NewKey()
	h.Enrol(t, person.ID, key)
	return person, key
}

// Enrol registers a key with a one-time link and signs in with it.
func (h *House) Enrol(t testing.TB, person ids.Person, key *softkey.Key) signin.Done {
	t.Helper()
	attempt, browser := h.Invited(t, person)
	_, err := h.Flow.Register(t.Context(), h.Registration(t, attempt, browser, key))
	must(t, err)
	return h.Finish(t, attempt, browser, key)
}

// Invited opens the registration that a fresh link allows.
func (h *House) Invited(t testing.TB, person ids.Person) (ids.Attempt, secret.Value) {
	t.Helper()
	link, err := h.Invitations.Invite(t.Context(), Desk(), person, 0)
	must(t, err)
	attempt, browser, err := h.Flow.BeginEnrolment(t.Context(), link, signin.Ask{})
	must(t, err)
	return attempt.ID, browser
}

// Begun opens an ordinary sign-in and names nobody.
func (h *House) Begun(t testing.TB) (ids.Attempt, secret.Value) {
	t.Helper()
	return h.BegunWith(t, signin.Ask{Require: signin.Ordinary()}, "")
}

// BegunWith opens a sign-in and types a user name, unless it is of somebody
// who is signed in already.
func (h *House) BegunWith(t testing.TB, ask signin.Ask, userName string) (ids.Attempt, secret.Value) {
	t.Helper()
	attempt, browser, err := h.Flow.Begin(t.Context(), ask)
	must(t, err)
	if attempt.State == attempts.Identifying {
		must(t, h.Flow.Identify(t.Context(), attempt.ID, browser, userName))
	}
	return attempt.ID, browser
}

// Touch is what a key answers to the open challenge of an attempt.
func (h *House) Touch(t testing.TB, attempt ids.Attempt, browser secret.Value, key *softkey.Key) signin.Answer {
	t.Helper()
	step, err := h.Flow.Next(t.Context(), attempt, browser)
	must(t, err)
	use, ok := step.(signin.UseKey)
	if !ok {
		t.Fatalf("the attempt asks for %T, not for a key", step)
	}
	response, err := key.Get(use.Options, Origin)
	must(t, err)
	return signin.Answer{Attempt: attempt, Browser: browser, Response: response, IP: "192.0.2.7", UserAgent: "Test"}
}

// Registration is what a key answers when it is registered.
func (h *House) Registration(t testing.TB, attempt ids.Attempt, browser secret.Value, key *softkey.Key) signin.Answer {
	t.Helper()
	step, err := h.Flow.Next(t.Context(), attempt, browser)
	must(t, err)
	register, ok := step.(signin.Register)
	if !ok {
		t.Fatalf("the attempt asks for %T, not for a registration", step)
	}
	response, err := key.Create(register.Options, Origin)
	must(t, err)
	return signin.Answer{Attempt: attempt, Browser: browser, Response: response, Label: "Blue"}
}

// Finish answers with a key and expects to be signed in.
func (h *House) Finish(t testing.TB, attempt ids.Attempt, browser secret.Value, key *softkey.Key) signin.Done {
	t.Helper()
	step, err := h.Flow.UseKey(t.Context(), h.Touch(t, attempt, browser, key))
	must(t, err)
	done, ok := step.(signin.Done)
	if !ok {
		t.Fatalf("the key led to %+v, not to a session", step)
	}
	return done
}

// SignedIn signs a person in with their key and returns the session.
func (h *House) SignedIn(t testing.TB, key *softkey.Key) (sessions.Session, secret.Value) {
	t.Helper()
	attempt, browser := h.Begun(t)
	done := h.Finish(t, attempt, browser, key)
	session, err := h.Sessions.Get(t.Context(), done.Session)
	must(t, err)
	return session, done.Token
}

// Actions lists the actions recorded about a subject, oldest first.
func (h *House) Actions(t testing.TB, subject string) []string {
	t.Helper()
	entries, err := h.Audit.List(t.Context(), audit.Filter{Subject: subject, Limit: 500})
	must(t, err)
	actions := make([]string, len(entries))
	for i, entry := range entries {
		actions[len(entries)-1-i] = entry.Action
	}
	return actions
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
