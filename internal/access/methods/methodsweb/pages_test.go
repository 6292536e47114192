package methodsweb_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/access/methods/methodsweb"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// pages are seen by somebody with these permissions.
func pages(t *testing.T, h *signintest.House, permissions ...web.Permission) *signintest.Browser {
	t.Helper()
	made, err := methodsweb.New(methodsweb.Deps{Desk: h.Methods, People: h.People, Keys: h.Keys})
	if err != nil {
		t.Fatal(err)
	}
	return signintest.NewBrowser(webtest.Site(t, webtest.Viewer("Dana Desk", 2, permissions...), made.Routes()...))
}

func shows(t *testing.T, got webtest.Response, status int, words ...string) {
	t.Helper()
	for _, one := range words {
		if got.Status != status || !strings.Contains(got.Document.Text(), one) {
			t.Fatalf("answered %d:\n%s\nwant %d with %q", got.Status, got.Document.Text(), status, one)
		}
	}
}

func TestAdministratorSeesKeysThatStoppedThemselvesAndClosesTheCase(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	_, key := h.Holder(t, "amira.khan")
	session, _ := h.SignedIn(t, key)
	desk := pages(t, h, web.KeysRead, web.KeysBlock)
	shows(t, desk.Get(t, methodsweb.Path), http.StatusOK, "No case is open.")
	if _, err := h.Factors.SuspendOfKey(t.Context(), signintest.Desk(), session.Key, factors.CloneReason); err != nil {
		t.Fatal(err)
	}
	shows(t, desk.Get(t, methodsweb.Path), http.StatusOK, "Name of amira.khan (amira.khan)", "two of the same key", "23 November 2026", "What was found")
	id := string(session.Key)
	wrong := desk.Post(t, methodsweb.Path, url.Values{"key": {id}, "finding": {strings.Repeat("long ", 60)}})
	shows(t, wrong, http.StatusUnprocessableEntity, "at most 200 letters")
	if field, ok := wrong.Document.ByID("finding-" + id); !ok || !strings.HasPrefix(field.Attribute("value"), "long long") {
		t.Error("what was typed is lost")
	}
	got := desk.Post(t, methodsweb.Path, url.Values{"key": {id}, "finding": {"There was a copy."}})
	if got.Status != http.StatusSeeOther {
		t.Fatalf("answered %d:\n%s", got.Status, got.Document.Text())
	}
	shows(t, desk.Get(t, got.Header.Get("Location")), http.StatusOK, "The case is closed", "No case is open.")
	shows(t, desk.Post(t, methodsweb.Path, url.Values{"key": {"nonsense"}, "finding": {"x"}}), http.StatusNotFound, "There is no such security key")
}

func TestWhoMayOnlyReadClosesNoCase(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	_, key := h.Holder(t, "amira.khan")
	session, _ := h.SignedIn(t, key)
	if _, err := h.Factors.SuspendOfKey(t.Context(), signintest.Desk(), session.Key, factors.BackupReason); err != nil {
		t.Fatal(err)
	}
	auditor := pages(t, h, web.KeysRead)
	got := auditor.Get(t, methodsweb.Path)
	shows(t, got, http.StatusOK, "copied to other devices")
	if len(got.Document.All("form")) > 0 && strings.Contains(got.Document.Text(), "Close this case") {
		t.Error("the page offers to close the case")
	}
	if got := auditor.Post(t, methodsweb.Path, url.Values{"key": {string(session.Key)}, "finding": {"x"}}); got.Status != http.StatusForbidden {
		t.Errorf("answered %d", got.Status)
	}
}
