package gateway_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/services"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestWhatEndsAccessEndsItOnTheNextRequest(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		end    func(t *testing.T, w *world)
		status int
		says   string
	}{
		"key lost":   {func(t *testing.T, w *world) { w.lose(t, keys.Lost) }, 303, ""}, // another key may still be used, so the way leads to the sign-in
		"key stolen": {func(t *testing.T, w *world) { w.lose(t, keys.Stolen) }, 303, ""},
		"session ended": {func(t *testing.T, w *world) {
			if _, err := w.Sessions.EndOfPerson(t.Context(), decisiontest.Desk(), w.Amira.Person.ID, sessions.SignedOut); err != nil {
				t.Fatal(err)
			}
		}, 303, ""},
		"person left": {func(t *testing.T, w *world) {
			if _, err := w.People.Leave(t.Context(), decisiontest.Desk(), w.Amira.Person.ID, w.Clock.Now(), "resigned"); err != nil {
				t.Fatal(err)
			}
		}, 403, "you have left"},
		"person suspended": {func(t *testing.T, w *world) {
			if _, err := w.People.Suspend(t.Context(), decisiontest.Desk(), w.Amira.Person.ID, w.Clock.Now(), "inquiry"); err != nil {
				t.Fatal(err)
			}
		}, 403, "suspended"},
		"portal session ended": {func(t *testing.T, w *world) {
			open, _, err := w.Sessions.List(t.Context(), sessions.Filter{Person: w.Amira.Person.ID})
			if err == nil && len(open) == 1 {
				err = w.Sessions.End(t.Context(), decisiontest.Desk(), open[0].ID, sessions.EndedByDesk)
			}
			if err != nil || len(open) != 1 {
				t.Fatal(len(open), err)
			}
		}, 303, ""},
		"credential suspended": {func(t *testing.T, w *world) {
			if _, err := w.Factors.SuspendOfKey(t.Context(), decisiontest.Desk(), w.Amira.Key.ID, "inquiry"); err != nil {
				t.Fatal(err)
			}
		}, 303, ""},
		"method removed": {func(t *testing.T, w *world) {
			if _, err := w.Factors.RevokeOfKey(t.Context(), decisiontest.Desk(), w.Amira.Key.ID, "removed_by_holder"); err != nil {
				t.Fatal(err)
			}
		}, 303, ""},
		"group left": {func(t *testing.T, w *world) {
			w.Publish(t, "version: \"2\"\nrules:\n  - id: finance\n    title: Finance only\n    services: [payroll]\n    groups: [finance]\n    require: {aal: 1}\n")
			if err := w.People.RemoveMember(t.Context(), decisiontest.Desk(), "finance", w.Amira.Person.ID); err != nil {
				t.Fatal(err)
			}
		}, 403, ""},
		"policy denies": {func(t *testing.T, w *world) {
			w.Publish(t, "version: \"2\"\nrules:\n  - id: audit\n    title: Closed for the audit\n    services: [payroll]\n    deny: true\n")
		}, 403, "A rule says that you may not use this service"},
		"policy forgets": {func(t *testing.T, w *world) {
			w.Publish(t, "version: \"2\"\nrules:\n  - id: other\n    title: Another\n    services: [other]\n    require: {aal: 1}\n")
		}, 403, "No rule lets you use this service"},
		"service retired": {func(t *testing.T, w *world) {
			if _, err := w.Services.Retire(t.Context(), decisiontest.Desk(), w.Payroll.ID, "replaced"); err != nil {
				t.Fatal(err)
			}
		}, 403, "not open for use"},
		"idle": {func(_ *testing.T, w *world) { w.Clock.Advance(16 * time.Minute) }, 303, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				w := newWorldOn(t, d, nil)
				token := w.enter(t, decisiontest.Best())
				w.ask(t, "GET", "/", with(token, looking...)...).seen(t)
				test.end(t, w)
				got := w.ask(t, "GET", "/", with(token, looking...)...)
				if got.Status != test.status || !strings.Contains(got.Body, test.says) || got.Header.Get("X-Told") != "" {
					t.Errorf("a person looking got %d, want %d and %q:\n%s", got.Status, test.status, test.says, got.Body)
				}
				script := w.ask(t, "GET", "/", with(token, fetching...)...)
				if want := map[int]int{303: 401, 403: 403}[test.status]; script.Status != want || script.Header.Get("X-Told") != "" {
					t.Errorf("a script got %d, want %d", script.Status, want)
				}
			})
		})
	}
}

// lose reports Amira's key.
func (w *world) lose(t testing.TB, reason keys.Reason) {
	t.Helper()
	if _, err := w.LostKey.Report(t.Context(), audit.Person(w.Amira.Person.ID), w.Amira.Key.ID, reason, w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
}

func TestRefusalPageWorksWithoutAnythingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	token := w.enter(t, decisiontest.Best())
	if _, err := w.People.Suspend(t.Context(), decisiontest.Desk(), w.Amira.Person.ID, w.Clock.Now(), "inquiry"); err != nil {
		t.Fatal(err)
	}
	got := w.ask(t, "GET", "/", with(token, looking...)...)
	for _, part := range []string{`<html lang="en"`, "<title>You may not use this application. – Warder</title>", "<h1", "You have been suspended from signing in", "020 7946 0000", portal + "/", "gateway.refused"} {
		if !strings.Contains(got.Body, part) {
			t.Errorf("the page has no %s:\n%s", part, got.Body)
		}
	}
	want := map[string]string{"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
		"Content-Security-Policy": "default-src 'none'; style-src " + portal + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}
	for name, value := range want {
		if got.Header.Get(name) != value {
			t.Errorf("%s is %q, want %q", name, got.Header.Get(name), value)
		}
	}
}

func TestPathsThatApplicationsReadDifferentlyAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	token := w.enter(t, decisiontest.Best())
	address := strings.TrimPrefix(w.server.URL, "http://")
	for _, target := range []string{"//admin", "/a//b", "/a/../admin", "/a/..%2fadmin", "/a/%2e%2e/admin", `/a\..\admin`, "/a%5cadmin", "/a/..;x/admin",
		"/%252e%252e/admin", "/a%00", "/%c0%af", "*", "http://leave.example.org/", "/%zz"} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			// By hand: no client library would send these.
			connection, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer connection.Close()
			fmt.Fprintf(connection, "GET %s HTTP/1.1\r\nHost: %s\r\nCookie: warder_gate=%s\r\nConnection: close\r\n\r\n", target, payroll, token.Reveal())
			response, err := http.ReadResponse(bufio.NewReader(connection), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if response.StatusCode < 400 || response.Header.Get("X-Told") != "" {
				t.Errorf("got %s", response.Status)
			}
		})
	}
	plain := w.ask(t, "GET", "/caf%C3%A9/a%20b;v=1?q=a;b&c=%zz", with(token)...).seen(t)
	if plain.Path != "/caf%C3%A9/a%20b;v=1" || plain.Query != "q=a;b&c=%zz" {
		t.Errorf("the application saw %s ? %s", plain.Path, plain.Query)
	}
}

func TestForwardedHeadersAreBelievedFromConfiguredProxiesOnly(t *testing.T) {
	t.Parallel()
	sent := []string{"X-Forwarded-For", "203.0.113.9, 198.51.100.7", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "evil.example", "X-Real-Ip", "203.0.113.9"}
	told := func(t *testing.T, w *world, cookie string) map[string]string {
		t.Helper()
		got := w.ask(t, "GET", "/", append([]string{"Cookie", cookie}, sent...)...).seen(t)
		found := map[string]string{"Host": got.Host}
		for name := range got.Header {
			if strings.HasPrefix(name, "X-") {
				found[name] = strings.Join(got.Header[name], "|")
			}
		}
		return found
	}
	t.Run("nobody is trusted", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		want := map[string]string{"Host": payroll, "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http", "X-Forwarded-Host": payroll}
		if diff := cmp.Diff(want, told(t, w, "warder_gate="+w.enter(t, decisiontest.Best()).Reveal())); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("the proxy is trusted", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, loopback)
		want := map[string]string{"Host": payroll, "X-Forwarded-For": "203.0.113.9, 198.51.100.7, 127.0.0.1", "X-Forwarded-Proto": "https", "X-Forwarded-Host": payroll}
		if diff := cmp.Diff(want, told(t, w, "__Host-warder_gate="+w.enter(t, decisiontest.Best()).Reveal())); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestAddressOfTheClientIsTheFirstThatATrustedProxySaw(t *testing.T) {
	t.Parallel()
	trusted := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}
	for name, test := range map[string]struct {
		lines []string
		want  string
	}{
		"none":                   {nil, "127.0.0.1"},
		"one":                    {[]string{"198.51.100.7"}, "198.51.100.7"},
		"claimed behind":         {[]string{"203.0.113.9, 198.51.100.7"}, "198.51.100.7"},
		"two proxies":            {[]string{"203.0.113.9, 198.51.100.7, 10.0.0.2"}, "198.51.100.7"},
		"several lines":          {[]string{"203.0.113.9", "198.51.100.7", "10.0.0.2"}, "198.51.100.7"},
		"all trusted":            {[]string{"10.0.0.9, 10.0.0.2"}, "10.0.0.9"},
		"rubbish at the end":     {[]string{"198.51.100.7, unknown"}, "127.0.0.1"},
		"rubbish before a proxy": {[]string{"<script>, 10.0.0.2"}, "10.0.0.2"},
		"empty":                  {[]string{","}, "127.0.0.1"},
		"four in six":            {[]string{"::ffff:198.51.100.7"}, "198.51.100.7"},
		"six":                    {[]string{"2001:db8::7, 10.0.0.2"}, "2001:db8::7"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(o *options) { o.trusted = trusted })
			token := w.enter(t, decisiontest.Best())
			headers := with(token)
			for _, line := range test.lines {
				headers = append(headers, "X-Forwarded-For", line)
			}
			w.ask(t, "GET", "/", headers...).seen(t)
			if err := w.Desk.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			records, _, err := w.Desk.List(t.Context(), decisionsOf(w.Amira))
			if err != nil || len(records) != 1 {
				t.Fatalf("%d decisions are kept, %v", len(records), err)
			}
			if got := records[0].IP.String(); got != test.want {
				t.Errorf("the record says %s, want %s", got, test.want)
			}
		})
	}
}

func TestApplicationThatIsDownIsExplained(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	token := w.enter(t, decisiontest.Best())
	w.app.Close()
	got := w.ask(t, "GET", "/", with(token, looking...)...)
	if got.Status != 502 || !strings.Contains(got.Body, "The application does not answer.") {
		t.Errorf("a person got %d:\n%s", got.Status, got.Body)
	}
	if script := w.ask(t, "POST", "/", with(token, fetching...)...); script.Status != 502 || script.problem(t) != "gateway.upstream_down" {
		t.Errorf("a script got %d", script.Status)
	}
}

func TestRouteWithoutAnApplicationIsNotFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.Service(t, "leave")
	session, _ := w.SignIn(t, w.Amira, decisiontest.Best())
	_, token := w.House.Gate(t, session, "leave.example.org")
	if got := w.ask(t, "GET", "/", with(token, "Host", "leave.example.org")...); got.Status != 404 || got.problem(t) != "gateway.no_upstream" {
		t.Errorf("got %d", got.Status)
	}
}

func TestNobodyEntersWhileTheTruthIsNotKnown(t *testing.T) {
	t.Parallel()
	d, err := db.Open(t.Context(), db.Options{URL: dbtest.SQLiteURL(t)})
	if err != nil {
		t.Fatal(err)
	}
	w := newWorldOn(t, d, nil)
	token := w.enter(t, decisiontest.Best())
	w.View.Doubt("the test says so")
	w.ask(t, "GET", "/", with(token)...).seen(t) // from the database, request by request
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	for _, headers := range [][]string{looking, fetching} {
		got := w.ask(t, "GET", "/", with(token, headers...)...)
		if got.Status != 403 || got.Header.Get("X-Told") != "" || !strings.Contains(got.Body, "We cannot be sure at the moment who may come in") {
			t.Errorf("got %d:\n%s", got.Status, got.Body)
		}
	}
}

// Without a database nothing can be read: whatever is still answered comes from memory.
func TestAllowedRequestsNeedNoDatabase(t *testing.T) {
	t.Parallel()
	d, err := db.Open(t.Context(), db.Options{URL: dbtest.SQLiteURL(t)})
	if err != nil {
		t.Fatal(err)
	}
	w := newWorldOn(t, d, loopback)
	token := w.enter(t, decisiontest.Best())
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		w.ask(t, "GET", "/", with(token)...).seen(t)
		got := w.authz(t, "127.0.0.1", "GET", "/authz/forward-auth", with(token, traefik("GET", "/payslips")...)...)
		if got.Status != 200 || got.Header.Get("Remote-User") != "amira.khan" {
			t.Fatalf("got %d", got.Status)
		}
		w.Clock.Advance(5 * time.Second)
	}
}

func TestLargeBodiesStreamThroughBothWays(t *testing.T) {
	t.Parallel()
	const size = 24 << 20
	pattern := bytes.Repeat([]byte("0123456789abcdef"), 4096)
	begun := make(chan struct{})
	w := newWorld(t, func(o *options) {
		o.application = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			hash := sha256.New()
			if _, err := io.CopyN(hash, r.Body, int64(len(pattern))); err != nil {
				return
			}
			close(begun) // the client sends the rest only now: nobody may wait for all of it
			if _, err := io.Copy(hash, r.Body); err != nil {
				return
			}
			w.Header().Set("X-Sum", hex.EncodeToString(hash.Sum(nil)))
			for range size / len(pattern) {
				w.Write(pattern)
			}
		})
	})
	token := w.enter(t, decisiontest.Best())
	want := sha256.New()
	for range size / len(pattern) {
		want.Write(pattern)
	}
	reader, writer := io.Pipe()
	request, err := http.NewRequestWithContext(t.Context(), "POST", w.server.URL+"/upload", reader)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = payroll
	request.Header.Set("Cookie", "warder_gate="+token.Reveal())
	go func() {
		for i := range size / len(pattern) {
			if _, err := writer.Write(pattern); err != nil {
				return
			}
			if i == 0 {
				<-begun
			}
		}
		writer.Close()
	}()
	response, err := noRedirects.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	got := sha256.New()
	if _, err := io.Copy(got, response.Body); err != nil {
		t.Fatal(err)
	}
	if sum := hex.EncodeToString(want.Sum(nil)); response.Header.Get("X-Sum") != sum || hex.EncodeToString(got.Sum(nil)) != sum {
		t.Error("what arrived is not what was sent")
	}
}

// streaming answers WebSockets with an echo and everything else with events that
// never end; started is told of each connection.
func streaming(started chan<- struct{}) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") == "" {
			if r.URL.Path == "/events" {
				w.Header().Set("Content-Type", "text/event-stream")
			}
			fmt.Fprintf(w, "data: hello %s\n\n", r.Header.Get("Remote-User"))
			w.(http.Flusher).Flush()
			started <- struct{}{}
			<-r.Context().Done()
			return
		}
		connection, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer connection.CloseNow()
		started <- struct{}{}
		for {
			kind, text, err := connection.Read(r.Context())
			if err != nil {
				return
			}
			if err := connection.Write(r.Context(), kind, append([]byte(r.Header.Get("Remote-User")+" said "), text...)); err != nil {
				return
			}
		}
	})
}

func TestWebSocketPassesBothWaysAndIsCutWhenTheKeyIsLost(t *testing.T) {
	t.Parallel()
	started := make(chan struct{}, 1)
	w := newWorld(t, func(o *options) { o.application = streaming(started) })
	token := w.enter(t, decisiontest.Best())
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	address := "ws" + strings.TrimPrefix(w.server.URL, "http") + "/chat"
	if _, response, err := websocket.Dial(ctx, address, &websocket.DialOptions{Host: payroll}); err == nil || response == nil || response.StatusCode != 401 {
		t.Fatalf("signed out: %v %v", response, err)
	}
	connection, _, err := websocket.Dial(ctx, address, &websocket.DialOptions{Host: payroll,
		HTTPHeader: http.Header{"Cookie": {"warder_gate=" + token.Reveal()}, "Remote-User": {"the.minister"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer connection.CloseNow()
	<-started
	for _, word := range []string{"good morning", "good night"} {
		if err := connection.Write(ctx, websocket.MessageText, []byte(word)); err != nil {
			t.Fatal(err)
		}
		_, text, err := connection.Read(ctx)
		if err != nil || string(text) != "amira.khan said "+word {
			t.Fatalf("got %q, %v", text, err)
		}
	}
	if cut := w.Gate.Recheck(ctx); cut != 0 {
		t.Errorf("%d connections were cut for no reason", cut)
	}
	w.lose(t, keys.Lost)
	if _, text, err := connection.Read(ctx); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("after the key was lost: %q, %v; want the connection to end", text, err)
	}
}

func TestStreamsPassAtOnceAndAreCutWhenTheKeyIsLost(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{"event stream": "/events", "answer without an end": "/log"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			started := make(chan struct{}, 1)
			w := newWorld(t, func(o *options) { o.application = streaming(started) })
			token := w.enter(t, decisiontest.Best())
			request, err := http.NewRequestWithContext(t.Context(), "GET", w.server.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Host = payroll
			request.Header.Set("Cookie", "warder_gate="+token.Reveal())
			response, err := noRedirects.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			reader := bufio.NewReader(response.Body)
			if line, err := reader.ReadString('\n'); err != nil || line != "data: hello amira.khan\n" {
				t.Fatalf("got %q, %v", line, err)
			}
			<-started
			w.lose(t, keys.Lost)
			if rest, err := io.ReadAll(reader); err == nil {
				t.Errorf("it ended as if all had been said: %q", rest)
			}
		})
	}
}

// The key is lost after the request was allowed and before the answer begins.
func TestAnswerThatBeginsAfterTheKeyWasLostIsCut(t *testing.T) {
	t.Parallel()
	arrived, goOn := make(chan struct{}), make(chan struct{})
	w := newWorld(t, func(o *options) {
		o.application = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			close(arrived)
			<-goOn
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		})
	})
	token := w.enter(t, decisiontest.Best())
	ended := make(chan error, 1)
	go func() {
		request, err := http.NewRequestWithContext(t.Context(), "GET", w.server.URL+"/", nil)
		if err != nil {
			ended <- nil
			return
		}
		request.Host = payroll
		request.Header.Set("Cookie", "warder_gate="+token.Reveal())
		response, err := noRedirects.Do(request)
		if err != nil {
			ended <- err
			return
		}
		defer response.Body.Close()
		_, err = io.ReadAll(response.Body)
		ended <- err
	}()
	<-arrived
	w.lose(t, keys.Stolen)
	close(goOn)
	if err := <-ended; err == nil {
		t.Error("the answer was allowed to end by itself")
	}
}

func TestLongAnswerOfKnownLengthIsCutToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *options) {
		o.application = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "8000000")
			w.Write(make([]byte, 100_000))
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		})
	})
	token := w.enter(t, decisiontest.Best())
	request, err := http.NewRequestWithContext(t.Context(), "GET", w.server.URL+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = payroll
	request.Header.Set("Cookie", "warder_gate="+token.Reveal())
	response, err := noRedirects.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.ReadFull(response.Body, make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	w.lose(t, keys.Lost)
	if n, err := io.Copy(io.Discard, response.Body); err == nil {
		t.Errorf("%d bytes more, and a clean end", n)
	}
}

func TestUpstreamMayHaveAPathOfItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	if _, err := w.Services.AddRoute(t.Context(), decisiontest.Desk(), w.Payroll.ID, services.NewRoute{Host: payroll, PathPrefix: "/old", Upstream: w.app.URL + "/legacy/"}); err != nil {
		t.Fatal(err)
	}
	got := w.ask(t, "GET", "/old/a%2Db?x=1", with(w.enter(t, decisiontest.Best()))...).seen(t)
	if got.Path != "/legacy/old/a%2Db" || got.Query != "x=1" {
		t.Errorf("the application saw %s?%s", got.Path, got.Query)
	}
}
