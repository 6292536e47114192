package decision_test

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/decision/decisiondb"
	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/access/live/livedb"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/testkit"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestLostKeyIsRefusedOnTheNextRequest(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := decisiontest.Open(t, d)
		h.Service(t, "payroll")
		h.Publish(t, decisiontest.Everybody("1"))
		amira := h.Somebody(t, "amira.khan", "finance")
		_, token := h.SignIn(t, amira, decisiontest.Best())
		if got := h.Ask(t, "payroll", token); got.Verdict.Effect != policy.Allow {
			t.Fatalf("before the report: %v %s", got.Verdict.Effect, got.Verdict.ReasonCodes())
		}
		outcome, err := h.LostKey.Report(t.Context(), audit.Person(amira.Person.ID), amira.Key.ID, keys.Lost, h.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		if outcome.SessionsEnded != 1 || outcome.CredentialsSuspended != 1 {
			t.Errorf("stopped %d sessions and %d credentials, want 1 and 1", outcome.SessionsEnded, outcome.CredentialsSuspended)
		}
		got := h.Ask(t, "payroll", token).Verdict
		if got.Effect == policy.Allow {
			t.Fatal("the session of a lost key was allowed in")
		}
		if want := "policy.key_lost policy.credential_not_active policy.session_ended"; got.ReasonCodes() != want {
			t.Errorf("reasons %q, want %q", got.ReasonCodes(), want)
		}
	})
}

func TestNobodyEntersWithoutAPolicy(t *testing.T) {
	t.Parallel()
	h := decisiontest.Open(t, dbtest.SQLite(t))
	h.Service(t, "payroll")
	amira := h.Somebody(t, "amira.khan")
	_, token := h.SignIn(t, amira, decisiontest.Best())
	for _, who := range []secret.Value{token, {}} {
		got := h.Ask(t, "payroll", who).Verdict
		if got.Effect != policy.Deny || !got.Has(policy.CodeNoPolicy) {
			t.Errorf("got %v %s, want deny for want of a policy", got.Effect, got.ReasonCodes())
		}
	}
}

// The allow path uses memory only: it works when the database is gone.
func TestAllowingUsesNoDatabase(t *testing.T) {
	t.Parallel()
	database := dbtest.SQLite(t)
	h := decisiontest.Open(t, database)
	h.Service(t, "payroll")
	h.Publish(t, decisiontest.Everybody("1"))
	amira := h.Somebody(t, "amira.khan")
	portal, token := h.SignIn(t, amira, decisiontest.Best())
	_, gate := h.Gate(t, portal, "payroll.example.org")
	if err := database.Close(); err != nil {
		t.Fatal(err)
	}
	for range 50 {
		for _, who := range []secret.Value{token, gate} {
			if got := h.Ask(t, "payroll", who); got.Verdict.Effect != policy.Allow || got.ID == "" {
				t.Fatalf("got %v because %s", got.Verdict.Effect, got.Verdict.ReasonCodes())
			}
		}
	}
	if err := h.Desk.Flush(t.Context()); !problem.Is(err, decision.NotKept) {
		t.Errorf("written to a closed database: %v", err)
	}
}

func TestRefusalsAreRecordedBeforeTheAnswerAndAllowedInBatches(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := decisiontest.Open(t, d)
		service := h.Service(t, "payroll")
		h.Publish(t, decisiontest.Everybody("7")+"    forbid: [sim_swappable, restricted]\n")
		amira := h.Somebody(t, "amira.khan")
		session, token := h.SignIn(t, amira, decisiontest.Best())
		_, weak := h.SignIn(t, amira, assurance.Of(assurance.Observation{}))

		allowed := h.Ask(t, "payroll", token)
		again := h.Question("payroll", token)
		again.At, again.Path, again.Method, again.IP = again.At.Add(40*time.Millisecond), "/a/b", "POST", netip.Addr{}
		if second := h.Desk.Ask(t.Context(), again); second.ID != allowed.ID {
			t.Errorf("two requests alike are two decisions: %s, %s", allowed.ID, second.ID)
		}
		stepUp := h.Ask(t, "payroll", weak)
		h.Ask(t, "payroll", secret.Value{})

		if _, err := h.Desk.Get(t.Context(), allowed.ID); !problem.Is(err, decision.NotFound) {
			t.Errorf("an allowed request was written at once: %v", err)
		}
		got, err := h.Desk.Get(t.Context(), stepUp.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got.Effect != policy.StepUp || got.Person != amira.Person.ID || len(got.Reasons) != 1 || got.Reasons[0].Rule != "everybody" ||
			got.Reasons[0].Code != policy.CodeLevelTooLow {
			t.Errorf("recorded: %+v", got)
		}
		if err := h.Desk.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		got, err = h.Desk.Get(t.Context(), allowed.ID)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Input) == 0 {
			t.Error("what it was decided by is not kept")
		}
		want := decision.Record{ID: allowed.ID, Input: got.Input, At: h.Clock.Now(), Person: amira.Person.ID, Session: session.ID, Key: amira.Key.ID,
			Service: service.ID, Route: service.Routes[0].ID, Effect: policy.Allow, Policy: "7", Assurance: decisiontest.Best(), AuthTime: session.AuthTime,
			Reasons:  []policy.Reason{{Code: policy.CodeMet, Rule: "everybody", Sentence: policy.CodeMet.Sentence()}},
			Require:  assurance.Requirement{AAL: 2, PhishingResistant: true, Forbid: assurance.SIMSwappable | assurance.Restricted},
			Requests: []decision.Request{{At: h.Clock.Now(), Method: "GET", Path: "/"}, {At: h.Clock.Now().Add(40 * time.Millisecond), Method: "POST", Path: "/a/b"}}}
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
			t.Error(diff)
		}
		all, next, err := h.Desk.List(t.Context(), decision.Filter{})
		if err != nil || len(all) != 2 || next != "" {
			t.Errorf("%d recorded, next %q, error %v; nobody's request is counted only", len(all), next, err)
		}
		if diff := cmp.Diff(decision.Counts{Allowed: 2, SteppedUp: 2, Nobody: 1}, h.Desk.Counts()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestDecisionsAreListedByPersonServiceAndEffect(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := decisiontest.Open(t, d)
		h.Service(t, "payroll")
		mail := h.Service(t, "mail")
		h.Publish(t, decisiontest.Everybody("1"))
		amira, ben := h.Somebody(t, "amira.khan"), h.Somebody(t, "ben")
		_, amiras := h.SignIn(t, amira, decisiontest.Best())
		_, bens := h.SignIn(t, ben, assurance.Of(assurance.Observation{}))
		var want []ids.Decision // newest first
		for range 7 {
			h.Clock.Advance(time.Second)
			h.Ask(t, "payroll", amiras)
			got := h.Ask(t, "mail", bens)
			want = append([]ids.Decision{got.ID}, want...)
			if err := h.Desk.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for name, filter := range map[string]decision.Filter{"person": {Person: ben.Person.ID}, "service": {Service: mail.ID}, "effect": {Effect: "step_up"},
			"all": {Person: ben.Person.ID, Service: mail.ID, Effect: "step_up"}} {
			filter.Limit = 3
			var got []ids.Decision
			for {
				page, next, err := h.Desk.List(t.Context(), filter)
				if err != nil {
					t.Fatal(err)
				}
				for _, record := range page {
					got = append(got, record.ID)
				}
				if filter.After = next; next == "" {
					break
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("by %s: %s", name, diff)
			}
		}
		for _, filter := range []decision.Filter{{Effect: "maybe"}, {Person: "x"}, {Service: "x"}, {After: "x"}, {Limit: 201}, {Limit: -1}} {
			if _, _, err := h.Desk.List(t.Context(), filter); !problem.Is(err, decision.FilterMalformed) {
				t.Errorf("%+v: %v", filter, err)
			}
		}
	})
}

func TestFullRecordRefusesRatherThanLettingInUnseen(t *testing.T) {
	t.Parallel()
	database := dbtest.SQLite(t)
	store := &refusing{Store: decisiondb.New(database)}
	failing := false
	h := decisiontest.OpenWith(t, database, testkit.NewClock(), livedb.New(database), func(deps *decision.Deps) {
		deps.Store, deps.Room, deps.Patience = store, 3, time.Millisecond
		deps.Changed = func(now bool) { failing = now }
	})
	h.Service(t, "payroll")
	h.Publish(t, decisiontest.Everybody("1"))
	amira := h.Somebody(t, "amira.khan")
	_, token := h.SignIn(t, amira, decisiontest.Best())
	store.broken = true
	var allowed []ids.Decision
	for range 3 {
		got := h.Ask(t, "payroll", token)
		if got.Verdict.Effect != policy.Allow {
			t.Fatal(got.Verdict.ReasonCodes())
		}
		allowed = append(allowed, got.ID)
	}
	if err := h.Desk.Flush(t.Context()); !problem.Is(err, decision.NotKept) || !failing {
		t.Errorf("failing %v, error %v", failing, err)
	}
	for range 3 { // the second heap
		h.Ask(t, "payroll", token)
	}
	got := h.Ask(t, "payroll", token)
	if got.Verdict.Effect != policy.Deny || got.Verdict.First().Code != decision.CodeNotRecorded || got.Verdict.First().Sentence == "" {
		t.Errorf("got %v because %s", got.Verdict.Effect, got.Verdict.ReasonCodes())
	}
	store.broken = false
	if err := h.Desk.Flush(t.Context()); err != nil || failing {
		t.Errorf("failing %v, error %v", failing, err)
	}
	if got := h.Ask(t, "payroll", token); got.Verdict.Effect != policy.Allow {
		t.Error("still refused:", got.Verdict.ReasonCodes())
	}
	if err := h.Desk.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	record, err := h.Desk.Get(t.Context(), allowed[0])
	if err != nil || len(record.Requests) != 3 {
		t.Errorf("what waited: %d requests, error %v", len(record.Requests), err)
	}
	if got := h.Desk.Counts(); got.NotRecorded != 1 || got.Allowed != 7 {
		t.Errorf("%+v", got)
	}
}

type refusing struct {
	decision.Store
	broken bool
}

func (r *refusing) Keep(ctx context.Context, records []decision.Record) error {
	if r.broken {
		return errors.New("disk full")
	}
	return r.Store.Keep(ctx, records)
}

func TestRunWritesAtEachTickAndAtTheEnd(t *testing.T) {
	t.Parallel()
	h := decisiontest.Open(t, dbtest.SQLite(t))
	h.Service(t, "payroll")
	h.Publish(t, decisiontest.Everybody("1"))
	_, token := h.SignIn(t, h.Somebody(t, "amira.khan"), decisiontest.Best())
	ctx, stop := context.WithCancel(t.Context())
	ticks, done := make(chan time.Time), make(chan struct{})
	go func() { defer close(done); h.Desk.Run(ctx, ticks) }()
	first := h.Ask(t, "payroll", token)
	ticks <- h.Clock.Now()
	ticks <- h.Clock.Now() // taken only after the first has been dealt with
	if _, err := h.Desk.Get(t.Context(), first.ID); err != nil {
		t.Error("after a tick:", err)
	}
	second := h.Ask(t, "payroll", token)
	stop()
	<-done
	if _, err := h.Desk.Get(t.Context(), second.ID); err != nil {
		t.Error("at the end:", err)
	}
}

func TestGateSessionIsGoodForItsOwnHostOnly(t *testing.T) {
	t.Parallel()
	h := decisiontest.Open(t, dbtest.SQLite(t))
	h.Service(t, "payroll")
	h.Service(t, "mail")
	h.Publish(t, decisiontest.Everybody("1"))
	portal, _ := h.SignIn(t, h.Somebody(t, "amira.khan"), decisiontest.Best())
	_, token := h.Gate(t, portal, "payroll.example.org")
	if got := h.Ask(t, "payroll", token).Verdict; got.Effect != policy.Allow {
		t.Errorf("own host: %v %s", got.Effect, got.ReasonCodes())
	}
	got := h.Ask(t, "mail", token)
	if got.Verdict.Effect != policy.StepUp || got.Verdict.ReasonCodes() != "policy.no_session" || got.Person != "" {
		t.Errorf("another host: %v %s for %q", got.Verdict.Effect, got.Verdict.ReasonCodes(), got.Person)
	}
	question := h.Question("payroll", token)
	for host, want := range map[string]policy.Effect{"PAYROLL.example.org": policy.Allow, "payroll.example.org:443": policy.Allow, "payroll.example.org:8443": policy.Deny} {
		question.Host = host
		if got := h.Desk.Ask(t.Context(), question); got.Verdict.Effect != want {
			t.Errorf("%s: %v %s, want %v", host, got.Verdict.Effect, got.Verdict.ReasonCodes(), want)
		}
	}
}

func TestRequestThatIsNotForAServiceIsRefused(t *testing.T) {
	t.Parallel()
	h := decisiontest.Open(t, dbtest.SQLite(t))
	h.Service(t, "payroll")
	h.Publish(t, decisiontest.Everybody("1"))
	_, token := h.SignIn(t, h.Somebody(t, "amira.khan"), decisiontest.Best())
	question := h.Question("elsewhere", token)
	if got := h.Desk.Ask(t.Context(), question).Verdict; got.Effect != policy.Deny || !got.Has(policy.CodeServiceUnknown) {
		t.Errorf("unknown host: %v %s", got.Effect, got.ReasonCodes())
	}
	question = h.Question("payroll", token)
	question.Path = "/a/%2e%2e/b"
	got := h.Desk.Ask(t.Context(), question)
	if got.Verdict.Effect != policy.Deny || got.Verdict.First().Code != decision.CodeAmbiguousPath {
		t.Errorf("ambiguous path: %v %s", got.Verdict.Effect, got.Verdict.ReasonCodes())
	}
	record, err := h.Desk.Get(t.Context(), got.ID)
	if err != nil || record.Reasons[0].Sentence != decision.Sentence(decision.CodeAmbiguousPath) {
		t.Errorf("recorded %+v, error %v", record.Reasons, err)
	}
}

func TestAskingAllocatesNothing(t *testing.T) {
	h, question := busy(t)
	h.Desk.Ask(t.Context(), question)
	if allocations := testing.AllocsPerRun(100, func() { h.Desk.Ask(t.Context(), question) }); allocations > 0.5 {
		t.Errorf("%v allocations", allocations)
	}
}

func TestExplanationTellsRuleByRule(t *testing.T) {
	t.Parallel()
	h := decisiontest.Open(t, dbtest.SQLite(t))
	service := h.Service(t, "payroll")
	h.Publish(t, `version: 2026-11
rules:
  - {id: finance, title: F, services: [payroll], groups: [finance], require: {aal: 3, max_age: 1h}}
  - {id: guests, title: G, services: ["*"], groups: [guests], deny: true}
`)
	amira := h.Somebody(t, "amira.khan", "finance")
	ask := decision.Supposition{Person: amira.Person.ID, Service: service.ID, IP: netip.MustParseAddr("192.0.2.1")}
	explain := func(effect policy.Effect, lines ...string) {
		t.Helper()
		got, err := h.Desk.Explain(t.Context(), ask)
		if err != nil {
			t.Fatal(err)
		}
		if got.Trace.Verdict.Effect != effect {
			t.Errorf("%v, want %v", got.Trace.Verdict.Effect, effect)
		}
		for _, line := range lines {
			if !strings.Contains(got.Text(), line) {
				t.Errorf("%q is not in:\n%s", line, got.Text())
			}
		}
	}
	explain(policy.StepUp, "Session  none: not signed in", "  may   rule finance ", "From     192.0.2.1", "Verdict: asked to sign in (policy 2026-11)")
	ask.Key = amira.Key.ID
	explain(policy.Allow, "Method   attested security key (security_key_attested)", "Session  supposed: signs in now with "+string(amira.Key.ID), "  hit   rule finance ", "  miss  rule guests ", "Verdict: allowed")
	ask.Key = ""
	h.SignIn(t, amira, decisiontest.Best())
	explain(policy.Allow, "signed in 2026-11-23T09:00:00Z")
	ask.At = h.Clock.Now().Add(70 * time.Minute)
	explain(policy.StepUp, "  stop  rule finance ", "You signed in too long ago")
	if _, err := h.LostKey.Report(t.Context(), decisiontest.Desk(), amira.Key.ID, keys.Stolen, time.Time{}); err != nil {
		t.Fatal(err)
	}
	ask.At, ask.Key = h.Clock.Now(), amira.Key.ID
	explain(policy.StepUp, "  fail  key ", "reported stolen")
	for want, wrong := range map[*problem.Definition]decision.Supposition{
		&decision.PersonMissing:  {Person: "prs_none", Service: service.ID},
		&decision.ServiceMissing: {Person: amira.Person.ID, Service: "svc_none"},
		&decision.KeyMissing:     {Person: amira.Person.ID, Service: service.ID, Key: "key_none"},
	} {
		if _, err := h.Desk.Explain(t.Context(), wrong); !problem.Is(err, *want) {
			t.Errorf("%s: %v", want.Code, err)
		}
	}
}

func TestEveryProblemAndReasonIsAPlainSentence(t *testing.T) {
	t.Parallel()
	for _, definition := range decision.Problems() {
		if definition.Code == "" || definition.Sentence == "" || definition.Next == "" {
			t.Errorf("%+v", definition)
		}
	}
	for _, code := range decision.Codes() {
		if sentence := decision.Sentence(code); !strings.HasSuffix(sentence, ".") || sentence == policy.Code("x").Sentence() {
			t.Errorf("%s: %q", code, sentence)
		}
	}
}

// Whoever is refused and sends the same again and again, a broken script or
// somebody who means harm, must not keep the database busy; and nothing of it
// may be missing from the record.
func TestRefusalsThatRepeatAreGatheredAndNoneIsLost(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	h := decisiontest.Open(t, d)
	h.Service(t, "payroll")
	h.Service(t, "mail")
	h.Publish(t, decisiontest.Everybody("1"))
	amira := h.Somebody(t, "amira.khan")
	_, token := h.SignIn(t, amira, decisiontest.Best())
	if _, err := h.People.Suspend(t.Context(), decisiontest.Desk(), amira.Person.ID, h.Clock.Now(), "inquiry"); err != nil {
		t.Fatal(err)
	}
	kept := func() (records, requests int) {
		t.Helper()
		all, _, err := h.Desk.List(t.Context(), decision.Filter{Person: amira.Person.ID, Limit: 200})
		if err != nil {
			t.Fatal(err)
		}
		for _, record := range all {
			requests += len(record.Requests)
			if record.Effect != policy.Deny || !slices.ContainsFunc(record.Reasons, func(r policy.Reason) bool { return r.Code == policy.CodePersonSuspended }) {
				t.Errorf("recorded %+v", record)
			}
		}
		return len(all), requests
	}
	for range 100 {
		h.Ask(t, "payroll", token)
	}
	if records, requests := kept(); records != 1 || requests != 1 {
		t.Errorf("before anything was flushed %d records of %d requests are kept, want the first at once and no other", records, requests)
	}
	h.Ask(t, "mail", token)
	if records, _ := kept(); records != 2 {
		t.Errorf("another service was not recorded at once: %d records", records)
	}
	h.Clock.Advance(time.Second)
	h.Ask(t, "payroll", token)
	if records, _ := kept(); records != 3 {
		t.Errorf("a second later it was not recorded at once: %d records", records)
	}
	if err := h.Desk.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if records, requests := kept(); records != 4 || requests != 102 {
		t.Errorf("after flushing %d records of %d requests are kept, want 4 of 102", records, requests)
	}
}

func TestPortalSessionIsNoGateSession(t *testing.T) {
	t.Parallel()
	h := decisiontest.Open(t, dbtest.SQLite(t))
	h.Service(t, "payroll")
	h.Publish(t, decisiontest.Everybody("1"))
	_, token := h.SignIn(t, h.Somebody(t, "amira.khan"), decisiontest.Best())
	question := h.Question("payroll", token)
	question.Portal = false
	got := h.Desk.Ask(t.Context(), question)
	if got.Verdict.Effect != policy.StepUp || got.Verdict.ReasonCodes() != "policy.no_session" || got.Person != "" {
		t.Errorf("the portal's token at a gate: %v %s for %q", got.Verdict.Effect, got.Verdict.ReasonCodes(), got.Person)
	}
}

func TestAskingAgainIsNoUseOfTheSessionAndNoNewRecord(t *testing.T) {
	t.Parallel()
	h := decisiontest.Open(t, dbtest.SQLite(t))
	h.Service(t, "payroll")
	h.Publish(t, decisiontest.Everybody("1"))
	amira := h.Somebody(t, "amira.khan")
	_, token := h.SignIn(t, amira, decisiontest.Best())
	again := h.Question("payroll", token)
	again.Again = true
	for range 14 {
		h.Clock.Advance(time.Minute)
		again.At = h.Clock.Now()
		if got := h.Desk.Ask(t.Context(), again).Verdict; got.Effect != policy.Allow {
			t.Fatalf("within the idle time: %v %s", got.Effect, got.ReasonCodes())
		}
	}
	h.Clock.Advance(2 * time.Minute)
	if got := h.Ask(t, "payroll", token).Verdict; !got.Has(policy.CodeSessionIdle) {
		t.Errorf("a session that was only asked about for sixteen minutes is not idle: %v %s", got.Effect, got.ReasonCodes())
	}
	if err := h.Desk.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	all, _, err := h.Desk.List(t.Context(), decision.Filter{Person: amira.Person.ID, Effect: "allow"})
	if err != nil || len(all) != 0 {
		t.Errorf("asking again was recorded %d times as allowed: %v", len(all), err)
	}
}
