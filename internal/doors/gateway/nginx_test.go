package gateway_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/testkit"
	"github.com/warder-project/warder/internal/testkit/nginxtest"
)

// nginxSnippet is the configuration that docs/operate/gateway.md tells people to
// use, with the addresses of the test in the place of those of the document.
func nginxSnippet(t *testing.T, addresses map[string]string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(testkit.Root(t), "docs", "operate", "gateway.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, snippet, found := strings.Cut(string(text), "```nginx\n")
	snippet, _, closed := strings.Cut(snippet, "```\n")
	if !found || !closed {
		t.Fatal("the document has no nginx configuration any more")
	}
	for written, real := range addresses {
		if !strings.Contains(snippet, written) {
			t.Fatalf("the configuration in the document does not mention %s", written)
		}
		snippet = strings.ReplaceAll(snippet, written, real)
	}
	return snippet
}

// behindNginx is a world whose gateway nobody reaches but a real nginx, which
// passes requests on to a plain application by itself.
type behindNginx struct {
	*world
	address string
	authz   *httptest.Server
}

func newBehindNginx(t *testing.T) behindNginx {
	t.Helper()
	w := newWorld(t, loopback)
	application := httptest.NewServer(http.HandlerFunc(tell))
	t.Cleanup(application.Close)
	authz := httptest.NewServer(w.Gate.Authz())
	t.Cleanup(authz.Close)
	address := testkit.FreeAddress(t)
	nginxtest.Start(t, address, nginxSnippet(t, map[string]string{
		"127.0.0.1:8080": address, "127.0.0.1:8420": authz.Listener.Addr().String(),
		"127.0.0.1:8421": w.server.Listener.Addr().String(), "10.0.0.5:8080": application.Listener.Addr().String(),
	}))
	return behindNginx{world: w, address: address, authz: authz}
}

func (b behindNginx) ask(t *testing.T, method, target string, headers ...string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), method, "http://"+b.address+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = payroll
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			request.Host = headers[i+1]
			continue
		}
		request.Header[headers[i]] = append(request.Header[headers[i]], headers[i+1])
	}
	response, err := noRedirects.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{Status: response.StatusCode, Header: response.Header, Body: string(body)}
}

func TestNginxInFrontOfAPlainApplication(t *testing.T) {
	t.Parallel()
	b := newBehindNginx(t)

	// Signed out: a person is sent to sign in, a program is told.
	begun := b.ask(t, "GET", "/payslips?year=2026", looking...)
	if want := "http://" + payroll + "/.warder/signin?next=%2Fpayslips%3Fyear%3D2026"; begun.Status != 303 || begun.Header.Get("Location") != want {
		t.Fatalf("looking, signed out: %d %q, want 303 %q", begun.Status, begun.Header.Get("Location"), want)
	}
	for name, headers := range map[string][]string{"script": fetching, "forged header": {"Remote-User", "the.minister"},
		"WebSocket": {"Connection", "Upgrade", "Upgrade", "websocket", "Sec-Websocket-Version", "13", "Sec-Websocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}} {
		got := b.ask(t, "GET", "/api", headers...)
		if got.Status != 401 || got.Header.Get("Location") != "" || !strings.Contains(got.Header.Get("WWW-Authenticate"), `Warder realm="payroll.example.org"`) {
			t.Errorf("%s, signed out: %d %v", name, got.Status, got.Header)
		}
	}
	if got := b.ask(t, "POST", "/payslips", looking...); got.Status != 401 {
		t.Errorf("a form, signed out: %d", got.Status)
	}

	// The journey, all of it through nginx.
	toPortal := b.ask(t, "GET", begun.location(t).RequestURI(), looking...)
	if toPortal.Status != 303 || !strings.HasPrefix(toPortal.Header.Get("Location"), portal+"/signin?") {
		t.Fatalf("to the portal: %d %v", toPortal.Status, toPortal.Header)
	}
	state := toPortal.cookie(t, "warder_state").Value
	session, _ := b.SignIn(t, b.Amira, decisiontest.Best())
	ticket, err := b.Sessions.Ticket(t.Context(), session.ID, payroll)
	if err != nil {
		t.Fatal(err)
	}
	back := b.ask(t, "GET", "/.warder/callback?"+url.Values{"ticket": {ticket.Reveal()}, "state": {state}, "next": {"/payslips"}}.Encode(),
		append([]string{"Cookie", "warder_state=" + state}, looking...)...)
	if back.Status != 303 || back.Header.Get("Location") != "http://"+payroll+"/payslips" {
		t.Fatalf("back from the portal: %d %v", back.Status, back.Header)
	}
	cookie := "warder_gate=" + back.cookie(t, "warder_gate").Value

	// Signed in: the application knows, from Warder and nobody else.
	forged := []string{"Cookie", cookie, "Remote-User", "the.minister", "remote-user", "the.minister", "Remote_User", "the.minister", "Remote-Groups", "administrators",
		"Remote-Email", "the.minister", "Remote-Name", "the.minister", "Warder-Assertion", "eyJub25l.", "X-Forwarded-For", "203.0.113.9", "Connection", "Remote-User, Warder-Assertion"}
	for _, method := range []string{"GET", "POST", "DELETE"} {
		told := b.ask(t, method, "/payslips?year=2026", forged...).seen(t)
		if told.Method != method || told.Path != "/payslips" || told.Query != "year=2026" || told.Host != payroll {
			t.Errorf("the application saw %+v", told)
		}
		if got := b.assertion(t, told.Header)["sub"]; got != string(b.Amira.Person.ID) {
			t.Errorf("the assertion is about %v", got)
		}
		for name, want := range map[string]string{"Remote-User": "amira.khan", "Remote-Email": "amira.khan@example.org", "Remote-Name": "amira.khan", "Remote-Groups": "finance,staff", "X-Forwarded-For": "127.0.0.1", "Cookie": ""} {
			if got := strings.Join(told.Header[name], "|"); got != want {
				t.Errorf("the application saw %s: %q, want %q", name, got, want)
			}
		}
		for name, values := range told.Header {
			if strings.Contains(strings.Join(values, " "), "the.minister") {
				t.Errorf("the application saw %s: %q", name, values)
			}
		}
	}

	// Lost: the very next request is refused.
	b.lose(t, keys.Lost)
	lost := b.ask(t, "GET", "/payslips", append([]string{"Cookie", cookie}, fetching...)...)
	if lost.Status != 401 || lost.Header.Get("X-Told") != "" || !strings.Contains(lost.Header.Get("WWW-Authenticate"), `reason="policy.key_lost"`) {
		t.Errorf("lost key: %d %v", lost.Status, lost.Header)
	}
}

func TestNginxShowsWhyAPersonIsRefused(t *testing.T) {
	t.Parallel()
	b := newBehindNginx(t)
	token := b.enter(t, decisiontest.Best())
	if _, err := b.People.Suspend(t.Context(), decisiontest.Desk(), b.Amira.Person.ID, b.Clock.Now(), "inquiry"); err != nil {
		t.Fatal(err)
	}
	got := b.ask(t, "GET", "/payslips", with(token, looking...)...)
	if got.Status != 403 || !strings.Contains(got.Body, "You have been suspended from signing in") {
		t.Errorf("got %d:\n%s", got.Status, got.Body)
	}
}

// Somebody with access to another service must not enter payroll by naming that
// service: nginx serves every name with its only server.
func TestNginxDecidesAboutItsOwnNameOnly(t *testing.T) {
	t.Parallel()
	b := newBehindNginx(t)
	b.Service(t, "leave")
	session, _ := b.SignIn(t, b.Amira, decisiontest.Best())
	_, token := b.House.Gate(t, session, "leave.example.org")
	if got := b.ask(t, "GET", "/payslips", with(token, "Host", "leave.example.org")...); got.Status != 401 {
		t.Errorf("got %d %s", got.Status, got.Body)
	}
	if got := b.ask(t, "GET", "/payslips", with(token, "Host", "leave.example.org", "X-Forwarded-Host", "leave.example.org")...); got.Status != 401 {
		t.Errorf("with a forwarded host: %d %s", got.Status, got.Body)
	}
}

func TestNginxRefusesWhatItCannotAskAbout(t *testing.T) {
	t.Parallel()
	b := newBehindNginx(t)
	token := b.enter(t, decisiontest.Best())
	b.ask(t, "GET", "/", with(token)...).seen(t)
	for _, path := range []string{"/%2e%2e/admin", "//payslips", "/a/../b", "/a%5cb", "/warder-question"} {
		if got := b.ask(t, "GET", path, with(token)...); got.Status < 400 || got.Header.Get("X-Told") != "" {
			t.Errorf("%s: %d", path, got.Status)
		}
	}
	b.authz.Close()
	if got := b.ask(t, "GET", "/", with(token)...); got.Status != 500 || got.Header.Get("X-Told") != "" {
		t.Errorf("with Warder gone: %d", got.Status)
	}
}

func TestNginxKeepsOurCookiesFromTheApplication(t *testing.T) {
	t.Parallel()
	b := newBehindNginx(t)
	gate := "warder_gate=" + b.enter(t, decisiontest.Best()).Reveal()
	for sent, want := range map[string]string{
		gate: "",
		"theme=dark; " + gate + "; warder_state=abc; lang=cy": "theme=dark; lang=cy",
		gate + ";__Host-warder_state=abc; lang=cy":            "lang=cy",
		"mywarder_gate=1; " + gate:                            "mywarder_gate=1; ",
	} {
		told := b.ask(t, "GET", "/", "Cookie", sent).seen(t)
		if got := strings.Join(told.Header["Cookie"], "|"); strings.TrimSpace(got) != strings.TrimSpace(want) {
			t.Errorf("%s: the application saw %q, want %q", sent, got, want)
		}
	}
	if got := b.ask(t, "GET", "/", "Cookie", gate+"; "+gate); got.Status != 401 {
		t.Errorf("a doubled cookie: %d", got.Status)
	}
}
