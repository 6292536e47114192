package standingweb

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/access/standing"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	t.Parallel()
	webtest.Check(t, files, map[string]any{"deed.html": deedView{}})
}

func office(t *testing.T, permissions ...web.Permission) (*signintest.House, *signintest.Browser) {
	t.Helper()
	h := signintest.Open(t, dbtest.SQLite(t))
	pages, err := New(Deps{Desk: standing.New(standing.Deps{People: h.People, Keys: h.Keys, Sessions: h.Sessions, Roles: h.Roster, Tx: h.DB, Now: h.Clock.Now})})
	if err != nil {
		t.Fatal(err)
	}
	return h, signintest.NewBrowser(webtest.Site(t, webtest.Viewer("Admin", 2, permissions...), pages.Routes()...))
}

func shows(t *testing.T, got webtest.Response, status int, words ...string) {
	t.Helper()
	for _, one := range words {
		if got.Status != status || !strings.Contains(got.Document.Text(), one) {
			t.Fatalf("answered %d:\n%s\nwant %d with %q", got.Status, got.Document.Text(), status, one)
		}
	}
}

func TestPageSaysWhatEndsAndThenEndsIt(t *testing.T) {
	t.Parallel()
	h, browser := office(t, web.PeopleWrite, web.SessionsEnd)
	person, key := h.Holder(t, "amira.khan")
	session, token := h.SignedIn(t, key)
	if _, _, err := h.Sessions.Redeem(t.Context(), ticket(t, h, session.ID), signintest.ServiceHost); err != nil {
		t.Fatal(err)
	}
	path := "/admin/people/" + string(person.ID) + "/leave"
	shows(t, browser.Get(t, path), http.StatusOK, "Record that Name of amira.khan leaves", "3 sessions end at once", signintest.ServiceHost,
		"192.0.2.7", "What must come back from them", "Blue", "cannot be undone")
	wrong := browser.Post(t, path, url.Values{"on": {"tomorrow"}})
	shows(t, wrong, http.StatusUnprocessableEntity, "Say why; it goes into the record", "as YYYY-MM-DD", "3 sessions end at once")
	shows(t, browser.Post(t, path, url.Values{"on": {"9999-99-99"}, "reason": {"x"}}), http.StatusUnprocessableEntity, "as YYYY-MM-DD")
	if _, err := h.Sessions.ByToken(t.Context(), token); err != nil {
		t.Fatalf("a form with faults ended a session: %v", err)
	}
	done := browser.Post(t, path, url.Values{"reason": {"new job"}})
	if done.Status != http.StatusSeeOther || done.Header.Get("Location") != "/admin/people/"+string(person.ID)+"?done=leave" {
		t.Fatalf("answered %d to %q: %s", done.Status, done.Header.Get("Location"), done.Document.Text())
	}
	after, err := h.People.Get(t.Context(), person.ID)
	if err != nil || after.State != people.Left {
		t.Errorf("they are %s, %v", after.State, err)
	}
	if _, err := h.Sessions.ByToken(t.Context(), token); err == nil {
		t.Error("their session outlived them")
	}
	if got := h.Actions(t, string(person.ID)); !slices.Contains(got, "person.left") || !slices.Contains(got, "session.ended") {
		t.Errorf("the record says %v", got)
	}
}

func ticket(t *testing.T, h *signintest.House, parent ids.Session) secret.Value {
	t.Helper()
	token, err := h.Sessions.Ticket(t.Context(), parent, signintest.ServiceHost)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestSuspensionIsUndoneByReinstating(t *testing.T) {
	t.Parallel()
	h, browser := office(t, web.PeopleWrite)
	person, key := h.Holder(t, "amira.khan")
	path := "/admin/people/" + string(person.ID)
	for _, step := range []struct {
		deed  string
		state people.State
	}{{"suspend", people.Suspended}, {"reinstate", people.Active}} {
		shows(t, browser.Get(t, path+"/"+step.deed), http.StatusOK, "You can undo this")
		if got := browser.Post(t, path+"/"+step.deed, url.Values{"reason": {"inquiry"}}); got.Status != http.StatusSeeOther {
			t.Fatalf("%s answered %d", step.deed, got.Status)
		}
		now, err := h.People.Get(t.Context(), person.ID)
		if err != nil || now.State != step.state {
			t.Fatalf("after %s they are %s, %v", step.deed, now.State, err)
		}
	}
	h.SignedIn(t, key)
}

func TestPageSaysWhyItCannotBeDone(t *testing.T) {
	t.Parallel()
	h, browser := office(t, web.PeopleWrite)
	person := h.Somebody(t, "admin")
	if err := h.Roster.Grant(t.Context(), signintest.Desk(), person.ID, roles.Administrator); err != nil {
		t.Fatal(err)
	}
	path := "/admin/people/" + string(person.ID) + "/suspend"
	got := browser.Get(t, path)
	shows(t, got, http.StatusOK, "this cannot be done", "This is the last administrator", "Make somebody else an administrator first")
	if len(got.Document.All("form")) != 0 {
		t.Error("what cannot be done is offered")
	}
	shows(t, browser.Post(t, path, url.Values{"reason": {"inquiry"}}), http.StatusConflict, "This is the last administrator")
	for _, address := range []string{"/admin/people/nonsense/suspend", "/admin/people/" + string(ids.New[ids.Person]()) + "/suspend"} {
		shows(t, browser.Get(t, address), http.StatusNotFound, "")
		shows(t, browser.Post(t, address, url.Values{"reason": {"x"}}), http.StatusNotFound, "")
	}
}

func TestServiceDeskSignsOutAndDoesNotSuspend(t *testing.T) {
	t.Parallel()
	h, browser := office(t, web.PeopleRead, web.SessionsRead, web.SessionsEnd)
	person, key := h.Holder(t, "amira.khan")
	_, token := h.SignedIn(t, key)
	path := "/admin/people/" + string(person.ID)
	for _, deed := range []string{"suspend", "reinstate", "leave"} {
		if got := browser.Post(t, path+"/"+deed, url.Values{"reason": {"x"}}); got.Status != http.StatusForbidden {
			t.Errorf("%s answered %d", deed, got.Status)
		}
	}
	if got := browser.Post(t, path+"/sign-out", nil); got.Status != http.StatusSeeOther {
		t.Errorf("signing out answered %d", got.Status)
	}
	if _, err := h.Sessions.ByToken(t.Context(), token); err == nil {
		t.Error("their session goes on")
	}
	h.SignedIn(t, key) // and they can sign in again
}
