package replayweb_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/decision/decisiondb"
	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/access/decision/replay"
	"github.com/warder-project/warder/internal/access/decision/replay/replayweb"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// From the number in the report to the one decision, as it was and as it would be.
func TestNumberLeadsToTheDecisionBehindIt(t *testing.T) {
	t.Parallel()
	h := decisiontest.Open(t, dbtest.SQLite(t))
	h.Service(t, "payroll")
	h.Publish(t, decisiontest.Everybody("now"))
	amira := h.Somebody(t, "amira.khan")
	_, token := h.SignIn(t, amira, assurance.Of(assurance.Observation{UserVerified: true}))
	h.Ask(t, "payroll", token)
	if err := h.Desk.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.Clock.Advance(time.Minute)
	allowed := h.Ask(t, "payroll", token)
	if err := h.Desk.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.Clock.Advance(time.Minute)
	saved, err := h.Policies.Import(t.Context(), decisiontest.Desk(), versions.Text{Name: "draft.yaml", Body: []byte(`version: hardware
rules:
  - id: hardware
    title: Payroll needs hardware
    services: [payroll]
    require: {aal: 3, phishing_resistant: true, hardware_bound: true}
`)})
	if err != nil {
		t.Fatal(err)
	}
	pages := site(t, h, 0, web.DecisionsRead)

	shows(t, webtest.Get(t, pages, "/admin/policy/replay"), http.StatusOK, "hardware (draft)", "now (in force)", "The last 30 days")
	unchanged := webtest.Get(t, pages, "/admin/policy/replay?draft=1")
	shows(t, unchanged, http.StatusOK, "Had version now been in force", "Nothing would have been decided otherwise, in 2 decisions.")
	report := webtest.Get(t, pages, "/admin/policy/replay?draft=2&days=7")
	shows(t, report, http.StatusOK, "2 decisions of 2 would have been decided otherwise, for 1 person.", "Would be asked to sign in, and was let in", "amira.khan (amira.khan)")
	if saved.Number != 2 {
		t.Fatalf("the draft is number %d", saved.Number)
	}
	for _, field := range []string{"kind=asked", "service=payroll", "rule=hardware", "person=" + string(amira.Person.ID)} {
		singles := webtest.Get(t, pages, "/admin/policy/replay/decisions?draft=2&days=7&"+field)
		shows(t, singles, http.StatusOK, "Decisions that would differ", "amira.khan (amira.khan)", "Allowed", "Asked to sign in", "(rule hardware)")
		if !strings.Contains(singles.Body, "/admin/decisions/"+string(allowed.ID)+"?draft=2") {
			t.Errorf("%s: no way to the decision", field)
		}
	}
	shows(t, webtest.Get(t, pages, "/admin/policy/replay/decisions?draft=2&department=Nobody"), http.StatusOK, "No decisions to show here")
	shows(t, webtest.Get(t, pages, "/admin/policy/replay?draft=99"), http.StatusNotFound)
}

// A page waits for no more than it may, and says where the rest is.
func TestPageThatCannotWaitForAllSaysSo(t *testing.T) {
	t.Parallel()
	h := decisiontest.Open(t, dbtest.SQLite(t))
	h.Service(t, "payroll")
	h.Publish(t, decisiontest.Everybody("now"))
	_, token := h.SignIn(t, h.Somebody(t, "amira.khan"), decisiontest.Best())
	for range 3 {
		h.Ask(t, "payroll", token)
		if err := h.Desk.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.Clock.Advance(time.Minute)
	}
	shows(t, webtest.Get(t, site(t, h, 2, web.DecisionsRead), "/admin/policy/replay?draft=1&days=0"), http.StatusOK,
		"These are the latest 2, back to", "warder policy replay --draft 1")
}

func TestReplayIsForThoseWhoMayReadDecisions(t *testing.T) {
	t.Parallel()
	h := decisiontest.Open(t, dbtest.SQLite(t))
	pages := site(t, h, 0, web.PeopleRead)
	for _, path := range []string{"/admin/policy/replay", "/admin/policy/replay/decisions?" + url.Values{"draft": {"1"}}.Encode()} {
		if got := webtest.Get(t, pages, path); got.Status != http.StatusForbidden {
			t.Errorf("%s answered %d", path, got.Status)
		}
	}
}

func site(t *testing.T, h *decisiontest.House, most int64, permissions ...web.Permission) http.Handler {
	t.Helper()
	pages, err := replayweb.New(replayweb.Deps{Player: replay.New(decisiondb.New(h.DB)), Policies: h.Policies, People: h.People, Now: h.Clock.Now, Months: 14, Most: most})
	if err != nil {
		t.Fatal(err)
	}
	return webtest.Site(t, webtest.Viewer("Admin", 2, permissions...), pages.Routes()...)
}

func shows(t *testing.T, got webtest.Response, status int, words ...string) {
	t.Helper()
	webtest.Structure(t, got.Document)
	text := got.Document.Text()
	if got.Status != status {
		t.Fatalf("answered %d, want %d:\n%s", got.Status, status, text)
	}
	for _, one := range words {
		if !strings.Contains(text, one) {
			t.Errorf("lacks %q:\n%s", one, text)
		}
	}
}
