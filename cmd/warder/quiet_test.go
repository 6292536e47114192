package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/app/demo/visitor"
)

// socketsOf reads which sockets a process has open, as local address → state, from what
// the kernel says about it (proc(5)).
func socketsOf(t testing.TB, pid int) (listening, elsewhere []string) {
	t.Helper()
	open := map[string]bool{}
	folder := fmt.Sprintf("/proc/%d/fd", pid)
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		// One that is closed meanwhile has no name any more.
		if name, err := os.Readlink(filepath.Join(folder, entry.Name())); err == nil && strings.HasPrefix(name, "socket:[") {
			open[strings.TrimSuffix(strings.TrimPrefix(name, "socket:["), "]")] = true
		}
	}
	type socket struct{ table, local, remote, state string }
	var found []socket
	ours := map[string]bool{}
	for _, table := range []string{"tcp", "tcp6", "udp", "udp6", "raw", "raw6"} {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pid, table))
		if os.IsNotExist(err) {
			continue // no IPv6 here
		}
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			fields := strings.Fields(line)
			if len(fields) < 10 || !open[fields[9]] {
				continue
			}
			one := socket{table, fields[1], fields[2], fields[3]}
			if one.state == "0A" && strings.HasPrefix(table, "tcp") { // TCP_LISTEN
				listening = append(listening, portOf(t, one.local))
				ours[one.local] = true
				continue
			}
			found = append(found, one)
		}
	}
	for _, one := range found {
		if !ours[one.local] { // not a connection that somebody made to one of the listeners
			elsewhere = append(elsewhere, fmt.Sprintf("%+v", one))
		}
	}
	slices.Sort(listening)
	return listening, elsewhere
}

func portOf(t testing.TB, local string) string {
	t.Helper()
	_, digits, _ := strings.Cut(local, ":")
	number, err := strconv.ParseUint(digits, 16, 16)
	if err != nil {
		t.Fatal(err)
	}
	return strconv.FormatUint(number, 10)
}

func TestServerNeverCallsAnybody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	batch := h.vendor()
	h.must("person", "add", "alice", "--name", "Alice", "--email", "alice@department.example")
	server := h.serve()
	want := []string{strings.TrimPrefix(h.portal, "http://localhost:"), port(t, h.gateway), port(t, h.operator)}
	slices.Sort(want)
	look := func(when string) {
		listening, elsewhere := socketsOf(t, server.PID())
		if !slices.Equal(listening, want) || len(elsewhere) > 0 {
			t.Errorf("%s: listens on %v (want %v), and has open: %v", when, listening, want, elsewhere)
		}
	}
	look("at the start")
	alice := h.guest(batch.NewKey())
	page := alice.readyToRegister(h.invite("alice"))
	look("before the key answers")
	page, err := alice.Touch(t.Context(), page, nil)
	if err != nil {
		t.Fatal(err)
	}
	look("when the attestation has been judged")
	if _, err := alice.Touch(t.Context(), page, nil); err != nil {
		t.Fatal(err)
	}
	alice.signedIn()
	look("signed in")
}

// TestLogHoldsNoSecretAndNobodysName plays a whole life with the log at its most
// talkative, and looks for everything that was secret or personal in it.
func TestLogHoldsNoSecretAndNobodysName(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	batch := h.vendor()
	h.must("person", "add", "alice.unmistakable", "--name", "Alice Unmistakable", "--email", "alice@department.example")
	h.must("person", "role", "alice.unmistakable", "administrator")
	gateway := "http://localhost:" + port(t, h.gateway)
	h.must("service", "add", "wiki", "--name", "Wiki", "--host", strings.TrimPrefix(gateway, "http://"), "--upstream", "http://127.0.0.1:1")
	h.write("policy.yaml", "version: v1\nrules:\n  - id: wiki\n    title: Wiki\n    services: [wiki]\n    require: {aal: 2}\n")
	h.must("policy", "publish", "policy.yaml")
	server := h.serve()
	link := h.invite("alice.unmistakable")
	alice := h.guest(batch.NewKey())
	alice.enrol(link)
	// Through the gateway, with its ticket; to an application that is not there.
	page, err := alice.Open(t.Context(), gateway+"/secret-page?code=secret-query")
	if err != nil {
		t.Fatal(err)
	}
	if page.Status == http.StatusOK {
		t.Fatalf("an application that is not there answered: %q", page.Heading())
	}
	used, err := alice.Open(t.Context(), link) // a second time
	if err != nil || used.Status < 400 {
		t.Fatalf("the link works twice: %d %v", used.Status, err)
	}
	if _, err := alice.Press(t.Context(), mustOpen(t, h.guest(batch.NewKey()), h.portal+"/signin"), url.Values{"user-name": {"alice.unmistakable"}}); err != nil {
		t.Fatal(err)
	}
	held := strings.Fields(strings.Split(h.must("key", "list", "--holder", "alice.unmistakable"), "\n")[1])
	h.must("key", "block", "--id", held[len(held)-1], "--reason", "lost")
	server.Stop()

	log := server.Output()
	_, log, _ = strings.Cut(log, "{") // before the first line in JSON is what the operator is meant to see
	if !strings.Contains(log, `"route"`) {
		t.Fatalf("there is no log to look at:\n%s", server.Output())
	}
	secrets := append(alice.secrets(h.portal, gateway), linkInOutput.FindStringSubmatch(link)[1],
		"alice.unmistakable", "Unmistakable", "alice@department.example", "secret-query", "secret-page")
	for _, secret := range secrets {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	looksSecret(t, log)
}

// secrets are the values of the cookies that the browser holds.
func (g *guest) secrets(addresses ...string) []string {
	g.h.t.Helper()
	var values []string
	for _, address := range addresses {
		parsed, err := url.Parse(address)
		if err != nil {
			g.h.t.Fatal(err)
		}
		for _, cookie := range g.Cookies(parsed) {
			if len(cookie.Value) >= 16 && !strings.HasPrefix(cookie.Value, "ses_") { // ids may be logged
				values = append(values, cookie.Value)
			}
		}
	}
	if len(values) < 2 {
		g.h.t.Fatalf("only %d secrets to look for", len(values))
	}
	return values
}

// looksSecret finds what has the shape of a secret, whoever made it.
func looksSecret(t testing.TB, log string) {
	t.Helper()
	for what, shape := range map[string]string{
		"an e-mail address":                       `[\w.+-]+@[\w-]+\.\w+`,
		"a token (256 bits in base64)":            `(?:^|[^\w-])[\w-]{43}(?:[^\w-]|$)`,
		"a one-time link or a ticket":             `/enrol/[^{"]|ticket=`,
		"a signed token":                          `eyJ[\w-]{10,}\.`,
		"a cookie":                                `warder_(?:session|attempt)=`,
		"a private key, or a challenge of a page": `PRIVATE KEY|"challenge"`,
	} {
		if found := regexp.MustCompile(shape).FindString(log); found != "" {
			t.Errorf("the log holds %s: %q", what, found)
		}
	}
}

func TestTourLogHoldsNoSecret(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tour := h.must("demo", "--tour", "--log", "tour.log")
	for _, shown := range []string{"This is a passkey that can be copied", "The case is completed", "Approvals still missing: 2"} {
		if !strings.Contains(tour, shown) {
			t.Errorf("the tour does not show %q", shown)
		}
	}
	if !strings.Contains(tour, "steps, all as promised") {
		t.Errorf("the tour:\n%s", tour)
	}
	log, err := os.ReadFile(h.path("tour.log"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(log), `"route"`) {
		t.Fatalf("there is no log to look at:\n%s", log)
	}
	looksSecret(t, string(log))
	for _, name := range []string{"nina.starter", "Nina Starter", "amira.khan"} {
		if strings.Contains(string(log), name) {
			t.Errorf("the log holds the name %s", name)
		}
	}
}

func mustOpen(t testing.TB, g *guest, address string) visitor.View {
	t.Helper()
	page, err := g.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	return page
}
