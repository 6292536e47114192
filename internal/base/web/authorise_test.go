package web_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
)

func address(t testing.TB, text string) *url.URL {
	t.Helper()
	parsed, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// asScript makes a request one of a script: no navigation, JSON asked for.
func asScript(r *http.Request) *http.Request {
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Sec-Fetch-Mode", "cors")
	return r
}

func codeOf(t testing.TB, got webtest.Response) string {
	t.Helper()
	if kind := got.Header.Get("Content-Type"); kind != "application/problem+json" {
		t.Fatalf("content type %q, body %s", kind, got.Body)
	}
	var answer struct {
		Code   string
		Status int
		Next   string
	}
	if err := json.Unmarshal([]byte(got.Body), &answer); err != nil {
		t.Fatal(err)
	}
	if answer.Status != got.Status || answer.Next == "" {
		t.Errorf("answer %+v for status %d", answer, got.Status)
	}
	return answer.Code
}

func TestHandlerIsReachedOnlyByThoseItIsFor(t *testing.T) {
	t.Parallel()
	unreadable := webtest.Gate{Err: problem.Define(problem.Unavailable, "db.unavailable", "The database is away.", "Wait.").Because(errGone)}
	broken := webtest.Gate{Err: errGone}
	nobody := webtest.Gate{}
	zero := web.Viewer{AAL: 3, May: func(web.Permission) bool { return true }} // no person
	mute := webtest.Viewer("Mute", 3)
	mute.May = nil
	reader := webtest.Viewer("Reader", 1, web.PeopleRead)
	strong := webtest.Viewer("Strong", 2, web.PeopleRead)
	phishable := webtest.Viewer("Phishable", 2, web.PeopleRead)
	phishable.PhishingResistant = false
	for _, one := range []struct {
		who  string
		gate web.Gatekeeper
		need web.Need
		code string // empty: reached
	}{
		{"nobody", nobody, web.Need{Permission: web.Public}, ""},
		{"nobody", nobody, web.Need{Permission: web.Self, AAL: 1}, "web.sign_in_needed"},
		{"nobody", nobody, web.Need{Permission: web.PeopleRead, AAL: 1}, "web.sign_in_needed"},
		{"a viewer without a person", gate{zero}, web.Need{Permission: web.PeopleRead, AAL: 1}, "web.sign_in_needed"},
		{"one whose permissions are not known", webtest.Gate{Seen: mute}, web.Need{Permission: web.PeopleRead, AAL: 1}, "web.not_allowed"},
		{"one whose permissions are not known", webtest.Gate{Seen: mute}, web.Need{Permission: web.Self, AAL: 1}, ""},
		{"a reader", webtest.Gate{Seen: reader}, web.Need{Permission: web.Public}, ""},
		{"a reader", webtest.Gate{Seen: reader}, web.Need{Permission: web.PeopleRead, AAL: 1}, ""},
		{"a reader", webtest.Gate{Seen: reader}, web.Need{Permission: web.PeopleRead, AAL: 2}, "web.step_up_needed"},
		{"a reader", webtest.Gate{Seen: reader}, web.Need{Permission: web.PeopleWrite, AAL: 1}, "web.not_allowed"},
		{"a reader", webtest.Gate{Seen: reader}, web.Need{Permission: web.PeopleWrite, AAL: 3}, "web.not_allowed"},
		{"a strong reader", webtest.Gate{Seen: strong}, web.Need{Permission: web.PeopleRead, AAL: 2}, ""},
		{"a strong reader", webtest.Gate{Seen: strong}, web.Need{Permission: web.Self, AAL: 3}, "web.step_up_needed"},
		{"one with a password and a code", webtest.Gate{Seen: phishable}, web.Need{Permission: web.Public}, ""},
		{"one with a password and a code", webtest.Gate{Seen: phishable}, web.Need{Permission: web.Self, AAL: 1}, "web.step_up_needed"},
		{"one with a password and a code", webtest.Gate{Seen: phishable}, web.Need{Permission: web.Self, AAL: 1, Phishable: true}, ""},
		{"one with a password and a code", webtest.Gate{Seen: phishable}, web.Need{Permission: web.Self, AAL: 3, Phishable: true}, "web.step_up_needed"},
		{"one with a password and a code", webtest.Gate{Seen: phishable}, web.Need{Permission: web.PeopleRead, AAL: 1}, "web.step_up_needed"},
		{"sessions that cannot be read", unreadable, web.Need{Permission: web.Public}, ""},
		{"sessions that cannot be read", unreadable, web.Need{Permission: web.Self, AAL: 1}, "db.unavailable"},
		{"a broken gatekeeper", broken, web.Need{Permission: web.Self, AAL: 1}, "web.unexpected"},
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			reached := false
			deps := webtest.Deps(t, web.Viewer{})
			deps.Gatekeeper = one.gate
			handler := webtest.SiteOf(t, deps, web.Route{Method: method, Path: "/a", Need: one.need,
				Handler: func(w http.ResponseWriter, r *http.Request) error { reached = true; return fine(w, r) }})
			got := webtest.Do(t, handler, asScript(webtest.Request(method, "/a", nil)))
			if reached != (one.code == "") {
				t.Errorf("%s, %s %v: reached = %v", one.who, method, one.need, reached)
			}
			if one.code != "" && codeOf(t, got) != one.code {
				t.Errorf("%s, %s %v: code %s, want %s", one.who, method, one.need, codeOf(t, got), one.code)
			}
		}
	}
}

// gate answers with its viewer, whoever that is.
type gate struct{ seen web.Viewer }

func (g gate) Viewer(*http.Request) (web.Viewer, error) { return g.seen, nil }

func TestNavigationWithoutSessionGoesToSignInAndBack(t *testing.T) {
	t.Parallel()
	handler := webtest.Site(t, web.Viewer{}, get("/people", web.PeopleRead, 2, fine), post("/people", web.PeopleWrite, 2, fine))
	got := webtest.Get(t, handler, "/people?text=a%26b&after=2")
	if got.Status != http.StatusSeeOther || got.Header.Get("Location") != "/signin?next=%2Fpeople%3Ftext%3Da%2526b%26after%3D2" {
		t.Errorf("GET: %d to %q", got.Status, got.Header.Get("Location"))
	}
	for referer, want := range map[string]string{
		webtest.Base + "/people?after=3":  "/signin?next=%2Fpeople%3Fafter%3D3",
		"https://evil.example/people":     "/signin?next=%2F",
		webtest.Base + ".evil.example/x":  "/signin?next=%2F",
		webtest.Base + "//evil.example/x": "/signin?next=%2F",
		"":                                "/signin?next=%2F",
	} {
		r := webtest.Request(http.MethodPost, "/people", url.Values{"name": {"x"}})
		r.Header.Set("Referer", referer)
		got := webtest.Do(t, handler, r)
		if got.Status != http.StatusSeeOther || got.Header.Get("Location") != want {
			t.Errorf("POST from %q: %d to %q, want %q", referer, got.Status, got.Header.Get("Location"), want)
		}
	}
}

func TestStepUpNamesTheLevelThatIsNeeded(t *testing.T) {
	t.Parallel()
	handler := webtest.Site(t, webtest.Viewer("Amina", 1),
		get("/strong", web.Self, 3, fine),
		get("/payroll", web.Self, 1, func(http.ResponseWriter, *http.Request) error { return web.StepUpTo(2) }),
		get("/codes", web.Self, 1, func(http.ResponseWriter, *http.Request) error { return web.StepUpAnyWay(2) }),
		get("/again", web.Self, 1, func(http.ResponseWriter, *http.Request) error { return web.StepUpNeeded.New() }))
	for path, step := range map[string]string{"/strong": "3", "/payroll": "2", "/again": "1", "/codes": "2&way=any"} {
		got := webtest.Get(t, handler, path)
		want := "/signin?next=" + url.QueryEscape(path) + "&step=" + step
		if got.Status != http.StatusSeeOther || got.Header.Get("Location") != want {
			t.Errorf("%s: %d to %q, want %q", path, got.Status, got.Header.Get("Location"), want)
		}
	}
}

func TestScriptIsNeverRedirectedIntoAPage(t *testing.T) {
	t.Parallel()
	handler := webtest.Site(t, web.Viewer{}, get("/a", web.Self, 1, fine))
	r := webtest.Request(http.MethodGet, "/a", nil)
	r.Header.Set("Sec-Fetch-Mode", "cors") // asks for HTML, but is a fetch
	if got := webtest.Do(t, handler, r); got.Status != http.StatusUnauthorized {
		t.Errorf("status %d to %q", got.Status, got.Header.Get("Location"))
	}
	r = webtest.Request(http.MethodGet, "/a", nil)
	r.Header.Del("Sec-Fetch-Mode")
	r.Header.Set("Accept", "*/*")
	got := webtest.Do(t, handler, r)
	if got.Status != http.StatusUnauthorized || codeOf(t, got) != "web.sign_in_needed" || got.Header.Get("WWW-Authenticate") == "" {
		t.Errorf("status %d, %v", got.Status, got.Header)
	}
}

func TestOtherSitesCannotActForAPerson(t *testing.T) {
	t.Parallel()
	reached := false
	handler := webtest.Site(t, webtest.Viewer("Amina", 2, web.KeysBlock), post("/keys/block", web.KeysBlock, 2,
		func(w http.ResponseWriter, r *http.Request) error { reached = true; return fine(w, r) }))
	for name, change := range map[string]func(*http.Request){
		"fetch metadata":   func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"a sibling host":   func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
		"an older browser": func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "https://evil.example") },
		"an opaque origin": func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "null") },
		"the same over http": func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			r.Header.Set("Origin", "http://warder.example")
		},
	} {
		r := asScript(webtest.Request(http.MethodPost, "/keys/block", url.Values{"id": {"1"}}))
		change(r)
		got := webtest.Do(t, handler, r)
		if got.Status != http.StatusForbidden || codeOf(t, got) != "web.cross_site" || reached {
			t.Errorf("%s: status %d, reached %v", name, got.Status, reached)
		}
	}
	r := webtest.Request(http.MethodPost, "/keys/block", url.Values{"id": {"1"}})
	r.Header.Del("Sec-Fetch-Site")
	r.Header.Set("Origin", webtest.Base)
	if got := webtest.Do(t, handler, r); got.Status != http.StatusOK {
		t.Errorf("our own form: %d %s", got.Status, got.Body)
	}
}

func TestWrongAddressIsAPageWithTheRightLink(t *testing.T) {
	t.Parallel()
	asked := false
	deps := webtest.Deps(t, web.Viewer{})
	deps.Gatekeeper = gateFunc(func() { asked = true })
	handler := webtest.SiteOf(t, deps, get("/signin", web.Public, 0, fine))
	for _, path := range []string{
		"https://warder.other/signin?next=%2Fkeys", "http://warder.example/signin?next=%2Fkeys",
		"https://warder.example:8443/signin?next=%2Fkeys", "https://127.0.0.1/signin?next=%2Fkeys",
		"https://warder.example.evil.example/signin?next=%2Fkeys",
	} {
		got := webtest.Get(t, handler, path)
		if got.Status != http.StatusMisdirectedRequest || got.Document.Heading() != "You are at the wrong address" {
			t.Errorf("%s: status %d, heading %q", path, got.Status, got.Document.Heading())
		}
		webtest.Structure(t, got.Document)
		if !strings.Contains(got.Body, `href="https://warder.example/signin?next=%2Fkeys"`) {
			t.Errorf("%s: no link to the right address:\n%s", path, got.Body)
		}
	}
	if asked {
		t.Error("the session was looked up at a wrong address")
	}
	for _, path := range []string{"https://warder.example/signin", "https://WARDER.example:443/signin"} {
		if got := webtest.Get(t, handler, path); got.Status != http.StatusOK {
			t.Errorf("%s: status %d", path, got.Status)
		}
	}
}

type gateFunc func()

func (g gateFunc) Viewer(*http.Request) (web.Viewer, error) {
	g()
	return web.Viewer{}, web.SignInNeeded.New()
}

func TestForwardedSchemeIsBelievedFromConfiguredProxiesOnly(t *testing.T) {
	t.Parallel()
	deps := webtest.Deps(t, web.Viewer{})
	deps.Proxies = prefixes("10.1.0.0/16", "::1/128")
	handler := webtest.SiteOf(t, deps, get("/a", web.Public, 0, fine))
	for _, one := range []struct {
		peer, proto string
		want        int
	}{
		{"10.1.2.3:5000", "https", http.StatusOK},
		{"[::ffff:10.1.2.3]:5000", "https", http.StatusOK},
		{"[::1]:5000", "https", http.StatusOK},
		{"10.1.2.3:5000", "http", http.StatusMisdirectedRequest},
		{"10.1.2.3:5000", "", http.StatusMisdirectedRequest},
		{"10.2.2.3:5000", "https", http.StatusMisdirectedRequest},
		{"@", "https", http.StatusMisdirectedRequest},
	} {
		r := webtest.Request(http.MethodGet, "http://warder.example/a", nil)
		r.RemoteAddr = one.peer
		if one.proto != "" {
			r.Header.Set("X-Forwarded-Proto", one.proto)
		}
		if got := webtest.Do(t, handler, r); got.Status != one.want {
			t.Errorf("from %s saying %q: %d, want %d", one.peer, one.proto, got.Status, one.want)
		}
	}
}

func TestUnknownAddressAndWrongMethodAreToldApart(t *testing.T) {
	t.Parallel()
	handler := webtest.Site(t, web.Viewer{}, get("/keys/{id}", web.Self, 1, fine), post("/keys/{id}/block", web.Self, 1, fine))
	got := webtest.Do(t, handler, asScript(webtest.Request(http.MethodGet, "/nowhere", nil)))
	if got.Status != http.StatusNotFound || codeOf(t, got) != "web.not_found" {
		t.Errorf("unknown: %d", got.Status)
	}
	for method, path := range map[string]string{http.MethodGet: "/keys/1/block", http.MethodDelete: "/keys/1", "TRACE": "/keys/1"} {
		got := webtest.Do(t, handler, asScript(webtest.Request(method, path, nil)))
		if got.Status != http.StatusMethodNotAllowed || codeOf(t, got) != "web.wrong_method" {
			t.Errorf("%s %s: %d", method, path, got.Status)
		}
	}
	got = webtest.Do(t, handler, asScript(webtest.Request(http.MethodDelete, "/keys/1", nil)))
	if diff := cmp.Diff("GET", got.Header.Get("Allow")); diff != "" {
		t.Error(diff)
	}
}

func TestBodyIsLimited(t *testing.T) {
	t.Parallel()
	read := func(w http.ResponseWriter, r *http.Request) error {
		if err := r.ParseForm(); err != nil {
			return err
		}
		return fine(w, r)
	}
	large := post("/large", web.Self, 1, read)
	large.MaxBody = 4 << 20
	handler := webtest.Site(t, webtest.Viewer("Amina", 1), post("/small", web.Self, 1, read), large)
	form := url.Values{"file": {strings.Repeat("x", 2<<20)}}
	for _, known := range []bool{true, false} {
		r := asScript(webtest.Request(http.MethodPost, "/small", form))
		if !known {
			r.ContentLength = -1 // chunked
		}
		got := webtest.Do(t, handler, r)
		if got.Status != http.StatusRequestEntityTooLarge || codeOf(t, got) != "web.too_large" {
			t.Errorf("length known %v: %d %s", known, got.Status, got.Body)
		}
	}
	if got := webtest.Post(t, handler, "/large", form); got.Status != http.StatusOK {
		t.Errorf("large: %d %s", got.Status, got.Body)
	}
}

func TestRequestLogHasThePatternAndThePersonButNoAddress(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	viewer := webtest.Viewer("Amina Yusuf", 2)
	deps := webtest.Deps(t, viewer)
	deps.Log = slog.New(slog.NewJSONHandler(&log, nil))
	handler := webtest.SiteOf(t, deps, get("/enrol/{token}", web.Public, 0, fine))
	webtest.Get(t, handler, "/enrol/s3cret-token?code=hidden")
	var line struct {
		Msg, Method, Route, Person string
		Status                     int
		Bytes                      int64
	}
	if err := json.Unmarshal(log.Bytes(), &line); err != nil {
		t.Fatalf("%v: %s", err, log.String())
	}
	if line.Route != "/enrol/{token}" || line.Status != 200 || line.Bytes != 7 || line.Person != string(viewer.Person) {
		t.Errorf("log %s", log.String())
	}
	for _, hidden := range []string{"s3cret", "hidden", "Amina"} {
		if strings.Contains(log.String(), hidden) {
			t.Errorf("the log has %q: %s", hidden, log.String())
		}
	}
}
