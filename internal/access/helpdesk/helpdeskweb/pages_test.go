package helpdeskweb

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/access/helpdesk"
	"github.com/warder-project/warder/internal/access/helpdesk/helpdeskdb"
	"github.com/warder-project/warder/internal/access/recovery/recoverytest"
	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	t.Parallel()
	webtest.Check(t, files, map[string]any{"start.html": startView{}, "found.html": foundView{}})
}

func open(t *testing.T) (*recoverytest.House, []web.Route) {
	t.Helper()
	h := recoverytest.Open(t, dbtest.SQLite(t))
	pages, err := New(Deps{CasePath: "/desk/cases", Desk: helpdesk.New(helpdesk.Deps{Store: helpdeskdb.New(h.DB), Tx: h.DB, Audit: h.Audit, People: h.People,
		Keys: h.Keys, Factors: h.Factors, Roles: h.Roster, Recovery: h.Desk, Alarm: func(bool) {}, Now: h.Clock.Now})})
	if err != nil {
		t.Fatal(err)
	}
	return h, pages.Routes()
}

func shows(t *testing.T, got webtest.Response, status int, words ...string) {
	t.Helper()
	webtest.Structure(t, got.Document)
	for _, one := range append(words, "") {
		if got.Status != status || !strings.Contains(got.Document.Text(), one) {
			t.Fatalf("answered %d:\n%s\nwant %d with %q", got.Status, got.Document.Text(), status, one)
		}
	}
}

func lookUp(t *testing.T, site http.Handler, who string) webtest.Response {
	t.Helper()
	return webtest.Post(t, site, Path, url.Values{"who": {who}})
}

// C31.5: the service desk’s page shows only what is needed.
func TestDeskSeesOnePersonAndNothingThatItDoesNotNeed(t *testing.T) {
	t.Parallel()
	h, routes := open(t)
	agent := h.Member(t, "desk.agent", roles.ServiceDesk)
	person, err := h.People.Add(t.Context(), audit.Command("test"), people.NewPerson{UserName: "amira.khan", Name: "Amira Khan", Email: "amira@department.example",
		EmployeeID: "40917", Department: "Pensions", JobTitle: "Case worker"})
	if err != nil {
		t.Fatal(err)
	}
	h.Enrol(t, person.ID, h.Batch.NewKey())
	site := agent.Site(t, routes...)
	shows(t, webtest.Get(t, site, Path), http.StatusOK, "Every look-up is on record")
	for _, who := range []string{"amira.khan", "40917"} {
		got := lookUp(t, site, who)
		shows(t, got, http.StatusOK, "Amira Khan", "amira.khan", "Works here", "Has a key that works")
		for _, private := range []string{"amira@department.example", "Pensions", "Case worker"} {
			if strings.Contains(got.Body, private) {
				t.Errorf("the desk sees %s", private)
			}
		}
	}
	for _, who := range []string{"", "amira", "Amira Khan", "4091"} {
		shows(t, lookUp(t, site, who), http.StatusUnprocessableEntity, "Nobody has exactly this user name")
	}
	if got := webtest.Get(t, site, Path+"?who=amira.khan"); strings.Contains(got.Document.Text(), "Amira Khan") {
		t.Error("a look-up can be an address")
	}
	for range helpdesk.LookUpsAnHour {
		lookUp(t, site, "amira.khan")
	}
	shows(t, lookUp(t, site, "amira.khan"), http.StatusTooManyRequests, "more people in the last hour")
}

func TestCaseIsOpenedAndKeysThatAreGoneAreBlockedAtOnce(t *testing.T) {
	t.Parallel()
	h, routes := open(t)
	agent, amira := h.Member(t, "desk.agent", roles.ServiceDesk), h.Member(t, "amira.khan")
	_, token := h.SignedIn(t, amira.Key)
	site := agent.Site(t, routes...)
	shows(t, lookUp(t, site, "amira.khan"), http.StatusOK, "They cannot sign in", "blocked at once", "Which keys were stolen?")
	held, err := h.Keys.HeldBy(t.Context(), amira.ID)
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"person": {string(amira.ID)}, "stolen": {string(held[0].ID)}}
	shows(t, webtest.Post(t, site, Path+"/cases", form), http.StatusUnprocessableEntity, "Choose why they cannot sign in")
	if _, err := h.Sessions.ByToken(t.Context(), token); err != nil {
		t.Fatal("a form with faults blocked a key")
	}
	form.Set("why", "lost_all")
	opened := webtest.Post(t, site, Path+"/cases", form)
	if opened.Status != http.StatusSeeOther || !strings.HasPrefix(opened.Header.Get("Location"), "/desk/cases/rec_") {
		t.Fatalf("answered %d to %q: %s", opened.Status, opened.Header.Get("Location"), opened.Document.Text())
	}
	if _, err := h.Sessions.ByToken(t.Context(), token); err == nil {
		t.Error("the session of a stolen key goes on")
	}
	again := lookUp(t, site, "amira.khan")
	shows(t, again, http.StatusOK, "There is an open case")
	if strings.Contains(again.Document.Text(), "Why can they not sign in?") {
		t.Error("a second case is offered")
	}
	shows(t, webtest.Post(t, site, Path+"/cases", form), http.StatusConflict, "There is an open recovery case")
	own := lookUp(t, site, "desk.agent")
	if strings.Contains(own.Document.Text(), "Why can they not sign in?") {
		t.Error("an agent is offered to help themselves")
	}
	shows(t, webtest.Post(t, site, Path+"/cases", url.Values{"person": {string(agent.ID)}, "why": {"lost_all"}}), http.StatusForbidden, "You cannot do this for yourself")
	for _, wrong := range []url.Values{{"person": {"nobody"}, "why": {"broken"}}, {}} {
		if got := webtest.Post(t, site, Path+"/cases", wrong); got.Status != http.StatusNotFound {
			t.Errorf("%v: %d", wrong, got.Status)
		}
	}
}

func TestDeskIsForItsAgents(t *testing.T) {
	t.Parallel()
	h, routes := open(t)
	for _, role := range []roles.Role{roles.SecurityLead, roles.KeyCustodian, roles.Auditor} {
		site := h.Member(t, strings.ReplaceAll(string(role), "_", "-"), role).Site(t, routes...)
		if got := webtest.Get(t, site, Path); got.Status != http.StatusForbidden {
			t.Errorf("%s at the desk: %d", role, got.Status)
		}
	}
}

// Whoever knows somebody's identifier sees them with a form that is wrong, too: that
// is a look-up like any other, on record and counted.
func TestFaultyFormIsALookUpToo(t *testing.T) {
	t.Parallel()
	h, routes := open(t)
	agent, amira := h.Member(t, "desk.agent", roles.ServiceDesk), h.Member(t, "amira.khan")
	site := agent.Site(t, routes...)
	wrong := url.Values{"person": {string(amira.ID)}}
	shows(t, webtest.Post(t, site, Path+"/cases", wrong), http.StatusUnprocessableEntity, "amira.khan")
	entries, err := h.Audit.List(t.Context(), audit.Filter{Action: "desk.looked_up", Subject: string(amira.ID)})
	if err != nil || len(entries) != 1 || entries[0].Actor != audit.Person(agent.ID) {
		t.Errorf("on record: %+v, %v", entries, err)
	}
	for range helpdesk.LookUpsAnHour - 1 {
		lookUp(t, site, "amira.khan")
	}
	shows(t, webtest.Post(t, site, Path+"/cases", wrong), http.StatusTooManyRequests, "more people in the last hour")
}
