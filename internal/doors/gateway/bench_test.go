package gateway_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/access/live/livedb"
	"github.com/warder-project/warder/internal/doors/gateway"
	"github.com/warder-project/warder/internal/doors/gateway/upstream"
	"github.com/warder-project/warder/internal/registry/services"
	"github.com/warder-project/warder/internal/testkit"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// The promises of docs/performance.md are about processor time of the server
// alone. So each server is a process of its own (this test binary, started
// again), which tells how much time it has used; the clients and the application
// behind the proxies are in other processes. The servers take turns in rounds,
// so that whatever else the machine does falls on all of them, and the median
// of the rounds counts.
const (
	serverEnv   = "WARDER_BENCH_SERVER"   // which server this process is to be
	upstreamEnv = "WARDER_BENCH_UPSTREAM" // address of the application

	rounds      = 201
	perRound    = 1600
	connections = 4
)

// BenchmarkForwardAuth: a live session, 50 routes, 50 rules, every decision
// recorded, against a handler that answers 200 with two headers.
func BenchmarkForwardAuth(b *testing.B) {
	for b.Loop() {
		bare, ours := startServer(b, "bare", ""), startServer(b, "forward-auth", "")
		compare(b, bare, ours, "x-bare")
	}
}

// BenchmarkReverseProxy: the same decision before passing the request on,
// against httputil.ReverseProxy with the same transport and buffers.
func BenchmarkReverseProxy(b *testing.B) {
	for b.Loop() {
		application := startServer(b, "application", "")
		tuned, ours := startServer(b, "tuned-proxy", application.address), startServer(b, "gateway", application.address)
		compare(b, tuned, ours, "x-tuned")
	}
}

func compare(b *testing.B, base, ours *benchServer, unit string) {
	b.Helper()
	for _, server := range []*benchServer{base, ours} {
		server.round(b) // warm
	}
	var baseCosts, ourCosts, ratios []float64
	for i := range rounds {
		first, second := base, ours
		if i%2 == 1 {
			first, second = ours, base // whatever grows or shrinks meanwhile falls on both
		}
		cost := map[*benchServer]float64{first: first.round(b)}
		cost[second] = second.round(b)
		baseCosts, ourCosts, ratios = append(baseCosts, cost[base]), append(ourCosts, cost[ours]), append(ratios, cost[ours]/cost[base])
	}
	b.ReportMetric(median(ratios), unit)
	b.ReportMetric(median(baseCosts), "base-µs/req")
	b.ReportMetric(median(ourCosts), "µs/req")
	slices.Sort(baseCosts)
	slices.Sort(ourCosts)
	b.ReportMetric(ourCosts[rounds/4]/baseCosts[rounds/4], unit+"-quiet")
	b.ReportMetric(0, "ns/op") // wall time says nothing here
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// benchServer is a server in another process.
type benchServer struct {
	address, control string
	request          []byte
}

func startServer(b *testing.B, name, upstream string) *benchServer {
	b.Helper()
	process := testkit.Run(b, testkit.Command{Path: os.Args[0], Args: []string{"-test.run=^TestServeForBenchmarks$", "-test.v"},
		Env: []string{serverEnv + "=" + name, upstreamEnv + "=" + upstream}})
	ready := process.Line(`serving (\S+) control (\S+) cookie (\S*)$`)
	server := &benchServer{address: ready[1], control: ready[2]}
	target, host := "/authz/forward-auth", "warder.internal"
	if upstream != "" {
		target, host = "/app/payslips/2026/11", "service-7.example.org"
	}
	server.request = fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0\r\n"+
		"Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en-GB,en;q=0.5\r\nAccept-Encoding: gzip\r\nCookie: __Host-warder_gate=%s\r\n"+
		"X-Forwarded-Method: GET\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: service-7.example.org\r\nX-Forwarded-Uri: /app/payslips/2026/11\r\nX-Forwarded-For: 198.51.100.7\r\n\r\n",
		target, host, ready[3])
	return server
}

// round sends the requests of one round and returns the processor time of the
// server for each, in microseconds, with the writing of what it recorded.
func (s *benchServer) round(b *testing.B) float64 {
	b.Helper()
	before := s.used(b, "/cpu")
	var together sync.WaitGroup
	failed := make([]error, connections)
	for i := range connections {
		together.Go(func() { failed[i] = s.send(perRound / connections) })
	}
	together.Wait()
	for _, err := range failed {
		if err != nil {
			b.Fatal(err)
		}
	}
	return float64(s.used(b, "/settle")-before) / perRound
}

// send asks n times on one connection. It reads no more of an answer than it must.
func (s *benchServer) send(n int) error {
	connection, err := net.Dial("tcp", s.address)
	if err != nil {
		return err
	}
	defer connection.Close()
	reader := bufio.NewReaderSize(connection, 16<<10)
	for range n {
		if _, err := connection.Write(s.request); err != nil {
			return err
		}
		if err := skipAnswer(reader); err != nil {
			return err
		}
	}
	return nil
}

func skipAnswer(reader *bufio.Reader) error {
	status, err := reader.ReadString('\n')
	if err != nil {
		return err
	}
	if !strings.HasPrefix(status, "HTTP/1.1 200 ") {
		return fmt.Errorf("answered %q", status)
	}
	length := 0
	for {
		line, err := reader.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) == 2 {
			_, err := reader.Discard(length)
			return err
		}
		if value, ok := strings.CutPrefix(string(line), "Content-Length: "); ok {
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
				return err
			}
		}
	}
}

func (s *benchServer) used(b *testing.B, path string) int64 {
	b.Helper()
	response, err := http.Get("http://" + s.control + path)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.Fatal(err)
	}
	used, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return used
}

// TestServeForBenchmarks is the server of a benchmark, in a process of its own.
func TestServeForBenchmarks(t *testing.T) {
	name := os.Getenv(serverEnv)
	if name == "" {
		t.Skip("only the benchmarks start this")
	}
	handler, cookie, settle := benchHandler(t, name, os.Getenv(upstreamEnv))
	server := httptest.NewServer(handler)
	control := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/settle" {
			settle()
		}
		var used syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprint(w, used.Utime.Nano()/1000+used.Stime.Nano()/1000)
	}))
	fmt.Printf("\nserving %s control %s cookie %s\n", server.Listener.Addr(), control.Listener.Addr(), cookie)
	select {} // the benchmark ends this process
}

func benchHandler(t *testing.T, name, upstream string) (handler http.Handler, cookie string, settle func()) {
	nothing := func() {}
	switch name {
	case "bare":
		user, email := []string{"amira.khan"}, []string{"amira.khan@example.org"}
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			header := w.Header()
			header["Remote-User"], header["Remote-Email"] = user, email
			w.WriteHeader(http.StatusOK)
		}), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", nothing
	case "application":
		page := []byte(strings.Repeat("payslip ", 128))
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(page) }), "", nothing
	case "tuned-proxy":
		return tunedProxy(t, upstream), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", nothing
	}
	recorded := func(*decision.Deps) {}
	if name == "forward-auth-unrecorded" {
		recorded = func(deps *decision.Deps) { deps.Store = forgetful{deps.Store} }
	}
	gate, desk, cookie := busyGate(t, upstream, recorded)
	settle = func() {
		if err := desk.Flush(context.Background()); err != nil {
			panic(err)
		}
	}
	if strings.HasPrefix(name, "forward-auth") {
		return gate.Authz(), cookie, settle
	}
	return gate, cookie, settle
}

type benchBuffers struct{ sync.Pool }

func (b *benchBuffers) Get() []byte  { return *b.Pool.Get().(*[]byte) }
func (b *benchBuffers) Put(x []byte) { b.Pool.Put(&x) }

func tunedProxy(t *testing.T, application string) http.Handler {
	t.Helper()
	target, err := url.Parse("http://" + application)
	if err != nil {
		t.Fatal(err)
	}
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
			r.SetXForwarded()
		},
		Transport:  upstream.Transport(), // the same tuning as ours
		BufferPool: &benchBuffers{sync.Pool{New: func() any { lent := make([]byte, 32<<10); return &lent }}},
	}
}

// busyGate is a gateway with 50 routes and 50 rules whose recorder runs as in app.
func busyGate(t *testing.T, upstream string, adapt func(*decision.Deps)) (*gateway.Gateway, *decision.Desk, string) {
	t.Helper()
	d := dbtest.SQLite(t)
	h := decisiontest.OpenWith(t, d, testkit.NewClock(), livedb.New(d), adapt)
	h.Clock.Set(time.Now().UTC())
	for i := range 50 {
		slug := fmt.Sprintf("service-%d", i)
		route := services.NewRoute{Host: slug + ".example.org", PathPrefix: "/app"}
		if upstream != "" {
			route.Upstream = "http://" + upstream
		}
		if _, err := h.Services.Add(t.Context(), decisiontest.Desk(), services.NewService{Slug: slug, Name: slug, Impact: 1, Routes: []services.NewRoute{route}}); err != nil {
			t.Fatal(err)
		}
	}
	h.Publish(t, fiftyRules())
	amira := h.Somebody(t, "amira.khan", "finance", "staff")
	session, _ := h.SignIn(t, amira, decisiontest.Best())
	_, token := h.Gate(t, session, "service-7.example.org")
	address, err := url.Parse(portal)
	if err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(time.Second)
	go h.Desk.Run(t.Context(), tick.C)
	keep := time.NewTicker(time.Second)
	go h.View.Keep(t.Context(), keep.C)
	return gateway.New(gateway.Deps{Portal: address, Decide: h.Desk, Routes: h.View.Routes, Tickets: h.Sessions, Signer: newKeyset(t, h),
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Log: slog.New(slog.DiscardHandler), Now: time.Now}), h.Desk, token.Reveal()
}

// fiftyRules is a policy of 50 rules; the last is for every service.
func fiftyRules() string {
	var text strings.Builder
	text.WriteString("version: fifty\nrules:\n")
	for i := range 50 {
		covers := fmt.Sprintf("service-%d", i)
		if i == 49 {
			covers = "*"
		}
		fmt.Fprintf(&text, "  - id: rule-%d\n    title: Rule %d\n    services: [%q]\n    groups: [finance, staff]\n    require: {aal: 3, phishing_resistant: true, max_age: 8h}\n", i, i, covers)
	}
	return text.String()
}
