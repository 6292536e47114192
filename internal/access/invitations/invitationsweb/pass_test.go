package invitationsweb

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/invitations"
	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	t.Parallel()
	webtest.Check(t, files, map[string]any{"pass.html": passView{}})
}

func shows(t *testing.T, got webtest.Response, status int, words string) {
	t.Helper()
	if got.Status != status || !strings.Contains(got.Document.Text(), words) {
		t.Fatalf("answered %d:\n%s\nwant %d with %q", got.Status, got.Document.Text(), status, words)
	}
}

func TestPassPageSaysWhatIsWrongAndNeverTellsTheCode(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	h.Guard.Most = 2
	var source netip.Addr
	pages, err := New(Deps{HelpPath: "/help", Begin: func(w http.ResponseWriter, r *http.Request, typed invitations.TypedPass) error {
		source = typed.Source
		attempt, _, err := h.Flow.BeginEnrolmentByPass(r.Context(), typed, signin.Ask{})
		if err != nil {
			return err
		}
		return web.SeeOther(w, r, "/signin/"+string(attempt.ID))
	}})
	if err != nil {
		t.Fatal(err)
	}
	site := webtest.Site(t, web.Viewer{}, pages.Routes()...)
	person := h.Somebody(t, "amira.khan")
	pass, err := h.Invitations.IssuePass(t.Context(), signintest.Desk(), invitations.NewPass{Person: person.ID, Starts: h.Clock.Now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	code := pass.Code.Reveal()
	page := webtest.Get(t, site, Path)
	webtest.Structure(t, page.Document)
	shows(t, page, http.StatusOK, "Use a pass")
	typed := func(name, code string) webtest.Response {
		return webtest.Post(t, site, Path, url.Values{"user-name": {name}, "code": {code}})
	}
	slip := typed("amira.khan", code[:18]+"U")
	webtest.Structure(t, slip.Document)
	shows(t, slip, http.StatusUnprocessableEntity, "There is a slip in the code")
	shows(t, typed("amira.khan", code), http.StatusUnprocessableEntity, "It works from 23 November 2026 at 10:00 UTC")
	h.Clock.Advance(time.Hour)
	for range 2 {
		wrong := typed("somebody.else", code)
		shows(t, wrong, http.StatusUnprocessableEntity, "do not open anything")
		if strings.Contains(wrong.Body, code) {
			t.Error("the page tells the code again")
		}
	}
	shows(t, typed("somebody.else", code), http.StatusTooManyRequests, "Too many tries")
	if got := typed("Amira.Khan", strings.ToLower(code)); got.Status != http.StatusSeeOther || !strings.HasPrefix(got.Header.Get("Location"), "/signin/att_") {
		t.Errorf("answered %d to %q", got.Status, got.Header.Get("Location"))
	}
	if !source.IsValid() {
		t.Error("it is not said from where")
	}
}
