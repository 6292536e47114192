package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestSecondServerOnTheSameFileRefusesToStart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first := h.serve()
	other := newHouse(t)
	other.write("warder.yaml", other.config()+"database: sqlite:"+h.path("warder.db")+"\nmaster_key: "+h.path("warder.key")+"\n")
	got := other.do("serve")
	if got.code != 4 || !strings.Contains(got.stderr, "Code: db.in_use") || !strings.Contains(got.stderr, fmt.Sprintf("held by process %d.", first.PID())) ||
		!strings.Contains(got.stderr, "Next: Stop the other process first") {
		t.Errorf("the second server ended with %d and said:\n%s", got.code, got.stderr)
	}
	if status, _ := h.health(); status != http.StatusOK {
		t.Errorf("the first server is not well any more: %d", status)
	}
	// The system gives the lock up however the first one ends.
	first.Kill()
	h.serve()
}

func TestUnusableMasterKeyStopsTheStart(t *testing.T) {
	t.Parallel()
	stranger := newHouse(t)
	stranger.must("person", "add", "mallory", "--name", "Mallory")
	strange, err := os.ReadFile(stranger.path("warder.key"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, code, next string
		spoil            func(path string) error
	}{
		{"another key", "seal.wrong_key", "Put the master key file that was used with this database in place",
			func(path string) error { return os.WriteFile(path, strange, 0o600) }},
		{"no key", "seal.key_missing", "Put the master key file back from its backup", os.Remove},
		{"a damaged key", "seal.key_garbled", "Put the file back from its backup",
			func(path string) error { return os.Truncate(path, 40) }},
		{"a key that others may read", "seal.key_exposed", "Run chmod 600",
			func(path string) error { return os.Chmod(path, 0o644) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.must("person", "add", "alice", "--name", "Alice")
			good, err := os.ReadFile(h.path("warder.key"))
			if err != nil {
				t.Fatal(err)
			}
			if err := test.spoil(h.path("warder.key")); err != nil {
				t.Fatal(err)
			}
			spoilt, _ := os.ReadFile(h.path("warder.key")) // nothing when it is gone
			for _, command := range [][]string{{"serve"}, {"person", "add", "bob", "--name", "Bob"}} {
				got := h.do(command...)
				if got.code != 4 || !strings.Contains(got.stderr, "Code: "+test.code) || !strings.Contains(got.stderr, "Next: "+test.next) {
					t.Errorf("%v ended with %d and said:\n%s", command, got.code, got.stderr)
				}
			}
			if now, _ := os.ReadFile(h.path("warder.key")); string(now) != string(spoilt) {
				t.Error("the key file was touched")
			}
			if err := os.Remove(h.path("warder.key")); err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			h.write("warder.key", string(good))
			if list := h.must("person", "list"); !strings.Contains(list, "alice") || strings.Contains(list, "bob") {
				t.Errorf("with the right key again:\n%s", list)
			}
		})
	}
}

// staffList is long enough that a database cannot hold it in memory, so that
// much is on the disk before it is kept.
func staffList(size int) string {
	var list strings.Builder
	list.WriteString("user_name,name,email,department,manager\n")
	for i := range size {
		manager := ""
		if i > 0 {
			manager = fmt.Sprintf("p%05d", i/8)
		}
		fmt.Fprintf(&list, "p%05d,Person %d %s,p%d@department.example,Department %d,%s\n", i, i, strings.Repeat("long name ", 8), i, i%12, manager)
	}
	return list.String()
}

func TestImportThatIsKilledIsWhollyThereOrWhollyNot(t *testing.T) {
	t.Parallel()
	const staff = 3000
	for _, written := range []int64{1, 2 << 20} {
		t.Run(fmt.Sprintf("after %d bytes", written), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.must("person", "add", "admin", "--name", "Admin")
			h.write("staff.csv", staffList(staff))
			child := h.start("person", "import", "staff.csv")
			before := h.size("warder.db")
			condition(t, "the import is on its way", func() bool {
				select {
				case <-child.Ended():
					return true
				default:
					return h.size("warder.db-wal") >= written || h.size("warder.db") != before
				}
			})
			child.Kill()
			there := strings.Count(h.must("person", "list"), "\np")
			if there != 0 && there != staff {
				t.Fatalf("%d of %d people are there", there, staff)
			}
			if recorded := h.entries("person.added"); recorded != there+1 {
				t.Errorf("%d people, %d entries", there+1, recorded)
			}
			h.sound()
			if said := h.must("person", "import", "staff.csv"); !strings.Contains(said, fmt.Sprintf("Joined: %d.", staff-there)) {
				t.Errorf("the same file again: %s", said)
			}
			h.sound()
		})
	}
}

func TestBlockThatIsKilledIsWhollyThereOrWhollyNot(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must("person", "add", "alice", "--name", "Alice")
	for i := range 3 {
		serial := strconv.Itoa(100 + i)
		h.must("key", "add", "--serial", serial)
		h.must("key", "issue", "--serial", serial, "--to", "alice")
		child := h.start("key", "block", "--serial", serial, "--reason", "lost")
		// Killed when it has begun, when it writes, and when it has written.
		condition(t, "the block is on its way", func() bool {
			select {
			case <-child.Ended():
				return true
			default:
				return h.size("warder.db-wal") > []int64{0, 100, 8000}[i]
			}
		})
		child.Kill()
		blocked := strings.Contains(h.must("key", "list", "--state", "lost"), serial+" ")
		recorded := strings.Contains(h.must("audit", "export"), `"action":"key.blocked","subject":"`+keyID(h, serial)+`"`)
		if blocked != recorded {
			t.Errorf("key %s: blocked %v, recorded %v", serial, blocked, recorded)
		}
		h.sound()
		h.must("key", "block", "--serial", serial, "--reason", "lost")
		if !strings.Contains(h.must("key", "list", "--state", "lost"), serial+" ") {
			t.Errorf("key %s is not blocked after the second try", serial)
		}
	}
	h.sound()
}

func keyID(h *house, serial string) string {
	for line := range strings.Lines(h.must("key", "list", "--text", serial)) {
		if fields := strings.Fields(line); len(fields) > 0 && fields[0] == serial {
			return fields[len(fields)-1]
		}
	}
	h.t.Fatalf("no key %s", serial)
	return ""
}

func TestRegistrationThatIsKilledIsWhollyThereOrWhollyNot(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	batch := h.vendor()
	for i := range 3 {
		name := fmt.Sprintf("alice%d", i)
		h.must("person", "add", name, "--name", "Alice")
		link := h.invite(name)
		server := h.serve()
		alice := h.guest(batch.NewKey())
		page := alice.readyToRegister(link)
		before := h.size("warder.db-wal")
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			_, _ = alice.Touch(t.Context(), page, url.Values{"serial": {strconv.Itoa(7000 + i)}}) // cut off, as is meant
		}()
		// Killed as soon as anything of it is on the disk, or when it is answered.
		condition(t, "the registration is on its way", func() bool {
			select {
			case <-sent:
				return true
			default:
				return i > 0 && h.size("warder.db-wal") > before
			}
		})
		server.Kill()
		<-sent

		held := strings.Contains(h.must("key", "list", "--holder", name), " enrolled ")
		export := h.must("audit", "export")
		recorded := strings.Count(export, `"action":"credential.registered"`) + strings.Count(export, `"action":"factor.registered"`)
		if want := map[bool]int{true: i + 1, false: i}[held]; recorded != want {
			t.Errorf("%s: enrolled %v, and %d registrations in the record:\n%s", name, held, recorded, export)
		}
		h.sound()
		server = h.serve()
		if held {
			// The key that is there can be used, from another browser even.
			again := h.guest(alice.key)
			again.signIn(name)
		} else {
			// Nothing is used up: the same link and key serve once more.
			h.guest(batch.NewKey()).enrol(link)
		}
		server.Stop()
		h.sound()
	}
}

// signIn signs in from the front page.
func (g *guest) signIn(userName string) {
	g.h.t.Helper()
	page, err := g.Open(g.h.t.Context(), g.h.portal+"/signin")
	if err != nil {
		g.h.t.Fatal(err)
	}
	if page, err = g.Press(g.h.t.Context(), page, url.Values{"user-name": {userName}}); err != nil {
		g.h.t.Fatal(err)
	}
	if _, err = g.Touch(g.h.t.Context(), page, nil); err != nil {
		g.h.t.Fatal(err)
	}
	g.signedIn()
}

func TestKeyBlockedByCommandIsRefusedOnTheNextRequest(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	batch := h.vendor()
	h.must("person", "add", "alice", "--name", "Alice")
	h.serve()
	alice := h.guest(batch.NewKey())
	alice.enrol(h.invite("alice"))
	h.must("service", "add", "wiki", "--name", "Wiki", "--host", "wiki.example")
	h.write("policy.yaml", "version: v1\nrules:\n  - id: wiki\n    title: Wiki\n    services: [wiki]\n    require: {aal: 3, attested: true, hardware_bound: true}\n")
	h.must("policy", "publish", "policy.yaml")
	if said := h.must("decide", "--person", "alice", "--service", "wiki"); !strings.Contains(said, "Verdict: allowed (policy v1)") {
		t.Errorf("signed in with her key:\n%s", said)
	}
	id := strings.Fields(strings.Split(h.must("key", "list", "--holder", "alice"), "\n")[1])
	said := h.must("key", "block", "--id", id[len(id)-1], "--reason", "stolen")
	if !strings.Contains(said, "Sessions ended: 1. Credentials suspended: 1.") || !strings.Contains(said, "In force on 1 running server(s) after ") {
		t.Errorf("the command said:\n%s", said)
	}
	page, err := alice.Open(t.Context(), h.portal+"/me")
	if err != nil {
		t.Fatal(err)
	}
	if page.Address.Path != "/signin" {
		t.Errorf("the next request got %d at %s", page.Status, page.Address)
	}
	script, err := alice.Fetch(t.Context(), h.portal+"/me")
	if err != nil {
		t.Fatal(err)
	}
	if script.Status != http.StatusUnauthorized {
		t.Errorf("the next script got %d", script.Status)
	}
	if got := h.do("decide", "--person", "alice", "--service", "wiki"); got.code != 3 || strings.Contains(got.stdout, "Verdict: allowed") {
		t.Errorf("decide ended with %d and said:\n%s", got.code, got.stdout)
	}
	h.sound()
}

func TestWrongHostOrSchemeGetsThePageWithTheRightLink(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.serve()
	number := strings.TrimPrefix(h.portal, "http://localhost:")
	for name, test := range map[string]struct {
		method, path, host, scheme, link string
	}{
		"a number instead of the name": {"GET", "/signin?next=%2Fme", "127.0.0.1:" + number, "", h.portal + "/signin?next=%2Fme"},
		"another name":                 {"GET", "/me", "warder.attacker.example", "", h.portal + "/me"},
		"another port":                 {"GET", "/", "localhost:1", "", h.portal + "/"},
		"a ceremony begun elsewhere":   {"POST", "/signin", "127.0.0.1:" + number, "", h.portal + "/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request, err := http.NewRequestWithContext(t.Context(), test.method, "http://127.0.0.1:"+number+test.path, strings.NewReader("user-name=alice"))
			if err != nil {
				t.Fatal(err)
			}
			request.Host = test.host
			request.Header.Set("Accept", "text/html")
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			response, err := http.DefaultTransport.RoundTrip(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			text, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != http.StatusMisdirectedRequest || !strings.Contains(string(text), `href="`+strings.ReplaceAll(test.link, "&", "&amp;")+`"`) {
				t.Errorf("%d, want the link %s on the page:\n%s", response.StatusCode, test.link, text)
			}
			if len(response.Cookies()) > 0 || strings.Contains(string(text), "data-ceremony") {
				t.Error("a ceremony was begun")
			}
		})
	}
}

// TestOnlyAConfiguredProxyIsBelievedAboutTheScheme puts Warder behind a proxy that ends
// TLS, as it stands in most departments.
func TestOnlyAConfiguredProxyIsBelievedAboutTheScheme(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, proxies, forwarded string
		status                   int
	}{
		{"plain http", "[]", "", http.StatusMisdirectedRequest},
		{"somebody says https", "[192.0.2.0/24]", "https", http.StatusMisdirectedRequest},
		{"the proxy says http", "[127.0.0.1/32]", "http", http.StatusMisdirectedRequest},
		{"the proxy says https", "[127.0.0.1/32]", "https", http.StatusOK},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			listen := "127.0.0.1:" + strings.TrimPrefix(h.portal, "http://localhost:")
			h.write("warder.yaml", strings.Replace(h.config(), h.portal, "https://warder.example", 1)+"trusted_proxies: "+test.proxies+"\n")
			h.serve()
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+listen+"/signin", nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Host = "warder.example"
			request.Header.Set("Accept", "text/html")
			if test.forwarded != "" {
				request.Header.Set("X-Forwarded-Proto", test.forwarded)
			}
			response, err := http.DefaultTransport.RoundTrip(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			text, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != test.status {
				t.Errorf("got %d, want %d:\n%s", response.StatusCode, test.status, text)
			}
			if test.status != http.StatusOK && !strings.Contains(string(text), `href="https://warder.example/signin"`) {
				t.Errorf("there is no link to the right address:\n%s", text)
			}
		})
	}
}

// TestBlockIsInForceOnEveryNode runs two servers on one PostgreSQL database.
func TestBlockIsInForceOnEveryNode(t *testing.T) {
	t.Parallel()
	address := dbtest.PostgresURL(t)
	h := newHouse(t)
	h.write("warder.yaml", h.config()+"database: "+strconv.Quote(address)+"\n")
	batch := h.vendor()
	h.must("person", "add", "alice", "--name", "Alice")
	h.serve()
	// The other node: the same address for people, sockets of its own.
	other := newHouse(t)
	listen := strings.TrimPrefix(other.portal, "http://localhost:")
	other.write("warder.yaml", fmt.Sprintf("public_url: %s\nlisten: 127.0.0.1:%s\ngateway_listen: %s\noperator_listen: %s\ndatabase: %q\nmaster_key: %s\n",
		h.portal, listen, other.gateway, other.operator, address, h.path("warder.key")))
	other.serve()

	alice := h.guest(batch.NewKey())
	alice.enrol(h.invite("alice"))
	portal, err := url.Parse(h.portal)
	if err != nil {
		t.Fatal(err)
	}
	onOther := func() int {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1:"+listen+"/me", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = portal.Host
		request.Header.Set("Accept", "application/json, text/html")
		for _, cookie := range alice.Cookies(portal) {
			request.AddCookie(cookie)
		}
		response, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response.StatusCode
	}
	if status := onOther(); status != http.StatusOK {
		t.Fatalf("the other node does not know her: %d", status)
	}
	held := strings.Fields(strings.Split(h.must("key", "list", "--holder", "alice"), "\n")[1])
	said := h.must("key", "block", "--id", held[len(held)-1], "--reason", "lost")
	if !strings.Contains(said, "In force on 2 running server(s) after ") {
		t.Errorf("the command said:\n%s", said)
	}
	here, err := alice.Fetch(t.Context(), h.portal+"/me")
	if err != nil {
		t.Fatal(err)
	}
	if status := onOther(); status != http.StatusUnauthorized || here.Status != http.StatusUnauthorized {
		t.Errorf("the next request got %d here and %d on the other node", here.Status, status)
	}
	h.sound()
}
