package gateway_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestPersonWhoIsLookingIsSentToSignInAndBack(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorldOn(t, d, nil)
		begun := w.ask(t, "GET", "/payslips?year=2026&year=2025", looking...)
		if want := "http://" + payroll + "/.warder/signin?next=%2Fpayslips%3Fyear%3D2026%26year%3D2025"; begun.Status != 303 || begun.Header.Get("Location") != want {
			t.Fatalf("got %d %s, want 303 %s", begun.Status, begun.Header.Get("Location"), want)
		}
		toPortal := w.ask(t, "GET", begun.location(t).RequestURI(), looking...)
		state := toPortal.cookie(t, "warder_state")
		asked := toPortal.location(t)
		want := url.Values{"service-url": {"http://" + payroll + "/payslips?year=2026&year=2025"}, "state": {state.Value}}
		if diff := cmp.Diff(want, asked.Query()); diff != "" || asked.Scheme+"://"+asked.Host+asked.Path != portal+"/signin" {
			t.Errorf("sent to %s (-want +got):\n%s", asked, diff)
		}
		// The portal's side: a key, a session, a ticket for this host.
		session, _ := w.SignIn(t, w.Amira, decisiontest.Best())
		ticket, err := w.Sessions.Ticket(t.Context(), session.ID, payroll)
		if err != nil {
			t.Fatal(err)
		}
		back := url.Values{"ticket": {ticket.Reveal()}, "next": {"/payslips?year=2026&year=2025"}, "state": {asked.Query().Get("state")}}
		arrived := w.ask(t, "GET", "/.warder/callback?"+back.Encode(), append([]string{"Cookie", "warder_state=" + state.Value}, looking...)...)
		if want := "http://" + payroll + "/payslips?year=2026&year=2025"; arrived.Status != 303 || arrived.Header.Get("Location") != want {
			t.Fatalf("got %d %s, want 303 %s: %s", arrived.Status, arrived.Header.Get("Location"), want, arrived.Body)
		}
		gate := arrived.cookie(t, "warder_gate")
		if !gate.HttpOnly || gate.Path != "/" || gate.SameSite != http.SameSiteLaxMode || gate.Domain != "" {
			t.Errorf("the cookie is %v", gate)
		}
		got := w.ask(t, "GET", "/payslips?year=2026&year=2025", append([]string{"Cookie", "warder_gate=" + gate.Value}, looking...)...).seen(t)
		if got.Path != "/payslips" || got.Query != "year=2026&year=2025" || got.Header.Get("Remote-User") != "amira.khan" {
			t.Errorf("the application saw %+v", got)
		}
	})
}

func TestCookiesAreTiedToTheHostOverHTTPS(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loopback)
	https := append([]string{"X-Forwarded-Proto", "https"}, looking...)
	begun := w.ask(t, "GET", "/", https...)
	if want := "https://" + payroll + "/.warder/signin?next=%2F"; begun.Header.Get("Location") != want {
		t.Errorf("sent to %s, want %s", begun.Header.Get("Location"), want)
	}
	cookie := w.ask(t, "GET", begun.location(t).RequestURI(), https...).cookie(t, "__Host-warder_state")
	if !cookie.Secure || !cookie.HttpOnly || cookie.Path != "/" || cookie.Domain != "" {
		t.Errorf("the cookie is %v", cookie)
	}
	token := w.enter(t, decisiontest.Best())
	if got := w.ask(t, "GET", "/", append([]string{"Cookie", "__Host-warder_gate=" + token.Reveal()}, https...)...); got.Status != 200 {
		t.Errorf("with the tied cookie: %d", got.Status)
	}
	if got := w.ask(t, "GET", "/", with(token, https...)...); got.Status != 303 {
		t.Errorf("a cookie that any sibling host may set was believed: %d", got.Status)
	}
}

func TestProgramsGetAStatusAndNeverARedirect(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for name, request := range map[string]struct {
		method  string
		headers []string
	}{
		"fetch":              {"GET", fetching},
		"XMLHttpRequest":     {"GET", []string{"Accept", "text/html", "X-Requested-With", "XMLHttpRequest"}},
		"WebSocket":          {"GET", []string{"Connection", "Upgrade", "Upgrade", "websocket", "Sec-Websocket-Version", "13", "Sec-Websocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}},
		"gRPC":               {"POST", []string{"Content-Type", "application/grpc", "Te", "trailers"}},
		"gRPC-web by GET":    {"GET", []string{"Content-Type", "application/grpc-web", "Accept", "text/html"}},
		"command line":       {"GET", []string{"Accept", "*/*"}},
		"no Accept":          {"GET", nil},
		"form":               {"POST", looking},
		"repeated Upgrade":   {"GET", append([]string{"Upgrade", "a", "Upgrade", "b"}, looking...)},
		"image of the page":  {"GET", []string{"Accept", "image/*", "Sec-Fetch-Mode", "no-cors"}},
		"event stream":       {"GET", []string{"Accept", "text/event-stream", "Sec-Fetch-Mode", "cors"}},
		"service worker":     {"GET", []string{"Accept", "text/html", "Sec-Fetch-Mode", "same-origin"}},
		"delete with a page": {"DELETE", looking},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := w.ask(t, request.method, "/api", request.headers...)
			if got.Status != 401 || got.problem(t) != "gateway.sign_in_needed" {
				t.Fatalf("got %d %s", got.Status, got.Body)
			}
			challenge := got.Header.Get("WWW-Authenticate")
			for _, part := range []string{`Warder realm="payroll.example.org"`, `reason="policy.no_session"`, `acr_values="phr"`, `sign_in="http`} {
				if !strings.Contains(challenge, part) {
					t.Errorf("%s has no %s", challenge, part)
				}
			}
			if got.Header.Get("Location") == "" || got.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("headers %v", got.Header)
			}
		})
	}
}

func TestStepUpSaysHowStrongTheNewSignInMustBe(t *testing.T) {
	t.Parallel()
	rules := func(require string) func(*options) {
		return func(o *options) {
			o.policy = "version: \"1\"\nrules:\n  - id: all\n    title: All\n    services: [\"*\"]\n    require: " + require + "\n"
		}
	}
	software := assurance.Of(assurance.Observation{UserVerified: true})
	for name, test := range map[string]struct {
		require string
		have    assurance.Assurance
		older   time.Duration
		want    string
		way     string
	}{
		"level":    {require: "{aal: 3, phishing_resistant: true}", have: software, want: "3"},
		"attested": {require: "{aal: 2, attested: true}", have: software, want: "3"},
		"hardware": {require: "{aal: 2, hardware_bound: true}", have: software, want: "3"},
		"copies":   {require: "{aal: 2}\n    forbid: [exportable]", have: software, want: "3"},
		"age":      {require: "{aal: 2, max_age: 5m}", have: decisiontest.Best(), older: 6 * time.Minute, want: "2", way: "any"},
		"phishing": {require: "{aal: 2, phishing_resistant: true, max_age: 5m}", have: decisiontest.Best(), older: 6 * time.Minute, want: "2"},
		"weakness": {require: "{aal: 2, max_age: 5m}\n    forbid: [phishable]", have: decisiontest.Best(), older: 6 * time.Minute, want: "2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, rules(test.require))
			token := w.enter(t, test.have)
			w.Clock.Advance(test.older)
			got := w.ask(t, "GET", "/bonus", with(token, looking...)...)
			if got.Status != 303 || got.location(t).Query().Get("step") != test.want {
				t.Fatalf("got %d %s, want step %s", got.Status, got.Header.Get("Location"), test.want)
			}
			onward := w.ask(t, "GET", got.location(t).RequestURI(), with(token, looking...)...)
			if onward.location(t).Query().Get("step") != test.want || onward.location(t).Query().Get("way") != test.way {
				t.Errorf("the portal was asked %s", onward.Header.Get("Location"))
			}
			script := w.ask(t, "GET", "/bonus", with(token, fetching...)...)
			if challenge := script.Header.Get("WWW-Authenticate"); script.Status != 401 || !strings.Contains(challenge, `error="insufficient_user_authentication"`) {
				t.Errorf("a script got %d %s", script.Status, challenge)
			}
			if _, err := w.Sessions.EndOfPerson(t.Context(), decisiontest.Desk(), w.Amira.Person.ID, sessions.SignedOut); err != nil {
				t.Fatal(err)
			}
			got = w.ask(t, "GET", "/bonus", with(token, looking...)...)
			if got.Status != 303 || got.location(t).Query().Has("step") {
				t.Errorf("a session that is over cannot be raised: %d %s", got.Status, got.Header.Get("Location"))
			}
		})
	}
}

func TestSignInPathRefusesWhatItDidNotWrite(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for name, query := range map[string]string{
		"other host":              "next=https://evil.example/",
		"scheme-relative":         "next=//evil.example/",
		"backslash":               `next=/\evil.example/`,
		"encoded backslash":       `next=/%5Cevil.example/`,
		"tab that browsers drop":  "next=/%09/evil.example/",
		"no slash":                "next=evil.example",
		"our own path":            "next=/.warder/signout",
		"script":                  "next=javascript:alert(1)",
		"newline":                 "next=/%0d%0aSet-Cookie:x",
		"step zero":               "next=/&step=0",
		"step four":               "next=/&step=4",
		"step that is not one":    "next=/&step=3%26service-url=x",
		"way that is not one":     "next=/&step=2&way=email",
		"query that cannot be":    "next=%zz",
		"longer than any address": "next=/" + strings.Repeat("a", 9000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := w.ask(t, "GET", "/.warder/signin?"+query, fetching...)
			if got.Status != 400 || got.problem(t) != "gateway.broken_return" || got.Header.Get("Location") != "" {
				t.Errorf("got %d %s", got.Status, got.Header.Get("Location"))
			}
		})
	}
	if got := w.ask(t, "GET", "/.warder/signin?next=/", append([]string{"Host", "elsewhere.example.org"}, fetching...)...); got.Status != 404 {
		t.Errorf("a host that is nobody's: %d", got.Status)
	}
	if got := w.ask(t, "POST", "/.warder/signin?next=/", fetching...); got.Status != 405 {
		t.Errorf("POST: %d", got.Status)
	}
	if got := w.ask(t, "HEAD", "/.warder/callback?next=/"); got.Status != 405 {
		t.Errorf("a link checker must not use a ticket up: %d", got.Status)
	}
}

func TestTicketsAreGoodOnceAndOnlyForTheBrowserThatAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.Service(t, "leave")
	session, _ := w.SignIn(t, w.Amira, decisiontest.Best())
	state := w.ask(t, "GET", "/.warder/signin?next=/", looking...).cookie(t, "warder_state").Value
	stranger := w.ask(t, "GET", "/.warder/signin?next=/", looking...).cookie(t, "warder_state").Value
	callback := func(ticket, state, cookie string) answer {
		t.Helper()
		headers := fetching
		if cookie != "" {
			headers = append([]string{"Cookie", "warder_state=" + cookie}, fetching...)
		}
		return w.ask(t, "GET", "/.warder/callback?"+url.Values{"ticket": {ticket}, "state": {state}, "next": {"/"}}.Encode(), headers...)
	}
	ticketFor := func(host string) string {
		t.Helper()
		ticket, err := w.Sessions.Ticket(t.Context(), session.ID, host)
		if err != nil {
			t.Fatal(err)
		}
		return ticket.Reveal()
	}
	ticket := ticketFor(payroll)
	for name, test := range map[string]struct{ ticket, state, cookie, code string }{
		"no cookie: somebody's link":     {ticket, state, "", "gateway.other_browser"},
		"cookie of another browser":      {ticket, state, stranger, "gateway.other_browser"},
		"no state at all":                {ticket, "", "", "gateway.other_browser"},
		"empty state and doubled cookie": {ticket, "", state + "; warder_state=" + state, "gateway.other_browser"},
		"no ticket":                      {"", state, state, "gateway.ticket_refused"},
		"made-up ticket":                 {strings.Repeat("A", 43), state, state, "gateway.ticket_refused"},
		"ticket for another host":        {ticketFor("leave.example.org"), state, state, "gateway.ticket_refused"},
	} {
		if got := callback(test.ticket, test.state, test.cookie); got.Status != 403 || got.problem(t) != test.code || got.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
	if got := callback(ticket, state, state); got.Status != 303 {
		t.Fatalf("the right one: %d %s", got.Status, got.Body)
	}
	if got := callback(ticket, state, state); got.Status != 403 || got.problem(t) != "gateway.ticket_refused" {
		t.Errorf("used twice: %d %s", got.Status, got.Body)
	}
	late := ticketFor(payroll)
	w.Clock.Advance(61 * time.Second)
	if got := callback(late, state, state); got.Status != 403 || got.problem(t) != "gateway.ticket_refused" {
		t.Errorf("too late: %d %s", got.Status, got.Body)
	}
}

func TestPagesThatOpenTogetherSignInTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	first := w.ask(t, "GET", "/.warder/signin?next=/a", looking...).cookie(t, "warder_state").Value
	second := w.ask(t, "GET", "/.warder/signin?next=/b", append([]string{"Cookie", "warder_state=" + first}, looking...)...)
	if got := second.cookie(t, "warder_state").Value; got != first || second.location(t).Query().Get("state") != first {
		t.Errorf("the second journey would end the first: %q and %q", first, got)
	}
	planted := w.ask(t, "GET", "/.warder/signin?next=/b", append([]string{"Cookie", "warder_state=short"}, looking...)...)
	if planted.cookie(t, "warder_state").Value == "short" {
		t.Error("a state that is no token of ours was kept")
	}
}

func TestSignOutNeedsAPageOfTheSameHost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	token := w.enter(t, decisiontest.Best())
	for name, headers := range map[string][]string{
		"link elsewhere": {"Sec-Fetch-Site", "cross-site"},
		"sibling host":   {"Sec-Fetch-Site", "same-site"},
		"old browser":    {"Origin", "https://evil.example"},
		"no origin":      {"Origin", "null"},
	} {
		if got := w.ask(t, "POST", "/.warder/signout", with(token, headers...)...); got.Status != 403 || got.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d", name, got.Status)
		}
	}
	if got := w.ask(t, "GET", "/", with(token, looking...)...); got.Status != 200 {
		t.Fatalf("still signed in: %d", got.Status)
	}
	out := w.ask(t, "POST", "/.warder/signout", with(token, "Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "navigate")...)
	if out.Status != 303 || out.Header.Get("Location") != portal+"/me" || out.cookie(t, "warder_gate").MaxAge >= 0 {
		t.Errorf("signed out: %d %v", out.Status, out.Header)
	}
	if got := w.ask(t, "GET", "/", with(token, looking...)...); got.Status != 303 {
		t.Errorf("the old cookie still opens: %d", got.Status)
	}
	if again := w.ask(t, "POST", "/.warder/signout", with(token, "Sec-Fetch-Site", "same-origin")...); again.Status != 303 {
		t.Errorf("signing out twice: %d %s", again.Status, again.Body)
	}
}
