package sessions_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/sessions/sessionsdb"
	"github.com/warder-project/warder/internal/access/sessions/sessionstest"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/audit/auditdb"
	"github.com/warder-project/warder/internal/testkit"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

type desk struct {
	*sessions.Book
	clock *testkit.Clock
	audit *audit.Log

	mu   sync.Mutex
	told []tx.Change // what listeners heard; guarded by mu
}

func open(t *testing.T, d *db.DB) *desk {
	t.Helper()
	here := &desk{clock: testkit.NewClock()}
	here.audit = audit.New(audit.Deps{Store: auditdb.New(d), Tx: d, Now: here.clock.Now})
	here.Book = sessions.New(sessions.Deps{Store: sessionsdb.New(d), Tx: d, Audit: here.audit, Now: here.clock.Now})
	d.OnCommit(func(_ context.Context, changes []tx.Change) {
		here.mu.Lock()
		defer here.mu.Unlock()
		here.told = append(here.told, changes...)
	})
	return here
}

func (d *desk) start(t *testing.T, level assurance.Level) (sessions.Session, secret.Value) {
	t.Helper()
	session, token, err := d.Start(t.Context(), audit.Nobody(), sessions.NewSession{Person: ids.New[ids.Person](),
		Credential: ids.New[ids.Credential](), Key: ids.New[ids.Key](), Assurance: assurance.Assurance{Method: assurance.SecurityKey, AAL: level}, AMR: []string{"hwk"}})
	if err != nil {
		t.Fatal(err)
	}
	return session, token
}

func (d *desk) entries(t *testing.T, action string) []audit.Entry {
	t.Helper()
	entries, err := d.audit.List(t.Context(), audit.Filter{Action: action})
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestSessionIsFoundByItsTokenOnly(t *testing.T) {
	t.Parallel()
	d := open(t, dbtest.SQLite(t))
	session, token := d.start(t, assurance.AAL3)
	got, err := d.ByToken(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(session, got); diff != "" {
		t.Error(diff)
	}
	for _, other := range []secret.Value{{}, secret.Token(), secret.New(string(session.ID))} {
		if _, err := d.ByToken(t.Context(), other); !problem.Is(err, sessions.NotFound) {
			t.Errorf("another token: %v", err)
		}
	}
}

func TestSignInThatProvedNothingBeginsNoSession(t *testing.T) {
	t.Parallel()
	d := open(t, dbtest.SQLite(t))
	for _, begun := range []sessions.NewSession{{}, {Person: "prs_a", Credential: "crd_a", Key: "key_a"},
		{Person: "prs_a", Credential: "crd_a", Assurance: assurance.Assurance{AAL: 3}}} {
		if _, _, err := d.Start(t.Context(), audit.Nobody(), begun); !problem.Is(err, sessions.NothingProven) {
			t.Errorf("%+v: %v", begun, err)
		}
	}
}

func TestTextMessageOrCallNeverSignsAnyoneIn(t *testing.T) {
	t.Parallel()
	d := open(t, dbtest.SQLite(t))
	for _, class := range append(assurance.Catalogue(), assurance.UnknownMethod.Class()) {
		begun := sessions.NewSession{Person: ids.New[ids.Person](), Credential: ids.New[ids.Credential](),
			Key: ids.New[ids.Key](), Assurance: assurance.Assurance{Method: class.Method, AAL: 2, PhishingResistant: true}}
		if sessions.Keyless(class.Method) {
			begun.Key, begun.Assurance = "", sessionstest.Secrets()
		}
		_, _, err := d.Start(t.Context(), audit.Nobody(), begun)
		if class.SignsIn && err != nil || !class.SignsIn && !problem.Is(err, sessions.NothingProven) {
			t.Errorf("%s: %v", class.Word, err)
		}
	}
}

func TestSessionWithoutAKeyClaimsNothingThatOnlyAKeyProves(t *testing.T) {
	t.Parallel()
	d := open(t, dbtest.SQLite(t))
	good := sessions.NewSession{Person: ids.New[ids.Person](), Credential: ids.New[ids.Credential](), Assurance: sessionstest.Secrets()}
	session, _, err := d.Start(t.Context(), audit.Nobody(), good)
	if err != nil {
		t.Fatal(err)
	}
	if _, absolute := assurance.Limits(assurance.AAL2); session.AbsoluteEnd.Sub(session.CreatedAt) != absolute {
		t.Errorf("it lives %s, want what AAL2 allows", session.AbsoluteEnd.Sub(session.CreatedAt))
	}
	for name, spoil := range map[string]func(*sessions.NewSession){
		"phishing-resistant": func(n *sessions.NewSession) { n.Assurance.PhishingResistant = true },
		"at AAL3":            func(n *sessions.NewSession) { n.Assurance.AAL = assurance.AAL3 },
		"with one factor":    func(n *sessions.NewSession) { n.Assurance = assurance.OfSecrets(assurance.TOTP) },
		"by password alone":  func(n *sessions.NewSession) { n.Assurance = assurance.OfSecrets(assurance.Password) },
		"of a key":           func(n *sessions.NewSession) { n.Key = ids.New[ids.Key]() },
		"by a key, nameless": func(n *sessions.NewSession) { n.Assurance.Method = assurance.SecurityKey },
	} {
		bad := good
		spoil(&bad)
		if _, _, err := d.Start(t.Context(), audit.Nobody(), bad); !problem.Is(err, sessions.NothingProven) {
			t.Errorf("a session %s: %v", name, err)
		}
	}
}

// NIST SP 800-63B-4 §2.1.3, §2.2.3, §2.3.3.
func TestSessionLivesAsLongAsItsLevelAllows(t *testing.T) {
	t.Parallel()
	for level := assurance.AAL1; level <= assurance.AAL3; level++ {
		idle, absolute := assurance.Limits(level)
		d := open(t, dbtest.SQLite(t))
		session, token := d.start(t, level)
		d.clock.Advance(idle - time.Millisecond)
		if _, err := d.ByToken(t.Context(), token); err != nil {
			t.Errorf("%v: a moment before it is idle: %v", level, err)
		}
		d.clock.Advance(time.Millisecond)
		if _, err := d.ByToken(t.Context(), token); !problem.Is(err, sessions.HasExpired) {
			t.Errorf("%v: idle: %v", level, err)
		}
		session, token = d.start(t, level)
		for left := absolute; left > idle/2; left -= idle / 2 {
			seen := d.clock.Advance(idle / 2)
			if err := d.Touch(t.Context(), map[ids.Session]time.Time{session.ID: seen}); err != nil {
				t.Fatal(err)
			}
			if _, err := d.ByToken(t.Context(), token); err != nil {
				t.Fatalf("%v: in use: %v", level, err)
			}
		}
		d.clock.Advance(idle / 2)
		if _, err := d.ByToken(t.Context(), token); !problem.Is(err, sessions.HasExpired) {
			t.Errorf("%v: used all the time, for too long: %v", level, err)
		}
	}
}

func TestSessionWithAnEndOfItsOwnEndsThenHoweverItIsUsed(t *testing.T) {
	t.Parallel()
	d := open(t, dbtest.SQLite(t))
	begin := func(until time.Time) (sessions.Session, secret.Value) {
		session, token, err := d.Start(t.Context(), audit.Nobody(), sessions.NewSession{Person: ids.New[ids.Person](), Credential: ids.New[ids.Credential](),
			Key: ids.New[ids.Key](), Assurance: assurance.Assurance{Method: assurance.SecurityKey, AAL: 3}, Until: until})
		if err != nil {
			t.Fatal(err)
		}
		return session, token
	}
	session, token := begin(d.clock.Now().Add(time.Hour))
	for range 5 {
		seen := d.clock.Advance(11 * time.Minute)
		if err := d.Touch(t.Context(), map[ids.Session]time.Time{session.ID: seen}); err != nil {
			t.Fatal(err)
		}
		if _, err := d.ByToken(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	d.clock.Advance(5 * time.Minute)
	if _, err := d.ByToken(t.Context(), token); !problem.Is(err, sessions.HasExpired) {
		t.Errorf("after an hour: %v", err)
	}
	if longer, _ := begin(d.clock.Now().Add(24 * time.Hour)); longer.AbsoluteEnd != d.clock.Now().Add(12*time.Hour) {
		t.Errorf("an end later than its level allows was taken: %v", longer.AbsoluteEnd)
	}
}

func TestClockThatJumpsBackRevivesNothing(t *testing.T) {
	t.Parallel()
	d := open(t, dbtest.SQLite(t))
	_, token := d.start(t, assurance.AAL3)
	d.clock.Advance(time.Hour)
	if _, err := d.ByToken(t.Context(), token); !problem.Is(err, sessions.HasExpired) {
		t.Fatal(err)
	}
	d.clock.Advance(-time.Hour)
	if _, err := d.ByToken(t.Context(), token); !problem.Is(err, sessions.HasEnded) {
		t.Errorf("seen expired, and the clock set back: %v", err)
	}
	_, token = d.start(t, assurance.AAL3)
	d.clock.Advance(-2 * time.Hour)
	if _, err := d.ByToken(t.Context(), token); !problem.Is(err, sessions.HasExpired) {
		t.Errorf("a session from the future: %v", err)
	}
	// Used ten minutes ago, says the clock, which then loses nine of them: how
	// long it has really been unused is not known.
	session, token := d.start(t, assurance.AAL3)
	if err := d.Touch(t.Context(), map[ids.Session]time.Time{session.ID: d.clock.Advance(10 * time.Minute)}); err != nil {
		t.Fatal(err)
	}
	d.clock.Advance(-9 * time.Minute)
	if _, err := d.ByToken(t.Context(), token); !problem.Is(err, sessions.HasExpired) {
		t.Errorf("a session last used in the future: %v", err)
	}
}

// Keycloak #51376: a way of ending sessions that tells nobody leaves copies alive.
func TestEveryWayOfEndingTellsTheSame(t *testing.T) {
	t.Parallel()
	ways := map[string]func(context.Context, *desk, sessions.Session, secret.Value) error{
		"sign-out": func(ctx context.Context, d *desk, s sessions.Session, _ secret.Value) error {
			return d.End(ctx, audit.Person(s.Person), s.ID, sessions.SignedOut)
		},
		"key": func(ctx context.Context, d *desk, s sessions.Session, _ secret.Value) error {
			_, err := d.EndOfKey(ctx, audit.Nobody(), s.Key, sessions.KeyLost)
			return err
		},
		"person": func(ctx context.Context, d *desk, s sessions.Session, _ secret.Value) error {
			_, err := d.EndOfPerson(ctx, audit.Nobody(), s.Person, sessions.PersonLeft)
			return err
		},
		"sweep": func(ctx context.Context, d *desk, _ sessions.Session, _ secret.Value) error {
			d.clock.Advance(time.Hour)
			_, err := d.EndExpired(ctx)
			return err
		},
		"use after its time": func(ctx context.Context, d *desk, _ sessions.Session, token secret.Value) error {
			d.clock.Advance(time.Hour)
			if _, err := d.ByToken(ctx, token); !problem.Is(err, sessions.HasExpired) {
				return err
			}
			return nil
		},
		"seen idle by a live view": func(ctx context.Context, d *desk, s sessions.Session, _ secret.Value) error {
			return d.Expire(ctx, s.ID, sessions.IdleTooLong)
		},
	}
	for name, end := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t, dbtest.SQLite(t))
			portal, token := d.start(t, assurance.AAL3)
			gate, gateToken := d.gate(t, portal)
			d.told = nil
			if err := end(t.Context(), d, portal, token); err != nil {
				t.Fatal(err)
			}
			for _, id := range []ids.Session{portal.ID, gate.ID} {
				if !slices.Contains(d.told, tx.Change{Topic: tx.Session, Ref: string(id)}) {
					t.Errorf("nobody was told of %s: %v", id, d.told)
				}
			}
			if _, err := d.ByToken(t.Context(), token); err == nil {
				t.Error("the portal session lives")
			}
			if _, err := d.ByToken(t.Context(), gateToken); err == nil {
				t.Error("the gate session lives")
			}
			if got := d.entries(t, "session.ended"); len(got) != 1 || got[0].Details["count"] != "2" {
				t.Errorf("audit entries %v", got)
			}
		})
	}
}

func (d *desk) gate(t *testing.T, portal sessions.Session) (sessions.Session, secret.Value) {
	t.Helper()
	ticket, err := d.Ticket(t.Context(), portal.ID, "Payroll.example.org")
	if err != nil {
		t.Fatal(err)
	}
	session, token, err := d.Redeem(t.Context(), ticket, "payroll.example.org")
	if err != nil {
		t.Fatal(err)
	}
	return session, token
}

func TestGateSessionIsNoStrongerAndNoLongerThanItsParent(t *testing.T) {
	t.Parallel()
	d := open(t, dbtest.SQLite(t))
	portal, _ := d.start(t, assurance.AAL3)
	d.clock.Advance(10 * time.Minute)
	gate, _ := d.gate(t, portal)
	want := portal
	want.ID, want.Parent, want.Host = gate.ID, portal.ID, "payroll.example.org"
	want.CreatedAt, want.LastSeenAt = d.clock.Now(), d.clock.Now()
	if diff := cmp.Diff(want, gate); diff != "" {
		t.Error(diff)
	}
	if _, err := d.Ticket(t.Context(), gate.ID, "mail.example.org"); !problem.Is(err, sessions.NoSuch) {
		t.Errorf("a gate session begot another: %v", err)
	}
}

func TestTicketIsRefusedElsewhereLaterTwiceAndWithoutItsParent(t *testing.T) {
	t.Parallel()
	d := open(t, dbtest.SQLite(t))
	portal, _ := d.start(t, assurance.AAL3)
	ticket := func() secret.Value {
		made, err := d.Ticket(t.Context(), portal.ID, "payroll.example.org")
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	refused := func(what string, ticket secret.Value, host string) {
		t.Helper()
		if _, _, err := d.Redeem(t.Context(), ticket, host); !problem.Is(err, sessions.TicketRefused) {
			t.Errorf("%s: %v", what, err)
		}
	}
	refused("another host", ticket(), "mail.example.org")
	refused("none", secret.Value{}, "payroll.example.org")
	used := ticket()
	if _, _, err := d.Redeem(t.Context(), used, "payroll.example.org"); err != nil {
		t.Fatal(err)
	}
	refused("a second time", used, "payroll.example.org")
	late := ticket()
	d.clock.Advance(time.Minute)
	refused("after a minute", late, "payroll.example.org")
	orphan := ticket()
	if err := d.End(t.Context(), audit.Nobody(), portal.ID, sessions.SignedOut); err != nil {
		t.Fatal(err)
	}
	refused("parent ended", orphan, "payroll.example.org")
}

func TestOneTicketLetsExactlyOneIn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		d := open(t, database)
		portal, _ := d.start(t, assurance.AAL3)
		ticket, err := d.Ticket(t.Context(), portal.ID, "payroll.example.org")
		if err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for range 12 {
			group.Go(func() {
				_, _, err := d.Redeem(t.Context(), ticket, "payroll.example.org")
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
				} else if !problem.Is(err, sessions.TicketRefused) {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if won != 1 {
			t.Errorf("%d got in", won)
		}
	})
}

func TestSweepEndsWhatIsOverAndNothingElse(t *testing.T) {
	t.Parallel()
	d := open(t, dbtest.SQLite(t))
	for range 250 {
		d.start(t, assurance.AAL3)
	}
	weak, _ := d.start(t, assurance.AAL1)
	d.clock.Advance(17 * time.Minute)
	ended, err := d.EndExpired(t.Context())
	if err != nil || ended != 250 {
		t.Errorf("ended %d, error %v", ended, err)
	}
	if got, err := d.OfPerson(t.Context(), weak.Person); err != nil || len(got) != 1 {
		t.Errorf("of the other: %d sessions, error %v", len(got), err)
	}
}

func TestEndingWhatHasEndedSaysSo(t *testing.T) {
	t.Parallel()
	d := open(t, dbtest.SQLite(t))
	session, _ := d.start(t, assurance.AAL2)
	if err := d.End(t.Context(), audit.Nobody(), session.ID, sessions.SignedOut); err != nil {
		t.Fatal(err)
	}
	if err := d.End(t.Context(), audit.Nobody(), session.ID, sessions.SignedOut); !problem.Is(err, sessions.NoSuch) {
		t.Error(err)
	}
}

func TestEveryProblemHasSentenceAndNextStep(t *testing.T) {
	t.Parallel()
	for _, definition := range sessions.Problems() {
		if definition.Code == "" || definition.Sentence == "" || definition.Next == "" {
			t.Errorf("%+v", definition)
		}
	}
}
