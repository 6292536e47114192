package web_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
)

var update = flag.Bool("update", false, "write the golden files")

func prefixes(texts ...string) []netip.Prefix {
	var parsed []netip.Prefix
	for _, text := range texts {
		parsed = append(parsed, netip.MustParsePrefix(text))
	}
	return parsed
}

func answering(err error) web.Handler {
	return func(http.ResponseWriter, *http.Request) error { return err }
}

func TestEachKindOfProblemHasItsStatus(t *testing.T) {
	t.Parallel()
	for kind, want := range map[problem.Kind]int{
		problem.Internal:    http.StatusInternalServerError,
		problem.Invalid:     http.StatusBadRequest,
		problem.Forbidden:   http.StatusForbidden,
		problem.NotFound:    http.StatusNotFound,
		problem.Conflict:    http.StatusConflict,
		problem.TooMany:     http.StatusTooManyRequests,
		problem.Unavailable: http.StatusServiceUnavailable,
		problem.Kind(99):    http.StatusInternalServerError,
	} {
		err := problem.Define(kind, "test.code", "It went wrong.", "Do that.").New()
		handler := webtest.Site(t, web.Viewer{}, get("/a", web.Public, 0, answering(err)))
		got := webtest.Get(t, handler, "/a")
		if got.Status != want {
			t.Errorf("kind %v: status %d, want %d", kind, got.Status, want)
		}
		webtest.Structure(t, got.Document)
	}
}

func TestProblemIsShownWithItsFieldsAndNextStep(t *testing.T) {
	t.Parallel()
	bad := problem.Define(problem.Invalid, "hr.bad_file", "The file cannot be read.", "Export it again.")
	err := bad.Because(errGone).At(problem.Field{File: "staff.csv", Line: 3, Column: 2, Name: "email", Message: "there is no @"})
	handler := webtest.Site(t, web.Viewer{}, get("/a", web.Public, 0, answering(err)))
	page := webtest.Get(t, handler, "/a")
	for _, want := range []string{"The file cannot be read", "staff.csv:3:2: email: there is no @", "Export it again."} {
		if !strings.Contains(page.Document.Text(), want) {
			t.Errorf("the page does not say %q:\n%s", want, page.Document.Text())
		}
	}
	if strings.Contains(page.Body, errGone.Error()) {
		t.Error("the page shows the cause")
	}
	got := webtest.Do(t, handler, asScript(webtest.Request(http.MethodGet, "/a", nil)))
	want := `{"title":"The file cannot be read.","status":400,"code":"hr.bad_file","kind":"invalid","next":"Export it again.",` +
		`"fields":[{"field":"email","file":"staff.csv","line":3,"column":2,"message":"there is no @"}]}`
	if diff := cmp.Diff(want, got.Body); diff != "" {
		t.Error(diff)
	}
}

func TestProblemThatPassesSaysWhenToComeBack(t *testing.T) {
	t.Parallel()
	slow := problem.Define(problem.TooMany, "test.slow", "That was too often.", "Wait a moment.")
	for wait, want := range map[time.Duration]string{0: "", time.Millisecond: "1", 10 * time.Second: "10", 5*time.Minute + 1: "301"} {
		handler := webtest.Site(t, web.Viewer{}, get("/a", web.Public, 0, answering(slow.New().After(wait))))
		for name, request := range map[string]*http.Request{"page": webtest.Request(http.MethodGet, "/a", nil),
			"script": asScript(webtest.Request(http.MethodGet, "/a", nil))} {
			if got := webtest.Do(t, handler, request).Header.Get("Retry-After"); got != want {
				t.Errorf("%s after %s: Retry-After %q, want %q", name, wait, got, want)
			}
		}
	}
}

func TestUnknownErrorShowsOnlyAnIncidentNumber(t *testing.T) {
	t.Parallel()
	secretCause := errors.New("pq: relation key of host db7 is gone")
	for name, handler := range map[string]web.Handler{
		"an unknown error": answering(secretCause),
		"an internal problem": answering(problem.Define(problem.Internal, "db.corrupt", "Table key of host db7 is gone.", "x").
			Because(secretCause)),
		"a panic": func(http.ResponseWriter, *http.Request) error { panic(secretCause) },
	} {
		var log bytes.Buffer
		deps := webtest.Deps(t, web.Viewer{})
		deps.Log = slog.New(slog.NewTextHandler(&log, nil))
		site := webtest.SiteOf(t, deps, get("/a", web.Public, 0, handler))
		got := webtest.Get(t, site, "/a")
		if got.Status != http.StatusInternalServerError || strings.Contains(got.Body, "db7") {
			t.Errorf("%s: status %d:\n%s", name, got.Status, got.Body)
		}
		webtest.Structure(t, got.Document)
		number := regexp.MustCompile(`[A-Z2-7]{4}-[A-Z2-7]{4}`).FindString(got.Body)
		if number == "" || strings.Count(log.String(), number) != 2 || !strings.Contains(log.String(), "db7") {
			t.Errorf("%s: incident %q, log:\n%s", name, number, log.String())
		}
	}
}

func TestAnswerThatBreaksOffIsNotTakenForAWholeOne(t *testing.T) {
	t.Parallel()
	handler := webtest.Site(t, web.Viewer{}, get("/a", web.Public, 0, func(w http.ResponseWriter, _ *http.Request) error {
		if _, err := w.Write([]byte("half")); err != nil {
			return err
		}
		return errGone
	}))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Host, r.RemoteAddr = "warder.example", "10.0.0.1:1"
		r.TLS = httptest.NewRequest(http.MethodGet, webtest.Base, nil).TLS
		handler.ServeHTTP(w, r)
	}))
	defer server.Close()
	response, err := http.Get(server.URL + "/a")
	if err == nil {
		defer response.Body.Close()
		_, err = io.ReadAll(response.Body)
	}
	if err == nil {
		t.Error("the answer looked complete")
	}
}

func TestEveryProblemOfOursHasASentenceAndANextStep(t *testing.T) {
	t.Parallel()
	for _, one := range []problem.Definition{web.SignInNeeded, web.StepUpNeeded, web.NotAllowed, web.NotFound,
		web.WrongMethod, web.CrossSite, web.TooLarge, web.WrongAddress, web.Unexpected} {
		if !strings.HasPrefix(one.Code, "web.") || !strings.HasSuffix(one.Sentence, ".") || !strings.HasSuffix(one.Next, ".") {
			t.Errorf("%+v", one)
		}
	}
}

func TestPagesLookAsAgreed(t *testing.T) {
	t.Parallel()
	navigation := []web.NavItem{
		{Label: "Your keys", Path: "/account", Permission: web.Self},
		{Label: "People", Path: "/people", Permission: web.PeopleRead},
		{Label: "Audit", Path: "/audit", Permission: web.AuditRead},
	}
	footer := []web.NavItem{{Label: "Help", Path: "/help", Permission: web.Public}}
	for name, one := range map[string]struct {
		viewer  web.Viewer
		demo    bool
		handler web.Handler
	}{
		"signed_out": {handler: page(t, nil)},
		"signed_in":  {viewer: webtest.Viewer("Amina <b>Yusuf</b>", 2, web.PeopleRead), demo: true, handler: page(t, nil)},
		"with_errors": {viewer: webtest.Viewer("Amina Yusuf", 2, web.PeopleRead), handler: page(t, func(p *web.Page) {
			p.Errors = []web.FieldError{{Field: "name", Message: "Enter your full name"}, {Message: "Try again later"}}
			view := p.View.(sampleView)
			view.Name.ErrorMessage = web.ErrorFor(p.Errors, "name")
			p.View, p.Status, p.Scripts = view, http.StatusBadRequest, []string{web.CeremonyScript}
		})},
		"not_allowed":  {handler: answering(web.NotAllowed.New())},
		"wrong_method": {handler: answering(web.WrongMethod.Detailf("The page is read only."))},
	} {
		deps := webtest.Deps(t, one.viewer)
		deps.Demo, deps.Navigation, deps.Footer = one.demo, navigation, footer
		handler := webtest.SiteOf(t, deps, get("/a", web.Public, 0, one.handler), get("/help", web.Public, 0, fine), post(web.SignOutPath, web.Self, 1, fine))
		got := webtest.Get(t, handler, "/a")
		webtest.Structure(t, got.Document)
		golden(t, name+".golden", squeezed(got.Body))
	}
}

// squeezed leaves out lines that templates leave empty, and indentation.
func squeezed(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (run the test with -update and read the file)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestFieldErrorsComeFromInvalidProblemsOnly(t *testing.T) {
	t.Parallel()
	invalid := problem.Define(problem.Invalid, "people.bad", "That is not right.", "Change it.")
	found, ok := web.FieldErrors(invalid.New().At(problem.Field{Name: "email", Message: "Enter an email address"}))
	if !ok || web.ErrorFor(found, "email").Text != "Enter an email address" || web.ErrorFor(found, "name").Text != "" {
		t.Errorf("%v %v", found, ok)
	}
	found, ok = web.FieldErrors(invalid.Detailf("Line 3."))
	if diff := cmp.Diff([]web.FieldError{{Message: "That is not right. Line 3. Change it."}}, found); !ok || diff != "" {
		t.Error(diff)
	}
	if _, ok := web.FieldErrors(web.NotFound.New()); ok {
		t.Error("a page that is not there became a form error")
	}
	refused := problem.Define(problem.Conflict, "people.twice", "That is there already.", "Look at it.")
	if diff := cmp.Diff([]web.FieldError{{Message: "That is there already. Look at it."}}, web.Complaints(refused.New())); diff != "" {
		t.Error(diff)
	}
	if _, ok := web.FieldErrors(errGone); ok {
		t.Error("an unknown error became a form error")
	}
}

func TestJSONAnswerIsValidForHostileText(t *testing.T) {
	t.Parallel()
	err := web.NotFound.Detailf("%s", "\"</script>\x00\xff")
	handler := webtest.Site(t, web.Viewer{}, get("/a", web.Public, 0, answering(err)))
	got := webtest.Do(t, handler, asScript(webtest.Request(http.MethodGet, "/a", nil)))
	if !json.Valid([]byte(got.Body)) || strings.Contains(got.Body, "</script>") {
		t.Errorf("body %q", got.Body)
	}
}
