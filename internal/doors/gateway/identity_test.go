package gateway_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/services"
)

// assertion checks the signature as an application does, and returns the claims.
func (w *world) assertion(t *testing.T, header http.Header) map[string]any {
	t.Helper()
	lines := header["Warder-Assertion"]
	if len(lines) != 1 {
		t.Fatalf("there are %d assertions", len(lines))
	}
	parsed, err := jose.ParseSignedCompact(lines[0], []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		t.Fatal(err)
	}
	published, err := json.Marshal(w.Keys.Public())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(published), `"d"`) {
		t.Fatal("a private key is published")
	}
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(published, &set); err != nil {
		t.Fatal(err)
	}
	if parsed.Signatures[0].Header.ExtraHeaders["typ"] != "JWT" {
		t.Errorf("headers %+v", parsed.Signatures[0].Header)
	}
	text, err := parsed.Verify(&set)
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(text, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func TestApplicationSeesWhoIsAskingSigned(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	session, _ := w.SignIn(t, w.Amira, decisiontest.Best())
	w.Clock.Advance(2 * time.Minute)
	gate, token := w.House.Gate(t, session, payroll)
	got := w.ask(t, "GET", "/", with(token, looking...)...).seen(t)
	now := float64(w.Clock.Now().Unix())
	want := map[string]any{
		"iss": portal, "sub": string(w.Amira.Person.ID), "aud": string(w.Payroll.ID), "iat": now, "nbf": now - 5, "exp": now + 300,
		"auth_time": now - 120, "sid": string(gate.ID), "acr": "phrh", "amr": []any{"hwk", "pop", "user", "mfa"}, "aal": 3.0,
		"preferred_username": "amira.khan", "name": "amira.khan", "email": "amira.khan@example.org", "groups": []any{"finance", "staff"},
	}
	if diff := cmp.Diff(want, w.assertion(t, got.Header)); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
	mapped := map[string]string{}
	for name := range got.Header {
		if strings.HasPrefix(name, "Remote-") {
			mapped[name] = strings.Join(got.Header[name], "|")
		}
	}
	if diff := cmp.Diff(map[string]string{"Remote-User": "amira.khan", "Remote-Email": "amira.khan@example.org", "Remote-Name": "amira.khan", "Remote-Groups": "finance,staff"}, mapped); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
}

func TestAssertionIsMadeAnewInTimeAndWhenThePersonChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	token := w.enter(t, decisiontest.Best())
	issued := func() (claims map[string]any) {
		t.Helper()
		claims = w.assertion(t, w.ask(t, "GET", "/", with(token)...).seen(t).Header)
		now := float64(w.Clock.Now().Unix())
		if left := claims["exp"].(float64) - now; left <= 0 || left > 300 {
			t.Errorf("it lives for %v more seconds, want up to 300", left)
		}
		return claims
	}
	first := issued()
	w.Clock.Advance(59 * time.Second)
	if again := issued(); again["iat"] != first["iat"] {
		t.Error("every request costs a signature")
	}
	w.Clock.Advance(2 * time.Second)
	if later := issued(); later["iat"] == first["iat"] {
		t.Error("an assertion was used for more than a minute")
	}
	w.Group(t, "auditors")
	if err := w.People.AddMember(t.Context(), decisiontest.Desk(), "auditors", w.Amira.Person.ID); err != nil {
		t.Fatal(err)
	}
	if got := issued()["groups"]; !slices.Contains(got.([]any), any("auditors")) {
		t.Errorf("the new group is not told: %v", got)
	}
	// Nobody is vouched for beyond the end of the session.
	portal, _ := w.SignIn(t, w.Amira, assurance.Of(assurance.Observation{UserVerified: true}))
	_, token = w.House.Gate(t, portal, payroll)
	for w.Clock.Now().Before(portal.AbsoluteEnd.Add(-2 * time.Minute)) {
		w.Clock.Advance(min(9*time.Minute, portal.AbsoluteEnd.Add(-2*time.Minute).Sub(w.Clock.Now())))
		w.ask(t, "GET", "/", with(token)...)
	}
	if got := issued()["exp"].(float64); got > float64(portal.AbsoluteEnd.Unix()) {
		t.Errorf("the assertion outlives the session by %v seconds", got-float64(portal.AbsoluteEnd.Unix()))
	}
}

func TestForgedHeadersReachNobody(t *testing.T) {
	t.Parallel()
	mapped := services.IdentityHeaders{User: "X-Payroll-User", Email: "X-Payroll-Email", Name: "X-Payroll-Name", Groups: "X-Payroll-Groups"}
	w := newWorld(t, func(o *options) { o.service.Identity = mapped })
	token := w.enter(t, decisiontest.Best())
	forged := []string{
		"Remote-User", "REMOTE-USER", "remote_user", "Remote_User", "REMOTE_USER", "remote.user", "Remote-user", "X-Payroll-User", "x_payroll_user",
		"X-Payroll_User", "X_PAYROLL_GROUPS", "x-payroll.groups", "Warder-Assertion", "warder_assertion", "Warder.Assertion", "Warder-Anything",
		"X-Forwarded-User", "X_Forwarded_User", "X-Forwarded-Groups", "X-Forwarded-Anything", "X_Forwarded_For", "x_forwarded_proto", "X_Forwarded_Host",
		"X-Forwarded-Client-Cert", "X-Remote-User", "X-Auth-Request-Email", "Iv-User", "SM_USER", "X-Goog-Authenticated-User-Email", "Proxy",
		"X-Original-URL", "X-Rewrite-URL", "X-Real-IP", "X_Real_Ip", "Forwarded", "SSL_CLIENT_VERIFY", "X-SSL-Client-S-DN",
	}
	for _, name := range forged {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for trick, headers := range map[string][]string{
				"once":                 {name, "the.minister"},
				"twice":                {name, "the.minister", name, "the.minister"},
				"hop by hop":           {name, "the.minister", "Connection", name},
				"ours made a hop":      {name, "the.minister", "Connection", "Warder-Assertion, X-Payroll-User, Remote-User, X-Forwarded-For"},
				"with empty one first": {name, "", name, "the.minister"},
			} {
				got := w.ask(t, "GET", "/", with(token, headers...)...).seen(t)
				for seen, values := range got.Header {
					if strings.Contains(strings.Join(values, " "), "the.minister") {
						t.Errorf("%s: the application saw %s: %q", trick, seen, values)
					}
				}
				if diff := cmp.Diff([]string{"amira.khan"}, got.Header["X-Payroll-User"]); diff != "" {
					t.Errorf("%s: X-Payroll-User (-want +got):\n%s", trick, diff)
				}
				w.assertion(t, got.Header)
			}
		})
	}
}

func TestEmptyFactsAreSaidEmptyAndNotLeftToTheClient(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.Amira = w.Somebody(t, "ben.ito") // in no group
	token := w.enter(t, decisiontest.Best())
	got := w.ask(t, "GET", "/", with(token, "Remote-Groups", "administrators")...).seen(t)
	if diff := cmp.Diff([]string{""}, got.Header["Remote-Groups"]); diff != "" {
		t.Errorf("Remote-Groups (-want +got):\n%s", diff)
	}
}

func TestApplicationKeepsItsOwnHeadersAndCookiesButNotOurs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	token := w.enter(t, decisiontest.Best())
	got := w.ask(t, "POST", "/", "Cookie", "theme=dark; warder_gate="+token.Reveal()+"; lang=cy", "Cookie", "__Host-warder_state=abc",
		"Cookie", "basket=1;warder_state=x;__Host-warder_gate=y", "Authorization", "Bearer the-application's-own", "Content-Type", "text/plain",
		"Client_Id", "legacy", "X-Api-Key", "k").seen(t)
	if diff := cmp.Diff([]string{"theme=dark; lang=cy", "basket=1"}, got.Header["Cookie"]); diff != "" {
		t.Errorf("cookies (-want +got):\n%s", diff)
	}
	want := http.Header{"Authorization": {"Bearer the-application's-own"}, "Content-Type": {"text/plain"}, "Client_id": {"legacy"}, "X-Api-Key": {"k"}}
	kept := maps.Clone(got.Header)
	maps.DeleteFunc(kept, func(name string, _ []string) bool { return want[name] == nil })
	if diff := cmp.Diff(want, kept); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	only := w.ask(t, "GET", "/", with(token)...).seen(t)
	if only.Header["Cookie"] != nil {
		t.Errorf("the application saw %q", only.Header["Cookie"])
	}
}

func TestMethodCannotBeChangedBehindTheDecision(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	_, err := w.Services.AddRoute(t.Context(), decisiontest.Desk(), w.Payroll.ID, services.NewRoute{Host: payroll, PathPrefix: "/archive", Methods: []string{"GET"}, Upstream: w.app.URL})
	if err != nil {
		t.Fatal(err)
	}
	token := w.enter(t, decisiontest.Best())
	for _, path := range []string{"/archive", "/"} {
		got := w.ask(t, "GET", path, with(token, "X-HTTP-Method-Override", "DELETE", "X-Http-Method", "DELETE", "x_method_override", "DELETE")...).seen(t)
		for name := range got.Header {
			if strings.Contains(name, "Method") || strings.Contains(name, "method") {
				t.Errorf("the application at %s saw %s: %q", path, name, got.Header[name])
			}
		}
	}
	if got := w.ask(t, "DELETE", "/archive", with(token)...); got.Status != 403 {
		t.Errorf("DELETE: %d", got.Status)
	}
}

func TestApplicationCannotSetOurCookies(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *options) {
		o.application = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for _, cookie := range []string{"theme=dark", "warder_gate=mine; Path=/", "__Host-warder_gate=mine; Path=/; Secure", " warder_state=x"} {
				w.Header().Add("Set-Cookie", cookie)
			}
		})
	})
	got := w.ask(t, "GET", "/", with(w.enter(t, decisiontest.Best()))...)
	if diff := cmp.Diff([]string{"theme=dark"}, got.Header["Set-Cookie"]); diff != "" {
		t.Errorf("cookies (-want +got):\n%s", diff)
	}
}

func TestSessionOfOneHostDoesNotOpenAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	_, err := w.Services.Add(t.Context(), decisiontest.Desk(), services.NewService{Slug: "leave", Name: "Leave", Impact: 1,
		Routes: []services.NewRoute{{Host: "leave.example.org", PathPrefix: "/", Upstream: w.app.URL}}})
	if err != nil {
		t.Fatal(err)
	}
	token := w.enter(t, decisiontest.Best())
	if got := w.ask(t, "GET", "/", with(token, "Host", "leave.example.org")...); got.Status != 401 {
		t.Errorf("payroll's cookie at leave: %d", got.Status)
	}
	if got := w.ask(t, "GET", "/", with(token, "Host", "nobody.example.org")...); got.Status != 403 {
		t.Errorf("a host that is nobody's: %d", got.Status)
	}
	for _, cookie := range []string{"warder_gate=" + token.Reveal() + "; warder_gate=" + token.Reveal(), "warder_gate=", "warder_gate=" + strings.Repeat("a", 500), "WARDER_GATE=" + token.Reveal(), string(ids.New[ids.Session]())} {
		if got := w.ask(t, "GET", "/", "Cookie", cookie); got.Status != 401 {
			t.Errorf("cookie %.40s…: %d", cookie, got.Status)
		}
	}
}
