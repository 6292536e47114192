package gateway_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/access/stepup"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/seal"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/doors/gateway"
	"github.com/warder-project/warder/internal/doors/gateway/keyset"
	"github.com/warder-project/warder/internal/doors/gateway/keyset/keysetdb"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/services"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

const (
	portal  = "https://portal.example.org"
	payroll = "payroll.example.org"
)

// world is a department with one application, payroll, behind a gateway that
// listens on plain http, as behind a proxy on the same machine.
type world struct {
	*decisiontest.House
	Gate    *gateway.Gateway
	Keys    *keyset.Keyset
	StepUps *stepup.Desk
	portal  ids.Session // of the last enter
	Payroll services.Service
	Amira   decisiontest.Holder
	app     *httptest.Server
	server  *httptest.Server
}

// options are what a test wants otherwise.
type options struct {
	trusted     []netip.Prefix
	application http.Handler // nil: tell
	policy      string       // "": everybody with a key
	service     services.NewService
}

func newWorld(t testing.TB, change func(*options)) *world {
	t.Helper()
	return newWorldOn(t, dbtest.SQLite(t), change)
}

func newWorldOn(t testing.TB, d *db.DB, change func(*options)) *world {
	t.Helper()
	o := options{application: http.HandlerFunc(tell), policy: decisiontest.Everybody("1"),
		service: services.NewService{Slug: "payroll", Name: "Payroll", Impact: 3}}
	if change != nil {
		change(&o)
	}
	w := &world{House: decisiontest.Open(t, d)}
	w.app = httptest.NewServer(o.application)
	t.Cleanup(w.app.Close)
	o.service.Routes = append(o.service.Routes, services.NewRoute{Host: payroll, PathPrefix: "/", Upstream: w.app.URL})
	var err error
	if w.Payroll, err = w.Services.Add(t.Context(), decisiontest.Desk(), o.service); err != nil {
		t.Fatal(err)
	}
	w.Publish(t, o.policy)
	w.Keys = newKeyset(t, w.House)
	w.Amira = w.Somebody(t, "amira.khan", "finance", "staff")
	w.StepUps = newStepUps(t, w.House, w.Amira.Person.ID)
	address, err := url.Parse(portal)
	if err != nil {
		t.Fatal(err)
	}
	w.Gate = gateway.New(gateway.Deps{Portal: address, Decide: w.Desk, Routes: w.View.Routes, Tickets: w.Sessions, Signer: w.Keys, StepUps: w.StepUps,
		TrustedProxies: o.trusted, HelpContact: "020 7946 0000", Log: slog.New(slog.DiscardHandler), Now: w.Clock.Now})
	d.OnCommit(func(ctx context.Context, _ []tx.Change) { w.Gate.Recheck(ctx) })
	w.server = httptest.NewServer(w.Gate)
	t.Cleanup(w.server.Close)
	return w
}

func newKeyset(t testing.TB, h *decisiontest.House) *keyset.Keyset {
	t.Helper()
	sealer, err := seal.OpenKeyFile(filepath.Join(t.TempDir(), "master.key"), true)
	if err != nil {
		t.Fatal(err)
	}
	keys := keyset.New(keyset.Deps{Store: keysetdb.New(h.DB), Tx: h.DB, Audit: h.Audit, Seal: sealer, Now: h.Clock.Now})
	if err := keys.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	return keys
}

// loopback trusts this machine, on which tests run.
func loopback(o *options) { o.trusted = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }

// enter gives Amira a gate session at payroll, as the portal does.
func (w *world) enter(t testing.TB, have assurance.Assurance) secret.Value {
	t.Helper()
	session, _ := w.SignIn(t, w.Amira, have)
	w.portal = session.ID
	_, token := w.House.Gate(t, session, payroll)
	return token
}

// Headers of requests, as pairs.
var (
	looking  = []string{"Accept", "text/html,application/xhtml+xml", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Sec-Fetch-Site", "none"}
	fetching = []string{"Accept", "*/*", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Site", "same-origin"}
)

func with(token secret.Value, headers ...string) []string {
	return append([]string{"Cookie", "warder_gate=" + token.Reveal()}, headers...)
}

// answer is what a client got.
type answer struct {
	Status int
	Header http.Header
	Body   string
}

// seen is what the application got.
type seen struct {
	Method, Host, Path, Query, Body string
	Header                          http.Header
}

// tell is an application that says what it was asked.
func tell(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	text, err := json.Marshal(seen{Method: r.Method, Host: r.Host, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Body: string(body), Header: r.Header})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("X-Told", "yes")
	w.Write(text)
}

func (a answer) seen(t testing.TB) seen {
	t.Helper()
	var told seen
	if a.Status != http.StatusOK || a.Header.Get("X-Told") == "" {
		t.Fatalf("the application was not reached: %d %s", a.Status, a.Body)
	}
	if err := json.Unmarshal([]byte(a.Body), &told); err != nil {
		t.Fatal(err)
	}
	return told
}

// ask sends a request to the gateway's listener for payroll, from another address
// if it wants one. Redirects are not followed.
func (w *world) ask(t testing.TB, method, target string, headers ...string) answer {
	t.Helper()
	return w.askBody(t, method, target, nil, headers...)
}

func (w *world) askBody(t testing.TB, method, target string, body io.Reader, headers ...string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, w.server.URL+target, body)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = payroll
	// The client's own headers would only be in the way.
	request.Header["User-Agent"] = nil
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			request.Host = headers[i+1]
			continue
		}
		// Not Add: the spelling is the test's.
		request.Header[headers[i]] = append(request.Header[headers[i]], headers[i+1])
	}
	response, err := noRedirects.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{Status: response.StatusCode, Header: response.Header, Body: string(text)}
}

var noRedirects = &http.Client{
	Transport:     &http.Transport{DisableCompression: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// authz asks as another proxy does.
func (w *world) authz(t testing.TB, from, method, target string, headers ...string) answer {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), method, target, nil)
	request.RemoteAddr = from + ":40000"
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			request.Host = headers[i+1]
			continue
		}
		request.Header.Add(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	w.Gate.Authz().ServeHTTP(recorder, request)
	return answer{Status: recorder.Code, Header: recorder.Header(), Body: recorder.Body.String()}
}

// cookie finds a cookie that the answer sets.
func (a answer) cookie(t testing.TB, name string) *http.Cookie {
	t.Helper()
	for _, cookie := range (&http.Response{Header: a.Header}).Cookies() {
		if cookie.Name == name {
			return cookie
		}
	}
	t.Fatalf("no cookie %s in %v", name, a.Header["Set-Cookie"])
	return nil
}

// problem is the code of the problem in the answer.
func (a answer) problem(t testing.TB) string {
	t.Helper()
	var found struct{ Code, Next string }
	if !strings.HasPrefix(a.Header.Get("Content-Type"), "application/problem+json") {
		t.Fatalf("%d is not a problem: %s %s", a.Status, a.Header.Get("Content-Type"), a.Body)
	}
	if err := json.Unmarshal([]byte(a.Body), &found); err != nil {
		t.Fatal(err)
	}
	if found.Next == "" {
		t.Errorf("%s says nothing about what to do next", found.Code)
	}
	return found.Code
}

// location is where the answer leads, taken apart.
func (a answer) location(t testing.TB) *url.URL {
	t.Helper()
	address, err := url.Parse(a.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	return address
}
