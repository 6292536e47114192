package recoveryweb

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/invitations"
	"github.com/warder-project/warder/internal/access/recovery"
	"github.com/warder-project/warder/internal/access/recovery/recoverytest"
	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	t.Parallel()
	webtest.Check(t, files, map[string]any{"list.html": listView{}, "show.html": caseView{}, "issued.html": issuedView{}, "own.html": ownView{}, "notme.html": notMeView{}})
}

func open(t *testing.T) (*recoverytest.House, []web.Route) {
	t.Helper()
	h := recoverytest.Open(t, dbtest.SQLite(t))
	pages, err := New(Deps{Desk: h.Desk, People: h.People, PassPath: "/pass"})
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

func leads(t *testing.T, got webtest.Response, to string) {
	t.Helper()
	if got.Status != http.StatusSeeOther || got.Header.Get("Location") != to {
		t.Fatalf("answered %d to %q, want %q:\n%s", got.Status, got.Header.Get("Location"), to, got.Document.Text())
	}
}

func begin(t *testing.T, h *recoverytest.House, agent recoverytest.Member, person ids.Person) (recovery.Case, string) {
	t.Helper()
	c, err := h.Desk.Open(t.Context(), agent.Now(t), recovery.Opening{Person: person, Why: recovery.LostAll})
	if err != nil {
		t.Fatal(err)
	}
	return c, pathOf(c.ID)
}

var code = regexp.MustCompile(`[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}`)

func TestDeskLeadsAnOrdinaryPersonToAPassThatIsToldOnce(t *testing.T) {
	t.Parallel()
	h, routes := open(t)
	agent, amira := h.Member(t, "desk.agent", roles.ServiceDesk), h.Member(t, "amira.khan")
	_, path := begin(t, h, agent, amira.ID)
	site := agent.Site(t, routes...)
	shows(t, webtest.Get(t, site, path), http.StatusOK, "Help for Name of amira.khan", "Call back on a number from the directory", "How do you know who they are?")
	shows(t, webtest.Post(t, site, path+"/identity", url.Values{"note": {"passport 533401372"}}), http.StatusUnprocessableEntity,
		"Choose how you know who they are", "Leave out numbers of passes")
	if got := webtest.Post(t, site, path+"/pass", url.Values{"minutes": {"60"}}); got.Status != http.StatusForbidden {
		t.Errorf("a pass before the identity check: %d", got.Status)
	}
	leads(t, webtest.Post(t, site, path+"/identity", url.Values{"method": {"in_person"}, "note": {"photo pass matches"}}), path)
	shows(t, webtest.Get(t, site, path), http.StatusOK, "A pass can be issued", "photo pass matches", "Name of desk.agent")
	shows(t, webtest.Post(t, site, path+"/pass", url.Values{"minutes": {"61x"}}), http.StatusUnprocessableEntity, "Choose how long the pass works")
	shows(t, webtest.Post(t, site, path+"/pass", url.Values{"minutes": {"90"}}), http.StatusUnprocessableEntity, "A pass must last between 5 and 60 minutes")
	told := webtest.Post(t, site, path+"/pass", url.Values{"minutes": {"30"}})
	shows(t, told, http.StatusOK, "It is shown once", "amira.khan", "/pass")
	pass := code.FindString(told.Document.Text())
	if _, err := h.Invitations.OpenedByPass(t.Context(), invitations.TypedPass{UserName: "amira.khan", Code: pass}); err != nil {
		t.Errorf("the pass %q that was shown: %v", pass, err)
	}
	if after := webtest.Get(t, site, path); strings.Contains(after.Body, pass) {
		t.Error("the pass is shown again")
	}
	leads(t, webtest.Post(t, site, path+"/withdraw", url.Values{"reason": {"found it"}}), path)
	shows(t, webtest.Get(t, site, path), http.StatusOK, "Withdrawn", "found it")
	if forms := webtest.Get(t, site, path).Document.All("form"); len(forms) > 1 { // signing out
		t.Errorf("%d forms on a case that is over", len(forms))
	}
}

func TestAdministratorIsHelpedByTwoApproversOnThePages(t *testing.T) {
	t.Parallel()
	h, routes := open(t)
	agent, boss := h.Member(t, "desk.agent", roles.ServiceDesk), h.Member(t, "boss", roles.Administrator)
	first, second := h.Member(t, "first", roles.Administrator), h.Member(t, "lead", roles.SecurityLead)
	_, path := begin(t, h, agent, boss.ID)
	desk := agent.Site(t, routes...)
	leads(t, webtest.Post(t, desk, path+"/identity", url.Values{"method": {"video"}, "note": {"photo pass matches"}}), path)
	shows(t, webtest.Get(t, desk, path), http.StatusOK, "2 people must approve it", "administers Warder or leads its security", "two people approve, and it cools off")
	if got := webtest.Post(t, desk, path+"/approve", nil); got.Status != http.StatusForbidden {
		t.Errorf("the desk approves what it opened: %d", got.Status)
	}
	if strings.Contains(webtest.Get(t, desk, path).Document.Text(), "You are sure that the person") {
		t.Error("the desk is offered to approve what it opened")
	}
	for i, approver := range []recoverytest.Member{first, second} {
		site := approver.Site(t, routes...)
		shows(t, webtest.Get(t, site, ListPath), http.StatusOK, "Waiting for your approval", "Name of boss")
		leads(t, webtest.Post(t, site, path+"/approve", nil), path)
		if got := webtest.Post(t, site, path+"/approve", nil); got.Status != http.StatusForbidden && got.Status != http.StatusConflict {
			t.Errorf("approver %d approves twice: %d", i, got.Status)
		}
	}
	shows(t, webtest.Get(t, desk, path), http.StatusOK, "Cooling off", "Nobody can shorten this", "Name of first", "Name of lead")
	for _, member := range []recoverytest.Member{agent, first} {
		if got := webtest.Post(t, member.Site(t, routes...), path+"/pass", url.Values{"minutes": {"60"}}); got.Status != http.StatusForbidden {
			t.Errorf("a pass while it cools off: %d", got.Status)
		}
	}
	h.Clock.Advance(recovery.CoolingTime)
	shows(t, webtest.Get(t, agent.Site(t, routes...), path), http.StatusOK, "Ready for a pass") // at once, before any sweep
	shows(t, webtest.Post(t, agent.Site(t, routes...), path+"/pass", url.Values{"minutes": {"60"}}), http.StatusForbidden, "may do more than you may")
	stale := first.Site(t, routes...)
	h.Clock.Advance(11 * time.Minute)
	if got := webtest.Post(t, stale, path+"/pass", url.Values{"minutes": {"60"}}); got.Status != http.StatusSeeOther || !strings.HasPrefix(got.Header.Get("Location"), "/signin?") {
		t.Errorf("with a key touched eleven minutes ago: %d to %q", got.Status, got.Header.Get("Location"))
	}
	shows(t, webtest.Post(t, first.Site(t, routes...), path+"/pass", url.Values{"minutes": {"60"}}), http.StatusOK, "It is shown once")
}

func TestApproverWithoutTheDeskRefuses(t *testing.T) {
	t.Parallel()
	h, routes := open(t)
	agent, boss, lead := h.Member(t, "desk.agent", roles.ServiceDesk), h.Member(t, "boss", roles.KeyCustodian), h.Member(t, "lead", roles.SecurityLead)
	_, path := begin(t, h, agent, boss.ID)
	site := lead.Site(t, routes...)
	shows(t, webtest.Post(t, site, path+"/refuse", nil), http.StatusUnprocessableEntity, "Say why, in a sentence")
	for _, deed := range []string{"identity", "pass", "withdraw", "stop"} {
		if got := webtest.Post(t, site, path+"/"+deed, url.Values{"reason": {"x"}}); got.Status != http.StatusForbidden {
			t.Errorf("%s by somebody who is not at the desk: %d", deed, got.Status)
		}
	}
	leads(t, webtest.Post(t, site, path+"/refuse", url.Values{"reason": {"the voice was wrong"}}), path)
	shows(t, webtest.Get(t, site, path), http.StatusOK, "Refused", "the voice was wrong")
	shows(t, webtest.Get(t, site, CasePath+"/rec_00000000000000000000000000"), http.StatusNotFound)
	shows(t, webtest.Get(t, site, CasePath+"/nonsense"), http.StatusNotFound)
	for _, deed := range []string{"approve", "refuse"} {
		if got := webtest.Post(t, site, CasePath+"/nonsense/"+deed, nil); got.Status != http.StatusNotFound {
			t.Errorf("%s of nothing: %d", deed, got.Status)
		}
	}
}

func TestPersonStopsACaseOnTheirOwnPageOrWithoutSigningIn(t *testing.T) {
	t.Parallel()
	h, routes := open(t)
	agent, amira := h.Member(t, "desk.agent", roles.ServiceDesk), h.Member(t, "amira.khan")
	own, stranger := amira.Site(t, routes...), webtest.Site(t, web.Viewer{}, routes...)
	shows(t, webtest.Get(t, own, OwnPath), http.StatusOK, "Nobody has asked for help")
	if got := webtest.Post(t, own, OwnPath+"/stop", nil); got.Status != http.StatusNotFound {
		t.Errorf("nothing was stopped: %d", got.Status)
	}
	c, path := begin(t, h, agent, amira.ID)
	shows(t, webtest.Get(t, own, OwnPath), http.StatusOK, "In your name", "If it was not, stop it now")
	leads(t, webtest.Post(t, own, OwnPath+"/stop", nil), OwnPath+"?done=stopped")
	shows(t, webtest.Get(t, agent.Site(t, routes...), path), http.StatusOK, "Stopped: it was not them", "said on their own page")

	c, _ = begin(t, h, agent, amira.ID)
	address := NotMe + h.Objection().Reveal()
	shows(t, webtest.Get(t, stranger, NotMe+"made-up"), http.StatusNotFound)
	asked := webtest.Get(t, stranger, address)
	shows(t, asked, http.StatusOK, "You need not sign in for that")
	if strings.Contains(asked.Body, "amira") || strings.Contains(asked.Body, string(c.ID)) {
		t.Error("the page says whose case it is")
	}
	if now, err := h.Desk.Get(t.Context(), c.ID); err != nil || now.State.Over() {
		t.Error("looking at the address stopped the case")
	}
	leads(t, webtest.Post(t, stranger, address, nil), address)
	shows(t, webtest.Get(t, stranger, address), http.StatusOK, "There is nothing to stop")
}

func TestLineManagerIsAskedOnTheirOwnPage(t *testing.T) {
	t.Parallel()
	h, routes := open(t)
	agent, manager, other := h.Member(t, "desk.agent", roles.ServiceDesk), h.Member(t, "maria.lind"), h.Member(t, "bob.stone")
	amira := h.Under(t, "amira.khan", manager.Person)
	c, path := begin(t, h, agent, amira.ID)
	leads(t, webtest.Post(t, agent.Site(t, routes...), path+"/identity", url.Values{"method": {"line_manager"}, "note": {"at their usual desk"}}), path)
	shows(t, webtest.Get(t, agent.Site(t, routes...), path), http.StatusOK, "The line manager has been asked")
	shows(t, webtest.Get(t, other.Site(t, routes...), OwnPath), http.StatusOK, "Nobody has asked for help")
	vouch := OwnPath + "/" + string(c.ID) + "/vouch"
	for what, member := range map[string]recoverytest.Member{"somebody else": other, "the person": amira} {
		if got := webtest.Post(t, member.Site(t, routes...), vouch, nil); got.Status != http.StatusNotFound {
			t.Errorf("%s vouches: %d", what, got.Status)
		}
	}
	site := manager.Site(t, routes...)
	shows(t, webtest.Get(t, site, OwnPath), http.StatusOK, "For Name of amira.khan", "on a number you already have")
	leads(t, webtest.Post(t, site, vouch, nil), OwnPath+"?done=vouched")
	shows(t, webtest.Get(t, agent.Site(t, routes...), path), http.StatusOK, "A pass can be issued", "Name of maria.lind")
	leads(t, webtest.Post(t, agent.Site(t, routes...), path+"/stop", nil), path)

	c, path = begin(t, h, agent, amira.ID)
	leads(t, webtest.Post(t, agent.Site(t, routes...), path+"/identity", url.Values{"method": {"line_manager"}, "note": {"again"}}), path)
	leads(t, webtest.Post(t, site, OwnPath+"/"+string(c.ID)+"/disown", nil), OwnPath+"?done=disowned")
	shows(t, webtest.Get(t, agent.Site(t, routes...), path), http.StatusOK, "Refused", "did not vouch")
}
