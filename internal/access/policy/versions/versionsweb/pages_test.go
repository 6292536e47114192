package versionsweb

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	t.Parallel()
	webtest.Check(t, files, map[string]any{"list.html": listView{}, "show.html": showView{}, "edit.html": editView{}, "act.html": actView{}})
}

// office is the pages of somebody who may write policies.
type office struct {
	*decisiontest.House
	site  http.Handler
	stale *bool // their key was touched long ago
}

func openOffice(t *testing.T, permissions ...web.Permission) office {
	t.Helper()
	h := decisiontest.Open(t, dbtest.SQLite(t))
	stale := new(bool)
	pages, err := New(Deps{Policies: h.Policies, Trials: h.Trials, People: h.People, Services: h.Services, Now: h.Clock.Now,
		Fresh: func(context.Context, ids.Person, ids.Session) error {
			if *stale {
				return web.StepUpNeeded.New()
			}
			return nil
		},
		Preview: func(context.Context, string, []byte) ([]string, error) {
			return []string{"password: 7 people have one."}, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	return office{h, webtest.Site(t, webtest.Viewer("Admin", 2, permissions...), pages.Routes()...), stale}
}

func (o office) shows(t *testing.T, got webtest.Response, status int, words ...string) {
	t.Helper()
	webtest.Structure(t, got.Document)
	text := strings.Join(strings.Fields(got.Document.Text()), " ")
	for _, one := range words {
		if got.Status != status || !strings.Contains(text, one) {
			t.Fatalf("answered %d:\n%s\nwant %d with %q", got.Status, text, status, one)
		}
	}
}

// saved posts a form and gives where it led.
func (o office) posts(t *testing.T, path string, form url.Values, where string) {
	t.Helper()
	got := webtest.Post(t, o.site, path, form)
	if got.Status != http.StatusSeeOther || got.Header.Get("Location") != where {
		t.Fatalf("%s: answered %d to %q, want %q\n%s", path, got.Status, got.Header.Get("Location"), where, got.Document.Text())
	}
}

func form(text, tests string, revision int64) url.Values {
	return url.Values{"text": {strings.ReplaceAll(text, "\n", "\r\n")}, "tests": {tests}, "revision": {strconv.FormatInt(revision, 10)}}
}

const stricter = "version: next\nrules:\n- {id: everybody, title: All, services: ['*'], require: {aal: 3, phishing_resistant: true}}\n"

func TestPolicyIsWrittenTriedAndPutInForceOnThePages(t *testing.T) {
	t.Parallel()
	o := openOffice(t, web.DecisionsRead, Write)
	o.shows(t, webtest.Get(t, o.site, ListPath), http.StatusOK, "There is none yet.")
	payroll := o.Service(t, "payroll")
	o.Publish(t, decisiontest.Everybody("now"))
	_, token := o.SignIn(t, o.Somebody(t, "amira.khan"), assurance.Of(assurance.Observation{UserVerified: true}))

	o.shows(t, webtest.Get(t, o.site, NewPath), http.StatusOK, "Write a policy", `version: "now, next"`)
	bad := webtest.Post(t, o.site, NewPath, form("version: x\nrules:\n  - {id: a, title: A, service: [b], require: {aal: 9}}\n", "", 0))
	o.shows(t, bad, http.StatusUnprocessableEntity, `Line 3, column 23: "service" is not known`, "column 52: aal: found", "service: [b]")
	bad = webtest.Post(t, o.site, NewPath, form(stricter, "cases: 5", 0))
	o.shows(t, bad, http.StatusUnprocessableEntity, "Line 1, column 8: cases: expected a list")
	bad = webtest.Post(t, o.site, NewPath, form(strings.ReplaceAll(stricter, "title: All", "title: All, not_groups: [guests]"), "", 0))
	o.shows(t, bad, http.StatusUnprocessableEntity, "Ask for an exception to let somebody in with less for a time")
	tests := "cases: [{name: a plain key is not enough, service: payroll, session: {with: security_key}, expect: {effect: step_up}}]\n"
	o.posts(t, NewPath, form(stricter, tests, 0), "/admin/policy/versions/2?done=saved")
	o.shows(t, webtest.Get(t, o.site, Path(2)+"?done=saved"), http.StatusOK, "It decides nothing yet", "Draft", "Compared with version now",
		"everybody everybody at every service It asks for AAL3, phishing-resistant; it did ask for AAL2, phishing-resistant.", "stricter",
		"a plain key is not enough 1 Holds", "Try in report-only", "Put in force")

	o.shows(t, webtest.Get(t, o.site, Path(2)+"/report-only"), http.StatusOK, "decides nothing and slows nothing", "Begin report-only")
	o.posts(t, Path(2)+"/report-only", url.Values{"revision": {"1"}}, "/admin/policy/versions/2?done=report-only")
	if got := o.Ask(t, "payroll", token); got.Verdict.Effect.String() != "allow" {
		t.Fatal(got.Verdict)
	}
	if err := o.Desk.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.shows(t, webtest.Get(t, o.site, Path(2)), http.StatusOK, "It was asked about 1 decisions. It would have met 1 person: 1 time asked to sign in again, 0 times refused",
		payroll.Name+" 1 1 0 0", "Not known 1 1 0 0", "amira.khan payroll allowed asked to sign in policy.level_too_low, rule everybody")

	o.shows(t, webtest.Get(t, o.site, Path(2)+"/enforce"), http.StatusOK, "everything is decided by it", "password: 7 people have one.", "Put it in force now")
	stale := webtest.Post(t, o.site, Path(2)+"/enforce", url.Values{"revision": {"2"}, "over": {"-1"}})
	o.shows(t, stale, http.StatusConflict, "Another policy has been put in force since you compared yours with it", "In force is version now (number 1)")
	*o.stale = true
	if got := webtest.Post(t, o.site, Path(2)+"/enforce", url.Values{"revision": {"2"}, "over": {"1"}}); got.Status != http.StatusSeeOther || !strings.HasPrefix(got.Header.Get("Location"), "/signin?") {
		t.Errorf("put in force with a key touched long ago: %d to %q", got.Status, got.Header.Get("Location"))
	}
	*o.stale = false
	o.posts(t, Path(2)+"/enforce", url.Values{"revision": {"2"}, "over": {"1"}}, "/admin/policy/versions/2?done=enforce")
	o.shows(t, webtest.Get(t, o.site, Path(2)+"?done=enforce"), http.StatusOK, "It is in force. The next request is decided by it.", "Put in force")
	o.shows(t, webtest.Get(t, o.site, ListPath), http.StatusOK, "next 2 In force", "now 1 Retired")
	if got := o.Ask(t, "payroll", token); got.Verdict.Effect.String() != "step_up" {
		t.Error(got.Verdict)
	}
}

// TestWhoSavesSecondSeesBothTexts: neither what they wrote nor what the other saved is
// lost, and nothing is written over unseen.
func TestWhoSavesSecondSeesBothTexts(t *testing.T) {
	t.Parallel()
	o := openOffice(t, web.DecisionsRead, Write)
	o.posts(t, NewPath, form(stricter, "", 0), "/admin/policy/versions/1?done=saved")
	mine, theirs := strings.ReplaceAll(stricter, "title: All", "title: Mine"), strings.ReplaceAll(stricter, "title: All", "title: Theirs")
	o.posts(t, Path(1)+"/edit", form(theirs, "", 1), "/admin/policy/versions/1?done=saved")
	second := webtest.Post(t, o.site, Path(1)+"/edit", form(mine, "", 1))
	o.shows(t, second, http.StatusUnprocessableEntity, "Somebody else has changed this version since you looked at it", "title: Mine", "title: Theirs")
	if kept, err := o.Policies.Get(t.Context(), 1); err != nil || kept.Text != theirs {
		t.Errorf("%q, %v", kept.Text, err)
	}
	o.posts(t, Path(1)+"/edit", form(mine, "", 2), "/admin/policy/versions/1?done=saved")
	for _, revision := range []int64{0, 2} { // a form without a revision is nobody's
		again := webtest.Post(t, o.site, Path(1)+"/edit", form(theirs, "", revision))
		o.shows(t, again, http.StatusUnprocessableEntity, "Somebody else has changed this version")
	}
	o.shows(t, webtest.Post(t, o.site, Path(1)+"/retire", url.Values{"revision": {"1"}}), http.StatusConflict, "Somebody else has changed this version")
	o.posts(t, Path(1)+"/retire", url.Values{"revision": {"3"}}, "/admin/policy/versions/1?done=retire")
	o.shows(t, webtest.Get(t, o.site, Path(1)+"/edit"), http.StatusConflict, "It is retired.")
}

func TestWhoMayOnlyReadIsOfferedNothingToChange(t *testing.T) {
	t.Parallel()
	o := openOffice(t, web.DecisionsRead)
	if _, err := o.Policies.Import(t.Context(), decisiontest.Desk(), versions.Text{Name: "a file", Body: []byte(stricter)}); err != nil {
		t.Fatal(err)
	}
	got := webtest.Get(t, o.site, Path(1))
	o.shows(t, got, http.StatusOK, "command test, from a file")
	if text := got.Document.Text(); strings.Contains(text, "Try in report-only") {
		t.Error("who may only read is offered to change it")
	}
	for _, path := range []string{NewPath, Path(1) + "/edit", Path(1) + "/enforce"} {
		if got := webtest.Get(t, o.site, path); got.Status != http.StatusForbidden {
			t.Errorf("%s: %d", path, got.Status)
		}
	}
	for path, want := range map[string]int{Path(9): http.StatusNotFound, ListPath + "/x": http.StatusNotFound} {
		if got := webtest.Get(t, o.site, path); got.Status != want {
			t.Errorf("%s: %d", path, got.Status)
		}
	}
}
