package sessionsweb

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	t.Parallel()
	webtest.Check(t, files, map[string]any{"list.html": listView{}, "end.html": endView{}})
}

func desk(t *testing.T, h *signintest.House, permissions ...web.Permission) *signintest.Browser {
	t.Helper()
	pages, err := New(Deps{Sessions: h.Sessions, People: h.People, Keys: h.Keys, Services: h.Services})
	if err != nil {
		t.Fatal(err)
	}
	return signintest.NewBrowser(webtest.Site(t, webtest.Viewer("Desk", 2, permissions...), pages.Routes()...))
}

func shows(t *testing.T, got webtest.Response, status int, words ...string) {
	t.Helper()
	for _, one := range words {
		if got.Status != status || !strings.Contains(got.Document.Text(), one) {
			t.Fatalf("answered %d:\n%s\nwant %d with %q", got.Status, got.Document.Text(), status, one)
		}
	}
}

func TestListSaysWhoIsSignedInWhereAndWithWhat(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	_, key := h.Holder(t, "amira.khan")
	h.Holder(t, "ben.adams")
	session, _ := h.SignedIn(t, key)
	ticket, err := h.Sessions.Ticket(t.Context(), session.ID, signintest.ServiceHost)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.Sessions.Redeem(t.Context(), ticket, signintest.ServiceHost); err != nil {
		t.Fatal(err)
	}
	reader := desk(t, h, web.SessionsRead)
	all := reader.Get(t, Path)
	shows(t, all, http.StatusOK, "Name of amira.khan", "Name of ben.adams", "192.0.2.7", "Security key, proven to be hardware, with PIN or fingerprint",
		"Blue", "Payroll (payroll.example)", "23 November 2026 at 9am")
	if rows := len(all.Document.All("tr")); rows != 4 || strings.Contains(all.Document.Text(), "End session") {
		t.Errorf("%d lines, want a head and 3 sessions, and no way to end them for a reader", rows)
	}
	hers := reader.Get(t, Path+"?q=AMIRA.khan")
	if rows := len(hers.Document.All("tr")); rows != 3 || strings.Contains(hers.Document.Text(), "ben.adams") {
		t.Errorf("of one person: %d lines: %s", rows, hers.Document.Text())
	}
	shows(t, reader.Get(t, Path+"?q=nobody"), http.StatusOK, "Nobody has this user name.")
	shows(t, reader.Get(t, Path+"?after=nonsense"), http.StatusNotFound, "There is no such session")
	if got := reader.Get(t, endPath(session.ID)); got.Status != http.StatusForbidden {
		t.Errorf("a reader was answered %d", got.Status)
	}
}

func TestOneSessionIsEndedAfterItIsSaidWhatThatMeans(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	_, key := h.Holder(t, "amira.khan")
	_, kept := h.SignedIn(t, key)
	session, token := h.SignedIn(t, key)
	ticket, err := h.Sessions.Ticket(t.Context(), session.ID, signintest.ServiceHost)
	if err != nil {
		t.Fatal(err)
	}
	_, gate, err := h.Sessions.Redeem(t.Context(), ticket, signintest.ServiceHost)
	if err != nil {
		t.Fatal(err)
	}
	browser := desk(t, h, web.SessionsRead, web.SessionsEnd)
	shows(t, browser.Get(t, endPath(session.ID)), http.StatusOK, "Name of amira.khan", "Services that close with it", "Payroll (payroll.example)")
	if got := browser.Post(t, endPath(session.ID), nil); got.Status != http.StatusSeeOther || got.Header.Get("Location") != Path+"?done=ended" {
		t.Fatalf("answered %d to %q", got.Status, got.Header.Get("Location"))
	}
	for name, one := range map[string]struct {
		err  error
		ends bool
	}{"the session": {lookUp(t, h, token), true}, "its gate session": {lookUp(t, h, gate), true}, "another": {lookUp(t, h, kept), false}} {
		if (one.err != nil) != one.ends {
			t.Errorf("%s answers %v", name, one.err)
		}
	}
	if got := h.Actions(t, string(session.ID)); !slices.Contains(got, "session.ended") {
		t.Errorf("the record says %v", got)
	}
	for _, id := range []ids.Session{session.ID, ids.New[ids.Session](), "nonsense"} {
		shows(t, browser.Post(t, endPath(id), nil), http.StatusNotFound, "There is no such session")
	}
}

func TestListIsPagedAndLeavesOutWhatIsOver(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	person := h.Somebody(t, "amira.khan")
	begin := func(level assurance.Assurance) {
		_, _, err := h.Sessions.Start(t.Context(), signintest.Desk(), sessions.NewSession{Person: person.ID,
			Credential: ids.New[ids.Credential](), Key: ids.New[ids.Key](), Assurance: level, AMR: level.AMR()})
		if err != nil {
			t.Fatal(err)
		}
	}
	begin(assurance.Of(assurance.Observation{UserVerified: true, Attested: true, HardwareBound: true}))
	h.Clock.Advance(20 * time.Minute) // longer than that may be idle
	for range 60 {
		begin(assurance.Of(assurance.Observation{UserVerified: true}))
	}
	browser := desk(t, h, web.SessionsRead)
	first := browser.Get(t, Path)
	next := ""
	for _, link := range first.Document.All("a") {
		if strings.Contains(link.Attribute("href"), "after=") {
			next = link.Attribute("href")
		}
	}
	second := browser.Get(t, next)
	if a, b := len(first.Document.All("tr")), len(second.Document.All("tr")); a != 51 || b != 11 {
		t.Errorf("pages of %d and %d lines, want 51 and 11", a, b)
	}
	shows(t, second, http.StatusOK, "A key that is not on record", "Passkey that may be copied, with PIN or fingerprint")
}

func lookUp(t *testing.T, h *signintest.House, token secret.Value) error {
	t.Helper()
	_, err := h.Sessions.ByToken(t.Context(), token)
	return err
}
