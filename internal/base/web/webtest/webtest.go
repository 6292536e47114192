// Package webtest helps tests of pages: it type-checks templates, makes a site
// with a viewer of one's choice around a room's routes, fetches pages as parsed
// documents, and checks what every page must have for people who use a keyboard
// or a screen reader. It is for tests only.
package webtest

import (
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jba/templatecheck"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/assets"
	"github.com/warder-project/warder/internal/base/web/templates"
)

// Base is the address of a site made by Site.
const Base = "https://warder.example"

// Check type-checks every page in files, layout included, against the view it
// is given in views ("list.html": listView{}). A page without a view, and a
// view without a page, is a failure.
func Check(t testing.TB, files fs.FS, views map[string]any) {
	t.Helper()
	set, err := templates.Parse(files)
	if err != nil {
		t.Fatalf("parse templates: %v", err)
	}
	for _, name := range set.Names() {
		if _, ok := views[name]; !ok {
			t.Errorf("%s: no view is given to check it with", name)
		}
	}
	checkLayout(t, set)
	for name, view := range views {
		page, ok := set.Page(name)
		if !ok {
			t.Errorf("%s: there is no such page", name)
			continue
		}
		frame, err := web.FrameFor(view)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := templatecheck.CheckHTML(page, frame); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func checkLayout(t testing.TB, set *templates.Set) {
	t.Helper()
	if err := templatecheck.CheckHTML(set.Layout(), web.Frame{}); err != nil {
		t.Errorf("the layout: %v", err)
	}
}

// Viewer is a person who is signed in with a key, at a level, and has these permissions.
func Viewer(name string, aal int, permissions ...web.Permission) web.Viewer {
	return web.Viewer{
		Person:  ids.New[ids.Person](),
		Name:    name,
		Session: ids.New[ids.Session](),
		AAL:     aal,

		PhishingResistant: true,
		May: func(asked web.Permission) bool {
			for _, one := range permissions {
				if one == asked {
					return true
				}
			}
			return false
		},
	}
}

// Gate is a Gatekeeper that always sees the same viewer, or answers Err.
type Gate struct {
	Seen web.Viewer
	Err  error
}

// Viewer answers with who is seen; nobody, if that is the zero Viewer.
func (g Gate) Viewer(*http.Request) (web.Viewer, error) {
	if g.Err != nil {
		return web.Viewer{}, g.Err
	}
	if !g.Seen.SignedIn() {
		return web.Viewer{}, web.SignInNeeded.New()
	}
	return g.Seen, nil
}

// Deps are what a site needs, with made-up assets, the viewer given, and a
// clock that stands at 23 November 2026, 14:41 UTC. Change what matters to the test.
func Deps(t testing.TB, viewer web.Viewer) web.Deps {
	t.Helper()
	base, err := url.Parse(Base)
	if err != nil {
		t.Fatal(err)
	}
	return web.Deps{
		BaseURL:    base,
		Gatekeeper: Gate{Seen: viewer},
		Assets:     Assets(t),
		Log:        slog.New(slog.NewTextHandler(io.Discard, nil)),
		Now:        func() time.Time { return time.Date(2026, 11, 23, 14, 41, 0, 0, time.UTC) },
	}
}

// Site is a site at Base with the routes given, seen by viewer.
func Site(t testing.TB, viewer web.Viewer, routes ...web.Route) http.Handler {
	t.Helper()
	return SiteOf(t, Deps(t, viewer), routes...)
}

// SiteOf is Site with other Deps.
func SiteOf(t testing.TB, deps web.Deps, routes ...web.Route) http.Handler {
	t.Helper()
	site, err := web.New(deps)
	if err != nil {
		t.Fatalf("make a site: %v", err)
	}
	if err := site.Add(routes...); err != nil {
		t.Fatalf("add routes: %v", err)
	}
	return site.Handler()
}

// Assets are made-up style sheets and scripts, so that a test needs no build.
func Assets(t testing.TB) *assets.Bundle {
	t.Helper()
	bundle, err := assets.Open(fstest.MapFS{
		"manifest.json": {Data: []byte(`{"app.css":"app-1.css","forms.js":"forms-1.js","webauthn.js":"webauthn-1.js","autofill.js":"autofill-1.js","account.js":"account-1.js","favicon.svg":"favicon-1.svg"}`)},
		"app-1.css":     {Data: []byte("body{}")},
		"forms-1.js":    {Data: []byte("export {};")},
		"webauthn-1.js": {Data: []byte("export {};")},
		"autofill-1.js": {Data: []byte("export {};")},
		"account-1.js":  {Data: []byte("export {};")},
		"favicon-1.svg": {Data: []byte("<svg xmlns=\"http://www.w3.org/2000/svg\"/>")},
	})
	if err != nil {
		t.Fatalf("make assets: %v", err)
	}
	return bundle
}

// Get fetches a page as a browser that navigates there. path may be a whole address.
func Get(t testing.TB, handler http.Handler, path string, cookies ...*http.Cookie) Response {
	t.Helper()
	return Do(t, handler, Request(http.MethodGet, path, nil, cookies...))
}

// Post sends a form as a browser does from a page of the same site.
func Post(t testing.TB, handler http.Handler, path string, form url.Values, cookies ...*http.Cookie) Response {
	t.Helper()
	return Do(t, handler, Request(http.MethodPost, path, form, cookies...))
}

// Request is a request as a browser sends it from a page of the same site.
func Request(method, path string, form url.Values, cookies ...*http.Cookie) *http.Request {
	if strings.HasPrefix(path, "/") {
		path = Base + path
	}
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for _, cookie := range cookies {
		r.AddCookie(cookie)
	}
	return r
}

// Do sends any request and parses the answer.
func Do(t testing.TB, handler http.Handler, r *http.Request) Response {
	t.Helper()
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, r)
	result := recorder.Result()
	body, err := io.ReadAll(result.Body)
	if err != nil {
		t.Fatalf("read the answer: %v", err)
	}
	return Response{
		Status:   result.StatusCode,
		Header:   result.Header,
		Cookies:  result.Cookies(),
		Body:     string(body),
		Document: Parse(t, string(body)),
	}
}

// Response is an answer.
type Response struct {
	Status   int
	Header   http.Header
	Cookies  []*http.Cookie
	Body     string
	Document Document
}
