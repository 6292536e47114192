package signinweb_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/access/signin/signinweb"
	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

const (
	sessionCookie = "__Host-warder_session"
	attemptCookie = "__Host-warder_attempt"
)

// portal is the department with its sign-in pages and two pages behind them.
func portal(t testing.TB) (*signintest.House, http.Handler) {
	t.Helper()
	return portalOn(t, dbtest.SQLite(t))
}

func portalOn(t testing.TB, d *db.DB) (*signintest.House, http.Handler) {
	t.Helper()
	h := signintest.Open(t, d)
	base, err := url.Parse(webtest.Base)
	if err != nil {
		t.Fatal(err)
	}
	cookies, err := signinweb.NewCookies(base)
	if err != nil {
		t.Fatal(err)
	}
	gate := signinweb.NewGatekeeper(signinweb.GatekeeperDeps{Cookies: cookies, Sessions: h.Sessions, People: h.People,
		Factors: h.Factors, Roles: h.Roster, Keyless: h.Flow.StillAccepted, Now: h.Clock.Now})
	pages, err := signinweb.New(signinweb.Deps{Flow: h.Flow, Returns: h.Returns, Gatekeeper: gate, Cookies: cookies, Sessions: h.Sessions,
		Keys: h.Keys, Models: h.Models, Now: h.Clock.Now, DemoKeyURL: "/demo/key",
		Why: func(context.Context, ids.Person, ids.Service) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	deps := webtest.Deps(t, web.Viewer{})
	deps.Gatekeeper, deps.Now = gate, h.Clock.Now
	mine := func(path string, aal int) web.Route {
		return web.Route{Method: http.MethodGet, Path: path, Need: web.Need{Permission: web.Self, AAL: aal}, Title: path,
			Handler: func(w http.ResponseWriter, r *http.Request) error {
				_, err := w.Write([]byte("page of " + web.ViewerOf(r).Name))
				return err
			}}
	}
	look := mine("/look", 1)
	look.Need.Phishable = true
	return h, webtest.SiteOf(t, deps, append(pages.Routes(), mine("/me", 1), mine("/strong", 3), look)...)
}

func location(t *testing.T, got webtest.Response, want string) {
	t.Helper()
	if got.Status != http.StatusSeeOther || got.Header.Get("Location") != want {
		t.Fatalf("answered %d to %q (%s), want 303 to %q", got.Status, got.Header.Get("Location"), got.Document.Text(), want)
	}
}

// shows checks the status of a page and that it says something.
func shows(t *testing.T, got webtest.Response, status int, words string) {
	t.Helper()
	if got.Status != status || !strings.Contains(got.Document.Text(), words) {
		t.Fatalf("answered %d:\n%s\nwant %d with %q", got.Status, got.Document.Text(), status, words)
	}
}

func TestPersonSignsInAndComesBackToTheirPage(t *testing.T) {
	t.Parallel()
	h, site := portal(t)
	_, key := h.Holder(t, "amira.khan")
	browser := signintest.NewBrowser(site)
	sent := browser.Get(t, "/me?tab=2")
	location(t, sent, "/signin?next=%2Fme%3Ftab%3D2")
	location(t, browser.SignIn(t, sent.Header.Get("Location"), key), "/me?tab=2")
	shows(t, browser.Get(t, "/me?tab=2"), http.StatusOK, "page of Name of amira.khan")

	cookie := browser.Cookie(sessionCookie)
	if cookie == nil || !cookie.Secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.Domain != "" {
		t.Errorf("the session’s cookie is %+v", cookie)
	}
	if cookie := browser.Cookie(attemptCookie); cookie == nil || !cookie.Secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode {
		t.Errorf("the attempt’s cookie is %+v", cookie)
	}
	// Somebody who is signed in is not asked again.
	location(t, browser.Get(t, "/signin?next=/me"), "/me")
}

func TestSignInPageSaysItInOneHeadingAndOffersTheDemoKey(t *testing.T) {
	t.Parallel()
	h, site := portal(t)
	h.Holder(t, "amira.khan")
	browser := signintest.NewBrowser(site)
	start := browser.Get(t, "/signin")
	shows(t, start, http.StatusOK, "Sign in with your security key")
	page := browser.Follow(t, browser.Post(t, "/signin", url.Values{"user-name": {"amira.khan"}}))
	shows(t, page, http.StatusOK, "Use the demo key")
	form, _ := page.Document.ByID("ceremony")
	if form.Attribute("data-demo-key-url") != "/demo/key" {
		t.Errorf("the demo key is at %q", form.Attribute("data-demo-key-url"))
	}
	if len(page.Document.All("noscript")) != 1 {
		t.Error("the page says nothing to somebody without script")
	}
	shows(t, browser.Get(t, "/help"), http.StatusOK, "never ask you for the PIN")
}

func TestStrongerPageAsksForTheKeyAgainAndRotatesTheSession(t *testing.T) {
	t.Parallel()
	h, site := portal(t)
	person, weak := h.Somebody(t, "amira.khan"), h.Batch.NewKey()
	weak.Behaviour.Statement = softkey.Self
	h.Enrol(t, person.ID, weak)
	strong := h.Batch.NewKey()
	h.Enrol(t, person.ID, strong)
	browser := signintest.NewBrowser(site)
	location(t, browser.SignIn(t, "/signin", weak), "/me")
	before := browser.Cookie(sessionCookie).Value
	thief := browser.Steal()
	sent := browser.Get(t, "/strong")
	location(t, sent, "/signin?next=%2Fstrong&step=3")
	start := browser.Get(t, sent.Header.Get("Location"))
	shows(t, start, http.StatusOK, "Use your key again")

	refused := browser.SignIn(t, sent.Header.Get("Location"), weak)
	shows(t, browser.Follow(t, refused), http.StatusForbidden, "This needs a stronger way of signing in than the one you used.")
	location(t, browser.SignIn(t, sent.Header.Get("Location"), strong), "/strong")
	shows(t, browser.Get(t, "/strong"), http.StatusOK, "page of")
	if browser.Cookie(sessionCookie).Value == before {
		t.Error("the token stayed the same although the session became stronger")
	}
	location(t, thief.Get(t, "/me"), "/signin?next=%2Fme")
}

func TestPersonIsLetIntoTheServiceTheyCameFor(t *testing.T) {
	t.Parallel()
	h, site := portal(t)
	_, key := h.Holder(t, "amira.khan")
	browser := signintest.NewBrowser(site)
	start := "/signin?service-url=" + url.QueryEscape(signintest.ServicePage)
	shows(t, browser.Get(t, start), http.StatusOK, "to go on to Payroll")
	gone := browser.SignIn(t, start, key)
	// Without a ceremony this time: the session is enough.
	again := browser.Get(t, start)
	for _, got := range []webtest.Response{gone, again} {
		leads, err := url.Parse(got.Header.Get("Location"))
		if err != nil || got.Status != http.StatusSeeOther {
			t.Fatalf("answered %d to %q", got.Status, got.Header.Get("Location"))
		}
		if leads.Host != signintest.ServiceHost || leads.Path != "/.warder/callback" || leads.Query().Get("next") != "/payslips?month=11" {
			t.Errorf("the person is sent to %s", leads)
		}
		if _, _, err := h.Sessions.Redeem(t.Context(), secret.New(leads.Query().Get("ticket")), signintest.ServiceHost); err != nil {
			t.Errorf("the ticket does not open the service: %v", err)
		}
	}
}

func TestPolicyOfFormsNamesTheServiceAndNoOther(t *testing.T) {
	t.Parallel()
	h, site := portal(t)
	h.Holder(t, "amira.khan")
	browser := signintest.NewBrowser(site)
	page := browser.Follow(t, browser.Post(t, "/signin", url.Values{"service-url": {signintest.ServicePage}}))
	if policy := page.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' https://payroll.example;") {
		t.Errorf("the browser would stop the way to the service: %s", policy)
	}
	page = browser.Follow(t, browser.Post(t, "/signin", nil))
	if policy := page.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self';") {
		t.Errorf("a sign-in to the portal may send forms elsewhere: %s", policy)
	}
}

func TestServiceThatAsksForMoreThanTheKeyCanGiveEndsInAnExplanation(t *testing.T) {
	t.Parallel()
	h, site := portal(t)
	_, key := h.Holder(t, "amira.khan")
	browser := signintest.NewBrowser(site)
	start := "/signin?step=3&service-url=" + url.QueryEscape(signintest.ServicePage)
	if got := browser.SignIn(t, start, key); !strings.HasPrefix(got.Header.Get("Location"), "https://payroll.example/") {
		t.Fatalf("answered %d to %q", got.Status, got.Header.Get("Location"))
	}
	// The service is still not content and sends the browser back at once.
	shows(t, browser.Get(t, start), http.StatusForbidden, "the service keeps sending you back here")
	// An hour later it is an ordinary request for a fresh touch.
	h.Clock.Advance(10 * time.Minute)
	shows(t, browser.Get(t, start), http.StatusOK, "Use your key again")
}

func TestOpenRedirectsAreRefusedBeforeAnyCeremony(t *testing.T) {
	t.Parallel()
	_, site := portal(t)
	browser := signintest.NewBrowser(site)
	for _, query := range []string{"next=//evil.example", "next=https://evil.example/", "next=/%5Cevil.example", "service-url=https://evil.example/",
		"service-url=//evil.example", "service-url=http://payroll.example/", "step=0", "step=4", "step=x"} {
		if got := browser.Get(t, "/signin?"+query); got.Status != http.StatusBadRequest {
			t.Errorf("GET /signin?%s answered %d to %q", query, got.Status, got.Header.Get("Location"))
		}
		form, _ := url.ParseQuery(query)
		if got := browser.Post(t, "/signin", form); got.Status != http.StatusBadRequest {
			t.Errorf("POST /signin with %s answered %d to %q", query, got.Status, got.Header.Get("Location"))
		}
	}
}

func TestAttemptOpenedInAnotherBrowserShowsNothing(t *testing.T) {
	t.Parallel()
	h, site := portal(t)
	_, key := h.Holder(t, "amira.khan")
	attacker, victim := signintest.NewBrowser(site), signintest.NewBrowser(site)
	sent := attacker.Post(t, "/signin", nil)
	shows(t, victim.Get(t, sent.Header.Get("Location")), http.StatusForbidden, "begun in another browser")
	page := attacker.Get(t, sent.Header.Get("Location"))
	shows(t, victim.TouchKey(t, page, key, nil), http.StatusForbidden, "begun in another browser")
	shows(t, victim.Get(t, "/signin/att_nonsense"), http.StatusNotFound, "does not exist any more")
}

func TestRefusedKeyIsShownOnThePageWithAFreshChallenge(t *testing.T) {
	t.Parallel()
	h, site := portal(t)
	person, key := h.Holder(t, "amira.khan")
	held, err := h.Keys.HeldBy(t.Context(), person.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.LostKeys.Report(t.Context(), signintest.Desk(), held[0].ID, keys.Lost, time.Time{}); err != nil {
		t.Fatal(err)
	}
	browser := signintest.NewBrowser(site)
	page := browser.Follow(t, browser.Post(t, "/signin", nil))
	first, _ := page.Document.ByID("ceremony")
	again := browser.TouchKey(t, page, key, nil)
	shows(t, again, http.StatusUnprocessableEntity, "This key may not be used to sign in.")
	second, _ := again.Document.ByID("ceremony")
	if first.Attribute("data-options") == second.Attribute("data-options") {
		t.Error("the page shows a challenge that has been used")
	}
	if !strings.HasPrefix(again.Document.Title(), "Error:") {
		t.Errorf("the title of a page with an error is %q", again.Document.Title())
	}
	shows(t, browser.Post(t, first.Attribute("action"), url.Values{"deed": {"use"}}), http.StatusUnprocessableEntity, "did not send an answer from a key")
}

func TestDoubleClickEndsInTheSameSession(t *testing.T) {
	t.Parallel()
	h, site := portal(t)
	_, key := h.Holder(t, "amira.khan")
	browser := signintest.NewBrowser(site)
	page := browser.Follow(t, browser.Post(t, "/signin", nil))
	form, _ := page.Document.ByID("ceremony")
	thief := browser.Steal()
	location(t, browser.TouchKey(t, page, key, nil), "/me")
	// The page of a finished attempt leads on whoever has the session, and nobody else.
	location(t, browser.Get(t, form.Attribute("action")), "/me")
	shows(t, thief.Get(t, form.Attribute("action")), http.StatusConflict, "already finished")
	shows(t, browser.TouchKey(t, page, key, nil), http.StatusConflict, "already finished")
}

func TestInvitedPersonRegistersAndIsSignedInByTheNewKey(t *testing.T) {
	t.Parallel()
	h, site := portal(t)
	person, key := h.Somebody(t, "amira.khan"), h.Batch.NewKey()
	link, err := h.Invitations.Invite(t.Context(), signintest.Desk(), person.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	path := signin.EnrolPath + link.Reveal()
	browser := signintest.NewBrowser(site)
	for range 2 { // a mail program that looks at links uses nothing up
		shows(t, browser.Get(t, path), http.StatusOK, "This link is for Name of amira.khan")
	}
	page := browser.Follow(t, browser.Post(t, path, nil))
	shows(t, page, http.StatusOK, "Register your security key")
	wrong := browser.TouchKey(t, page, key, url.Values{"serial": {"12 34 ä"}})
	shows(t, wrong, http.StatusUnprocessableEntity, "Use only the letters, digits and hyphens printed on the key.")
	page = browser.Follow(t, browser.TouchKey(t, wrong, h.Batch.NewKey(), url.Values{"serial": {"12 34"}, "label": {"Blue"}}))
	shows(t, page, http.StatusOK, "Now use your new key once")
	if browser.Cookie(sessionCookie) != nil {
		t.Fatal("there is a session before the new key has been used")
	}
	location(t, browser.Get(t, "/me"), "/signin?next=%2Fme")
	shows(t, signintest.NewBrowser(site).Get(t, path), http.StatusForbidden, "This link does not work.")
}

func TestEnrolmentEndsSignedIn(t *testing.T) {
	t.Parallel()
	h, site := portal(t)
	person, key := h.Somebody(t, "amira.khan"), h.Batch.NewKey()
	link, err := h.Invitations.Invite(t.Context(), signintest.Desk(), person.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	browser := signintest.NewBrowser(site)
	page := browser.Follow(t, browser.Post(t, signin.EnrolPath+link.Reveal(), nil))
	page = browser.Follow(t, browser.TouchKey(t, page, key, nil))
	location(t, browser.TouchKey(t, page, key, nil), "/me?key=added")
	shows(t, browser.Get(t, "/me"), http.StatusOK, "page of Name of amira.khan")

	page = browser.Get(t, "/me/keys/add")
	shows(t, page, http.StatusOK, "Add another security key")
	page = browser.Follow(t, browser.Post(t, "/me/keys/add", nil))
	token := browser.Cookie(sessionCookie).Value
	location(t, browser.TouchKey(t, page, h.Batch.NewKey(), nil), "/me?key=added")
	if browser.Cookie(sessionCookie).Value != token {
		t.Error("adding a key changed the session")
	}
	h.Clock.Advance(11 * time.Minute)
	location(t, browser.Get(t, "/me/keys/add"), "/signin?next=%2Fme%2Fkeys%2Fadd&step=2")
	location(t, browser.Post(t, "/me/keys/add", nil), "/signin?next=%2F&step=2")
	location(t, browser.SignIn(t, "/signin?next=%2Fme%2Fkeys%2Fadd&step=2", key), "/me/keys/add")
	shows(t, browser.Get(t, "/me/keys/add"), http.StatusOK, "Add another security key")
}

func TestWhatEndsASessionEndsItAtThePortalsNextRequest(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(t *testing.T, h *signintest.House, session sessions.Session) error{
		"session ended": func(t *testing.T, h *signintest.House, session sessions.Session) error {
			return h.Sessions.End(t.Context(), signintest.Desk(), session.ID, sessions.EndedByDesk)
		},
		"all of a person ended": func(t *testing.T, h *signintest.House, session sessions.Session) error {
			_, err := h.Sessions.EndOfPerson(t.Context(), signintest.Desk(), session.Person, sessions.EndedByDesk)
			return err
		},
		"credential suspended": func(t *testing.T, h *signintest.House, session sessions.Session) error {
			_, err := h.Factors.SuspendOfKey(t.Context(), signintest.Desk(), session.Key, "inquiry")
			return err
		},
		"method removed": func(t *testing.T, h *signintest.House, session sessions.Session) error {
			_, err := h.Factors.RevokeOfKey(t.Context(), signintest.Desk(), session.Key, "removed_by_holder")
			return err
		},
		"key lost": func(t *testing.T, h *signintest.House, session sessions.Session) error {
			_, err := h.LostKeys.Report(t.Context(), signintest.Desk(), session.Key, keys.Lost, time.Time{})
			return err
		},
		"person suspended": func(t *testing.T, h *signintest.House, session sessions.Session) error {
			_, err := h.People.Suspend(t.Context(), signintest.Desk(), session.Person, time.Time{}, "inquiry")
			return err
		},
		"person left": func(t *testing.T, h *signintest.House, session sessions.Session) error {
			_, err := h.People.Leave(t.Context(), signintest.Desk(), session.Person, time.Time{}, "new job")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				h, site := portalOn(t, d)
				person, key := h.Holder(t, "amira.khan")
				h.Clock.Advance(time.Minute) // so that this session is the newest
				browser := signintest.NewBrowser(site)
				location(t, browser.SignIn(t, "/signin", key), "/me")
				shows(t, browser.Get(t, "/me"), http.StatusOK, "page of")
				open, _, err := h.Sessions.List(t.Context(), sessions.Filter{Person: person.ID})
				if err != nil || len(open) == 0 {
					t.Fatal(len(open), err)
				}
				if err := end(t, h, open[0].Session); err != nil {
					t.Fatal(err)
				}
				location(t, browser.Get(t, "/me"), "/signin?next=%2Fme")
			})
		})
	}
}

func TestPersonWhoseKeyWasReportedIsToldWhenTheyAreSignedOut(t *testing.T) {
	t.Parallel()
	h, site := portal(t)
	person, key := h.Holder(t, "amira.khan")
	browser := signintest.NewBrowser(site)
	location(t, browser.SignIn(t, "/signin", key), "/me")
	held, err := h.Keys.HeldBy(t.Context(), person.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.LostKeys.Report(t.Context(), signintest.Desk(), held[0].ID, keys.Stolen, time.Time{}); err != nil {
		t.Fatal(err)
	}
	sent := browser.Get(t, "/me")
	location(t, sent, "/signin?next=%2Fme")
	shows(t, browser.Get(t, sent.Header.Get("Location")), http.StatusOK, "was reported stolen on 23 November 2026 at 9am")
	shows(t, signintest.NewBrowser(site).Get(t, "/signin"), http.StatusOK, "There is no password.")
}

func TestIdlePersonIsToldWhyAndSigningOutEndsEverything(t *testing.T) {
	t.Parallel()
	h, site := portal(t)
	_, key := h.Holder(t, "amira.khan")
	browser := signintest.NewBrowser(site)
	location(t, browser.SignIn(t, "/signin", key), "/me")
	for range 4 { // being used keeps a session alive
		h.Clock.Advance(10 * time.Minute)
		shows(t, browser.Get(t, "/me"), http.StatusOK, "page of")
	}
	h.Clock.Advance(16 * time.Minute)
	location(t, browser.Get(t, "/me"), "/signin?next=%2Fme")
	shows(t, browser.Get(t, "/signin"), http.StatusOK, "you had not used Warder for a while")

	location(t, browser.SignIn(t, "/signin", key), "/me")
	thief := browser.Steal()
	location(t, browser.Post(t, "/signout", nil), "/signin?signed-out=1")
	shows(t, browser.Get(t, "/signin?signed-out=1"), http.StatusOK, "You have signed out.")
	if browser.Cookie(sessionCookie) != nil {
		t.Error("the browser keeps the token of a session that is over")
	}
	location(t, thief.Get(t, "/me"), "/signin?next=%2Fme")
}

func TestGatekeeperAsksAboutPersonKeyAndKindOfSession(t *testing.T) {
	t.Parallel()
	h, site := portal(t)
	person, key := h.Holder(t, "amira.khan")
	session, _ := h.SignedIn(t, key)
	ticket, err := h.Sessions.Ticket(t.Context(), session.ID, signintest.ServiceHost)
	if err != nil {
		t.Fatal(err)
	}
	_, gateToken, err := h.Sessions.Redeem(t.Context(), ticket, signintest.ServiceHost)
	if err != nil {
		t.Fatal(err)
	}
	get := func(values ...string) webtest.Response {
		r := webtest.Request(http.MethodGet, "/me", nil)
		for _, value := range values {
			r.AddCookie(&http.Cookie{Name: sessionCookie, Value: value})
		}
		return webtest.Do(t, site, r)
	}
	_, token := h.SignedIn(t, key)
	shows(t, get(token.Reveal()), http.StatusOK, "page of")
	location(t, get(gateToken.Reveal()), "/signin?next=%2Fme")
	location(t, get(token.Reveal(), "planted"), "/signin?next=%2Fme")
	location(t, get(), "/signin?next=%2Fme")
	// Neither of these ends the session; the gatekeeper looks all the same.
	if _, err := h.People.Suspend(t.Context(), signintest.Desk(), person.ID, time.Time{}, "test"); err != nil {
		t.Fatal(err)
	}
	location(t, get(token.Reveal()), "/signin?next=%2Fme")
	if _, err := h.People.Reinstate(t.Context(), signintest.Desk(), person.ID, "test"); err != nil {
		t.Fatal(err)
	}
	shows(t, get(token.Reveal()), http.StatusOK, "page of")
	if _, err := h.Keys.Block(t.Context(), signintest.Desk(), session.Key, keys.Lost); err != nil {
		t.Fatal(err)
	}
	location(t, get(token.Reveal()), "/signin?next=%2Fme")
}

// A copy of a key was noticed. Whichever of the two began the session, it must
// not go on to read pages, enter services or register a key of its own.
func TestSessionOfACopiedKeyIsOverAtThePortal(t *testing.T) {
	t.Parallel()
	h, site := portal(t)
	_, key := h.Holder(t, "amira.khan")
	twin := key.Clone()
	h.SignedIn(t, key)
	_, token := h.SignedIn(t, key)
	get := func(path string) webtest.Response {
		r := webtest.Request(http.MethodGet, path, nil)
		r.AddCookie(&http.Cookie{Name: sessionCookie, Value: token.Reveal()})
		return webtest.Do(t, site, r)
	}
	shows(t, get("/me"), http.StatusOK, "page of")
	attempt, browser := h.Begun(t)
	if _, err := h.Flow.UseKey(t.Context(), h.Touch(t, attempt, browser, twin)); !problem.Is(err, factors.CloneSuspected) {
		t.Fatalf("the copy was answered %v", err)
	}
	location(t, get("/me"), "/signin?next=%2Fme")
	if got := get("/signin?service-url=" + url.QueryEscape(signintest.ServicePage)); got.Status != http.StatusOK {
		t.Errorf("the session of a copied key is sent on to %q with a ticket", got.Header.Get("Location"))
	}
}

func TestCookiesNeedAnAddressOnWhichKeysWork(t *testing.T) {
	t.Parallel()
	for address, fine := range map[string]bool{
		"https://warder.example": true, "https://warder.example:8443": true, "http://localhost:8420": true, "http://portal.localhost": true,
		"http://warder.example": false, "http://127.0.0.1:8420": false, "https://10.0.0.1": false, "https://[::1]": false,
		"http://localhost.evil.example": false, "ftp://localhost": false, "": false,
	} {
		base, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := signinweb.NewCookies(base); (err == nil) != fine {
			t.Errorf("NewCookies(%q): %v, want fine %v", address, err, fine)
		}
	}
	if _, err := signinweb.NewCookies(nil); err == nil {
		t.Error("no address was accepted")
	}
}

// FuzzSignInForm: whatever a browser sends, the answer is a page, a redirect
// within the site, or a refusal; never an incident, never another site.
func FuzzSignInForm(f *testing.F) {
	for _, seed := range []string{"user-name=amira.khan", "next=/me&step=2", "service-url=https://payroll.example/a", "step=99", "next=//evil", "%zz", "user-name=%ff%00", "answer={}&deed=use"} {
		f.Add(seed)
	}
	_, site := portal(f)
	begun := signintest.NewBrowser(site)
	page := begun.Post(f, "/signin", nil).Header.Get("Location")
	f.Fuzz(func(t *testing.T, form string) {
		for _, path := range []string{"/signin", page, "/enrol/" + url.PathEscape(form)} {
			r := webtest.Request(http.MethodPost, path, url.Values{})
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(form)), int64(len(form))
			if cookie := begun.Cookie(attemptCookie); cookie != nil {
				r.AddCookie(cookie)
			}
			got := webtest.Do(t, site, r)
			if got.Status >= http.StatusInternalServerError {
				t.Fatalf("%q to %s answered %d: %s", form, path, got.Status, got.Document.Text())
			}
			if leads := got.Header.Get("Location"); leads != "" && (!strings.HasPrefix(leads, "/") || strings.HasPrefix(leads, "//")) {
				t.Fatalf("%q to %s leads to %q", form, path, leads)
			}
		}
	})
}
