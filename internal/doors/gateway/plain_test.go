package gateway_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/decision/decisiontest"
)

// A request without a body goes another way than one with a body. Whatever the
// client says, the application hears the same both ways.
func TestBothWaysToTheApplicationSayTheSame(t *testing.T) {
	t.Parallel()
	for name, headers := range map[string][]string{
		"ordinary":                  looking,
		"no user agent":             {"Accept", "*/*"},
		"a user agent":              {"User-Agent", "Example/1.0"},
		"hop by hop":                {"Connection", "keep-alive", "Keep-Alive", "timeout=5", "Proxy-Connection", "keep-alive", "Proxy-Authorization", "Basic Zm9v", "Te", "gzip"},
		"named by Connection":       {"Connection", "x-one, X-Two", "X-One", "1", "X-Two", "2", "X-Three", "3"},
		"identity by Connection":    {"Connection", "Warder-Assertion, Remote-User, Cookie"},
		"trailers wanted":           {"Te", "deflate;q=0.5, trailers"},
		"forged identity":           {"Remote-User", "admin", "remote_user", "admin", "X-Forwarded-User", "admin", "Warder-Assertion", "forged"},
		"forwarded by nobody known": {"X-Forwarded-For", "203.0.113.9", "X-Forwarded-Proto", "gopher", "X-Forwarded-Host", "evil.example.org", "Forwarded", "for=203.0.113.9"},
		"repeated":                  {"X-Many", "1", "X-Many", "2", "Accept-Language", "cy", "Accept-Language", "en"},
		"own and other cookies":     {"Cookie", "theme=dark; __Host-warder_state=x", "Cookie", "warder_state=y; lang=cy"},
	} {
		for _, trust := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, trusted %t", name, trust), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, func(o *options) {
					if trust {
						loopback(o)
					}
				})
				token := w.enter(t, decisiontest.Best())
				short := w.askBody(t, http.MethodPost, "/a/b%20c?q=1;r", nil, with(token, headers...)...)
				long := w.askBody(t, http.MethodPost, "/a/b%20c?q=1;r", strings.NewReader("x"), with(token, headers...)...)
				if short.Status != long.Status {
					t.Fatalf("without a body %d, with one %d", short.Status, long.Status)
				}
				if short.Status != http.StatusOK {
					return // the gateway itself has refused both
				}
				one, other := short.seen(t), long.seen(t)
				one.Body, other.Body = "", ""
				one.Header.Del("Content-Length")
				other.Header.Del("Content-Length")
				if diff := cmp.Diff(other, one); diff != "" {
					t.Errorf("what the application hears (-with a body +without):\n%s", diff)
				}
				if len(one.Header["Warder-Assertion"]) != 1 || one.Header.Get("Remote-User") != "amira.khan" {
					t.Errorf("the identity was lost: %v", one.Header)
				}
			})
		}
	}
}

// What the application answers comes back the same both ways.
func TestBothWaysBackFromTheApplicationAreTheSame(t *testing.T) {
	t.Parallel()
	application := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		header := w.Header()
		header.Set("Date", "Mon, 23 Nov 2026 12:00:00 GMT")
		switch r.URL.Path {
		case "/hop":
			header.Set("Connection", "x-private")
			header.Set("X-Private", "1")
			header.Set("Proxy-Authenticate", "Basic")
			header.Set("Keep-Alive", "timeout=9")
			fmt.Fprint(w, "hello")
		case "/cookies":
			header["Set-Cookie"] = []string{"warder_gate=stolen", "theme=dark", "__Host-warder_state=x"}
		case "/unchanged":
			w.WriteHeader(http.StatusNotModified)
		case "/empty":
			w.WriteHeader(http.StatusNoContent)
		case "/broken":
			w.WriteHeader(http.StatusInternalServerError)
		case "/streams":
			_ = http.NewResponseController(w).Flush()
			fmt.Fprint(w, "bit by bit")
		case "/trailers":
			header.Set("Trailer", "X-Sum")
			fmt.Fprint(w, "body")
			header.Set("X-Sum", "4")
		case "/long":
			_, _ = w.Write(bytes.Repeat([]byte("x"), 2<<20))
		}
	})
	w := newWorld(t, func(o *options) { o.application = application })
	token := w.enter(t, decisiontest.Best())
	for _, path := range []string{"/hop", "/cookies", "/unchanged", "/empty", "/broken", "/streams", "/trailers", "/long"} {
		t.Run(path, func(t *testing.T) {
			short := w.askBody(t, http.MethodPost, path, nil, with(token)...)
			long := w.askBody(t, http.MethodPost, path, strings.NewReader("x"), with(token)...)
			if diff := cmp.Diff(long, short); diff != "" {
				t.Errorf("what the client gets (-with a body +without):\n%s", diff)
			}
			if path == "/hop" && (short.Header.Get("X-Private") != "" || short.Header.Get("Keep-Alive") != "") {
				t.Errorf("it was for one connection only: %v", short.Header)
			}
			if got := strings.Join(short.Header["Set-Cookie"], ", "); path == "/cookies" && got != "theme=dark" {
				t.Errorf("the application set %q", got)
			}
		})
	}
}

func TestHeadHasTheLengthAndNoBody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *options) {
		o.application = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "12345") })
	})
	answer := w.ask(t, http.MethodHead, "/", with(w.enter(t, decisiontest.Best()))...)
	if answer.Status != http.StatusOK || answer.Header.Get("Content-Length") != "12345" || answer.Body != "" {
		t.Errorf("got %d, length %q, body %q", answer.Status, answer.Header.Get("Content-Length"), answer.Body)
	}
}

// RFC 9110 §15.2: a proxy forwards 1xx responses.
func TestEarlyHintsReachTheBrowser(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *options) {
		o.application = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", "</style.css>; rel=preload")
			w.WriteHeader(http.StatusEarlyHints)
			w.Header().Del("Link")
			fmt.Fprint(w, "page")
		})
	})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.server.URL+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = payroll
	request.Header.Set("Cookie", "warder_gate="+w.enter(t, decisiontest.Best()).Reveal())
	var hints []string
	request = request.WithContext(httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(status int, header textproto.MIMEHeader) error {
		hints = append(hints, fmt.Sprint(status, header["Link"]))
		return nil
	}}))
	response, err := noRedirects.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if diff := cmp.Diff([]string{"103 [</style.css>; rel=preload]"}, hints); diff != "" {
		t.Errorf("hints (-want +got):\n%s", diff)
	}
	if response.Header.Get("Link") != "" {
		t.Error("the hint is in the answer itself as well")
	}
}

// An answer that breaks off must not look whole.
func TestAnswerThatBreaksOffIsBrokenOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *options) {
		o.application = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			fmt.Fprint(w, strings.Repeat("half", 1<<14))
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		})
	})
	response, _, _ := w.byHand(t, "GET / HTTP/1.1\r\nHost: "+payroll+"\r\nCookie: warder_gate="+w.enter(t, decisiontest.Best()).Reveal()+"\r\n\r\n")
	if _, err := io.ReadAll(response.Body); err == nil {
		t.Error("half an answer passes for a whole one")
	}
}
