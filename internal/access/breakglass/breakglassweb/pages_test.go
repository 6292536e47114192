package breakglassweb

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/breakglass"
	"github.com/warder-project/warder/internal/access/breakglass/breakglasstest"
	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	t.Parallel()
	webtest.Check(t, files, map[string]any{"start.html": startView{}, "key.html": keyView{}, "done.html": doneView{}, "list.html": listView{},
		"use.html": useView{}, "place.html": placeView{}, "link.html": linkView{}})
}

// The cookies of these tests. The real ones are signinweb's; app's tests go through them.
const (
	browserCookie = "browser"
	sessionCookie = "session"
)

// door keeps the cookies, and lets in whom the rooms would.
type door struct{ *breakglasstest.House }

func (d door) Browser(r *http.Request) secret.Value { return d.read(r, browserCookie) }

func (d door) Bind(w http.ResponseWriter, r *http.Request) secret.Value {
	browser := d.Browser(r)
	if browser.Empty() {
		browser = secret.Token()
		http.SetCookie(w, &http.Cookie{Name: browserCookie, Value: browser.Reveal(), Path: "/", Secure: true, HttpOnly: true})
	}
	return browser
}

func (d door) SignedIn(w http.ResponseWriter, token secret.Value, _ ids.Session) {
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: token.Reveal(), Path: "/", Secure: true, HttpOnly: true})
}

func (d door) read(r *http.Request, name string) secret.Value {
	cookie, err := r.Cookie(name)
	if err != nil {
		return secret.Value{}
	}
	return secret.New(cookie.Value)
}

// Viewer is who looks at a page.
func (d door) Viewer(r *http.Request) (web.Viewer, error) {
	session, err := d.Sessions.ByToken(r.Context(), d.read(r, sessionCookie))
	if err != nil {
		return web.Viewer{}, err
	}
	person, err := d.People.Get(r.Context(), session.Person)
	if err != nil {
		return web.Viewer{}, err
	}
	held := []roles.Role{roles.Administrator}
	if person.MaySignIn(d.Clock.Now()) {
		held, err = d.Roster.Of(r.Context(), person.ID)
	} else {
		person.Name, err = d.Desk.Admits(r.Context(), session)
	}
	if err := d.Sessions.Touch(r.Context(), map[ids.Session]time.Time{session.ID: d.Clock.Now()}); err != nil {
		return web.Viewer{}, err
	}
	return web.Viewer{Person: person.ID, Name: person.Name, Session: session.ID, AAL: int(session.Assurance.AAL), PhishingResistant: session.Assurance.PhishingResistant,
		May: func(permission web.Permission) bool { return roles.Allows(held, string(permission)) }}, err
}

// site is the pages of the emergency access.
func site(t *testing.T) (*breakglasstest.House, http.Handler) {
	t.Helper()
	h := breakglasstest.Open(t, dbtest.SQLite(t))
	pages, err := New(Deps{Desk: h.Desk, People: h.People, Cookies: door{h},
		Invite: func(ctx context.Context, actor audit.Actor, person ids.Person) (string, error) {
			token, err := h.Invitations.Invite(ctx, actor, person, 0)
			return signintest.Origin + signin.EnrolPath + token.Reveal(), err
		}})
	must(t, err)
	deps := webtest.Deps(t, web.Viewer{})
	deps.Gatekeeper, deps.Now = door{h}, h.Clock.Now
	return h, webtest.SiteOf(t, deps, pages.Routes()...)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// asked is what the first person enters.
func asked(purpose breakglass.Purpose) url.Values {
	return url.Values{"purpose": {string(purpose)}, "reason": {"Every administrator has lost their key."}, "holder": {"Nadia Holt"}}
}

func shows(t *testing.T, got webtest.Response, status int, words string) {
	t.Helper()
	if got.Status != status || !strings.Contains(got.Document.Text(), words) {
		t.Fatalf("answered %d:\n%s\nwant %d with %q", got.Status, got.Document.Text(), status, words)
	}
}

// open goes through all pages with two keys, to the last answer.
func open(t *testing.T, browser *signintest.Browser, purpose breakglass.Purpose, first, second *softkey.Key) webtest.Response {
	t.Helper()
	page := browser.Post(t, PublicPath, asked(purpose))
	shows(t, page, http.StatusOK, "Touch the first key")
	page = browser.Follow(t, browser.TouchKey(t, page, first, nil))
	shows(t, page, http.StatusOK, "Nadia Holt has touched the first key")
	return browser.TouchKey(t, page, second, url.Values{"holder": {"Sam Reed"}})
}

// admin is somebody with a role and a session, in a browser of their own.
func admin(t *testing.T, h *breakglasstest.House, handler http.Handler, userName string, role roles.Role) *signintest.Browser {
	t.Helper()
	person, key := h.Holder(t, userName)
	must(t, h.Roster.Grant(t.Context(), signintest.Desk(), person.ID, role))
	_, token := h.SignedIn(t, key)
	return signintest.NewBrowser(handler).With(&http.Cookie{Name: sessionCookie, Value: token.Reveal()})
}

func TestTwoPeopleOpenWarderAndSomebodyElseReviewsIt(t *testing.T) {
	t.Parallel()
	h, handler := site(t)
	browser := signintest.NewBrowser(handler)
	shows(t, browser.Get(t, PublicPath), http.StatusOK, "It takes two people")
	inside := browser.Follow(t, open(t, browser, breakglass.Emergency, h.NorthKey, h.SouthKey))
	shows(t, inside, http.StatusOK, "Nadia Holt and Sam Reed")
	if !strings.Contains(inside.Document.Text(), "Signed in as emergency access: Nadia Holt and Sam Reed") {
		t.Error("the page does not say who is inside")
	}
	uses, _, err := h.Desk.Uses(t.Context(), "")
	must(t, err)
	path := pathOf(uses[0].ID)

	amira := admin(t, h, handler, "amira.khan", roles.Administrator)
	shows(t, amira.Get(t, path), http.StatusOK, "End it now")
	amira.Follow(t, amira.Post(t, path, url.Values{"deed": {"end"}}))
	if got := browser.Get(t, AdminPath); got.Status != http.StatusSeeOther {
		t.Errorf("after it was ended the browser was answered %d", got.Status)
	}
	shows(t, amira.Get(t, AdminPath), http.StatusOK, "Over, to be reviewed")
	shows(t, amira.Post(t, path, url.Values{"found": {"ok"}}), http.StatusUnprocessableEntity, "10 to 4,000 characters")
	shows(t, amira.Follow(t, amira.Post(t, path, url.Values{"found": {"They reinstated Bo, which was right."}})), http.StatusOK, "The review is recorded.")
	shows(t, amira.Get(t, path), http.StatusOK, "They reinstated Bo, which was right.")
}

func TestNobodyReviewsFromInsideAnEmergencyAccess(t *testing.T) {
	t.Parallel()
	h, handler := site(t)
	h.Opened(t, breakglass.Emergency)
	h.Clock.Advance(time.Minute)
	browser := signintest.NewBrowser(handler)
	inside := browser.Follow(t, open(t, browser, breakglass.Emergency, h.NorthKey, h.SouthKey))
	shows(t, inside, http.StatusOK, "Over, to be reviewed")
	uses, _, err := h.Desk.Uses(t.Context(), "")
	must(t, err)
	path := pathOf(uses[1].ID)
	shows(t, browser.Get(t, path), http.StatusOK, "You had a part in this")
	if got := browser.Post(t, path, url.Values{"found": {"They reinstated Bo, which was right."}}); got.Status != http.StatusForbidden {
		t.Errorf("answered %d", got.Status)
	}
}

func TestEmergencyBrowserIsSignedOutOnTheNextRequestAfterAnHour(t *testing.T) {
	t.Parallel()
	h, handler := site(t)
	browser := signintest.NewBrowser(handler)
	browser.Follow(t, open(t, browser, breakglass.Emergency, h.NorthKey, h.SouthKey))
	for range 5 {
		h.Clock.Advance(11 * time.Minute)
		shows(t, browser.Get(t, AdminPath), http.StatusOK, "Emergency access")
	}
	h.Clock.Advance(5*time.Minute + time.Second)
	if got := browser.Get(t, AdminPath); got.Status != http.StatusSeeOther || !strings.HasPrefix(got.Header.Get("Location"), "/signin") {
		t.Errorf("after an hour it was answered %d", got.Status)
	}
}

func TestTestOfTheKeysSaysThatItHasPassed(t *testing.T) {
	t.Parallel()
	h, handler := site(t)
	browser := signintest.NewBrowser(handler)
	done := browser.Follow(t, open(t, browser, breakglass.Test, h.NorthKey, h.SouthKey))
	shows(t, done, http.StatusOK, "The test has passed")
	if browser.Cookie(sessionCookie) != nil {
		t.Error("a test began a session")
	}
	auditor := admin(t, h, handler, "ben.okoro", roles.Auditor)
	shows(t, auditor.Get(t, AdminPath), http.StatusOK, "at least two keys are in order and tested")
}

func TestPagesSayWhatIsWrongAndLetPeopleTryAgain(t *testing.T) {
	t.Parallel()
	h, handler := site(t)
	browser := signintest.NewBrowser(handler)
	wrong := browser.Post(t, PublicPath, url.Values{"reason": {"short"}})
	shows(t, wrong, http.StatusUnprocessableEntity, "Choose whether this is an emergency or a test.")
	shows(t, wrong, http.StatusUnprocessableEntity, "Give your own name")
	page := browser.Post(t, PublicPath, asked(breakglass.Emergency))
	h.NorthKey.Behaviour.SkipUserVerification = true
	page = browser.TouchKey(t, page, h.NorthKey, nil)
	shows(t, page, http.StatusUnprocessableEntity, "did not check your PIN")
	h.NorthKey.Behaviour.SkipUserVerification = false
	page = browser.Follow(t, browser.TouchKey(t, page, h.NorthKey, nil))
	page = browser.TouchKey(t, page, h.SouthKey, url.Values{"holder": {"nadia holt"}})
	shows(t, page, http.StatusUnprocessableEntity, "The second person gives their own")
	thief := browser.Steal()
	page = browser.TouchKey(t, page, h.SouthKey, url.Values{"holder": {"Sam Reed"}})
	browser.Follow(t, page)
	// Whoever has the browser's secret, but not its session, is told nothing more.
	uses, _, err := h.Desk.Uses(t.Context(), "")
	must(t, err)
	if got := thief.Get(t, secondPath+string(uses[0].ID)); got.Status != http.StatusConflict {
		t.Errorf("another browser was answered %d", got.Status)
	}
	if got := signintest.NewBrowser(handler).Get(t, secondPath+string(uses[0].ID)); got.Status != http.StatusForbidden {
		t.Errorf("a stranger was answered %d", got.Status)
	}
}

func TestAdministratorMakesTheLinkAndRecordsThePlace(t *testing.T) {
	t.Parallel()
	h, handler := site(t)
	amira := admin(t, h, handler, "amira.khan", roles.Administrator)
	west, _ := h.Kept(t, "west", "")
	shows(t, amira.Get(t, AdminPath), http.StatusOK, "Nobody has recorded where the key is kept.")
	path := AdminPath + "/keys/" + string(h.KeyOf(t, west.ID))
	shows(t, amira.Get(t, path), http.StatusOK, "Where is")
	shows(t, amira.Post(t, path, url.Values{"place": {" "}}), http.StatusUnprocessableEntity, "Say where the key is kept.")
	shows(t, amira.Follow(t, amira.Post(t, path, url.Values{"place": {"Safe in Truro"}})), http.StatusOK, "Safe in Truro")
	if got := amira.Post(t, AdminPath+"/link/"+string(west.ID), nil); got.Status != http.StatusConflict {
		t.Errorf("a second link was answered %d", got.Status)
	}
	person := h.Somebody(t, "bo.lind")
	if got := amira.Post(t, AdminPath+"/link/"+string(person.ID), nil); got.Status != http.StatusNotFound {
		t.Errorf("a link for somebody else was answered %d", got.Status)
	}
}
