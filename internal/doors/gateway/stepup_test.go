package gateway_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/access/stepup"
	"github.com/warder-project/warder/internal/access/stepup/stepupdb"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/seal"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/services"
)

// touching is a key in the hand of its holder: whatever it is asked, it is touched.
type touching struct{ holder ids.Person }

func (k touching) BeginConsent(context.Context, ids.Person, []byte) (options, state []byte, err error) {
	return []byte("{}"), []byte("state"), nil
}

func (k touching) FinishVerification(context.Context, []byte, []byte) (factors.Proof, error) {
	return factors.Proof{Credential: factors.Credential{ID: ids.New[ids.Credential](), Person: k.holder}, UserVerified: true,
		Assurance: decisiontest.Best()}, nil
}

// withActions is a world whose payroll asks for touches.
func withActions(t *testing.T, application http.HandlerFunc, all ...services.Action) *world {
	t.Helper()
	w := newWorld(t, func(o *options) {
		if application != nil {
			o.application = application
		}
		loopback(o)
	})
	for _, action := range all {
		if _, err := w.Services.SetAction(t.Context(), decisiontest.Desk(), w.Payroll.ID, action); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func waiting(t *testing.T, got answer) ids.StepUp {
	t.Helper()
	address := got.Header.Get("Location")
	text, found := strings.CutPrefix(address, portal+"/step-up/")
	id, err := ids.Parse[ids.StepUp](text)
	if got.Status != http.StatusSeeOther || !found || err != nil {
		t.Fatalf("it was not sent to the key: %d to %q: %s", got.Status, address, got.Body)
	}
	return id
}

// by is Amira at the portal, in the session that enter began last.
func (w *world) by() stepup.By { return stepup.By{Person: w.Amira.Person.ID, Session: w.portal} }

func (w *world) touch(t *testing.T, id ids.StepUp) stepup.Held {
	t.Helper()
	if _, err := w.StepUps.Open(t.Context(), w.by(), id); err != nil {
		t.Fatal(err)
	}
	held, err := w.StepUps.Grant(t.Context(), w.by(), id, nil)
	if err != nil {
		t.Fatal(err)
	}
	return held
}

var export = services.Action{Name: "export", Title: "Export the payroll", Methods: []string{"GET"}, Path: "/export", RowsOver: 5}

// rowsOf answers with as many rows as the query says.
func rowsOf(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/csv")
	count := 0
	fmt.Sscan(r.URL.Query().Get("rows"), &count)
	io.WriteString(w, "name,pay\n"+strings.Repeat("a,1\n", count))
}

func TestLargeExportIsHeldUntilTheKeyIsTouched(t *testing.T) {
	t.Parallel()
	w := withActions(t, rowsOf, export)
	token := w.enter(t, decisiontest.Best())
	if got := w.ask(t, "GET", "/export?rows=5", with(token, looking...)...); got.Status != http.StatusOK || strings.Count(got.Body, "\n") != 6 {
		t.Fatalf("a small export: %d %q", got.Status, got.Body)
	}
	held := w.ask(t, "GET", "/export?rows=6", with(token, looking...)...)
	if strings.Contains(held.Body, "a,1") {
		t.Error("the rows came with the question")
	}
	id := waiting(t, held)
	shown, err := w.StepUps.Find(t.Context(), w.by(), id)
	if err != nil || shown.Title != "Export the payroll" || shown.Where != "Payroll" || shown.Amount != "6 rows" || shown.Address != "/export?rows=6" {
		t.Errorf("the page would say %+v: %v", shown.Request, err)
	}
	if again := waiting(t, w.ask(t, "GET", "/export?rows=6", with(token, looking...)...)); again != id {
		t.Error("a reload waits anew")
	}
	w.touch(t, id)
	if other := w.ask(t, "GET", "/export?rows=7", with(token, looking...)...); other.Status != http.StatusSeeOther {
		t.Errorf("the touch opened another export: %d", other.Status)
	}
	if got := w.ask(t, "GET", "/export?rows=6", with(token, looking...)...); got.Status != http.StatusOK || strings.Count(got.Body, "\n") != 7 {
		t.Errorf("after the touch: %d %q", got.Status, got.Body)
	}
	if twice := w.ask(t, "GET", "/export?rows=6", with(token, looking...)...); twice.Status != http.StatusSeeOther {
		t.Errorf("one touch, two exports: %d", twice.Status)
	}
}

func TestExportCannotBeHadInPieces(t *testing.T) {
	t.Parallel()
	w := withActions(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/csv")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader([]byte("name,pay\n"+strings.Repeat("a,1\n", 100))))
	}, export)
	token := w.enter(t, decisiontest.Best())
	waiting(t, w.ask(t, "GET", "/export", with(token, append([]string{"Range", "bytes=0-20"}, looking...)...)...))
	waiting(t, w.ask(t, "GET", "/export", with(token, append([]string{"Accept-Encoding", "gzip"}, looking...)...)...))
}

func TestPaymentIsMadeOnceAfterTheTouch(t *testing.T) {
	t.Parallel()
	w := withActions(t, nil, services.Action{Name: "pay", Title: "Pay", Methods: []string{"POST"}, Path: "/pay"})
	token := w.enter(t, decisiontest.Best())
	form := append([]string{"Content-Type", "application/x-www-form-urlencoded", "Origin", "http://" + payroll, "Sec-Fetch-Mode", "navigate"}, "Accept", "text/html")
	id := waiting(t, w.askBody(t, "POST", "/pay?to=7", strings.NewReader("amount=1000"), with(token, form...)...))
	resume := "/.warder/step-up/" + string(id)
	if early := w.ask(t, "GET", resume, with(token, looking...)...); early.Status != http.StatusForbidden {
		t.Errorf("before the touch: %d %s", early.Status, early.Body)
	}
	held := w.touch(t, id)
	if held.Body == nil || !held.Repeats() {
		t.Errorf("its content is not kept: %+v", held)
	}
	if stranger := w.ask(t, "GET", resume, with(w.enter(t, decisiontest.Best()), looking...)...); stranger.Status != http.StatusForbidden {
		t.Errorf("another session resumes it: %d", stranger.Status)
	}
	told := w.ask(t, "GET", resume, with(token, looking...)...).seen(t)
	if told.Method != "POST" || told.Path != "/pay" || told.Query != "to=7" || told.Body != "amount=1000" ||
		told.Header.Get("Content-Type") != "application/x-www-form-urlencoded" || told.Header.Get("Origin") != "http://"+payroll {
		t.Errorf("the application got %+v", told)
	}
	if twice := w.ask(t, "GET", resume, with(token, looking...)...); twice.Status != http.StatusForbidden {
		t.Errorf("paid twice: %d", twice.Status)
	}
}

func TestContentThatIsTooLargeToWaitIsSentAgain(t *testing.T) {
	t.Parallel()
	w := withActions(t, nil, services.Action{Name: "upload", Title: "Upload", Methods: []string{"PUT"}, Path: "/files", BodyOver: 1000, Keep: time.Minute})
	token := w.enter(t, decisiontest.Best())
	large := strings.Repeat("x", stepup.LargestKept+1)
	if small := w.askBody(t, "PUT", "/files/1", strings.NewReader("x"), with(token, fetching...)...).seen(t); small.Body != "x" {
		t.Errorf("a small one: %+v", small)
	}
	got := w.askBody(t, "PUT", "/files/1", strings.NewReader(large), with(token, fetching...)...)
	challenge := got.Header.Get("WWW-Authenticate")
	_, after, _ := strings.Cut(challenge, portal+"/step-up/")
	text, _, _ := strings.Cut(after, "\"")
	id, err := ids.Parse[ids.StepUp](text)
	if got.Status != http.StatusUnauthorized || !strings.Contains(challenge, `error="insufficient_user_authentication"`) || err != nil {
		t.Fatalf("a program got %d, %q: %v", got.Status, challenge, err)
	}
	if held := w.touch(t, id); held.Body != nil || held.Repeats() {
		t.Error("a large content was kept")
	}
	for range 2 { // it holds for a minute
		if told := w.askBody(t, "PUT", "/files/1", strings.NewReader(large), with(token, fetching...)...).seen(t); len(told.Body) != len(large) {
			t.Errorf("%d bytes arrived", len(told.Body))
		}
	}
	w.Clock.Advance(stepup.OpenFor)
	if late := w.askBody(t, "PUT", "/files/1", strings.NewReader(large), with(token, fetching...)...); late.Status != http.StatusUnauthorized {
		t.Errorf("after its time: %d", late.Status)
	}
}

func TestOtherProxyAsksForTheTouchToo(t *testing.T) {
	t.Parallel()
	w := withActions(t, nil, export)
	token := w.enter(t, decisiontest.Best())
	got := w.authz(t, "127.0.0.1", "GET", "/authz/forward-auth", with(token, append(traefik("GET", "/export?rows=1"), looking...)...)...)
	id := waiting(t, got) // how many rows there will be is not known here
	w.touch(t, id)
	got = w.authz(t, "127.0.0.1", "GET", "/authz/forward-auth", with(token, append(traefik("GET", "/export?rows=1"), looking...)...)...)
	if got.Status != http.StatusOK {
		t.Errorf("after the touch: %d %s", got.Status, got.Body)
	}
}

func TestRequestThatIsNoActionCostsNoLook(t *testing.T) {
	t.Parallel()
	w := withActions(t, nil, export)
	token := w.enter(t, decisiontest.Best())
	if told := w.ask(t, "GET", "/home", with(token, append([]string{"Range", "bytes=0-1"}, looking...)...)...).seen(t); told.Header.Get("Range") != "bytes=0-1" {
		t.Error("an ordinary request was changed")
	}
}

func newStepUps(t testing.TB, h *decisiontest.House, holder ids.Person) *stepup.Desk {
	t.Helper()
	sealer, err := seal.OpenKeyFile(filepath.Join(t.TempDir(), "master.key"), true)
	if err != nil {
		t.Fatal(err)
	}
	return stepup.New(stepup.Deps{Store: stepupdb.New(h.DB, sealer), Keys: touching{holder}, Tx: h.DB, Audit: h.Audit, Now: h.Clock.Now})
}
