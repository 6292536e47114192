package app

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/webauthn"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/testkit"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// The promise of docs/performance.md is about the processor time of the server
// alone, so each server is a process of its own (this test binary, started
// again) that tells how much it has used; the clients are here. They take turns
// in rounds, so that whatever else the machine does falls on both, and the
// median of the rounds counts. Attempts and the answers of keys are made between
// rounds and cost nobody anything.
const (
	signInServerEnv   = "WARDER_BENCH_SIGN_IN"          // which server this process is to be
	signInDatabaseEnv = "WARDER_BENCH_SIGN_IN_DATABASE" // where it keeps things; empty is a file of its own

	signInRounds      = 21
	signInsPerRound   = 240
	signInConnections = 4
	signInPeople      = 40 // a multiple of the connections: each key's answers stay in their order
)

// BenchmarkSignIn: the answer of a key over HTTP until the session is kept in
// the database and in the browser's cookie, against a handler that reads the same
// bytes and verifies one ECDSA P-256 signature.
func BenchmarkSignIn(b *testing.B) { compareSignIn(b, "warder") }

// BenchmarkSignInPostgreSQL: the same with PostgreSQL, whose own processor time is
// not counted.
func BenchmarkSignInPostgreSQL(b *testing.B) {
	compareSignIn(b, "warder", signInDatabaseEnv+"="+dbtest.PostgresURL(b))
}

// BenchmarkAssertion: the same without a database. It says which part of a
// sign-in is WebAuthn and which is keeping it.
func BenchmarkAssertion(b *testing.B) { compareSignIn(b, "unkept") }

// BenchmarkSignInFloor says what a sign-in that is durable costs at least: the same
// answer verified, and a unit of work that keeps one short row, in a table without an
// index; then one that keeps the session, its entry in the record and the word to
// others, and looks at nothing. What SignIn costs above that are the checks: the
// attempt, the credential, the key, its model, the person, the wrong tries.
func BenchmarkSignInFloor(b *testing.B) {
	b.Run("one-row", func(b *testing.B) { compareSignIn(b, "one row") })
	b.Run("session-only", func(b *testing.B) { compareSignIn(b, "session only") })
}

func compareSignIn(b *testing.B, name string, env ...string) {
	b.Helper()
	for b.Loop() {
		bare, ours := startSignInServer(b, "bare"), startSignInServer(b, name, env...)
		for _, server := range []*signInServer{bare, ours} {
			server.round(b) // warm
		}
		var bareCosts, ourCosts, ratios []float64
		for i := range signInRounds {
			first, second := bare, ours
			if i%2 == 1 {
				first, second = ours, bare
			}
			cost := map[*signInServer]float64{first: first.round(b)}
			cost[second] = second.round(b)
			bareCosts, ourCosts, ratios = append(bareCosts, cost[bare]), append(ourCosts, cost[ours]), append(ratios, cost[ours]/cost[bare])
		}
		for _, costs := range [][]float64{bareCosts, ourCosts, ratios} {
			slices.Sort(costs)
		}
		b.ReportMetric(ratios[len(ratios)/2], "x-bare")
		b.ReportMetric(bareCosts[len(bareCosts)/2], "base-µs/req")
		b.ReportMetric(ourCosts[len(ourCosts)/2], "µs/req")
		b.ReportMetric(ourCosts[signInRounds/4]/bareCosts[signInRounds/4], "x-bare-quiet")
		b.ReportMetric(0, "ns/op") // wall time says nothing here
	}
}

// signInServer is a server in another process.
type signInServer struct {
	address, control string
	rounds           int
}

func startSignInServer(b *testing.B, name string, env ...string) *signInServer {
	b.Helper()
	process := testkit.Run(b, testkit.Command{Path: os.Args[0], Args: []string{"-test.run=^TestServeSignInForBenchmarks$", "-test.v"},
		Env: append(env, signInServerEnv+"="+name)})
	ready := process.Line(`serving (\S+) control (\S+)$`)
	return &signInServer{address: ready[1], control: ready[2]}
}

// round sends the answers of one round and returns the processor time of the
// server for each, in microseconds.
func (s *signInServer) round(b *testing.B) float64 {
	b.Helper()
	requests := bytes.Split(s.ask(b, "/prepare"), []byte("\x00"))
	s.rounds++
	before := s.used(b)
	var together sync.WaitGroup
	failed := make([]error, signInConnections)
	for i := range signInConnections {
		together.Go(func() { failed[i] = s.send(requests, i) })
	}
	together.Wait()
	after := s.used(b)
	for _, err := range failed {
		if err != nil {
			b.Fatal(err)
		}
	}
	return float64(after-before) / float64(len(requests))
}

// send gives every fourth answer on one connection and wants a session for each.
func (s *signInServer) send(requests [][]byte, from int) error {
	// Each from an address of its own: one alone would come too often.
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 1, byte(s.rounds), byte(from+1))}}
	connection, err := dialer.Dial("tcp", s.address)
	if err != nil {
		return err
	}
	defer connection.Close()
	reader := bufio.NewReaderSize(connection, 16<<10)
	for i := from; i < len(requests); i += signInConnections {
		if _, err := connection.Write(requests[i]); err != nil {
			return err
		}
		answer, err := http.ReadResponse(reader, nil)
		if err != nil {
			return err
		}
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			return err
		}
		if answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Set-Cookie") == "" {
			return fmt.Errorf("answered %s without a session: %s", answer.Status, text)
		}
	}
	return nil
}

func (s *signInServer) ask(b *testing.B, path string) []byte {
	b.Helper()
	response, err := http.Get("http://" + s.control + path)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		b.Fatalf("%s: %s %s %v", path, response.Status, text, err)
	}
	return text
}

func (s *signInServer) used(b *testing.B) int64 {
	b.Helper()
	used, err := strconv.ParseInt(string(s.ask(b, "/cpu")), 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return used
}

// TestServeSignInForBenchmarks is the server of the benchmark, in a process of its own.
func TestServeSignInForBenchmarks(t *testing.T) {
	name := os.Getenv(signInServerEnv)
	if name == "" {
		t.Skip("only the benchmark starts this")
	}
	database := os.Getenv(signInDatabaseEnv)
	if database == "" {
		database = "sqlite:" + filepath.Join(t.TempDir(), "warder.db")
	}
	d := openDepartmentOn(t, database, time.Now)
	staff := d.signInStaff(signInPeople)
	handler, begin := d.handler, d.beginSignIn
	switch name {
	case "bare":
		handler = bareVerification(t)
	case "unkept", "one row", "session only":
		checks := newUnkept(d, staff)
		checks.keep = map[string]func(context.Context, factors.Credential) error{"one row": d.keepRow, "session only": d.keepSession}[name]
		handler, begin = checks, checks.begin
	}
	server := httptest.NewServer(handler)
	control := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/prepare" {
			requests, err := signInAnswers(r.Context(), staff, begin)
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			runtime.GC() // what was thrown away meanwhile is nobody's cost
			w.Write(bytes.Join(requests, []byte("\x00")))
			return
		}
		var used syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprint(w, used.Utime.Nano()/1000+used.Stime.Nano()/1000)
	}))
	fmt.Printf("\nserving %s control %s\n", server.Listener.Addr(), control.Listener.Addr())
	select {} // the benchmark ends this process
}

// bareVerification reads what is sent and verifies one signature.
func bareVerification(t *testing.T) http.Handler {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte("what a key signs"))
	signature, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil || !ecdsa.VerifyASN1(&key.PublicKey, digest[:], signature) {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.Header().Set("Set-Cookie", "session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
		w.Header().Set("Location", "/me")
		w.WriteHeader(http.StatusSeeOther)
	})
}

// signInStaff are people, person.0 and so on, with a registered key each.
func (d *department) signInStaff(count int) []*softkey.Key {
	d.t.Helper()
	staff := make([]*softkey.Key, count)
	for i := range staff {
		name := fmt.Sprintf("person.%d", i)
		person, err := d.People.Add(d.t.Context(), d.operator, people.NewPerson{UserName: name, Name: name, Kind: people.KindPerson})
		if err != nil {
			d.t.Fatal(err)
		}
		holder := factors.Holder{ID: person.ID, UserName: person.UserName, Name: person.Name}
		options, state, err := d.Factors.BeginRegistration(d.t.Context(), holder)
		if err != nil {
			d.t.Fatal(err)
		}
		staff[i] = d.batch.NewKey()
		answer, err := staff[i].Create(options, portal)
		if err != nil {
			d.t.Fatal(err)
		}
		if _, err := d.Factors.FinishRegistration(d.t.Context(), audit.Person(person.ID), holder, state, answer, factors.NewKey{}); err != nil {
			d.t.Fatal(err)
		}
	}
	return staff
}

// begun is an attempt for which a key is wanted.
type begun struct {
	attempt ids.Attempt
	browser secret.Value
	options []byte
}

func (d *department) beginSignIn(ctx context.Context) (begun, error) {
	attempt, browser, err := d.SignIn.Begin(ctx, signin.Ask{Require: signin.Ordinary()})
	if err != nil {
		return begun{}, err
	}
	if err := d.SignIn.Identify(ctx, attempt.ID, browser, ""); err != nil {
		return begun{}, err
	}
	step, err := d.SignIn.Next(ctx, attempt.ID, browser)
	if err != nil {
		return begun{}, err
	}
	use, ok := step.(signin.UseKey)
	if !ok {
		return begun{}, fmt.Errorf("the attempt asks for %T", step)
	}
	return begun{attempt.ID, browser, use.Options}, nil
}

// keepRow is the cheapest unit of work: it writes one row of numbers and words.
func (d *department) keepRow(ctx context.Context, credential factors.Credential) error {
	return d.DB.InTx(ctx, func(ctx context.Context) error {
		return tx.Publish(ctx, "bench", string(credential.ID))
	})
}

func (d *department) keepSession(ctx context.Context, credential factors.Credential) error {
	_, _, err := d.Sessions.Start(ctx, audit.Person(credential.Person), sessions.NewSession{Person: credential.Person, Credential: credential.ID, Key: credential.Key,
		Assurance: assurance.Assurance{Method: assurance.SecurityKeyAttested, AAL: 3, PhishingResistant: true, HardwareBound: true, Attested: true, UserVerified: true}})
	return err
}

// unkept verifies answers and keeps nothing, or what keep keeps.
type unkept struct {
	t          *testing.T
	ceremonies *webauthn.Ceremonies
	known      map[string]factors.Credential // by credential id
	keep       func(context.Context, factors.Credential) error
	mu         sync.Mutex
	states     map[string][]byte // guarded by mu; by attempt
}

func newUnkept(d *department, staff []*softkey.Key) *unkept {
	d.t.Helper()
	ceremonies, err := webauthn.New(webauthn.Deps{RPID: "localhost", RPName: "Warder", Origins: []string{portal}})
	if err != nil {
		d.t.Fatal(err)
	}
	u := &unkept{t: d.t, ceremonies: ceremonies, known: map[string]factors.Credential{}, states: map[string][]byte{}}
	for i := range staff {
		person, err := d.People.ByUserName(d.t.Context(), fmt.Sprintf("person.%d", i))
		if err != nil {
			d.t.Fatal(err)
		}
		held, err := d.Factors.OfPerson(d.t.Context(), person.ID)
		if err != nil || len(held) != 1 {
			d.t.Fatal(len(held), err)
		}
		u.known[string(held[0].CredentialID)] = held[0]
	}
	return u
}

func (u *unkept) begin(context.Context) (begun, error) {
	options, state, err := u.ceremonies.BeginVerification(factors.VerificationAsk{At: time.Now()})
	one := begun{ids.New[ids.Attempt](), secret.Token(), options}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.states[string(one.attempt)] = state
	return one, err
}

func (u *unkept) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	u.mu.Lock()
	state := u.states[strings.TrimPrefix(r.URL.Path, "/signin/")]
	u.mu.Unlock()
	answer := factors.Answer{State: state, Response: []byte(r.PostForm.Get(web.CeremonyAnswer)), At: time.Now()}
	var credential factors.Credential
	_, err := u.ceremonies.CheckVerification(answer, func(id []byte) (factors.Known, error) {
		credential = u.known[string(id)]
		return factors.Known{Person: credential.Person, CredentialID: credential.CredentialID, PublicKey: credential.PublicKey}, nil
	})
	if err == nil && u.keep != nil {
		err = u.keep(r.Context(), credential)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	w.Header().Set("Set-Cookie", "session="+secret.Token().Reveal())
	w.Header().Set("Location", "/me")
	w.WriteHeader(http.StatusSeeOther)
}

// signInAnswers begins attempts and lets keys answer, and gives the requests that a
// browser would send next.
func signInAnswers(ctx context.Context, staff []*softkey.Key, begin func(context.Context) (begun, error)) ([][]byte, error) {
	requests := make([][]byte, signInsPerRound)
	for i := range requests {
		one, err := begin(ctx)
		if err != nil {
			return nil, err
		}
		answer, err := staff[i%len(staff)].Get(one.options, portal)
		if err != nil {
			return nil, err
		}
		body := url.Values{"deed": {"use"}, web.CeremonyAnswer: {string(answer)}}.Encode()
		requests[i] = fmt.Appendf(nil, "POST /signin/%s HTTP/1.1\r\nHost: %s\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0\r\n"+
			"Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en-GB,en;q=0.5\r\nAccept-Encoding: gzip\r\nOrigin: %s\r\n"+
			"Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nCookie: warder_attempt=%s\r\n"+
			"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s",
			one.attempt, strings.TrimPrefix(portal, "http://"), portal, one.browser.Reveal(), len(body), body)
	}
	return requests, nil
}
