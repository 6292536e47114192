package stepupweb

import (
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/access/stepup"
	"github.com/warder-project/warder/internal/access/stepup/stepupdb"
	"github.com/warder-project/warder/internal/access/stepup/stepuptest"
	"github.com/warder-project/warder/internal/base/seal"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	t.Parallel()
	webtest.Check(t, files, map[string]any{"ask.html": askView{}, "done.html": doneView{}})
}

func TestPageNamesTheActionAndSendsThePersonOn(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	sealer, err := seal.OpenKeyFile(filepath.Join(t.TempDir(), "warder.key"), true)
	if err != nil {
		t.Fatal(err)
	}
	desk := stepup.New(stepup.Deps{Store: stepupdb.New(h.DB, sealer), Keys: h.Factors, Tx: h.DB, Audit: h.Audit, Now: h.Clock.Now})
	pages, err := New(Deps{Desk: desk})
	if err != nil {
		t.Fatal(err)
	}
	amira, key := h.Holder(t, "amira")
	viewer := webtest.Viewer(amira.Name, 2)
	viewer.Person = amira.ID
	by := stepup.By{Person: amira.ID, Session: viewer.Session}
	site := webtest.Site(t, viewer, pages.Routes()...)
	stranger := webtest.Site(t, webtest.Viewer("Boris", 2), pages.Routes()...)
	ask := func(change func(*stepup.Request)) stepup.Held {
		request := stepuptest.A(h.Clock.Now()).Request
		request.Person, request.Portal = amira.ID, viewer.Session
		change(&request)
		held, err := desk.Ask(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		return held
	}
	touch := func(held stepup.Held) webtest.Response {
		opened, err := desk.Open(t.Context(), by, held.ID)
		if err != nil {
			t.Fatal(err)
		}
		response, err := key.Get(opened.Options, signintest.Origin)
		if err != nil {
			t.Fatal(err)
		}
		return webtest.Post(t, site, Path+"/"+string(held.ID), url.Values{web.CeremonyAnswer: {string(response)}})
	}

	pay := ask(func(*stepup.Request) {})
	path := Path + "/" + string(pay.ID)
	shown := webtest.Get(t, site, path)
	for _, words := range []string{"Touch your key to go on", "Pay somebody", "Payroll", "over 1 kB", "POST /pay?to=1", "Waits until"} {
		if !strings.Contains(shown.Document.Text(), words) {
			t.Errorf("the page does not say %q", words)
		}
	}
	if policy := shown.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' https://payroll.example") {
		t.Errorf("the browser may not go on: %s", policy)
	}
	webtest.Structure(t, shown.Document)
	if other := webtest.Get(t, stranger, path); other.Status != http.StatusNotFound {
		t.Errorf("somebody else sees it: %d", other.Status)
	}
	if wrong := webtest.Post(t, site, path, url.Values{web.CeremonyAnswer: {"{}"}}); wrong.Status != http.StatusUnprocessableEntity || !strings.Contains(wrong.Body, "Pay somebody") {
		t.Errorf("a wrong answer: %d", wrong.Status)
	}
	if done := touch(pay); done.Status != http.StatusSeeOther || done.Header.Get("Location") != "https://payroll.example/.warder/step-up/"+string(pay.ID) {
		t.Errorf("after the touch: %d to %q", done.Status, done.Header.Get("Location"))
	}
	if again := webtest.Get(t, site, path); again.Status != http.StatusConflict {
		t.Errorf("what is decided is shown again: %d", again.Status)
	}

	export := ask(func(r *stepup.Request) { r.Method, r.Body, r.Address = "GET", nil, "/export?year=2026" })
	if done := touch(export); done.Header.Get("Location") != "https://payroll.example/export?year=2026" {
		t.Errorf("after the touch: %d to %q", done.Status, done.Header.Get("Location"))
	}
	large := ask(func(r *stepup.Request) { r.Body, r.Address = nil, "/upload" })
	if done := touch(large); done.Status != http.StatusOK || !strings.Contains(done.Body, "send it again within five minutes") {
		t.Errorf("after the touch for something large: %d", done.Status)
	}
	no := ask(func(r *stepup.Request) { r.Address = "/other" })
	if done := webtest.Post(t, site, Path+"/"+string(no.ID)+"/no", nil); done.Status != http.StatusOK || !strings.Contains(done.Body, "Nothing was done") {
		t.Errorf("no: %d", done.Status)
	}
	if nothing := webtest.Get(t, site, Path+"/nonsense"); nothing.Status != http.StatusNotFound {
		t.Errorf("nonsense: %d", nothing.Status)
	}
}
