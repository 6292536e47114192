package signinweb_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/web/webtest"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/people"
)

// send fills the first form of a page that does a deed, and sends it, as a person
// without script would.
func send(t *testing.T, browser *signintest.Browser, page webtest.Response, deed string, typed url.Values) webtest.Response {
	t.Helper()
	for _, form := range page.Document.All("form") {
		fields, found := url.Values{}, false
		for _, input := range form.All("input") {
			if input.Attribute("type") == "hidden" {
				fields.Set(input.Attribute("name"), input.Attribute("value"))
			}
			found = found || input.Attribute("name") == "deed" && input.Attribute("value") == deed
		}
		if !found {
			continue
		}
		for name, values := range typed {
			fields[name] = values
		}
		return browser.Post(t, form.Attribute("action"), fields)
	}
	t.Fatalf("page %d %q has no form to %s:\n%s", page.Status, page.Document.Heading(), deed, page.Document.Text())
	return webtest.Response{}
}

// withPassword goes through the pages to the one that asks for a code.
func withPassword(t *testing.T, browser *signintest.Browser, start url.Values, userName string) webtest.Response {
	t.Helper()
	if start == nil {
		start = url.Values{}
	}
	start.Set("user-name", userName)
	start.Set("way", "secrets")
	page := browser.Follow(t, browser.Post(t, "/signin", start))
	shows(t, page, http.StatusOK, "Enter your password")
	page = browser.Follow(t, send(t, browser, page, "password", url.Values{"password": {signintest.Password}}))
	shows(t, page, http.StatusOK, "Enter the code from your app")
	return page
}

func TestPersonSignsInWithPasswordAndCodeWithoutScript(t *testing.T) {
	t.Parallel()
	h, site := portal(t)
	_, app := h.Legacy(t, "amira.khan")
	browser := signintest.NewBrowser(site)
	start := browser.Get(t, "/signin?next=%2Fme%3Ftab%3D2")
	shows(t, start, http.StatusOK, "Sign in with a password")
	page := withPassword(t, browser, url.Values{"next": {"/me?tab=2"}}, "amira.khan")
	if field, ok := page.Document.ByID("code"); !ok || field.Attribute("autocomplete") != "one-time-code" || field.Attribute("inputmode") != "numeric" || field.Attribute("type") != "text" {
		t.Errorf("the field for the code is %+v", field)
	}
	location(t, send(t, browser, page, "code", url.Values{"code": {h.Code(app)}}), "/me?tab=2")
	// Its own page it may see; what needs a key asks for one.
	location(t, browser.Get(t, "/strong"), "/signin?next=%2Fstrong&step=3")
	location(t, browser.Get(t, "/me"), "/signin?next=%2Fme&step=1") // of this test, which is not open to sessions that could be phished
	location(t, browser.Get(t, "/me/keys/add"), "/signin?next=%2Fme%2Fkeys%2Fadd&step=1")
}

func TestSignInOffersNoPasswordUnlessPolicyAcceptsIt(t *testing.T) {
	t.Parallel()
	h, site := portal(t)
	h.Holder(t, "amira.khan")
	browser := signintest.NewBrowser(site)
	shows(t, browser.Get(t, "/signin"), http.StatusOK, "There is no password.")
	page := browser.Follow(t, browser.Post(t, "/signin", url.Values{"user-name": {"amira.khan"}, "way": {"secrets"}}))
	shows(t, page, http.StatusOK, "Use your security key")
	if text := page.Document.Text(); strings.Contains(text, "password") {
		t.Errorf("the page speaks of passwords:\n%s", text)
	}
	h.Accept(assurance.Password, assurance.TOTP)
	page = browser.Follow(t, browser.Post(t, "/signin", url.Values{"user-name": {"amira.khan"}}))
	shows(t, page, http.StatusOK, "Use a password and a code instead")
	page = browser.Follow(t, send(t, browser, page, "choose", nil))
	shows(t, page, http.StatusOK, "Enter your password")
	page = browser.Follow(t, send(t, browser, page, "choose", nil))
	shows(t, page, http.StatusOK, "Use your security key")
}

func TestWrongAnswersAreShownAtTheirField(t *testing.T) {
	t.Parallel()
	h, site := portal(t)
	h.Legacy(t, "amira.khan")
	browser := signintest.NewBrowser(site)
	got := browser.Post(t, "/signin", url.Values{"way": {"secrets"}, "user-name": {" "}})
	shows(t, got, http.StatusUnprocessableEntity, "Enter your user name")
	page := browser.Follow(t, browser.Post(t, "/signin", url.Values{"way": {"secrets"}, "user-name": {"amira.khan"}}))
	for _, typed := range []string{"", "a guess and not the password"} {
		got = send(t, browser, page, "password", url.Values{"password": {typed}})
		want := "You have not typed anything."
		if typed != "" {
			want = "The user name or the password is not right."
		}
		shows(t, got, http.StatusUnprocessableEntity, want)
		if link := got.Document.WithClass("govuk-error-summary__list"); len(link) != 1 || !strings.HasPrefix(got.Document.Title(), "Error: ") {
			t.Errorf("the page is called %q and has %d error lists", got.Document.Title(), len(link))
		}
		if field, ok := got.Document.ByID("password"); !ok || field.Attribute("value") != "" || field.Attribute("aria-describedby") == "" {
			t.Errorf("the field is %+v; what was typed must not be shown again", field)
		}
	}
	// Held back, and told for how long; the way to the key stays on the page.
	for range 4 {
		got = send(t, browser, page, "password", url.Values{"password": {"a guess and not the password"}})
	}
	shows(t, got, http.StatusTooManyRequests, "Use a security key instead")
	if got.Header.Get("Retry-After") == "" {
		t.Error("nobody is told how long to wait")
	}
}

func TestWhoeverComesFromAServiceWithoutAKeyRegistersOneOnTheWay(t *testing.T) {
	t.Parallel()
	h, site := portal(t)
	_, app := h.Legacy(t, "amira.khan")
	browser := signintest.NewBrowser(site)
	start := url.Values{"service-url": {signintest.ServicePage}, "state": {"abc"}, "step": {"2"}}
	page := withPassword(t, browser, start, "amira.khan")
	if policy := page.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' https://payroll.example;") {
		t.Errorf("the browser would stop the way to the service: %s", policy)
	}
	page = browser.Follow(t, send(t, browser, page, "code", url.Values{"code": {h.Code(app)}}))
	shows(t, page, http.StatusOK, "where you are going needs a security key, and you have not registered one yet")
	shows(t, page, http.StatusOK, assurance.NotPhishingResistant.Sentence())
	if browser.Cookie(sessionCookie) != nil {
		t.Error("there is a session before the key is registered")
	}
	key := h.Batch.NewKey()
	page = browser.Follow(t, browser.TouchKey(t, page, key, url.Values{"label": {"Blue"}}))
	shows(t, page, http.StatusOK, "Now use your new key once")
	gone := browser.TouchKey(t, page, key, nil)
	leads, err := url.Parse(gone.Header.Get("Location"))
	if err != nil || leads.Host != signintest.ServiceHost || leads.Query().Get("state") != "abc" {
		t.Fatalf("answered %d to %q", gone.Status, gone.Header.Get("Location"))
	}
	if _, _, err := h.Sessions.Redeem(t.Context(), secret.New(leads.Query().Get("ticket")), signintest.ServiceHost); err != nil {
		t.Errorf("the ticket does not open the service: %v", err)
	}
}

func TestRecoveryCodePageOpensARegistrationOnly(t *testing.T) {
	t.Parallel()
	h, site := portal(t)
	person, _ := h.Legacy(t, "amira.khan")
	h.Accept(assurance.Password, assurance.TOTP, assurance.RecoveryCode)
	codes, err := h.Secrets.NewRecoveryCodes(t.Context(), signintest.Desk(), person.ID)
	if err != nil {
		t.Fatal(err)
	}
	browser := signintest.NewBrowser(site)
	page := withPassword(t, browser, nil, "amira.khan")
	wrong := send(t, browser, page, "recovery", url.Values{"recovery-code": {"0000-0000-0000-0000-0000-0000"}})
	shows(t, wrong, http.StatusUnprocessableEntity, "The recovery code is not right")
	page = browser.Follow(t, send(t, browser, wrong, "recovery", url.Values{"recovery-code": {strings.ToUpper(codes[3].Reveal())}}))
	shows(t, page, http.StatusOK, "It lets you register a new security key, and nothing else.")
	if browser.Cookie(sessionCookie) != nil {
		t.Error("a recovery code began a session")
	}
}

func TestHolderOfAKeyIsToldToUseIt(t *testing.T) {
	t.Parallel()
	h, site := portal(t)
	person, _ := h.Holder(t, "amira.khan")
	app := h.GiveSecrets(t, person)
	h.Accept(assurance.Password, assurance.TOTP)
	browser := signintest.NewBrowser(site)
	page := withPassword(t, browser, url.Values{"next": {"/me?tab=2"}}, "amira.khan")
	page = browser.Follow(t, send(t, browser, page, "code", url.Values{"code": {h.Code(app)}}))
	shows(t, page, http.StatusOK, "although you have a security key")
	link := page.Document.WithClass("govuk-button")
	location(t, browser.Get(t, link[len(link)-1].Attribute("href")), "/me?tab=2")

	other := signintest.NewBrowser(site)
	page = withPassword(t, other, url.Values{"next": {"/strong"}, "step": {"3"}}, "amira.khan")
	page = other.Follow(t, send(t, other, page, "code", url.Values{"code": {h.Code(app)}}))
	shows(t, page, http.StatusForbidden, "Start again and use your key.")
}

// The gatekeeper asks on each request.
func TestSessionWithoutAKeyEndsWithItsSecretsAndWithThePolicy(t *testing.T) {
	t.Parallel()
	for what, end := range map[string]func(t *testing.T, h *signintest.House, person people.Person, app signintest.App){
		"the policy": func(_ *testing.T, h *signintest.House, _ people.Person, _ signintest.App) {
			h.Accept(assurance.Password)
		},
		"the app": func(t *testing.T, h *signintest.House, _ people.Person, app signintest.App) {
			if err := h.Secrets.Remove(t.Context(), signintest.Desk(), app.ID, "lost"); err != nil {
				t.Fatal(err)
			}
		},
		"the password": func(t *testing.T, h *signintest.House, person people.Person, _ signintest.App) {
			h.Clock.Advance(time.Second)
			if _, err := h.Secrets.SetPassword(t.Context(), signintest.Desk(), person.ID, secret.New("nine other wrens in a copper tree")); err != nil {
				t.Fatal(err)
			}
		},
		"the person": func(t *testing.T, h *signintest.House, person people.Person, _ signintest.App) {
			if _, err := h.People.Suspend(t.Context(), signintest.Desk(), person.ID, time.Time{}, "away"); err != nil {
				t.Fatal(err)
			}
		},
	} {
		h, site := portal(t)
		person, app := h.Legacy(t, "amira.khan")
		_, token := h.SignedInWithCode(t, "amira.khan", app)
		open := func() webtest.Response {
			r := webtest.Request(http.MethodGet, "/look", nil)
			r.AddCookie(&http.Cookie{Name: sessionCookie, Value: token.Reveal()})
			return webtest.Do(t, site, r)
		}
		shows(t, open(), http.StatusOK, "page of")
		end(t, h, person, app)
		if got := open(); got.Status != http.StatusSeeOther {
			t.Errorf("%s ended, and the session goes on: %d", what, got.Status)
		}
	}
}
