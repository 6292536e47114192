package web_test

import (
	"embed"
	"errors"
	"io/fs"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/base/web/webtest"
)

//go:embed testdata/*.html
var testFiles embed.FS

type sampleView struct {
	Heading  string
	Name     govuk.Input
	Save     govuk.Button
	Ceremony web.Ceremony
}

func samples(t testing.TB) *web.Templates {
	t.Helper()
	templates, err := web.Parse(sampleFiles(t))
	if err != nil {
		t.Fatal(err)
	}
	return templates
}

func sampleFiles(t testing.TB) fs.FS {
	t.Helper()
	files, err := fs.Sub(testFiles, "testdata")
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// page answers with the sample page.
func page(t testing.TB, change func(*web.Page)) web.Handler {
	templates := samples(t)
	return func(w http.ResponseWriter, r *http.Request) error {
		page := web.Page{
			Name:    "sample.html",
			Title:   "Your name",
			Section: "/people",
			View: sampleView{
				Heading:  "What is your name?",
				Name:     govuk.Input{Name: "name", Label: govuk.Label{Text: "Full name"}},
				Save:     govuk.Button{Text: "Save"},
				Ceremony: web.NewCeremony(r, web.GetCredential, []byte(`{"publicKey":{"challenge":"AA"}}`), "/sample"),
			},
		}
		if change != nil {
			change(&page)
		}
		return templates.Render(w, r, page)
	}
}

func get(path string, permission web.Permission, aal int, handler web.Handler) web.Route {
	return web.Route{Method: http.MethodGet, Path: path, Need: web.Need{Permission: permission, AAL: aal}, Handler: handler}
}

func post(path string, permission web.Permission, aal int, handler web.Handler) web.Route {
	route := get(path, permission, aal, handler)
	route.Method = http.MethodPost
	return route
}

func fine(w http.ResponseWriter, _ *http.Request) error {
	_, err := w.Write([]byte("reached"))
	return err
}

func TestTemplatesAreTypeChecked(t *testing.T) {
	t.Parallel()
	webtest.Check(t, web.OwnFiles(), map[string]any{"error.html": web.ErrorView{}})
	webtest.Check(t, sampleFiles(t), map[string]any{"sample.html": sampleView{}})
}

func TestRouteThatLeavesOpenWhoMayUseItIsRefused(t *testing.T) {
	t.Parallel()
	for name, route := range map[string]web.Route{
		"no permission":       get("/a", web.Nobody, 1, fine),
		"no level":            get("/a", web.PeopleRead, 0, fine),
		"a level above three": get("/a", web.PeopleRead, 4, fine),
		"public with a level": get("/a", web.Public, 1, fine),
		"no handler":          get("/a", web.Public, 0, nil),
		"everything below /":  get("/", web.Public, 0, fine),
		"no slash":            get("a", web.Public, 0, fine),
		"a broken pattern":    get("/{", web.Public, 0, fine),
		"an unknown method":   {Method: "GETT", Path: "/a", Need: web.Need{Permission: web.Public}, Handler: fine},
		"HEAD by itself":      {Method: "HEAD", Path: "/a", Need: web.Need{Permission: web.Public}, Handler: fine},
		"the zero route":      {},
		"a clash with assets": get("/assets/{file}", web.Public, 0, fine),
	} {
		site, err := web.New(webtest.Deps(t, web.Viewer{}))
		if err != nil {
			t.Fatal(err)
		}
		if err := site.Add(route); err == nil {
			t.Errorf("%s: was taken", name)
		}
	}
}

func TestSameRouteTwiceIsRefused(t *testing.T) {
	t.Parallel()
	site, err := web.New(webtest.Deps(t, web.Viewer{}))
	if err != nil {
		t.Fatal(err)
	}
	if err := site.Add(get("/a/{id}", web.Public, 0, fine), get("/a/{name}", web.Public, 0, fine)); err == nil {
		t.Error("was taken")
	}
}

func TestRouteTableIsSortedAndHasTheAssets(t *testing.T) {
	t.Parallel()
	site, err := web.New(webtest.Deps(t, web.Viewer{}))
	if err != nil {
		t.Fatal(err)
	}
	if err := site.Add(post("/b", web.Self, 1, fine), get("/b", web.Self, 1, fine), get("/a", web.Public, 0, fine)); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, route := range site.Routes() {
		got = append(got, route.String())
	}
	want := []string{"GET /a", "GET /assets/{name}", "GET /b", "POST /b"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSiteIsNotMadeWithoutWhatItNeeds(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*web.Deps){
		"no address":           func(d *web.Deps) { d.BaseURL = nil },
		"an address with path": func(d *web.Deps) { d.BaseURL = d.BaseURL.JoinPath("sub") },
		"another scheme":       func(d *web.Deps) { other := *d.BaseURL; other.Scheme = "ftp"; d.BaseURL = &other },
		"no gatekeeper":        func(d *web.Deps) { d.Gatekeeper = nil },
		"no assets":            func(d *web.Deps) { d.Assets = nil },
		"no logger":            func(d *web.Deps) { d.Log = nil },
		"no clock":             func(d *web.Deps) { d.Now = nil },
	} {
		deps := webtest.Deps(t, web.Viewer{})
		change(&deps)
		if _, err := web.New(deps); err == nil {
			t.Errorf("%s: a site was made", name)
		}
	}
}

func TestFailingTemplateWritesNothingOfThePage(t *testing.T) {
	t.Parallel()
	handler := webtest.Site(t, web.Viewer{}, get("/a", web.Public, 0, page(t, func(p *web.Page) { p.View = struct{ Heading string }{"Half a page"} })))
	got := webtest.Get(t, handler, "/a")
	if got.Status != http.StatusInternalServerError || strings.Contains(got.Body, "Half a page") {
		t.Errorf("status %d:\n%s", got.Status, got.Body)
	}
	webtest.Structure(t, got.Document)
}

func TestRenderOutsideASiteIsAnError(t *testing.T) {
	t.Parallel()
	r := webtest.Request(http.MethodGet, "/a", nil)
	if err := samples(t).Render(nil, r, web.Page{Name: "sample.html"}); err == nil {
		t.Error("was rendered")
	}
}

func TestHeadersKeepAPageToItself(t *testing.T) {
	t.Parallel()
	handler := webtest.Site(t, web.Viewer{}, get("/a", web.Public, 0, page(t, nil)))
	for _, path := range []string{"/a", "/nowhere", "https://elsewhere.example/a"} {
		got := webtest.Get(t, handler, path).Header
		want := map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
				"form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
			"X-Content-Type-Options":     "nosniff",
			"Referrer-Policy":            "same-origin",
			"Cross-Origin-Opener-Policy": "same-origin",
			"Strict-Transport-Security":  "max-age=63072000",
			"Cache-Control":              "no-store",
			"Permissions-Policy": "publickey-credentials-get=(self), publickey-credentials-create=(self), " +
				"camera=(), geolocation=(), microphone=(), payment=(), usb=()",
		}
		for name, value := range want {
			if diff := cmp.Diff(value, got.Get(name)); diff != "" {
				t.Errorf("%s: %s: %s", path, name, diff)
			}
		}
	}
}

func TestPlainHTTPTryOutHasNoStrictTransport(t *testing.T) {
	t.Parallel()
	deps := webtest.Deps(t, web.Viewer{})
	deps.BaseURL = address(t, "http://localhost:8080")
	handler := webtest.SiteOf(t, deps, get("/a", web.Public, 0, fine))
	got := webtest.Get(t, handler, "http://localhost:8080/a")
	if got.Status != http.StatusOK || got.Header.Get("Strict-Transport-Security") != "" {
		t.Errorf("status %d, %v", got.Status, got.Header)
	}
}

func TestFormMayEndOnlyAtNamedOrigins(t *testing.T) {
	t.Parallel()
	handler := webtest.Site(t, web.Viewer{},
		get("/a", web.Public, 0, page(t, func(p *web.Page) { p.FormActions = []string{"https://payroll.example:8443"} })),
		get("/b", web.Public, 0, page(t, func(p *web.Page) { p.FormActions = []string{"https://x.example 'unsafe-inline'"} })))
	policy := webtest.Get(t, handler, "/a").Header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "form-action 'self' https://payroll.example:8443; frame") {
		t.Errorf("policy %q", policy)
	}
	if got := webtest.Get(t, handler, "/b").Status; got != http.StatusInternalServerError {
		t.Errorf("a page with a broken origin was shown: %d", got)
	}
}

func TestHandlerCannotMakeAPageBehindSignInCacheable(t *testing.T) {
	t.Parallel()
	cacheable := func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "public, max-age=60")
		return fine(w, r)
	}
	handler := webtest.Site(t, webtest.Viewer("Amina", 2), get("/mine", web.Self, 1, cacheable), get("/keys.json", web.Public, 0, cacheable))
	if got := webtest.Get(t, handler, "/mine").Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("behind sign-in: %q", got)
	}
	if got := webtest.Get(t, handler, "/keys.json").Header.Get("Cache-Control"); got != "public, max-age=60" {
		t.Errorf("public: %q", got)
	}
}

func TestAssetsAreKeptForEverAndServedAtAnyAddress(t *testing.T) {
	t.Parallel()
	handler := webtest.Site(t, web.Viewer{})
	got := webtest.Get(t, handler, "https://elsewhere.example/assets/app-1.css")
	if got.Status != http.StatusOK || got.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
		t.Errorf("status %d, %v", got.Status, got.Header)
	}
}

var errGone = errors.New("the disk is gone")
