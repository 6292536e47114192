package recall_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/recall"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/sessions/sessionsdb"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// office is a department whose vault wants attested hardware, and whose canteen wants
// any key with its PIN.
type office struct {
	*decisiontest.House
	desk *recall.Desk
}

func open(t *testing.T, d *db.DB) office {
	t.Helper()
	h := decisiontest.Open(t, d)
	h.Service(t, "vault")
	h.Service(t, "canteen")
	h.Publish(t, `version: 1
rules:
  - id: vault
    title: The vault wants hardware
    services: [vault]
    require: {aal: 3, phishing_resistant: true, hardware_bound: true, attested: true}
  - id: canteen
    title: The canteen wants a key and its PIN
    services: [canteen]
    require: {aal: 2, phishing_resistant: true}
`)
	return office{h, recall.New(recall.Deps{Models: h.Models, Factors: h.Factors, Sessions: h.Sessions, Tx: d, Now: h.Clock.Now})}
}

func (o office) enters(t *testing.T, slug string, token secret.Value) bool {
	t.Helper()
	return o.Ask(t, slug, token).Verdict.Effect == policy.Allow
}

func (o office) warn(t *testing.T, kinds ...keys.Warning) []recall.Effect {
	t.Helper()
	var warnings []keys.Warned
	for _, one := range kinds {
		warnings = append(warnings, keys.Warned{Make: decisiontest.Make().AAGUID, Warning: one})
	}
	effects, err := o.desk.Warn(t.Context(), decisiontest.Desk(), warnings)
	if err != nil {
		t.Fatal(err)
	}
	return effects
}

func denied() keys.Model {
	model := decisiontest.Make()
	model.Allowed = false
	return model
}

func TestDeniedModelCountsOnTheNextRequestOfALiveSession(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		amira := o.Somebody(t, "amira.khan")
		portal, token := o.SignIn(t, amira, decisiontest.Best())
		gate, gateToken := o.Gate(t, portal, "vault.example.org")
		if !o.enters(t, "vault", token) || !o.enters(t, "vault", gateToken) {
			t.Fatal("the vault is shut before anything has happened")
		}
		foreseen, err := o.desk.Foresee(t.Context(), denied())
		if err != nil {
			t.Fatal(err)
		}
		if !o.enters(t, "vault", token) {
			t.Fatal("looking has changed something")
		}
		effect, err := o.desk.Put(t.Context(), decisiontest.Desk(), denied())
		if err != nil {
			t.Fatal(err)
		}
		foreseen.Model.ChangedAt = effect.Model.ChangedAt
		if diff := cmp.Diff(foreseen, effect); diff != "" {
			t.Error("what was foreseen is not what happened:", diff)
		}
		if effect.Credentials != 1 || effect.People != 1 || effect.Sessions != 2 || effect.Stranded != 0 {
			t.Errorf("%+v", effect)
		}
		for name, one := range map[string]secret.Value{"portal": token, "gate": gateToken} {
			if got := o.Ask(t, "vault", one).Verdict; got.Effect != policy.StepUp {
				t.Errorf("the %s session still opens the vault: %s", name, got.ReasonCodes())
			}
		}
		if !o.enters(t, "canteen", token) {
			t.Error("a key is not a key any more")
		}
		for _, id := range []ids.Session{portal.ID, gate.ID} {
			kept, err := o.Sessions.Get(t.Context(), id)
			if err != nil || kept.Assurance.String() != "AAL2, phishing-resistant, user-verified" || kept.Assurance.ACR() != "phr" || kept.AMR[0] != "swk" {
				t.Errorf("%v %v, %v", kept.Assurance, kept.AMR, err)
			}
		}
		entries, err := o.Audit.List(t.Context(), audit.Filter{Action: "session.lowered"})
		if err != nil || len(entries) != 1 || entries[0].Subject != string(amira.Key.ID) || entries[0].Details["count"] != "2" {
			t.Errorf("%+v, %v", entries, err)
		}
		// A good name that comes back gives nothing back.
		if _, err := o.desk.Put(t.Context(), decisiontest.Desk(), decisiontest.Make()); err != nil {
			t.Fatal(err)
		}
		if o.enters(t, "vault", token) {
			t.Error("the session has regained what it had lost")
		}
	})
}

func TestWarningsMeanWhatTheySayForThoseWhoAreSignedIn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind           keys.WarningKind
		vault, canteen bool
		state          factors.State
		left           string // of the assurance of the session
	}{
		{keys.WarnRevoked, false, false, factors.Suspended, ""},
		{keys.WarnRemote, false, false, factors.Suspended, ""},
		{keys.WarnBypass, false, false, factors.Active, "AAL1, phishing-resistant, hardware-bound, attested"},
		{keys.WarnPhysical, false, true, factors.Active, "AAL2, phishing-resistant, attested, user-verified"},
		{keys.WarnAttestation, false, true, factors.Active, "AAL2, phishing-resistant, user-verified"},
		{keys.WarnRetired, true, true, factors.Active, "AAL3, phishing-resistant, hardware-bound, attested, user-verified"},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			t.Parallel()
			o := open(t, dbtest.SQLite(t))
			amira := o.Somebody(t, "amira.khan")
			session, token := o.SignIn(t, amira, decisiontest.Best())
			o.warn(t, keys.Warning{Kind: c.kind})
			if vault, canteen := o.enters(t, "vault", token), o.enters(t, "canteen", token); vault != c.vault || canteen != c.canteen {
				t.Errorf("vault %v, canteen %v", vault, canteen)
			}
			held, err := o.Factors.OfPerson(t.Context(), amira.Person.ID)
			if err != nil || held[0].State != c.state {
				t.Fatalf("%+v, %v", held, err)
			}
			kept, err := o.Sessions.Get(t.Context(), session.ID)
			if err != nil {
				t.Fatal(err)
			}
			if c.left == "" {
				if kept.EndReason != sessions.KeyWithdrawn || held[0].Reason != factors.Withdrawn {
					t.Errorf("session %q, credential %q", kept.EndReason, held[0].Reason)
				}
				return
			}
			if kept.Assurance.String() != c.left {
				t.Errorf("left: %s", kept.Assurance)
			}
			model, _, err := o.Models.Get(t.Context(), decisiontest.Make().AAGUID)
			if err != nil || model.Worth(o.Clock.Now()).Register {
				t.Errorf("it may still be registered, %v", err)
			}
		})
	}
}

func TestPreviewCountsWhoWouldBeLeftWithoutAKey(t *testing.T) {
	t.Parallel()
	o := open(t, dbtest.SQLite(t))
	amira, bob := o.Somebody(t, "amira.khan"), o.Somebody(t, "bob")
	o.SignIn(t, amira, decisiontest.Best())
	o.EnrolledKey(t, amira.Person.ID) // of the same make, which helps nobody
	other := decisiontest.Make()
	other.AAGUID, other.Name = "57a2de30-0000-4000-8000-0000000097ee", "Two"
	if _, err := o.desk.Put(t.Context(), decisiontest.Desk(), other); err != nil {
		t.Fatal(err)
	}
	spare, err := o.Keys.Add(t.Context(), decisiontest.Desk(), keys.NewKey{Label: "Green"})
	if err != nil {
		t.Fatal(err)
	}
	o.Credential(t, bob.Person.ID, spare, other.AAGUID)
	warnings := []keys.Warned{{Make: decisiontest.Make().AAGUID, Warning: keys.Warning{Kind: keys.WarnRevoked}}}
	foreseen, err := o.desk.ForeseeWarn(t.Context(), warnings)
	if err != nil {
		t.Fatal(err)
	}
	if got := foreseen[0]; got.Credentials != 3 || got.People != 2 || got.Sessions != 1 || got.Stranded != 1 || !got.Stops() {
		t.Errorf("%+v", got)
	}
	if foreseen[1].Changes() {
		t.Errorf("another model would change: %+v", foreseen[1])
	}
	done, err := o.desk.Warn(t.Context(), decisiontest.Desk(), warnings)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(foreseen, done); diff != "" {
		t.Error("what was foreseen is not what happened:", diff)
	}
}

func TestWarningHoldsFromItsDayOn(t *testing.T) {
	t.Parallel()
	o := open(t, dbtest.SQLite(t))
	_, token := o.SignIn(t, o.Somebody(t, "amira.khan"), decisiontest.Best())
	o.warn(t, keys.Warning{Kind: keys.WarnPhysical, From: o.Clock.Now().Add(5 * time.Minute), Until: o.Clock.Now().Add(20 * time.Minute)})
	for _, wanted := range []int{0, 1, 0} {
		before := wanted == 0 && o.enters(t, "vault", token)
		changed, err := o.desk.Enforce(t.Context())
		if err != nil || changed != wanted {
			t.Errorf("%d models were looked after, want %d, error %v", changed, wanted, err)
		}
		if got := o.enters(t, "vault", token); got != before {
			t.Errorf("after %d changes the vault opens: %v", changed, got)
		}
		o.Clock.Advance(6 * time.Minute)
	}
	o.Clock.Advance(10 * time.Minute)
	model, _, err := o.Models.Get(t.Context(), decisiontest.Make().AAGUID)
	if err != nil || model.Worth(o.Clock.Now()) != decisiontest.Make().Worth(o.Clock.Now()) {
		t.Errorf("the warning has not ended: %+v, %v", model.Worth(o.Clock.Now()), err)
	}
}

func TestRecallThatFailsHalfwayStopsNothing(t *testing.T) {
	t.Parallel()
	database := dbtest.SQLite(t)
	o := open(t, database)
	amira := o.Somebody(t, "amira.khan")
	_, token := o.SignIn(t, amira, decisiontest.Best())
	broken := sessions.New(sessions.Deps{Store: fullDisk{sessionsdb.New(database)}, Tx: database, Audit: o.Audit, Now: o.Clock.Now})
	desk := recall.New(recall.Deps{Models: o.Models, Factors: o.Factors, Sessions: broken, Tx: database, Now: o.Clock.Now})
	if _, err := desk.Put(t.Context(), decisiontest.Desk(), denied()); !errors.Is(err, context.DeadlineExceeded) {
		t.Error("denied:", err)
	}
	warning := keys.Warned{Make: decisiontest.Make().AAGUID, Warning: keys.Warning{Kind: keys.WarnRevoked}}
	if _, err := desk.Warn(t.Context(), decisiontest.Desk(), []keys.Warned{warning}); !errors.Is(err, context.DeadlineExceeded) {
		t.Error("warned:", err)
	}
	if _, err := desk.Warn(t.Context(), decisiontest.Desk(), []keys.Warned{warning, {}}); !problem.Is(err, keys.WarningMalformed) {
		t.Error("malformed:", err)
	}
	model, _, err := o.Models.Get(t.Context(), decisiontest.Make().AAGUID)
	if err != nil || !model.Allowed || len(model.Warnings) != 0 || !o.enters(t, "vault", token) {
		t.Errorf("half of it was kept: %+v, %v", model, err)
	}
}

// fullDisk is a store of sessions that takes no change.
type fullDisk struct{ sessions.Store }

func (fullDisk) End(context.Context, sessions.Which, sessions.Reason, time.Time) ([]ids.Session, error) {
	return nil, context.DeadlineExceeded
}

func (fullDisk) Lower(context.Context, []ids.Session, assurance.Assurance, []string) error {
	return context.DeadlineExceeded
}

// Whoever signs in while a model is denied ends up with a session of before, which is
// lowered, or of after, which never was more: on both databases.
func TestNobodySlipsInWhileAModelIsDenied(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		const crowd = 8
		holders := make([]decisiontest.Holder, crowd)
		for i := range holders {
			holders[i] = o.Somebody(t, fmt.Sprintf("person.%d", i))
		}
		var all sync.WaitGroup
		for _, holder := range holders {
			all.Go(func() {
				err := d.InTx(t.Context(), func(ctx context.Context) error {
					have, err := o.Factors.Suppose(ctx, holder.Credential)
					if err != nil {
						return err
					}
					_, _, err = o.Sessions.Start(ctx, audit.Person(holder.Person.ID), sessions.NewSession{Person: holder.Person.ID,
						Credential: holder.Credential.ID, Key: holder.Key.ID, Assurance: have, AMR: have.AMR()})
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Go(func() {
			if _, err := o.desk.Put(t.Context(), decisiontest.Desk(), denied()); err != nil {
				t.Error(err)
			}
		})
		all.Wait()
		for _, holder := range holders {
			open, err := o.Sessions.OfPerson(t.Context(), holder.Person.ID)
			if err != nil || len(open) != 1 || open[0].Assurance.Attested || open[0].Assurance.AAL != assurance.AAL2 {
				t.Errorf("%+v, %v", open, err)
			}
		}
	})
}
