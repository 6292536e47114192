package exempt_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/access/live/livedb"
	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/access/roles/rolesdb"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/app/exempt"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/exceptions"
	"github.com/warder-project/warder/internal/registry/exceptions/exceptionstest"
	"github.com/warder-project/warder/internal/registry/services"
	"github.com/warder-project/warder/internal/testkit"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

const day = 24 * time.Hour

// office is a department in which payroll asks for an attested key, and amira signs
// in with less.
type office struct {
	*decisiontest.House
	roster   *roles.Roster
	register exempt.Register

	amira, olu, lead, board decisiontest.Holder // olu owns exceptions; lead and board approve them
	weak                    secret.Value        // amira's session
	portal                  sessions.Session
	payroll                 services.Service

	mu   sync.Mutex
	post []letter
}

type letter struct {
	to      ids.Person
	subject string
}

const strict = `version: strict
rules:
  - {id: keys, title: Keys, services: ["*"], require: {aal: 3, attested: true}}
`

// less is a sign-in with a key that proves nothing about itself.
func less() assurance.Assurance { return assurance.Of(assurance.Observation{UserVerified: true}) }

func open(t *testing.T, d *db.DB) *office {
	t.Helper()
	o := on(t, d, testkit.NewClock())
	o.Publish(t, strict)
	o.payroll = o.Service(t, "payroll")
	o.amira, o.olu = o.Somebody(t, "amira.khan"), o.Somebody(t, "olu.owner")
	o.lead, o.board = o.Somebody(t, "lena.lead"), o.Somebody(t, "bo.board")
	o.role(t, o.olu, roles.Administrator)
	o.role(t, o.lead, roles.SecurityLead)
	o.role(t, o.board, roles.RiskOwner)
	o.portal, o.weak = o.SignIn(t, o.amira, less())
	return o
}

// on is an empty office on a database: one node of perhaps several.
func on(t *testing.T, d *db.DB, clock *testkit.Clock) *office {
	t.Helper()
	o := &office{House: decisiontest.OpenWith(t, d, clock, livedb.New(d), func(*decision.Deps) {})}
	o.roster = roles.New(roles.Deps{Store: rolesdb.New(d), People: o.People, Tx: d, Audit: o.Audit, Now: clock.Now})
	o.register = exempt.Open(exempt.House{People: o.People, Services: o.Services, Roles: o.roster, Sessions: o.Sessions, Decisions: o.Desk,
		Now: clock.Now, Write: o.write}, d, o.Audit)
	return o
}

func (o *office) write(_ context.Context, person ids.Person, subject, _ string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.post = append(o.post, letter{person, subject})
	return nil
}

func (o *office) role(t *testing.T, holder decisiontest.Holder, role roles.Role) {
	t.Helper()
	must(t, o.roster.Grant(t.Context(), decisiontest.Desk(), holder.Person.ID, role))
}

// at is somebody at a page, whose key was touched just now.
func (o *office) at(t *testing.T, holder decisiontest.Holder) exceptions.By {
	t.Helper()
	session, _ := o.SignIn(t, holder, decisiontest.Best())
	return exceptions.SignedIn(holder.Person.ID, session.ID)
}

// proposal is of low risk, for amira at payroll, for forty days.
func (o *office) proposal() exceptions.Exception {
	p := exceptionstest.Proposal(o.payroll.ID, o.olu.Person.ID)
	p.Subject.People = []ids.Person{o.amira.Person.ID}
	p.Floor = assurance.Requirement{AAL: assurance.AAL2, UserVerified: true}
	p.End = o.Clock.Now().Add(40 * day)
	return p
}

func (o *office) propose(t *testing.T, p exceptions.Exception) exceptions.Exception {
	t.Helper()
	made, err := o.register.Propose(t.Context(), exceptions.Command(decisiontest.Desk()), p)
	must(t, err)
	return made
}

// approved is a proposal in force, approved by the risk owner.
func (o *office) approved(t *testing.T, p exceptions.Exception) exceptions.Exception {
	t.Helper()
	made, err := o.register.Approve(t.Context(), o.at(t, o.board), o.propose(t, p).ID)
	must(t, err)
	return made
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// each runs f in an office on every engine.
func each(t *testing.T, f func(t *testing.T, o *office)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(t, open(t, d)) })
}

func command() exceptions.By { return exceptions.Command(audit.Command("op")) }
