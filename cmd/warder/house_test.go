package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/app/demo/visitor"
	"github.com/warder-project/warder/internal/base/health"
	"github.com/warder-project/warder/internal/base/web/assets"
	"github.com/warder-project/warder/internal/testkit"
)

// house is a Warder of its own: a directory with warder.yaml, a database and a
// master key, run by the real program in processes of their own.
type house struct {
	t         testing.TB
	directory string
	portal    string // http://localhost:PORT
	gateway   string // host:port
	operator  string // host:port
}

// binary is the program: this test program under the name warder, see TestMain.
func binary(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("warder")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func newHouse(t testing.TB) *house { return newHouseIn(t, t.TempDir()) }

func newHouseIn(t testing.TB, directory string) *house {
	t.Helper()
	h := &house{t: t, directory: directory, gateway: testkit.FreeAddress(t), operator: testkit.FreeAddress(t)}
	h.portal = "http://localhost:" + port(t, testkit.FreeAddress(t))
	h.write("warder.yaml", h.config())
	return h
}

func port(t testing.TB, address string) string {
	t.Helper()
	_, number, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	return number
}

func (h *house) config() string {
	return fmt.Sprintf("public_url: %s\nlisten: 127.0.0.1:%s\ngateway_listen: %s\noperator_listen: %s\nlog_level: debug\n",
		h.portal, strings.TrimPrefix(h.portal, "http://localhost:"), h.gateway, h.operator)
}

func (h *house) path(name string) string { return filepath.Join(h.directory, name) }

func (h *house) write(name, text string) {
	h.t.Helper()
	if err := os.WriteFile(h.path(name), []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// needAssets skips, aloud, what shows pages when make assets has not been run.
func (h *house) needAssets(command string) {
	h.t.Helper()
	if command != "serve" && command != "demo" {
		return
	}
	if _, err := assets.Load(); err != nil && os.Getenv("WARDER_REQUIRE_ASSETS") != "1" {
		h.t.Skipf("SKIPPED: %v", err)
	}
}

// result is how a command ended.
type result struct {
	code           int
	stdout, stderr string
}

// do runs warder to its end.
func (h *house) do(arguments ...string) result {
	h.t.Helper()
	h.needAssets(arguments[0])
	ctx, cancel := context.WithTimeout(context.Background(), testkit.Patience)
	defer cancel()
	var stdout, stderr bytes.Buffer
	command := exec.CommandContext(ctx, binary(h.t), arguments...)
	command.Dir, command.Stdout, command.Stderr = h.directory, &stdout, &stderr
	err := command.Run()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) || ctx.Err() != nil {
		h.t.Fatalf("warder %s: %v (%v)\n%s", strings.Join(arguments, " "), err, ctx.Err(), stderr.String())
	}
	return result{command.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// must runs warder and wants 0; it returns what was printed.
func (h *house) must(arguments ...string) string {
	h.t.Helper()
	got := h.do(arguments...)
	if got.code != 0 {
		h.t.Fatalf("warder %s: exit code %d\n%s%s", strings.Join(arguments, " "), got.code, got.stdout, got.stderr)
	}
	return got.stdout
}

// start runs warder beside the test.
func (h *house) start(arguments ...string) *testkit.Process {
	h.t.Helper()
	h.needAssets(arguments[0])
	return testkit.Run(h.t, testkit.Command{Path: binary(h.t), Args: arguments, Dir: h.directory})
}

// serve runs the server, and waits until it answers.
func (h *house) serve() *testkit.Process {
	h.t.Helper()
	server := h.start("serve")
	server.Line(`^Warder is at `)
	server.Ready("http://" + h.operator + "/health")
	return server
}

// vendor makes a vendor of software keys, allows its model here, and takes keys
// from a batch.
func (h *house) vendor() *softkey.Batch {
	h.t.Helper()
	vendor, err := softkey.NewVendor("Story")
	if err != nil {
		h.t.Fatal(err)
	}
	batch, err := vendor.Batch("57042900-0000-4000-8000-000000000001")
	if err != nil {
		h.t.Fatal(err)
	}
	h.write("roots.pem", string(batch.RootPEM()))
	h.must("key", "model", "put", batch.AAGUID(), "--vendor", "Story", "--name", "Key", "--roots", "roots.pem", "--hardware-bound")
	return batch
}

// guest is a person with a browser and a key in their hand.
type guest struct {
	*visitor.Visitor
	h   *house
	key *softkey.Key
}

func (h *house) guest(key *softkey.Key) *guest {
	h.t.Helper()
	browser, err := visitor.New(h.portal, func(kind string, options []byte, origin string) ([]byte, error) {
		if kind == "create" {
			return key.Create(options, origin)
		}
		return key.Get(options, origin)
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return &guest{Visitor: browser, h: h, key: key}
}

var linkInOutput = regexp.MustCompile(`http://localhost:\d+/enrol/([\w-]+)`)

// invite makes a one-time link.
func (h *house) invite(userName string) (link string) {
	h.t.Helper()
	return linkInOutput.FindString(h.must("person", "invite", userName))
}

// enrol opens the link, registers the key, uses it once and is signed in.
func (g *guest) enrol(link string) {
	g.h.t.Helper()
	page := g.readyToRegister(link)
	page, err := g.Touch(g.h.t.Context(), page, nil)
	if err != nil {
		g.h.t.Fatal(err)
	}
	if _, err = g.Touch(g.h.t.Context(), page, nil); err != nil {
		g.h.t.Fatal(err)
	}
	g.signedIn()
}

// readyToRegister is the page on which only the touch is missing.
func (g *guest) readyToRegister(link string) visitor.View {
	g.h.t.Helper()
	page, err := g.Open(g.h.t.Context(), link)
	if err != nil {
		g.h.t.Fatal(err)
	}
	if page, err = g.Press(g.h.t.Context(), page, nil); err != nil {
		g.h.t.Fatalf("%d %q: %v", page.Status, page.Heading(), err)
	}
	if !page.HasCeremony() {
		g.h.t.Fatalf("%d %q asks for no key", page.Status, page.Heading())
	}
	return page
}

func (g *guest) signedIn() {
	g.h.t.Helper()
	page, err := g.Open(g.h.t.Context(), g.h.portal+"/me")
	if err != nil {
		g.h.t.Fatal(err)
	}
	if page.Status != http.StatusOK || page.Address.Path != "/me" {
		g.h.t.Fatalf("not signed in: %d at %s, %q", page.Status, page.Address, page.Heading())
	}
}

// condition waits until what is asked is so, and fails when patience runs out.
func condition(t testing.TB, what string, holds func() bool) {
	t.Helper()
	patience := time.NewTimer(testkit.Patience)
	defer patience.Stop()
	pause := time.NewTicker(5 * time.Millisecond)
	defer pause.Stop()
	for !holds() {
		select {
		case <-pause.C:
		case <-patience.C:
			t.Fatalf("%s: not so within %s", what, testkit.Patience)
		}
	}
}

// condensed is what /health says.
type condensed struct {
	Status     string             `json:"status"`
	Conditions []health.Condition `json:"conditions"`
}

func (h *house) health() (status int, said condensed) {
	h.t.Helper()
	response, err := http.Get("http://" + h.operator + "/health")
	if err != nil {
		h.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := json.Unmarshal(text, &said); err != nil {
		h.t.Fatalf("%v: %s", err, text)
	}
	return response.StatusCode, said
}

// sound wants the audit record to be whole.
func (h *house) sound() {
	h.t.Helper()
	if said := h.must("audit", "verify"); !strings.Contains(said, "The record is sound.") {
		h.t.Errorf("the audit record: %s", said)
	}
}

// entries counts the audit entries of an action.
func (h *house) entries(action string) int {
	h.t.Helper()
	return strings.Count(h.must("audit", "export"), `"action":"`+action+`"`)
}

// size is how large a file is; 0 when it is not there.
func (h *house) size(name string) int64 {
	about, err := os.Stat(h.path(name))
	if err != nil {
		return 0
	}
	return about.Size()
}
