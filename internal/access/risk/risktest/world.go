package risktest

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/warder-project/warder/internal/access/risk"
	"github.com/warder-project/warder/internal/access/risk/objections"
	"github.com/warder-project/warder/internal/access/risk/places"
	"github.com/warder-project/warder/internal/access/risk/riskdb"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/sessions/sessionsdb"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/audit/auditdb"
	"github.com/warder-project/warder/internal/testkit"
)

// Addresses of the world. RFC 5737 keeps them for examples.
const (
	London  = "192.0.2.10"
	Madrid  = "198.51.100.7"
	Sydney  = "203.0.113.9"
	Office  = "10.1.2.3"
	VPN     = "203.0.113.130"
	Phone   = "203.0.113.200"
	Nowhere = "100.64.0.9" // in no file
)

// World is a Watch with its surroundings.
type World struct {
	DB       *db.DB
	Clock    *testkit.Clock
	Audit    *audit.Log
	Sessions *sessions.Book
	Watch    *risk.Watch
	Words    *objections.Desk

	mu       sync.Mutex
	told     []string
	tokens   []secret.Value
	failures int
	setup    risk.Setup
}

// Places is a small atlas, and named networks.
func Places(t testing.TB) risk.Setup {
	t.Helper()
	source, err := places.ReadCSV("places.csv", []byte(strings.Join([]string{
		"network,country,country_name,asn,organisation,latitude,longitude,radius_km",
		"192.0.2.0/24,GB,United Kingdom,64500,Example UK,51.51,-0.13,20",
		"198.51.100.0/24,ES,Spain,64501,Example ES,40.42,-3.70,20",
		"203.0.113.0/24,AU,Australia,64502,Example AU,-33.87,151.21,20", ""}, "\n")))
	must(t, err)
	var named []places.Named
	for _, text := range []string{"office 10.1.0.0/16", "vpn egress 203.0.113.128/26", "mobile roaming 203.0.113.192/26"} {
		one, err := places.ParseNamed(text)
		must(t, err)
		named = append(named, one)
	}
	list, err := places.ReadList("tor", "tor.txt", []byte("198.51.100.66\n"))
	must(t, err)
	return risk.Setup{Atlas: places.Atlas{source}, Networks: places.NewNetworks(named), Lists: []*places.List{list}}
}

// Open builds a world on a migrated database. Its memory hears of every commit.
func Open(t testing.TB, d *db.DB) *World {
	t.Helper()
	w := &World{DB: d, Clock: testkit.NewClock(), setup: Places(t)}
	w.Audit = audit.New(audit.Deps{Store: auditdb.New(d), Tx: d, Now: w.Clock.Now})
	w.Sessions = sessions.New(sessions.Deps{Store: sessionsdb.New(d), Tx: d, Audit: w.Audit, Now: w.Clock.Now})
	w.Watch = w.Node(t, d)
	w.Words = objections.New(objections.Deps{Store: riskdb.New(d), Tx: d, Audit: w.Audit, Sessions: w.Sessions, Tell: w.tell, Now: w.Clock.Now})
	return w
}

// Node is another node of the same world, on a connection of its own.
func (w *World) Node(t testing.TB, d *db.DB) *risk.Watch {
	t.Helper()
	node := risk.New(risk.Deps{Store: riskdb.New(d), Tx: d, Audit: w.Audit, Sessions: w.Sessions, Now: w.Clock.Now,
		Setup: func() risk.Setup { return w.setup },
		Failures: func(context.Context, ids.Person) (int, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.failures, nil
		},
		Tell: w.tell,
		ObjectionAt: func(token secret.Value) string {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.tokens = append(w.tokens, token)
			return "https://warder.example/not-me/sign-in/" + token.Reveal()
		}})
	d.OnCommit(node.Apply)
	must(t, node.Load(t.Context()))
	return node
}

func (w *World) tell(_ context.Context, _ ids.Person, subject, text string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told = append(w.told, fmt.Sprintf("%s: %s", subject, text))
	return nil
}

// Fail says how many wrong tries there were.
func (w *World) Fail(count int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failures = count
}

// Setup replaces what the administrator has given.
func (w *World) Setup(setup risk.Setup) { w.setup = setup }

// Told is what people were told, in order.
func (w *World) Told() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string{}, w.told...)
}

// Token is the last one that somebody was sent.
func (w *World) Token(t testing.TB) secret.Value {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.tokens) == 0 {
		t.Fatal("nobody was sent anything")
	}
	return w.tokens[len(w.tokens)-1]
}

// From is an origin.
func From(address, device string) risk.Origin {
	return risk.Origin{Address: netip.MustParseAddr(address), Device: device}
}

// SignIn is a sign-in as access/signin does it: the visit is judged, then a session
// begins, in one unit of work.
func (w *World) SignIn(t testing.TB, person ids.Person, from risk.Origin) sessions.Session {
	t.Helper()
	session, err := w.TrySignIn(t, person, from, w.Watch.Began)
	must(t, err)
	return session
}

// Revalidate is SignIn with a re-validation.
func (w *World) Revalidate(t testing.TB, person ids.Person, from risk.Origin) sessions.Session {
	t.Helper()
	session, err := w.TrySignIn(t, person, from, w.Watch.Revalidated)
	must(t, err)
	return session
}

// TrySignIn is a sign-in that may be refused.
func (w *World) TrySignIn(t testing.TB, person ids.Person, from risk.Origin, keep func(context.Context, ids.Session, risk.Visit) error) (session sessions.Session, err error) {
	t.Helper()
	err = w.DB.InTx(t.Context(), func(ctx context.Context) error {
		visit, err := w.Watch.Visit(ctx, person, from)
		if err != nil {
			return err
		}
		session, _, err = w.Sessions.Start(ctx, audit.Person(person), sessions.NewSession{Person: person, Credential: ids.New[ids.Credential](), Key: ids.New[ids.Key](),
			Assurance: assurance.Assurance{Method: assurance.SecurityKey, AAL: assurance.AAL3}, AMR: []string{"hwk"}, IP: from.Address.String()})
		if err != nil {
			return err
		}
		return keep(ctx, session.ID, visit)
	})
	return session, err
}

// Sight is the latest sight of a session.
func (w *World) Sight(t testing.TB, session ids.Session) risk.Sight {
	t.Helper()
	all, err := w.Watch.Seen(t.Context(), session)
	must(t, err)
	if len(all) == 0 {
		t.Fatalf("session %s was never seen", session)
	}
	return all[0]
}
