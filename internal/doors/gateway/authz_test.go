package gateway_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/registry/keys"
)

func decisionsOf(holder decisiontest.Holder) decision.Filter {
	return decision.Filter{Person: holder.Person.ID}
}

// What each proxy sends about GET https… of payroll over plain http.
func traefik(method, uri string) []string {
	return []string{"X-Forwarded-Method", method, "X-Forwarded-Proto", "http", "X-Forwarded-Host", payroll, "X-Forwarded-Uri", uri, "X-Forwarded-For", "198.51.100.7"}
}

func nginx(method, uri string) []string {
	return []string{"X-Original-Method", method, "X-Forwarded-Proto", "http", "X-Forwarded-Host", payroll, "X-Original-Uri", uri, "X-Forwarded-For", "198.51.100.7"}
}

// dialect is how one kind of proxy asks about a request.
type dialect struct {
	name string
	ask  func(t *testing.T, w *world, method, uri string, headers ...string) answer
}

func dialects() []dialect {
	return []dialect{
		{"Traefik and Caddy", func(t *testing.T, w *world, method, uri string, headers ...string) answer {
			return w.authz(t, "127.0.0.1", "GET", "/authz/forward-auth", append(traefik(method, uri), headers...)...)
		}},
		{"nginx", func(t *testing.T, w *world, method, uri string, headers ...string) answer {
			return w.authz(t, "127.0.0.1", "GET", "/authz/auth-request", append(nginx(method, uri), headers...)...)
		}},
		{"Envoy", func(t *testing.T, w *world, method, uri string, headers ...string) answer {
			return w.authz(t, "127.0.0.1", method, "/authz/ext-authz"+uri, append([]string{"Host", payroll, "X-Forwarded-Proto", "http"}, headers...)...)
		}},
	}
}

func TestOtherProxiesGetTheSameAnswers(t *testing.T) {
	t.Parallel()
	for _, d := range dialects() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, loopback)
			token := w.enter(t, decisiontest.Best())
			in := d.ask(t, w, "POST", "/payslips?year=2026", with(token, "Remote-User", "the.minister")...)
			if in.Status != 200 || in.Header.Get("Remote-User") != "amira.khan" || in.Header.Get("Remote-Groups") != "finance,staff" {
				t.Fatalf("signed in: %d %v", in.Status, in.Header)
			}
			if got := w.assertion(t, in.Header)["sub"]; got != string(w.Amira.Person.ID) {
				t.Errorf("the assertion is about %v", got)
			}
			script := d.ask(t, w, "GET", "/payslips", fetching...)
			if script.Status != 401 || script.problem(t) != "gateway.sign_in_needed" || script.Header.Get("WWW-Authenticate") == "" {
				t.Errorf("a script, signed out: %d %v", script.Status, script.Header)
			}
			want := "http://" + payroll + "/.warder/signin?next=%2Fpayslips%3Fyear%3D2026"
			out := d.ask(t, w, "GET", "/payslips?year=2026", looking...)
			if d.name == "nginx" {
				if out.Status != 401 || out.Header.Get("Warder-Sign-In") != want {
					t.Errorf("looking, signed out: %d %v", out.Status, out.Header)
				}
				if script.Header.Get("Warder-Sign-In") != "" {
					t.Error("nginx would redirect a script into a page")
				}
			} else if out.Status != 303 || out.Header.Get("Location") != want {
				t.Errorf("looking, signed out: %d %v", out.Status, out.Header)
			}
			ambiguous := d.ask(t, w, "GET", "/a/%2e%2e/admin", with(token)...)
			if ambiguous.Status != 403 || ambiguous.Header.Get("Remote-User") != "" {
				t.Errorf("ambiguous path: %d %v", ambiguous.Status, ambiguous.Header)
			}
			w.lose(t, keys.Lost)
			lost := d.ask(t, w, "GET", "/payslips", with(token, fetching...)...)
			if lost.Status != 401 || !strings.Contains(lost.Header.Get("WWW-Authenticate"), `reason="policy.key_lost"`) || lost.Header.Get("Warder-Assertion") != "" || lost.Header.Get("Remote-User") != "" {
				t.Errorf("lost key: %d %v", lost.Status, lost.Header)
			}
		})
	}
}

func TestWhoIsNoConfiguredProxyMayNotAsk(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loopback)
	token := w.enter(t, decisiontest.Best())
	for _, target := range []string{"/authz/forward-auth", "/authz/auth-request", "/authz/ext-authz/payslips", "/authz/"} {
		for _, from := range []string{"192.0.2.1", "[2001:db8::1]"} {
			got := w.authz(t, from, "GET", target, with(token, append(traefik("GET", "/"), "X-Original-Method", "GET", "X-Original-Uri", "/", "Host", payroll)...)...)
			if got.Status != 403 || got.problem(t) != "gateway.untrusted_proxy" || got.Header.Get("Remote-User") != "" {
				t.Errorf("%s from %s: %d %v", target, from, got.Status, got.Header)
			}
		}
	}
	if got := w.authz(t, "127.0.0.1", "GET", "/authz/elsewhere"); got.Status != 404 || got.problem(t) != "gateway.unknown_dialect" {
		t.Errorf("unknown path: %d", got.Status)
	}
}

// A header that stands twice may be read as the first by one and as the last by
// another; one that is missing must not be guessed.
func TestIncompleteQuestionsAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loopback)
	token := w.enter(t, decisiontest.Best())
	for _, test := range []struct {
		target  string
		headers []string
	}{
		{"/authz/forward-auth", traefik("GET", "/")},
		{"/authz/auth-request", nginx("GET", "/")},
	} {
		for i := 0; i < len(test.headers); i += 2 {
			name, value := test.headers[i], test.headers[i+1]
			if name == "X-Forwarded-For" {
				continue // the client's address decides nothing
			}
			without := append(append([]string{}, test.headers[:i]...), test.headers[i+2:]...)
			for what, headers := range map[string][]string{
				"missing":  without,
				"twice":    append(append([]string{}, test.headers...), name, value),
				"empty":    append(append([]string{}, without...), name, ""),
				"two ways": append(append([]string{}, test.headers...), name, "other"),
			} {
				got := w.authz(t, "127.0.0.1", "GET", test.target, with(token, headers...)...)
				if got.Status != 400 || got.problem(t) != "gateway.incomplete_forward" || got.Header.Get("Remote-User") != "" {
					t.Errorf("%s: %s %s: %d %v", test.target, name, what, got.Status, got.Header)
				}
			}
		}
		for name, value := range map[string]string{"X-Forwarded-Proto": "gopher", "X-Forwarded-Host": "", "X-Forwarded-Uri": "http://payroll.example.org/", "X-Original-Uri": "relative"} {
			headers := append([]string{}, test.headers...)
			for i := 0; i < len(headers); i += 2 {
				if headers[i] == name {
					headers[i+1] = value
				}
			}
			if strings.Join(headers, "") == strings.Join(test.headers, "") {
				continue
			}
			if got := w.authz(t, "127.0.0.1", "GET", test.target, with(token, headers...)...); got.Status != 400 {
				t.Errorf("%s: %s %q: %d", test.target, name, value, got.Status)
			}
		}
	}
	for name, headers := range map[string][]string{
		"no scheme":    {"Host", payroll},
		"two schemes":  {"Host", payroll, "X-Forwarded-Proto", "http", "X-Forwarded-Proto", "https"},
		"joint scheme": {"Host", payroll, "X-Forwarded-Proto", "http, https"},
	} {
		if got := w.authz(t, "127.0.0.1", "GET", "/authz/ext-authz/", with(token, headers...)...); got.Status != 400 {
			t.Errorf("Envoy, %s: %d", name, got.Status)
		}
	}
}

// Envoy passes the Host on as it was; a forwarded host is the client's word.
func TestEnvoysClientCannotNameAnotherHost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loopback)
	token := w.enter(t, decisiontest.Best())
	got := w.authz(t, "127.0.0.1", "GET", "/authz/ext-authz/", with(token, "Host", "leave.example.org", "X-Forwarded-Host", payroll, "X-Forwarded-Proto", "http")...)
	if got.Status == 200 {
		t.Error("payroll's session was believed for another host")
	}
}

func TestSchemesOfWebSocketsAreThoseOfTheirPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loopback)
	token := w.enter(t, decisiontest.Best())
	headers := traefik("GET", "/chat")
	for scheme, cookie := range map[string]string{"ws": "warder_gate=", "wss": "__Host-warder_gate="} {
		headers[3] = scheme
		if got := w.authz(t, "127.0.0.1", "GET", "/authz/forward-auth", append([]string{"Cookie", cookie + token.Reveal()}, headers...)...); got.Status != 200 {
			t.Errorf("%s: %d", scheme, got.Status)
		}
	}
}

// Traefik, Caddy and Envoy pass our own pages on as answers to their question.
func TestBrowserSignsInThroughOtherProxies(t *testing.T) {
	t.Parallel()
	for _, d := range dialects() {
		if d.name == "nginx" {
			continue // sends /.warder/ to the gateway itself; see the nginx story
		}
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, loopback)
			begun := d.ask(t, w, "GET", "/.warder/signin?next=/a%3Fb", looking...)
			if begun.Status != 303 || !strings.HasPrefix(begun.Header.Get("Location"), portal+"/signin?") {
				t.Fatalf("got %d %v", begun.Status, begun.Header)
			}
			state := begun.cookie(t, "warder_state").Value
			session, _ := w.SignIn(t, w.Amira, decisiontest.Best())
			ticket, err := w.Sessions.Ticket(t.Context(), session.ID, payroll)
			if err != nil {
				t.Fatal(err)
			}
			back := d.ask(t, w, "GET", "/.warder/callback?next=/a%3Fb&state="+state+"&ticket="+ticket.Reveal(), append([]string{"Cookie", "warder_state=" + state}, looking...)...)
			if back.Status != 303 || back.Header.Get("Location") != "http://"+payroll+"/a?b" {
				t.Fatalf("got %d %v %s", back.Status, back.Header, back.Body)
			}
			in := d.ask(t, w, "GET", "/a?b", append([]string{"Cookie", "warder_gate=" + back.cookie(t, "warder_gate").Value}, looking...)...)
			if in.Status != http.StatusOK {
				t.Errorf("signed in: %d", in.Status)
			}
		})
	}
}
