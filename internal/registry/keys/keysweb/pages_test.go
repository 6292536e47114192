package keysweb_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/keys/keysweb"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

const link = "https://warder.example/enrol/one-time"

// desk are the pages as somebody with these permissions sees them.
func desk(t *testing.T, h *signintest.House, viewer web.Viewer) *signintest.Browser {
	t.Helper()
	pages, err := keysweb.New(keysweb.Deps{
		Keys: h.Keys, Models: h.Models, People: h.People,
		Block: func(ctx context.Context, actor audit.Actor, key ids.Key, reason keys.Reason) (keysweb.Blocked, error) {
			outcome, err := h.LostKeys.Report(ctx, actor, key, reason, time.Time{})
			return keysweb.Blocked{Sessions: outcome.SessionsEnded, Credentials: outcome.CredentialsSuspended, Took: outcome.Took}, err
		},
		Invite: func(context.Context, audit.Actor, ids.Person) (string, error) { return link, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return signintest.NewBrowser(webtest.Site(t, viewer, pages.Routes()...))
}

func administrator() web.Viewer {
	return webtest.Viewer("Admin", 3, web.KeysRead, web.KeysWrite, web.KeysBlock, web.PeopleWrite)
}

func shows(t *testing.T, got webtest.Response, status int, words ...string) {
	t.Helper()
	for _, one := range words {
		if got.Status != status || !strings.Contains(got.Document.Text(), one) {
			t.Fatalf("answered %d:\n%s\nwant %d with %q", got.Status, got.Document.Text(), status, one)
		}
	}
}

func TestKeyGoesFromStockToItsHolder(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	person := h.Somebody(t, "amira.khan")
	browser := desk(t, h, administrator())
	shows(t, browser.Get(t, "/admin/keys"), http.StatusOK, "No keys match.", "Add a key")
	shows(t, browser.Get(t, "/admin/keys/add"), http.StatusOK, "Imaginary Keys One")
	shows(t, browser.Post(t, "/admin/keys/add", url.Values{}), http.StatusUnprocessableEntity, "Enter the serial number")
	shows(t, browser.Post(t, "/admin/keys/add", url.Values{"serial": {"12_34"}}), http.StatusUnprocessableEntity, "Use only the letters, digits and hyphens")
	form := url.Values{"serial": {"1234 5678"}, "aaguid": {signintest.Model}}
	added := browser.Post(t, "/admin/keys/add", form)
	shows(t, browser.Follow(t, added), http.StatusOK, "The key is in stock.", "12345678", "Imaginary Keys One (not proven)", "somebody typed it")
	shows(t, browser.Post(t, "/admin/keys/add", form), http.StatusUnprocessableEntity, "This serial number belongs to a key")

	key, err := h.Keys.BySerial(t.Context(), "12345678")
	if err != nil {
		t.Fatal(err)
	}
	path := "/admin/keys/" + string(key.ID)
	shows(t, browser.Get(t, path+"/issue"), http.StatusOK, "Issue key 12345678")
	shows(t, browser.Post(t, path+"/issue", url.Values{"user-name": {"nobody"}}), http.StatusUnprocessableEntity, "Nobody has this user name")
	issued := browser.Post(t, path+"/issue", url.Values{"user-name": {"Amira.Khan"}})
	shows(t, browser.Follow(t, issued), http.StatusOK, "The key is issued.", "Name of amira.khan (amira.khan)", "Issued, not set up")
	if key, err = h.Keys.Get(t.Context(), key.ID); err != nil || key.Holder != person.ID || key.State != keys.StateHeld {
		t.Errorf("the key is %+v, %v", key, err)
	}
	shows(t, browser.Post(t, path+"/link", nil), http.StatusOK, link, "It works once")
	if strings.Contains(browser.Get(t, path).Document.Text(), link) {
		t.Error("the link is shown a second time")
	}
	shows(t, browser.Get(t, path+"/issue"), http.StatusConflict, "The state of this key does not allow that")
}

func TestKeyIsBlockedByTheDesk(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	_, soft := h.Holder(t, "amira.khan")
	session, token := h.SignedIn(t, soft)
	browser := desk(t, h, administrator())
	path := "/admin/keys/" + string(session.Key)
	shows(t, browser.Get(t, path), http.StatusOK, "Report lost or stolen")
	shows(t, browser.Get(t, path+"/block"), http.StatusOK, "every session that was opened with it ends")
	shows(t, browser.Post(t, path+"/block", url.Values{}), http.StatusUnprocessableEntity, "Say whether the key is lost or stolen")
	if _, err := h.Sessions.ByToken(t.Context(), token); err != nil {
		t.Fatalf("the session ended without a reason: %v", err)
	}
	shows(t, browser.Post(t, path+"/block", url.Values{"reason": {"stolen"}}), http.StatusOK, "is blocked", "Sessions ended 2", "Registrations stopped 1")
	if _, err := h.Sessions.ByToken(t.Context(), token); err == nil {
		t.Error("the session outlived its key")
	}
}

func TestKeysAreFoundBySerialStateAndHolder(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	h.Holder(t, "amira.khan")
	for i := range 60 {
		if _, err := h.Keys.Add(t.Context(), signintest.Desk(), keys.NewKey{Serial: fmt.Sprintf("STOCK-%03d", i)}); err != nil {
			t.Fatal(err)
		}
	}
	browser := desk(t, h, administrator())
	for query, want := range map[string]int{"": 50, "q=stock-00": 10, "q=amira.khan": 1, "state=enrolled": 1, "state=in_stock": 50,
		"state=nonsense": 0, "q=nothing-like-it": 0, "q=amira.khan&state=lost": 0, "q=" + strings.Repeat("x", 500): 0} {
		rows := len(browser.Get(t, "/admin/keys?"+query).Document.WithClass("govuk-table__row"))
		if got := max(rows-1, 0); got != want { // the head is a row too
			t.Errorf("%q finds %d keys, want %d", query, got, want)
		}
	}
	first := browser.Get(t, "/admin/keys?state=in_stock")
	var next string
	for _, one := range first.Document.All("a") {
		if one.Attribute("rel") == "next" {
			next = one.Attribute("href")
		}
	}
	if rows := len(browser.Get(t, next).Document.WithClass("govuk-table__row")); rows != 11 {
		t.Errorf("the second page %q has %d rows, want 10 keys and a head", next, rows)
	}
	if got := browser.Get(t, "/admin/keys?after=nonsense"); got.Status != http.StatusNotFound {
		t.Errorf("a page after nothing answered %d", got.Status)
	}
}

func TestThoseWhoMayOnlyLookCannotAct(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	key, err := h.Keys.Add(t.Context(), signintest.Desk(), keys.NewKey{Serial: "1234"})
	if err != nil {
		t.Fatal(err)
	}
	path := "/admin/keys/" + string(key.ID)
	auditor := desk(t, h, webtest.Viewer("Auditor", 3, web.KeysRead))
	for _, page := range []string{"/admin/keys", path} {
		text := auditor.Get(t, page).Document.Text()
		for _, button := range []string{"Add a key", "Issue this key", "Report lost or stolen", "one-time link"} {
			if strings.Contains(text, button) {
				t.Errorf("an auditor is offered %q on %s", button, page)
			}
		}
	}
	serviceDesk := desk(t, h, webtest.Viewer("Desk", 3, web.KeysRead, web.KeysBlock))
	for who, try := range map[string]webtest.Response{
		"an auditor adding":       auditor.Post(t, "/admin/keys/add", url.Values{"serial": {"9"}}),
		"an auditor issuing":      auditor.Post(t, path+"/issue", url.Values{"user-name": {"x"}}),
		"an auditor blocking":     auditor.Post(t, path+"/block", url.Values{"reason": {"lost"}}),
		"a desk adding":           serviceDesk.Post(t, "/admin/keys/add", url.Values{"serial": {"9"}}),
		"a desk issuing":          serviceDesk.Post(t, path+"/issue", url.Values{"user-name": {"x"}}),
		"a desk making a link":    serviceDesk.Post(t, path+"/link", nil),
		"somebody without a role": desk(t, h, webtest.Viewer("Nobody", 3)).Get(t, path),
	} {
		if try.Status != http.StatusForbidden {
			t.Errorf("%s was answered %d", who, try.Status)
		}
	}
	weak := desk(t, h, webtest.Viewer("Weak", 1, web.KeysRead, web.KeysBlock))
	if got := weak.Get(t, path); got.Status != http.StatusSeeOther || !strings.Contains(got.Header.Get("Location"), "step=2") {
		t.Errorf("a weak session was answered %d to %q", got.Status, got.Header.Get("Location"))
	}
}

func TestNobodyMakesALinkForThemselves(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	person := h.Somebody(t, "admin")
	key, err := h.Keys.Add(t.Context(), signintest.Desk(), keys.NewKey{Serial: "1234"})
	if err != nil {
		t.Fatal(err)
	}
	viewer := administrator()
	viewer.Person = person.ID
	browser := desk(t, h, viewer)
	path := "/admin/keys/" + string(key.ID)
	shows(t, browser.Post(t, path+"/link", nil), http.StatusConflict, "A link is for somebody else")
	if _, err := h.Keys.Issue(t.Context(), signintest.Desk(), key.ID, person.ID); err != nil {
		t.Fatal(err)
	}
	got := browser.Post(t, path+"/link", nil)
	shows(t, got, http.StatusConflict, "A link is for somebody else")
	if strings.Contains(got.Body, link) {
		t.Error("the link was shown")
	}
}
