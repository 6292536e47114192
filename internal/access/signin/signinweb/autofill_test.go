package signinweb_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/web/webtest"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// begun is what the start page's script is given.
type begun struct {
	Action  string          `json:"action"`
	Options json.RawMessage `json:"options"`
}

func autofill(t *testing.T, browser *signintest.Browser, form url.Values) begun {
	t.Helper()
	got := browser.Post(t, "/autofill", form)
	var answer begun
	if err := json.Unmarshal([]byte(got.Body), &answer); got.Status != http.StatusOK || err != nil {
		t.Fatalf("answered %d: %s (%v)", got.Status, got.Body, err)
	}
	return answer
}

func TestBrowserMayOfferTheKeysItKnows(t *testing.T) {
	t.Parallel()
	h, site := portal(t)
	_, key := h.Holder(t, "amira.khan")
	browser := signintest.NewBrowser(site)
	page := browser.Get(t, "/signin?next=/strong")
	field, _ := page.Document.ByID("user-name")
	if got := field.Attribute("autocomplete"); got != "username webauthn" {
		t.Errorf("the field completes %q, so no browser offers a key", got)
	}
	begun := autofill(t, browser, url.Values{"next": {"/strong"}})
	if strings.Contains(string(begun.Options), "allowCredentials\":[{") {
		t.Errorf("the challenge names somebody's keys: %s", begun.Options)
	}
	response, err := key.Get(begun.Options, webtest.Base)
	if err != nil {
		t.Fatal(err)
	}
	location(t, browser.Post(t, begun.Action, url.Values{"deed": {"use"}, "answer": {string(response)}}), "/strong")
	// Somebody who is signed in is not looked for.
	if got := browser.Post(t, "/autofill", nil); got.Status < 400 {
		t.Errorf("somebody signed in is answered %d", got.Status)
	}
}

func TestAutofillGoesNowhereElse(t *testing.T) {
	t.Parallel()
	_, site := portal(t)
	for _, form := range []url.Values{{"next": {"//evil.example"}}, {"service-url": {"https://evil.example/"}}, {"step": {"9"}}} {
		if got := signintest.NewBrowser(site).Post(t, "/autofill", form); got.Status < 400 {
			t.Errorf("%v is answered %d: %s", form, got.Status, got.Body)
		}
	}
}

// signals are what a page tells the browser, by method.
func signals(page webtest.Response) map[string]string {
	found := map[string]string{}
	for _, element := range page.Document.All("div") {
		if method := element.Attribute("data-signal"); method != "" {
			found[method] = element.Attribute("data-details")
		}
	}
	return found
}

// refusedUse goes to the page of the key, with a user name or none, and lets a key answer
// whatever it is asked.
func refusedUse(t *testing.T, browser *signintest.Browser, key *softkey.Key, userName string) webtest.Response {
	t.Helper()
	page := browser.Follow(t, browser.Post(t, "/signin", url.Values{"user-name": {userName}}))
	form, _ := page.Document.ByID("ceremony")
	var options map[string]any
	if err := json.Unmarshal([]byte(form.Attribute("data-options")), &options); err != nil {
		t.Fatal(err)
	}
	delete(options, "allowCredentials")
	anybody, err := json.Marshal(options)
	if err != nil {
		t.Fatal(err)
	}
	response, err := key.Get(anybody, webtest.Base)
	if err != nil {
		t.Fatal(err)
	}
	return browser.Post(t, form.Attribute("action"), url.Values{"deed": {"use"}, "answer": {string(response)}})
}

func TestBrowserHearsOfAKeyThatIsUnknownHere(t *testing.T) {
	t.Parallel()
	h, site := portal(t)
	h.Holder(t, "amira.khan")
	_, foreign := signintest.Open(t, dbtest.SQLite(t)).Holder(t, "somebody.else") // of another Warder
	got := refusedUse(t, signintest.NewBrowser(site), foreign, "")
	shows(t, got, http.StatusUnprocessableEntity, "This key is not one we can sign you in with.")
	want := `{"credentialId":"` + base64.RawURLEncoding.EncodeToString(foreign.Credentials()[0]) + `","rpId":"warder.example"}`
	if told := signals(got)["signalUnknownCredential"]; told != want {
		t.Errorf("the browser hears %q, want %q", told, want)
	}
	// Where a name was typed, the key may be a good one of somebody else: a browser
	// that took it away would do harm.
	_, key := h.Holder(t, "ben.adams")
	for name, key := range map[string]*softkey.Key{"a good key of somebody else": key, "an unknown key": foreign} {
		got := refusedUse(t, signintest.NewBrowser(site), key, "amira.khan")
		if told := signals(got); got.Status != http.StatusUnprocessableEntity || len(told) > 0 {
			t.Errorf("%s: answered %d, and the browser hears %v", name, got.Status, told)
		}
	}
}

func TestBrowserHearsOfAKeyThatWasRemoved(t *testing.T) {
	t.Parallel()
	h, site := portal(t)
	person, first := h.Holder(t, "amira.khan")
	second := h.Batch.NewKey()
	h.Enrol(t, person.ID, second)
	session, _ := h.SignedIn(t, first)
	spare, _ := h.SignedIn(t, second)
	if _, err := h.Methods.Remove(t.Context(), session, spare.Key); err != nil {
		t.Fatal(err)
	}
	got := refusedUse(t, signintest.NewBrowser(site), second, "")
	shows(t, got, http.StatusUnprocessableEntity, "This key has been removed from your account.")
	if told := signals(got)["signalUnknownCredential"]; !strings.Contains(told, base64.RawURLEncoding.EncodeToString(second.Credentials()[0])) {
		t.Errorf("the browser hears %q", told)
	}
	// A copy is evidence: nobody takes it away.
	if _, err := h.Factors.SuspendOfKey(t.Context(), signintest.Desk(), session.Key, "clone_suspected"); err != nil {
		t.Fatal(err)
	}
	got = refusedUse(t, signintest.NewBrowser(site), first, "")
	if told := signals(got); len(told) > 0 {
		t.Errorf("of a suspended key the browser hears %v", told)
	}
}
