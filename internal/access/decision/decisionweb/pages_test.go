package decisionweb_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/access/decision/decisionweb"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func site(t *testing.T, h *decisiontest.House, permissions ...web.Permission) http.Handler {
	t.Helper()
	return siteOf(t, h, webtest.Viewer("Admin", 2, permissions...))
}

func siteOf(t *testing.T, h *decisiontest.House, viewer web.Viewer) http.Handler {
	t.Helper()
	pages, err := decisionweb.New(decisionweb.Deps{Desk: h.Desk, People: h.People, Services: h.Services, Keys: h.Keys, Policies: h.Policies, Trials: h.Trials})
	if err != nil {
		t.Fatal(err)
	}
	return webtest.Site(t, viewer, pages.Routes()...)
}

func shows(t *testing.T, got webtest.Response, status int, words ...string) {
	t.Helper()
	webtest.Structure(t, got.Document)
	text := got.Document.Text()
	for _, one := range words {
		if got.Status != status || !strings.Contains(text, one) {
			t.Fatalf("answered %d:\n%s\nwant %d with %q", got.Status, text, status, one)
		}
	}
}

// What was decided, step by step, from what was known then; beside it what a draft
// would have decided.
func TestDecisionIsExplainedAsItWasAndAsADraftWouldHaveIt(t *testing.T) {
	t.Parallel()
	h := decisiontest.Open(t, dbtest.SQLite(t))
	h.Service(t, "payroll")
	h.Publish(t, decisiontest.Everybody("now"))
	amira := h.Somebody(t, "amira.khan", "finance")
	_, token := h.SignIn(t, amira, assurance.Of(assurance.Observation{UserVerified: true}))
	allowed := h.Ask(t, "payroll", token)
	if err := h.Desk.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	// Neither a later policy nor what becomes of the person changes what was.
	h.Publish(t, "version: later\nrules: []\n")
	if err := h.People.RemoveMember(t.Context(), decisiontest.Desk(), "finance", amira.Person.ID); err != nil {
		t.Fatal(err)
	}
	saved, err := h.Policies.Import(t.Context(), decisiontest.Desk(), versions.Text{Name: "draft.yaml", Body: []byte(`version: hardware
rules:
  - id: hardware
    title: Payroll needs hardware
    services: [payroll]
    groups: [finance]
    require: {aal: 3, phishing_resistant: true, hardware_bound: true}
`)})
	if err != nil {
		t.Fatal(err)
	}
	pages := site(t, h, web.DecisionsRead)
	path := "/admin/decisions/" + string(allowed.ID)
	both := webtest.Get(t, pages, path+"?draft="+strconv.FormatInt(saved.Number, 10))
	shows(t, both, http.StatusOK, "As it was decided", "Rule: everybody", "It applies and asks for AAL2, phishing-resistant: met.",
		"As version hardware would have decided", "Rule: hardware", "It applies and asks for AAL3")
	alone := webtest.Get(t, pages, path)
	shows(t, alone, http.StatusOK, "As it was decided", "Rule: everybody")
	if strings.Contains(alone.Document.Text(), "would have decided") {
		t.Error("a draft nobody asked for is shown")
	}
	shows(t, webtest.Get(t, pages, path+"?draft=99"), http.StatusNotFound, "There is no")
}

// Each sees what was decided about themselves, in words, and about nobody else.
func TestPersonReadsWhyTheyWereAskedAndWhyNot(t *testing.T) {
	t.Parallel()
	h := decisiontest.Open(t, dbtest.SQLite(t))
	h.Service(t, "payroll")
	h.Service(t, "wiki")
	h.Publish(t, decisiontest.Everybody("one"))
	amira, ben := h.Somebody(t, "amira.khan"), h.Somebody(t, "ben.cole")
	_, weak := h.SignIn(t, amira, assurance.Of(assurance.Observation{}))
	_, strong := h.SignIn(t, amira, decisiontest.Best())
	_, his := h.SignIn(t, ben, decisiontest.Best())
	h.Ask(t, "payroll", weak)
	h.Clock.Advance(12 * time.Minute)
	h.Ask(t, "payroll", strong)
	h.Ask(t, "wiki", his)
	if err := h.Desk.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	viewer := webtest.Viewer("Amira", 1)
	viewer.Person = amira.Person.ID
	got := webtest.Get(t, siteOf(t, h, viewer), "/me/decisions")
	shows(t, got, http.StatusOK, "Why was I asked, and why not",
		"You were asked to sign in for payroll. This needs a stronger way of signing in than the one you used.",
		"You were let in to payroll and were not asked again. You had signed in 12 minutes before (attested security key), which is enough there.")
	if text := got.Document.Text(); strings.Contains(text, "wiki") || strings.Contains(text, "policy.") || strings.Contains(text, "everybody") {
		t.Errorf("says more than is theirs:\n%s", text)
	}
	shows(t, webtest.Get(t, siteOf(t, h, webtest.Viewer("Somebody new", 1)), "/me/decisions"), http.StatusOK, "Nothing has been decided about you yet.")
}

func TestDecisionIsShownWithItsReasonsAndRules(t *testing.T) {
	t.Parallel()
	h := decisiontest.Open(t, dbtest.SQLite(t))
	h.Service(t, "payroll")
	h.Publish(t, decisiontest.Everybody("2026-11"))
	amira := h.Somebody(t, "amira.khan")
	_, weak := h.SignIn(t, amira, assurance.Of(assurance.Observation{}))
	_, strong := h.SignIn(t, amira, decisiontest.Best())
	stepUp := h.Ask(t, "payroll", weak)
	allowed := h.Ask(t, "payroll", strong)
	if err := h.Desk.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	draft, err := h.Policies.Import(t.Context(), decisiontest.Desk(), versions.Text{Name: "t", Body: []byte("version: stricter\nrules:\n- {id: attested, title: A, services: ['*'], require: {aal: 2, max_age: 1s}}\n")})
	if err == nil {
		_, err = h.Policies.ReportOnly(t.Context(), decisiontest.Desk(), draft.Number, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	h.Clock.Advance(time.Minute)
	later := h.Ask(t, "payroll", strong)
	if err := h.Desk.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	// A later version does not change what an earlier decision says.
	h.Publish(t, "version: later\nrules: []\n")
	pages := site(t, h, web.DecisionsRead)

	shows(t, webtest.Get(t, pages, "/admin/decisions"), http.StatusOK, "amira.khan (amira.khan)", "payroll", "Asked to sign in", "Allowed",
		"“This needs a stronger way of signing in than the one you used.”")
	shows(t, webtest.Get(t, pages, "/admin/decisions/"+string(stepUp.ID)), http.StatusOK, "Asked to sign in", "Version 2026-11",
		"Everybody signs in with a key (everybody)", "AAL2, phishing-resistant", "AAL1, phishing-resistant", "policy.level_too_low")
	shows(t, webtest.Get(t, pages, "/admin/decisions/"+string(allowed.ID)), http.StatusOK, "Allowed", "policy.rule_met", "09:00:00.000 UTC")
	shows(t, webtest.Get(t, pages, "/admin/decisions/"+string(later.ID)), http.StatusOK, "Allowed", "In report-only", "Version stricter Asked to sign in", "policy.signed_in_too_long_ago, rule attested")
	shows(t, webtest.Get(t, pages, "/admin/decisions/dec_06h0f8hjg3mh6k62xdc64eg944"), http.StatusNotFound, "There is no such decision")
	shows(t, webtest.Get(t, pages, "/admin/decisions/rubbish"), http.StatusNotFound, "There is no such decision")
}

func TestDecisionsAreFoundByPersonServiceAndEffect(t *testing.T) {
	t.Parallel()
	h := decisiontest.Open(t, dbtest.SQLite(t))
	payroll := h.Service(t, "payroll")
	mail := h.Service(t, "mail")
	h.Publish(t, decisiontest.Everybody("1"))
	_, amira := h.SignIn(t, h.Somebody(t, "amira.khan"), assurance.Of(assurance.Observation{}))
	_, ben := h.SignIn(t, h.Somebody(t, "ben"), assurance.Of(assurance.Observation{}))
	for range 60 {
		h.Ask(t, "payroll", amira)
		h.Clock.Advance(time.Second) // within one, they would share a record
	}
	h.Ask(t, "mail", ben)
	pages := site(t, h, web.DecisionsRead)
	for query, want := range map[string]int{"": 50, "person=ben": 1, "person=amira.khan": 50, "service=" + string(mail.ID): 1, "effect=allow": 0,
		"effect=step_up&person=ben&service=" + string(payroll.ID): 0} {
		got := webtest.Get(t, pages, "/admin/decisions?"+query)
		rows := max(len(got.Document.WithClass("govuk-table__row"))-1, 0) // the head is a row too
		if got.Status != http.StatusOK || rows != want {
			t.Errorf("%q: %d with %d decisions, want %d", query, got.Status, rows, want)
		}
	}
	first := webtest.Get(t, pages, "/admin/decisions?person=amira.khan")
	next := ""
	for _, link := range first.Document.All("a") {
		if strings.Contains(link.Text(), "Older decisions") {
			next = link.Attribute("href")
		}
	}
	second := webtest.Get(t, pages, next)
	if rows := len(second.Document.WithClass("govuk-table__row")) - 1; rows != 10 {
		t.Errorf("the second page, %q, has %d decisions, want 10", next, rows)
	}
	shows(t, webtest.Get(t, pages, "/admin/decisions?person=nobody"), http.StatusUnprocessableEntity, "Nobody has this user name", "Error:")
	if got := webtest.Get(t, pages, "/admin/decisions?effect=maybe"); got.Status != http.StatusBadRequest && got.Status != http.StatusUnprocessableEntity {
		t.Errorf("an effect that does not exist: %d", got.Status)
	}
}

func TestDecisionsAreForThoseWhoMayReadThem(t *testing.T) {
	t.Parallel()
	h := decisiontest.Open(t, dbtest.SQLite(t))
	if got := webtest.Get(t, site(t, h, web.KeysRead), "/admin/decisions"); got.Status != http.StatusForbidden {
		t.Errorf("answered %d", got.Status)
	}
}
