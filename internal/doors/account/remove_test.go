package account_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestPageSaysWhatRemovingAKeyDoesAndThenDoesIt(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	person, first := h.Holder(t, "amira.khan")
	second := h.Batch.NewKey()
	h.Enrol(t, person.ID, second)
	spare, spareToken := h.SignedIn(t, second)
	mine, _ := h.SignedIn(t, first)
	browser := pages(t, h, mine)
	shows(t, browser.Get(t, "/me"), http.StatusOK, "Complete", "You have a second key", "Keep the second key in another place")
	path := "/me/keys/" + string(spare.Key) + "/remove"
	shows(t, browser.Get(t, path), http.StatusOK, "2 sessions that were begun with it end.", "You have one key left.",
		"Hand it in at the service desk.", "report it lost or stolen")
	shows(t, browser.Post(t, path, nil), http.StatusOK, "The key is removed", "2 sessions were ended.",
		"Hand the key in at the service desk.", "Telephone 020 7946 0000.", "Back to my keys")
	if _, err := h.Sessions.ByToken(t.Context(), spareToken); err == nil {
		t.Error("a session outlived the method that made it")
	}
	shows(t, browser.Get(t, "/me"), http.StatusOK, "Not complete", "Removed: hand it back", "You have one key that works")
	shows(t, browser.Post(t, path, nil), http.StatusConflict, "there is nothing to remove")
}

func TestWhoRemovesTheKeyInUseIsToldThatTheyAreSignedOut(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	person, first := h.Holder(t, "amira.khan")
	h.Enrol(t, person.ID, h.Batch.NewKey())
	mine, token := h.SignedIn(t, first)
	browser := pages(t, h, mine)
	path := "/me/keys/" + string(mine.Key) + "/remove"
	shows(t, browser.Get(t, path), http.StatusOK, "you are signed out, and sign in again with your other key")
	got := browser.Post(t, path, nil)
	shows(t, got, http.StatusOK, "you are signed out now")
	if strings.Contains(got.Document.Text(), "Sign out") {
		t.Error("the page looks as if somebody were signed in")
	}
	if _, err := h.Sessions.ByToken(t.Context(), token); err == nil {
		t.Error("the session outlived the key that made it")
	}
}

func TestWhoTriesToRemoveTheLastKeyIsToldTheOptions(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	_, key := h.Holder(t, "amira.khan")
	mine, _ := h.SignedIn(t, key)
	browser := pages(t, h, mine)
	path := "/me/keys/" + string(mine.Key) + "/remove"
	options := []string{"the only key with which you can sign in", "Register another key first", "report it lost or stolen", "ask the service desk"}
	shows(t, browser.Get(t, path), http.StatusOK, options...)
	shows(t, browser.Post(t, path, nil), http.StatusConflict, options...)
	if held, err := h.Keys.Get(t.Context(), mine.Key); err != nil || held.State != keys.StateEnrolled {
		t.Errorf("the key became %s, %v", held.State, err)
	}
}

func TestRemovingAKeyAsksForOneThatWasJustUsed(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	person, key := h.Holder(t, "amira.khan")
	h.Enrol(t, person.ID, h.Batch.NewKey())
	mine, _ := h.SignedIn(t, key)
	browser := pages(t, h, mine)
	h.Clock.Advance(11 * time.Minute)
	path := "/me/keys/" + string(mine.Key) + "/remove"
	for name, got := range map[string]string{
		"shown":   browser.Get(t, path).Header.Get("Location"),
		"removed": browser.Post(t, path, nil).Header.Get("Location"),
	} {
		if !strings.HasPrefix(got, "/signin?") || !strings.Contains(got, "step=2") {
			t.Errorf("when it is %s, the browser goes to %q, not to use a key", name, got)
		}
	}
	if held, err := h.Keys.Get(t.Context(), mine.Key); err != nil || held.State != keys.StateEnrolled {
		t.Errorf("the key became %s, %v", held.State, err)
	}
}

func TestPersonNotesWhereTheSecondKeyIsKept(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	person, key := h.Holder(t, "amira.khan")
	h.Enrol(t, person.ID, h.Batch.NewKey())
	mine, _ := h.SignedIn(t, key)
	browser := pages(t, h, mine)
	path := "/me/keys/" + string(mine.Key) + "/place"
	shows(t, browser.Get(t, path), http.StatusOK, "Where is this key?")
	shows(t, browser.Post(t, path, url.Values{"place": {strings.Repeat("far ", 40)}}), http.StatusUnprocessableEntity, "Use at most 100 letters.")
	got := browser.Post(t, path, url.Values{"place": {" Sealed, in the <b>safe</b> "}})
	if got.Status != http.StatusSeeOther {
		t.Fatalf("answered %d:\n%s", got.Status, got.Document.Text())
	}
	page := browser.Get(t, got.Header.Get("Location"))
	shows(t, page, http.StatusOK, "It is noted where the key is kept.", "Sealed, in the <b>safe</b>")
	if strings.Contains(page.Document.Text(), "Keep the second key in another place") {
		t.Error("the page still asks for it")
	}
}

func TestNobodyRemovesOrPlacesTheKeysOfOthers(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	person, key := h.Holder(t, "amira.khan")
	h.Enrol(t, person.ID, h.Batch.NewKey())
	_, otherKey := h.Holder(t, "ben.adams")
	mine, _ := h.SignedIn(t, key)
	others, _ := h.SignedIn(t, otherKey)
	browser := pages(t, h, mine)
	for _, id := range []ids.Key{others.Key, ids.New[ids.Key](), "nonsense"} {
		for _, deed := range []string{"place", "remove"} {
			path := "/me/keys/" + string(id) + "/" + deed
			shows(t, browser.Get(t, path), http.StatusNotFound, "There is no such security key")
			shows(t, browser.Post(t, path, url.Values{"place": {"here"}}), http.StatusNotFound, "There is no such security key")
		}
	}
	if held, err := h.Keys.Get(t.Context(), others.Key); err != nil || held.State != keys.StateEnrolled || held.Place != "" {
		t.Errorf("the key of somebody else became %+v, %v", held, err)
	}
}

func TestOwnPageTellsTheBrowserWhichKeysAreAccepted(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	person, first := h.Holder(t, "amira.khan")
	second := h.Batch.NewKey()
	h.Enrol(t, person.ID, second)
	mine, _ := h.SignedIn(t, first)
	spare, _ := h.SignedIn(t, second)
	browser := pages(t, h, mine)
	id := func(key *softkey.Key) string { return base64.RawURLEncoding.EncodeToString(key.Credentials()[0]) }
	told := func(method string) string {
		for _, element := range browser.Get(t, "/me").Document.All("div") {
			if element.Attribute("data-signal") == method {
				return element.Attribute("data-details")
			}
		}
		return ""
	}
	user := base64.RawURLEncoding.EncodeToString([]byte(person.ID))
	if got := told("signalAllAcceptedCredentials"); !strings.Contains(got, id(first)) || !strings.Contains(got, id(second)) || !strings.Contains(got, user) {
		t.Errorf("accepted are %s", got)
	}
	if got, want := told("signalCurrentUserDetails"), `{"displayName":"Name of amira.khan","name":"amira.khan","rpId":"warder.example","userId":"`+user+`"}`; got != want {
		t.Errorf("the browser hears %s, want %s", got, want)
	}
	if _, err := h.Methods.Remove(t.Context(), mine, spare.Key); err != nil {
		t.Fatal(err)
	}
	if got := told("signalAllAcceptedCredentials"); !strings.Contains(got, id(first)) || strings.Contains(got, id(second)) {
		t.Errorf("after one was removed, accepted are %s", got)
	}
}
