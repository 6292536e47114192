package sharedsecretweb

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"rsc.io/qr"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/seal"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/audit/auditdb"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret/sharedsecretdb"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret/totp"
	"github.com/warder-project/warder/internal/registry/password"
	"github.com/warder-project/warder/internal/testkit"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

const good = "the ferry leaves Heysham at dawn"

func TestTemplatesFitTheirViews(t *testing.T) {
	t.Parallel()
	webtest.Check(t, files, map[string]any{"list.html": listView{}, "password.html": passwordView{}, "app.html": appView{}, "makecodes.html": askCodesView{},
		"codes.html": codesView{}, "remove.html": removeView{}, "done.html": doneView{}})
}

// scene is one person before the pages.
type scene struct {
	book     *sharedsecret.Book
	clock    *testkit.Clock
	site     http.Handler
	viewer   web.Viewer
	accepted assurance.Accepted
	fresh    error
	key      bool
	codes    error // why somebody whose session could be phished makes no recovery codes
}

func set(t *testing.T) *scene {
	t.Helper()
	return build(t, webtest.Viewer("Amira Khan", 2))
}

func build(t *testing.T, viewer web.Viewer) *scene {
	t.Helper()
	d := dbtest.SQLite(t)
	s := &scene{clock: testkit.NewClock(), viewer: viewer, key: true,
		accepted: assurance.Accepted{{Method: assurance.Password}, {Method: assurance.TOTP}, {Method: assurance.RecoveryCode}}}
	sealer, err := seal.OpenKeyFile(filepath.Join(t.TempDir(), "master.key"), true)
	if err != nil {
		t.Fatal(err)
	}
	hasher, err := password.NewHasher(password.Cost{Memory: 64, Passes: 1, Threads: 1}, 2)
	if err != nil {
		t.Fatal(err)
	}
	log := audit.New(audit.Deps{Store: auditdb.New(d), Tx: d, Now: s.clock.Now})
	s.book, err = sharedsecret.New(sharedsecret.Deps{Store: sharedsecretdb.New(d), Tx: d, Audit: log, Seal: sealer, Hasher: hasher,
		Now: s.clock.Now, Codes: totp.Usual(), Issuer: "warder.example"})
	if err != nil {
		t.Fatal(err)
	}
	pages, err := New(Deps{Book: s.book, Now: s.clock.Now, Accepted: func(context.Context) assurance.Accepted { return s.accepted },
		Fresh: func(*http.Request) error { return s.fresh },
		Holder: func(_ context.Context, person ids.Person) (factors.Holder, error) {
			return factors.Holder{ID: person, UserName: "amira.khan", Name: "Amira Khan"}, nil
		},
		HasKey:       func(context.Context, ids.Person) (bool, error) { return s.key, nil },
		MayMakeCodes: func(context.Context, ids.Person) error { return s.codes }})
	if err != nil {
		t.Fatal(err)
	}
	s.site = webtest.Site(t, viewer, pages.Routes()...)
	return s
}

func (s *scene) get(t *testing.T, path string) webtest.Response {
	t.Helper()
	got := webtest.Get(t, s.site, path)
	if got.Status == http.StatusOK {
		webtest.Structure(t, got.Document)
	}
	return got
}

func (s *scene) post(t *testing.T, path string, form url.Values) webtest.Response {
	t.Helper()
	return webtest.Post(t, s.site, path, form)
}

func shows(t *testing.T, got webtest.Response, status int, words ...string) {
	t.Helper()
	text := got.Document.Text()
	if got.Status != status {
		t.Fatalf("answered %d, want %d:\n%s", got.Status, status, text)
	}
	for _, one := range words {
		if !strings.Contains(text, one) {
			t.Errorf("%q is not in\n%s", one, text)
		}
	}
}

func (s *scene) held(t *testing.T, method assurance.Method) []sharedsecret.Secret {
	t.Helper()
	held, err := s.book.OfPerson(t.Context(), s.viewer.Person)
	if err != nil {
		t.Fatal(err)
	}
	return sharedsecret.Active(held, method)
}

func (s *scene) setPassword(t *testing.T) {
	t.Helper()
	shows(t, s.post(t, passwordPath, url.Values{"password": {good}, "again": {good}}), http.StatusOK, "Your password is set")
}

var (
	stateField = regexp.MustCompile(`name="state" value="([^"]+)"`)
	shownText  = regexp.MustCompile(`<span class="warder-code">([A-Z2-7 ]+)</span>`)
)

// offered is what an app page holds: the state of its form, and the app itself.
func offered(t *testing.T, page webtest.Response) (state string, app totp.Generator) {
	t.Helper()
	found, text := stateField.FindStringSubmatch(page.Body), shownText.FindStringSubmatch(page.Body)
	if found == nil || text == nil {
		t.Fatalf("no offer in\n%s", page.Body)
	}
	app, err := totp.Parse("totp$SHA1$6$" + strings.ReplaceAll(text[1], " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return found[1], app
}

func (s *scene) addApp(t *testing.T, label string) {
	t.Helper()
	state, app := offered(t, s.get(t, appPath))
	got := s.post(t, appPath, url.Values{"state": {state}, "code": {app.Code(totp.Step(s.clock.Now()))}, "label": {label}})
	if got.Status != http.StatusSeeOther || got.Header.Get("Location") != Path+"?app=added" {
		t.Fatalf("answered %d:\n%s", got.Status, got.Document.Text())
	}
}

func TestPersonSetsAPasswordFromThePage(t *testing.T) {
	t.Parallel()
	s := set(t)
	shows(t, s.get(t, Path), http.StatusOK, "You have no password.", "You have no authenticator app.", "You have no recovery codes.")
	page := s.get(t, passwordPath)
	shows(t, page, http.StatusOK, "At least 15 characters", "You can paste it")
	for _, part := range []string{`autocomplete="new-password"`, `type="password"`, `autocomplete="username"`, `value="amira.khan"`} {
		if !strings.Contains(page.Body, part) {
			t.Errorf("the form lacks %s", part)
		}
	}
	for text, why := range map[string]string{"short": "The password is too short.", "passwordpassword": "one of the first that somebody would try", "": "The password is too short."} {
		shows(t, s.post(t, passwordPath, url.Values{"password": {text}, "again": {text}}), http.StatusUnprocessableEntity, why)
	}
	shows(t, s.post(t, passwordPath, url.Values{"password": {good}, "again": {good + "!"}}), http.StatusUnprocessableEntity, "The two passwords are not the same")
	if len(s.held(t, assurance.Password)) != 0 {
		t.Error("a password was set that should not be")
	}
	s.setPassword(t)
	if _, err := s.book.CheckPassword(t.Context(), s.viewer.Person, secret.New(good)); err != nil {
		t.Error(err)
	}
	shows(t, s.get(t, Path), http.StatusOK, "Change the password", "23 November 2026 at 9am")
}

func TestPasswordIsOnNoPage(t *testing.T) {
	t.Parallel()
	s := set(t)
	for _, form := range []url.Values{
		{"password": {good}, "again": {good + "!"}}, {"password": {"passwordpassword"}, "again": {"passwordpassword"}}, {"password": {good}, "again": {good}},
	} {
		body := s.post(t, passwordPath, form).Body
		for _, typed := range []string{good, "passwordpassword"} {
			if strings.Contains(body, typed) {
				t.Errorf("%q is on the page", typed)
			}
		}
	}
}

func TestPersonAddsAnAppByPictureOrText(t *testing.T) {
	t.Parallel()
	s := set(t)
	page := s.get(t, appPath)
	shows(t, page, http.StatusOK, "Scan this picture with it.", "type this secret into the app")
	for _, part := range []string{`autocomplete="one-time-code"`, `inputmode="numeric"`, `<svg class="warder-qr" role="img"`} {
		if !strings.Contains(page.Body, part) {
			t.Errorf("the page lacks %s", part)
		}
	}
	if strings.Contains(page.Body, "style=") {
		t.Error("inline style, which the browser refuses")
	}
	state, app := offered(t, page)
	// A mistyped code shows the same secret again, with what was typed as its name.
	wrong := s.post(t, appPath, url.Values{"state": {state}, "code": {"000000"}, "label": {"My phone"}})
	shows(t, wrong, http.StatusUnprocessableEntity, "The code from your app is not right.")
	again, same := offered(t, wrong)
	if again != state || same.Text() != app.Text() || !strings.Contains(wrong.Body, `value="My phone"`) {
		t.Error("another secret is shown after a mistyped code")
	}
	shows(t, s.post(t, appPath, url.Values{"state": {state}, "code": {app.Code(totp.Step(s.clock.Now()))}, "label": {strings.Repeat("x", 61)}}),
		http.StatusUnprocessableEntity, "The name for the app is too long.")
	s.addApp(t, "My phone")
	shows(t, s.get(t, Path+"?app=added"), http.StatusOK, "Your authenticator app is set up and works.", "My phone", "Add another app")
	for _, state := range []string{"", "nonsense", "!!"} {
		shows(t, s.post(t, appPath, url.Values{"state": {state}, "code": {"123456"}}), http.StatusConflict, "Setting up the app took too long")
	}
}

// A camera sees the matrix that the encoder made, with its quiet zone.
func TestPictureIsTheQRCode(t *testing.T) {
	t.Parallel()
	app, err := totp.New(totp.Parameters{Algorithm: totp.SHA512, Digits: 8}) // the longest there is
	if err != nil {
		t.Fatal(err)
	}
	text := app.URI("warder.department-for-examples.gov.uk", strings.Repeat("amira.khan", 6))
	drawn, err := draw(text)
	if err != nil {
		t.Fatal(err)
	}
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		t.Fatal(err)
	}
	dark := map[string]bool{}
	for _, run := range strings.Split(strings.TrimSuffix(drawn.Path, "z"), "z") {
		var x, y, width, back int
		if _, err := fmt.Sscanf(run, "M%d %dh%dv1h-%d", &x, &y, &width, &back); err != nil || width != back || width < 1 {
			t.Fatalf("%q: %v", run, err)
		}
		for i := range width {
			dark[strconv.Itoa(x+i)+","+strconv.Itoa(y)] = true
		}
	}
	for y := range drawn.Side {
		for x := range drawn.Side {
			inside := x >= quiet && y >= quiet && x < code.Size+quiet && y < code.Size+quiet
			want := inside && code.Black(x-quiet, y-quiet)
			if dark[strconv.Itoa(x)+","+strconv.Itoa(y)] != want {
				t.Fatalf("module %d, %d is wrong", x, y)
			}
		}
	}
	if drawn.Side != code.Size+8 {
		t.Errorf("the side is %d of %d", drawn.Side, code.Size)
	}
	if _, err := draw(strings.Repeat("x", 5000)); err == nil || strings.Contains(err.Error(), "xxx") {
		t.Errorf("a text that does not fit: %v", err)
	}
}

var shownCode = regexp.MustCompile(`<span class="warder-code">([0-9a-z-]{29})</span>`)

func TestRecoveryCodesAreShownOnce(t *testing.T) {
	t.Parallel()
	s := set(t)
	shows(t, s.get(t, codesPath), http.StatusOK, "The codes are shown once.")
	made := s.post(t, codesPath, nil)
	webtest.Structure(t, made.Document)
	shows(t, made, http.StatusOK, "Print this page", "For amira.khan, made on 23 November 2026 at 9am")
	codes := shownCode.FindAllStringSubmatch(made.Body, -1)
	if len(codes) != 10 {
		t.Fatalf("%d codes are shown", len(codes))
	}
	for range 7 {
		if _, err := s.book.UseRecoveryCode(t.Context(), s.viewer.Person, codes[0][1]); err != nil {
			t.Fatal(err)
		}
		codes = codes[1:]
	}
	later := s.get(t, Path)
	shows(t, later, http.StatusOK, "3 of 10", "You have few recovery codes left.")
	ask := s.get(t, codesPath)
	shows(t, ask, http.StatusOK, "You have 3 left. They stop working")
	for _, page := range []webtest.Response{later, ask} {
		if strings.Contains(page.Body, codes[0][1]) {
			t.Error("a code is shown a second time")
		}
	}
	shows(t, s.post(t, codesPath, nil), http.StatusOK, "Your recovery codes")
	if _, err := s.book.UseRecoveryCode(t.Context(), s.viewer.Person, codes[0][1]); err == nil {
		t.Error("a code of the older set still works")
	}
}

func TestWhatThePolicyDoesNotAcceptCanOnlyBeRemoved(t *testing.T) {
	t.Parallel()
	s := set(t)
	s.setPassword(t)
	s.addApp(t, "My phone")
	s.accepted = assurance.Accepted{{Method: assurance.Password, Until: testkit.Start().Truncate(24 * time.Hour)}, {Method: assurance.TOTP}}
	shows(t, s.get(t, Path), http.StatusOK, "Accepted until the end of 23 November 2026 (midnight UTC). After that, use your security key.")
	s.clock.Advance(24 * time.Hour)
	page := s.get(t, Path)
	shows(t, page, http.StatusOK, "does not accept it any more", "My phone")
	if strings.Contains(page.Document.Text(), "Change the password") || strings.Contains(page.Document.Text(), "Recovery codes") {
		t.Errorf("more can be set up:\n%s", page.Document.Text())
	}
	for _, path := range []string{passwordPath, appPath, codesPath} {
		shows(t, s.get(t, path), http.StatusForbidden, "does not accept this way of signing in")
		shows(t, s.post(t, path, url.Values{"password": {good}, "again": {good}}), http.StatusForbidden, "does not accept this way of signing in")
	}
	shows(t, s.post(t, removePath(s.held(t, assurance.TOTP)[0].ID), nil), http.StatusOK, "Removed: app")
	s.accepted = nil
	shows(t, s.post(t, removePath(s.held(t, assurance.Password)[0].ID), nil), http.StatusOK, "Removed: password")
	shows(t, s.get(t, Path), http.StatusOK, "There is nothing to set up here.")
}

func TestEveryChangeAsksForAFreshProof(t *testing.T) {
	t.Parallel()
	s := set(t)
	s.setPassword(t)
	kept := s.held(t, assurance.Password)[0].ID
	s.fresh = web.StepUpTo(2)
	for _, path := range []string{passwordPath, appPath, codesPath, removePath(kept)} {
		for verb, got := range map[string]webtest.Response{"GET": s.get(t, path), "POST": s.post(t, path, url.Values{"password": {good}, "again": {good}})} {
			if to := got.Header.Get("Location"); !strings.HasPrefix(to, "/signin?") || !strings.Contains(to, "step=2") {
				t.Errorf("%s %s answered %d and leads to %q, not to use a key", verb, path, got.Status, to)
			}
		}
	}
	if now := s.held(t, assurance.Password); len(now) != 1 || now[0].ID != kept || len(s.held(t, assurance.RecoveryCode)) != 0 {
		t.Error("something was changed without")
	}
	shows(t, s.get(t, Path), http.StatusOK, "Change the password") // to look is free
}

// A recovery code opens a registration. Whoever lost their keys, or whoever phished
// the password and the code that they have left, must not make one with those.
func TestWhoHadAKeyMakesNoRecoveryCodesWithoutOne(t *testing.T) {
	t.Parallel()
	phishable := webtest.Viewer("Amira Khan", 2)
	phishable.PhishingResistant = false
	s := build(t, phishable)
	s.codes = sharedsecret.CodesNeedKey.New()
	for _, got := range []webtest.Response{s.get(t, codesPath), s.post(t, codesPath, nil)} {
		shows(t, got, http.StatusForbidden, strings.TrimSuffix(sharedsecret.CodesNeedKey.Sentence, "."))
	}
	if held := s.held(t, assurance.RecoveryCode); len(held) != 0 {
		t.Errorf("they have %+v", held)
	}
	s.setPassword(t)
	strong := build(t, webtest.Viewer("Amira Khan", 2))
	strong.codes = s.codes
	shows(t, strong.post(t, codesPath, nil), http.StatusOK, "Your recovery codes")
}

func TestNobodyReachesTheSecretsOfOthers(t *testing.T) {
	t.Parallel()
	s := set(t)
	s.setPassword(t)
	ben := ids.New[ids.Person]()
	others, err := s.book.SetPassword(t.Context(), audit.Person(ben), ben, secret.New(good))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []ids.Credential{others.ID, ids.New[ids.Credential](), "nonsense"} {
		shows(t, s.get(t, removePath(id)), http.StatusNotFound, "There is no such password, app or set of codes")
		shows(t, s.post(t, removePath(id), nil), http.StatusNotFound, "There is no such password, app or set of codes")
	}
	if _, err := s.book.CheckPassword(t.Context(), ben, secret.New(good)); err != nil {
		t.Error(err)
	}
}

func TestWhoHasNoKeyKeepsTheirLastWayIn(t *testing.T) {
	t.Parallel()
	viewer := webtest.Viewer("Amira Khan", 2)
	viewer.PhishingResistant = false
	s := build(t, viewer)
	s.key = false
	s.setPassword(t)
	s.addApp(t, "Old phone")
	path := func(method assurance.Method) string { return removePath(s.held(t, method)[0].ID) }
	for _, method := range []assurance.Method{assurance.Password, assurance.TOTP} {
		shows(t, s.get(t, path(method)), http.StatusOK, "This browser may be among them.")
		shows(t, s.post(t, path(method), nil), http.StatusConflict, "you could not sign in any more", "Register a security key first.")
	}
	s.clock.Advance(time.Minute)
	s.addApp(t, "New phone")
	got := s.post(t, path(assurance.TOTP), nil)
	shows(t, got, http.StatusOK, "Removed: app", "You are signed out here as well.")
	if strings.Contains(got.Document.Text(), "Sign out") {
		t.Error("the page looks as if somebody were signed in")
	}
	shows(t, s.post(t, path(assurance.TOTP), nil), http.StatusConflict, "you could not sign in any more")
	s.key = true
	shows(t, s.post(t, path(assurance.TOTP), nil), http.StatusOK, "Removed: app")
}
