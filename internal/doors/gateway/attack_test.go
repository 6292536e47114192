package gateway_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/doors/gateway/upstream"
)

// byHand sends a request that no client library would send, and gives what came back.
func (w *world) byHand(t testing.TB, text string) (*http.Response, *bufio.Reader, net.Conn) {
	t.Helper()
	connection, err := net.Dial("tcp", strings.TrimPrefix(w.server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	if err := connection.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(connection, text); err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(connection)
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	return response, reader, connection
}

// An attacker who may see one page of an application asks to go on in another
// protocol (RFC 7540 §3.2, h2c). Were the gateway to pass that on, everything after it would
// be a tunnel to the application: other paths, other methods, forged headers.
func TestNobodyTunnelsPastTheGatewayWithAnUpgrade(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{"h2c", "H2C", "TLS/1.0", "websocket, h2c", "connect-udp"} {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			// An application that agrees to whatever it is asked, and then answers any line.
			eager := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				wanted := r.Header.Get("Upgrade")
				if wanted == "" {
					tell(w, r)
					return
				}
				connection, both, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				defer connection.Close()
				fmt.Fprintf(both, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: %s\r\n\r\nin the tunnel\r\n", wanted)
				both.Flush()
			})
			w := newWorld(t, func(o *options) { o.application = eager })
			token := w.enter(t, decisiontest.Best())
			response, _, _ := w.byHand(t, "GET / HTTP/1.1\r\nHost: "+payroll+"\r\nCookie: warder_gate="+token.Reveal()+
				"\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: "+protocol+"\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n")
			if response.StatusCode == http.StatusSwitchingProtocols {
				t.Error("the client has a tunnel to the application")
			}
		})
	}
}

// Request targets that are no path ask for something that no route has decided about.
func TestTargetsThatAreNoPathReachNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	token := w.enter(t, decisiontest.Best())
	for _, line := range []string{
		"GET http:admin HTTP/1.1", "GET http:%2fadmin HTTP/1.1", "GET mailto:admin HTTP/1.1", "GET " + payroll + ":80/admin HTTP/1.1",
		"CONNECT " + payroll + ":80 HTTP/1.1", "CONNECT 127.0.0.1:22 HTTP/1.1", "OPTIONS * HTTP/1.1",
		"GET http://leave.example.org/ HTTP/1.1", "GET / HTTP/1.0\r\nX-Forwarded-Host: " + payroll,
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			host := "\r\nHost: " + payroll
			if strings.Contains(line, "HTTP/1.0") {
				host = ""
			}
			response, _, _ := w.byHand(t, line+host+"\r\nCookie: warder_gate="+token.Reveal()+"\r\nConnection: close\r\n\r\n")
			if response.Header.Get("X-Told") != "" || response.StatusCode == http.StatusOK && !strings.HasPrefix(line, "OPTIONS") {
				body, _ := io.ReadAll(response.Body)
				t.Errorf("the application was reached: %s %s", response.Status, body)
			}
		})
	}
}

// RFC 9110 §6.5.1: what follows a body may be merged into the header. An
// identity there must not reach an application that does so.
func TestForgedTrailersReachNobody(t *testing.T) {
	t.Parallel()
	said := make(chan string, 1)
	w := newWorld(t, func(o *options) {
		o.application = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			said <- fmt.Sprintf("%v %v", r.Header["Trailer"], r.Trailer)
			tell(w, r)
		})
	})
	token := w.enter(t, decisiontest.Best())
	response, _, _ := w.byHand(t, "POST / HTTP/1.1\r\nHost: "+payroll+"\r\nCookie: warder_gate="+token.Reveal()+
		"\r\nTransfer-Encoding: chunked\r\nTrailer: Remote-User, Warder-Assertion\r\n\r\n5\r\nhello\r\n0\r\nRemote-User: admin\r\nWarder-Assertion: forged\r\n\r\n")
	if response.StatusCode != http.StatusOK {
		t.Fatalf("got %s", response.Status)
	}
	if got := <-said; got != "[] map[]" {
		t.Errorf("the application heard after the body: %s", got)
	}
}

// A tab that is left open must not keep alive the session of somebody who has gone home.
func TestOpenStreamDoesNotKeepAnUnusedSessionAlive(t *testing.T) {
	t.Parallel()
	over := make(chan struct{})
	w := newWorld(t, func(o *options) {
		o.application = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			_ = http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
			case <-over:
			}
		})
	})
	t.Cleanup(func() { close(over) })
	token := w.enter(t, decisiontest.Best())
	response, _, _ := w.byHand(t, "GET / HTTP/1.1\r\nHost: "+payroll+"\r\nCookie: warder_gate="+token.Reveal()+"\r\n\r\n")
	if response.StatusCode != http.StatusOK {
		t.Fatalf("got %s", response.Status)
	}
	cut := 0
	for range 20 { // sixteen minutes is too long without use at this level; the stream is rechecked all the time
		w.Clock.Advance(time.Minute)
		cut += w.Gate.Recheck(t.Context())
	}
	if cut != 1 {
		t.Errorf("%d streams were cut in twenty minutes without any request, want 1", cut)
	}
	if got := w.ask(t, "GET", "/", with(token, fetching...)...); got.Status != http.StatusUnauthorized {
		t.Errorf("the session that nobody used for twenty minutes is answered %d, want 401", got.Status)
	}
}

// The token of the portal is for the portal. On localhost browsers send it to
// every port, so whatever listens on one would become the person at every service.
func TestPortalSessionOpensNoGate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	_, token := w.SignIn(t, w.Amira, decisiontest.Best())
	if got := w.ask(t, "GET", "/", with(token, fetching...)...); got.Status != http.StatusUnauthorized {
		t.Errorf("the portal's token at the gate got %d, want 401", got.Status)
	}
}

// An administrator's session was taken. A route to the metadata of the cloud would
// turn it into the machine's own credentials.
func TestNoRouteLeadsToTheMetadataOfTheCloud(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"169.254.169.254:80", "[::ffff:169.254.169.254]:80", "[fe80::a9fe:a9fe%1]:80"} {
		connection, err := upstream.Transport().DialContext(t.Context(), "tcp", address)
		if err == nil {
			connection.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "link-local") {
			t.Errorf("%s: %v", address, err)
		}
	}
}
