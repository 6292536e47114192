package risk_test

import (
	"context"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/risk"
	"github.com/warder-project/warder/internal/access/risk/objections"
	"github.com/warder-project/warder/internal/access/risk/riskdb"
	"github.com/warder-project/warder/internal/access/risk/risktest"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// settled is somebody who has signed in from London for a week.
func settled(t *testing.T, w *risktest.World) ids.Person {
	t.Helper()
	person := ids.New[ids.Person]()
	w.SignIn(t, person, risktest.From(risktest.London, "mine"))
	w.Clock.Advance(7 * 24 * time.Hour)
	w.SignIn(t, person, risktest.From(risktest.London, "mine"))
	w.Clock.Advance(24 * time.Hour)
	return person
}

func fill(w *risk.Watch, ctx context.Context, session sessions.Session, from string) policy.Facts {
	facts := policy.Facts{Session: policy.SessionAlive}
	w.Fill(ctx, &facts, risk.Request{Session: session.ID, Person: session.Person, From: netip.MustParseAddr(from)})
	return facts
}

func TestSignInFromANewCountryIsToldToThePerson(t *testing.T) {
	t.Parallel()
	w := risktest.Open(t, dbtest.SQLite(t))
	person := settled(t, w)
	session := w.SignIn(t, person, risktest.From(risktest.Madrid, "mine"))
	if told := w.Told(); len(told) != 1 || !strings.Contains(told[0], "this is the first sign-in from Spain") || !strings.Contains(told[0], "/not-me/sign-in/") {
		t.Errorf("the person was told %q", told)
	}
	if why, _, err := w.Watch.Unusual(t.Context(), session.ID); err != nil || why != "this is the first sign-in from Spain" {
		t.Errorf("why: %q, %v", why, err)
	}
}

// The same trip must not ask ten times.
func TestPassedRevalidationFeedsTheBaseline(t *testing.T) {
	t.Parallel()
	w := risktest.Open(t, dbtest.SQLite(t))
	person := settled(t, w)
	if sight := w.Sight(t, w.SignIn(t, person, risktest.From(risktest.Madrid, "mine")).ID); sight.Signals.NewCountry != policy.Yes {
		t.Fatalf("the first sign-in: %+v", sight.Signals)
	}
	w.Clock.Advance(time.Hour)
	if sight := w.Sight(t, w.SignIn(t, person, risktest.From(risktest.Madrid, "mine")).ID); sight.Signals.NewCountry != policy.Yes {
		t.Fatalf("a second one, that nobody confirmed: %+v", sight.Signals)
	}
	session := w.Revalidate(t, person, risktest.From(risktest.Madrid, "mine"))
	if sight := w.Sight(t, session.ID); sight.Raised() || sight.Before == nil || sight.Before.NewCountry != policy.Yes {
		t.Errorf("after the re-validation: %+v, before %+v", sight.Signals, sight.Before)
	}
	for range 10 {
		w.Clock.Advance(12 * time.Hour)
		if sight := w.Sight(t, w.SignIn(t, person, risktest.From(risktest.Madrid, "mine")).ID); sight.Raised() || sight.Why() != "" {
			t.Fatalf("the same trip asks again: %q", sight.Why())
		}
	}
}

func TestPlaceIsUsualThreeDaysAfterItWasFirstSeenUnlessSomebodyObjects(t *testing.T) {
	t.Parallel()
	w := risktest.Open(t, dbtest.SQLite(t))
	person := settled(t, w)
	w.SignIn(t, person, risktest.From(risktest.Madrid, "mine"))
	w.Clock.Advance(71 * time.Hour)
	if got := w.Sight(t, w.SignIn(t, person, risktest.From(risktest.Madrid, "mine")).ID).Signals.NewCountry; got != policy.Yes {
		t.Errorf("after 71 hours: %v", got)
	}
	w.Clock.Advance(time.Hour)
	if got := w.Sight(t, w.SignIn(t, person, risktest.From(risktest.Madrid, "mine")).ID).Signals.NewCountry; got != policy.No {
		t.Errorf("after 72 hours: %v", got)
	}
}

func TestSessionThatTurnsUpElsewhereIsJudgedThere(t *testing.T) {
	t.Parallel()
	w := risktest.Open(t, dbtest.SQLite(t))
	session := w.SignIn(t, settled(t, w), risktest.From(risktest.London, "mine"))
	if facts := fill(w.Watch, t.Context(), session, risktest.London); facts.Signals.NewCountry != policy.No || facts.Signals.ImpossibleTravel != policy.No {
		t.Errorf("where it began: %+v", facts.Signals)
	}
	w.Clock.Advance(10 * time.Minute)
	if facts := fill(w.Watch, t.Context(), session, risktest.Sydney); facts.Signals.NewCountry != policy.Yes || facts.Signals.ImpossibleTravel != policy.Yes {
		t.Errorf("on the other side of the world, ten minutes later: %+v", facts.Signals)
	}
	// One of the two is not its holder, and nobody knows which.
	if facts := fill(w.Watch, t.Context(), session, risktest.London); facts.Signals.ImpossibleTravel != policy.Yes || facts.Signals.NewCountry != policy.No {
		t.Errorf("where it began, after that: %+v", facts.Signals)
	}
}

func TestRequestsAreAnsweredFromMemory(t *testing.T) { // not parallel: it counts allocations
	d := dbtest.SQLite(t)
	w := risktest.Open(t, d)
	session := w.SignIn(t, settled(t, w), risktest.From(risktest.Madrid, "mine"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // whatever asks the database now fails
	for _, address := range []string{risktest.Madrid, "198.51.100.200"} {
		if facts := fill(w.Watch, ctx, session, address); facts.Signals.NewCountry != policy.Yes {
			t.Errorf("%s: %+v", address, facts.Signals)
		}
	}
	facts := policy.Facts{Session: policy.SessionAlive}
	if n := testing.AllocsPerRun(100, func() {
		w.Watch.Network(&facts, netip.MustParseAddr(risktest.Office))
		w.Watch.Fill(ctx, &facts, risk.Request{Session: session.ID, Person: session.Person, From: netip.MustParseAddr(risktest.Madrid)})
	}); n != 0 {
		t.Errorf("a request costs %v allocations", n)
	}
	if len(facts.Network.Names) != 1 || facts.Network.Names[0] != "office" || !facts.Network.Known {
		t.Errorf("the network is %+v", facts.Network)
	}
	if elsewhere := fill(w.Watch, ctx, session, risktest.Sydney); elsewhere.Signals != (policy.Signals{}) {
		t.Errorf("what could not be found out is taken for known: %+v", elsewhere.Signals)
	}
}

func TestOtherNodesKnowWhatWasFound(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := risktest.Open(t, d)
		other := w.Node(t, d)
		session := w.SignIn(t, settled(t, w), risktest.From(risktest.Madrid, "mine"))
		if facts := fill(other, t.Context(), session, risktest.Madrid); facts.Signals.NewCountry != policy.Yes {
			t.Errorf("another node: %+v", facts.Signals)
		}
		late := risk.New(risk.Deps{Store: riskdb.New(d), Tx: d, Audit: w.Audit, Sessions: w.Sessions, Now: w.Clock.Now, Setup: func() risk.Setup { return risk.Setup{} }})
		if facts := fill(late, t.Context(), session, risktest.Madrid); facts.Signals.NewCountry != policy.Yes {
			t.Errorf("a node that has not loaded anything: %+v", facts.Signals)
		}
	})
}

func TestManyFirstRequestsFromANetworkAreJudgedOnce(t *testing.T) {
	t.Parallel()
	w := risktest.Open(t, dbtest.SQLite(t))
	session := w.SignIn(t, settled(t, w), risktest.From(risktest.London, "mine"))
	w.Clock.Advance(10 * time.Hour)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if facts := fill(w.Watch, t.Context(), session, risktest.Madrid); facts.Signals.NewCountry != policy.Yes {
				t.Errorf("%+v", facts.Signals)
			}
		})
	}
	all.Wait()
	if told := w.Told(); len(told) != 1 {
		t.Errorf("the person was told %d times", len(told))
	}
}

func TestNotMeEndsTheSessionBlocksTheWayInAndOpensACase(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := risktest.Open(t, d)
		person := settled(t, w)
		theirs := w.SignIn(t, person, risktest.From(risktest.London, "mine"))
		w.Clock.Advance(24 * time.Hour)
		foreign := w.SignIn(t, person, risktest.From(risktest.Madrid, "thief"))
		must(t, w.Words.Object(t.Context(), w.Token(t)))
		ended, err := w.Sessions.Get(t.Context(), foreign.ID)
		must(t, err)
		if ended.EndReason != risk.NotMe {
			t.Errorf("the session ended because of %q", ended.EndReason)
		}
		if left, err := w.Sessions.Get(t.Context(), theirs.ID); err != nil || left.EndReason != "" {
			t.Errorf("their own session ended: %q, %v", left.EndReason, err)
		}
		for _, from := range []risk.Origin{risktest.From(risktest.Madrid, "another"), risktest.From(risktest.London, "thief")} {
			if _, err := w.TrySignIn(t, person, from, w.Watch.Began); !problem.Is(err, risk.RouteBlocked) {
				t.Errorf("a sign-in from %v: %v", from, err)
			}
		}
		w.SignIn(t, person, risktest.From(risktest.London, "mine"))                 // they come in as always
		w.SignIn(t, ids.New[ids.Person](), risktest.From(risktest.Madrid, "thief")) // nobody else is concerned
		cases, err := w.Words.CaseList(t.Context(), true)
		must(t, err)
		if len(cases) != 1 || cases[0].Person != person || cases[0].Session != foreign.ID {
			t.Errorf("open cases: %+v", cases)
		}
		if err := w.Words.Object(t.Context(), w.Token(t)); !problem.Is(err, objections.NoSuchSight) && !problem.Is(err, objections.Answered) {
			t.Errorf("a second time: %v", err)
		}
		w.Clock.Advance(7 * 24 * time.Hour)
		w.SignIn(t, person, risktest.From(risktest.Madrid, "another"))
	})
}

func TestItWasMeEndsTheSessionAndBlocksNothing(t *testing.T) {
	t.Parallel()
	w := risktest.Open(t, dbtest.SQLite(t))
	person := settled(t, w)
	session := w.SignIn(t, person, risktest.From(risktest.Madrid, "mine"))
	must(t, w.Words.Cancel(t.Context(), w.Token(t)))
	ended, err := w.Sessions.Get(t.Context(), session.ID)
	must(t, err)
	if ended.EndReason != risk.EndedByMail {
		t.Errorf("the session ended because of %q", ended.EndReason)
	}
	if cases, err := w.Words.CaseList(t.Context(), false); err != nil || len(cases) != 0 {
		t.Errorf("cases: %v, %v", cases, err)
	}
	again := w.SignIn(t, person, risktest.From(risktest.Madrid, "mine"))
	if got := w.Sight(t, again.ID).Signals.NewCountry; got != policy.Yes {
		t.Error("whoever has the messages of somebody could make a country usual for them")
	}
}

func TestSessionOnABlockedWayInEnds(t *testing.T) {
	t.Parallel()
	w := risktest.Open(t, dbtest.SQLite(t))
	person := settled(t, w)
	theirs := w.SignIn(t, person, risktest.From(risktest.London, "mine"))
	w.Clock.Advance(24 * time.Hour)
	w.SignIn(t, person, risktest.From(risktest.Madrid, "thief"))
	must(t, w.Words.Object(t.Context(), w.Token(t)))
	if facts := fill(w.Watch, t.Context(), theirs, risktest.Madrid); facts.Session != policy.SessionEnded {
		t.Errorf("a stolen cookie on the blocked network: %v", facts.Session)
	}
	if ended, err := w.Sessions.Get(t.Context(), theirs.ID); err != nil || ended.EndReason != risk.NotMe {
		t.Errorf("ended because of %q, %v", ended.EndReason, err)
	}
}

func TestCaseIsClosedWithWhatWasFound(t *testing.T) {
	t.Parallel()
	w := risktest.Open(t, dbtest.SQLite(t))
	person := settled(t, w)
	w.SignIn(t, person, risktest.From(risktest.Madrid, "new one"))
	must(t, w.Words.Object(t.Context(), w.Token(t)))
	cases, err := w.Words.CaseList(t.Context(), true)
	must(t, err)
	admin := audit.Person(ids.New[ids.Person]())
	if err := w.Words.Close(t.Context(), admin, cases[0].ID, " ", false); !problem.Is(err, objections.FindingMissing) {
		t.Errorf("without a finding: %v", err)
	}
	must(t, w.Words.Close(t.Context(), admin, cases[0].ID, "It was a new laptop after all", true))
	if err := w.Words.Close(t.Context(), admin, cases[0].ID, "again", false); !problem.Is(err, objections.NoSuchCase) {
		t.Errorf("a second time: %v", err)
	}
	w.SignIn(t, person, risktest.From(risktest.Madrid, "new one")) // lifted
}

func TestUseOfALostKeyIsHeldAgainstWhatIsSignedIn(t *testing.T) {
	t.Parallel()
	w := risktest.Open(t, dbtest.SQLite(t))
	person := settled(t, w)
	session := w.SignIn(t, person, risktest.From(risktest.London, "mine"))
	must(t, w.DB.InTx(t.Context(), func(ctx context.Context) error {
		return w.Watch.Heard(ctx, audit.Event{Action: "factor.refused", Details: map[string]string{"person": string(person), "key": "key_x", "problem": "factor.key_blocked"}})
	}))
	if facts := fill(w.Watch, t.Context(), session, risktest.London); facts.Signals.KeyReportedLost != policy.Yes {
		t.Errorf("on the next request: %+v", facts.Signals)
	}
	if sight := w.Sight(t, w.SignIn(t, person, risktest.From(risktest.London, "mine")).ID); sight.Signals.KeyReportedLost != policy.Yes {
		t.Errorf("at the next sign-in: %+v", sight.Signals)
	}
}

func TestNothingIsLearntFromAListedNetwork(t *testing.T) {
	t.Parallel()
	w := risktest.Open(t, dbtest.SQLite(t))
	person := settled(t, w)
	w.Revalidate(t, person, risktest.From("198.51.100.66", "mine"))
	if got := w.Sight(t, w.SignIn(t, person, risktest.From(risktest.Madrid, "mine")).ID).Signals.NewCountry; got != policy.Yes {
		t.Errorf("Tor has made its country usual: %v", got)
	}
}

func TestWhereSomebodyWasIsForgottenAfterItsTime(t *testing.T) {
	t.Parallel()
	w := risktest.Open(t, dbtest.SQLite(t))
	person := settled(t, w)
	session := w.SignIn(t, person, risktest.From(risktest.Madrid, "mine"))
	must(t, w.Sessions.End(t.Context(), audit.Nobody(), session.ID, sessions.SignedOut))
	if _, err := w.Sessions.EndOfPerson(t.Context(), audit.Nobody(), person, sessions.SignedOut); err != nil {
		t.Fatal(err)
	}
	w.Clock.Advance(risk.Retention + time.Minute)
	must(t, w.Watch.Forget(t.Context()))
	profile, err := w.Watch.Of(t.Context(), person)
	must(t, err)
	if len(profile.Known)+len(profile.Sights) != 0 {
		t.Errorf("left are %+v", profile)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
