package account_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
	"github.com/warder-project/warder/internal/doors/account"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// pages are the person's own pages, seen by whoever has the session.
func pages(t *testing.T, h *signintest.House, session sessions.Session) *signintest.Browser {
	t.Helper()
	made, err := account.New(account.Deps{Keys: h.Keys, Models: h.Models, Methods: h.Methods, People: h.People, Sessions: h.Sessions,
		LostKeys: h.LostKeys, Now: h.Clock.Now, HelpDesk: "Telephone 020 7946 0000."})
	if err != nil {
		t.Fatal(err)
	}
	viewer := web.Viewer{Person: session.Person, Name: "Amira Khan", Session: session.ID, AAL: int(session.Assurance.AAL),
		PhishingResistant: session.Assurance.PhishingResistant}
	return signintest.NewBrowser(webtest.Site(t, viewer, made.Routes()...))
}

func shows(t *testing.T, got webtest.Response, status int, words ...string) {
	t.Helper()
	for _, one := range words {
		if got.Status != status || !strings.Contains(got.Document.Text(), one) {
			t.Fatalf("answered %d:\n%s\nwant %d with %q", got.Status, got.Document.Text(), status, one)
		}
	}
}

func TestPersonSeesTheirKeysAndSessions(t *testing.T) {
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
	browser := pages(t, h, session)
	got := browser.Get(t, "/me")
	shows(t, got, http.StatusOK, "Blue", "In use", "Imaginary Keys One", "23 November 2026 at 9am", "You have one key that works")
	if strings.Contains(got.Document.Text(), "not proven") {
		t.Error("a proven model is shown as a claim")
	}
	if n := len(got.Document.WithClass("govuk-summary-card")); n != 1 {
		t.Errorf("the page shows %d cards, want 1 key", n)
	}
	open := browser.Get(t, "/me/sessions")
	shows(t, open, http.StatusOK, "23 November 2026 at 9am", "192.0.2.7", "this browser", signintest.ServiceHost,
		"Security key, proven to be hardware, with PIN or fingerprint", "Blue")
	if n := len(open.Document.WithClass("govuk-summary-card")); n != 2 {
		t.Errorf("the page shows %d cards, want 2 sessions", n)
	}
}

func TestLostKeyIsBlockedFromThePage(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	person, key := h.Holder(t, "amira.khan")
	session, token := h.SignedIn(t, key)
	browser := pages(t, h, session)
	path := "/me/keys/" + string(session.Key) + "/lost"
	shows(t, browser.Get(t, path), http.StatusOK, "Report a key lost or stolen", "What has happened to the key?")
	wrong := browser.Post(t, path, url.Values{"reason": {"mislaid"}})
	shows(t, wrong, http.StatusUnprocessableEntity, "Say whether you cannot find the key or it was stolen")
	if held, err := h.Keys.Get(t.Context(), session.Key); err != nil || held.State != keys.StateEnrolled {
		t.Fatalf("without a reason the key became %s, %v", held.State, err)
	}
	shows(t, browser.Post(t, path, url.Values{"reason": {"lost"}}), http.StatusOK, "The key is blocked", "It took less than a millisecond",
		"2 sessions were ended.", "1 registration was stopped.", "you are signed out now", "Telephone 020 7946 0000.")
	held, err := h.Keys.Get(t.Context(), session.Key)
	if err != nil || held.State != keys.StateLost {
		t.Errorf("the key is %s, %v", held.State, err)
	}
	if _, err := h.Sessions.ByToken(t.Context(), token); err == nil {
		t.Error("the session outlived its key")
	}
	credentials, err := h.Factors.OfPerson(t.Context(), person.ID)
	if err != nil || credentials[0].State != factors.Suspended {
		t.Errorf("the registration is %+v, %v", credentials, err)
	}
	// The same report once more, from a second click, is no fault; it may have become worse.
	shows(t, browser.Post(t, path, url.Values{"reason": {"lost"}}), http.StatusOK, "The key is blocked", "No session was open.")
	shows(t, browser.Post(t, path, url.Values{"reason": {"stolen"}}), http.StatusOK, "Tell your security team")
}

func TestNobodyReachesTheThingsOfOthers(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	_, key := h.Holder(t, "amira.khan")
	_, otherKey := h.Holder(t, "ben.adams")
	mine, _ := h.SignedIn(t, key)
	others, othersToken := h.SignedIn(t, otherKey)
	browser := pages(t, h, mine)
	for _, id := range []ids.Key{others.Key, ids.New[ids.Key](), "nonsense"} {
		path := "/me/keys/" + string(id) + "/lost"
		shows(t, browser.Get(t, path), http.StatusNotFound, "There is no such security key")
		shows(t, browser.Post(t, path, url.Values{"reason": {"stolen"}}), http.StatusNotFound, "There is no such security key")
	}
	for _, id := range []ids.Session{others.ID, ids.New[ids.Session](), "nonsense"} {
		shows(t, browser.Post(t, "/me/sessions/"+string(id)+"/end", nil), http.StatusNotFound, "There is no such session")
	}
	browser.Post(t, "/me/sessions/end-others", nil)
	if _, err := h.Sessions.ByToken(t.Context(), othersToken); err != nil {
		t.Errorf("the session of somebody else was ended: %v", err)
	}
	if held, err := h.Keys.Get(t.Context(), others.Key); err != nil || held.State != keys.StateEnrolled {
		t.Errorf("the key of somebody else became %s, %v", held.State, err)
	}
}

func TestPersonEndsOneSessionAndAllTheOthers(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	person, key := h.Holder(t, "amira.khan") // the first session, from the enrolment
	second, secondToken := h.SignedIn(t, key)
	h.SignedIn(t, key)
	mine, token := h.SignedIn(t, key)
	browser := pages(t, h, mine)
	got := browser.Post(t, "/me/sessions/"+string(second.ID)+"/end", nil)
	if got.Status != http.StatusSeeOther || got.Header.Get("Location") != "/me/sessions?session=ended" {
		t.Fatalf("answered %d to %q", got.Status, got.Header.Get("Location"))
	}
	if _, err := h.Sessions.ByToken(t.Context(), secondToken); err == nil {
		t.Error("the session that was ended still works")
	}
	shows(t, browser.Get(t, "/me/sessions?session=ended"), http.StatusOK, "That session has been ended.")
	if got := browser.Post(t, "/me/sessions/end-others", nil); got.Header.Get("Location") != "/me/sessions?session=others-ended" {
		t.Fatalf("answered %d to %q", got.Status, got.Header.Get("Location"))
	}
	open, err := h.Sessions.OfPerson(t.Context(), person.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(open) != 1 || open[0].ID != mine.ID {
		t.Errorf("%d sessions are left, want only the one in use", len(open))
	}
	if _, err := h.Sessions.ByToken(t.Context(), token); err != nil {
		t.Errorf("the session in use was ended as well: %v", err)
	}
	if got := h.Actions(t, string(second.ID)); !slices.Contains(got, "session.ended") {
		t.Errorf("the record says %v", got)
	}
}

func TestPagesNeedSomebodyWhoIsSignedIn(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	browser := pages(t, h, sessions.Session{})
	for _, path := range []string{"/", "/me", "/me/sessions", "/me/keys/key_x/lost"} {
		if got := browser.Get(t, path); got.Status != http.StatusSeeOther || !strings.HasPrefix(got.Header.Get("Location"), "/signin?") {
			t.Errorf("GET %s answered %d to %q", path, got.Status, got.Header.Get("Location"))
		}
	}
}
