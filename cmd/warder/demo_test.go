package main

import (
	"net"
	"os"
	"strings"
	"testing"
)

// TestDemoIsKeptUntilItIsResetAndNotWhileItRuns starts, stops, kills and resets
// one demo.
func TestDemoIsKeptUntilItIsResetAndNotWhileItRuns(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	running := h.start("demo", "--port", "0")
	running.Line(`^Stop: Ctrl-C`)
	said := running.Output()
	for _, promised := range []string{"Department for Examples (800 people, made up)", "sign in as  amira.khan", "sign in as  admin", "/payroll", "/demo/mail"} {
		if !strings.Contains(said, promised) {
			t.Errorf("the demo does not print %q:\n%s", promised, said)
		}
	}
	for _, secret := range []string{"password", "token", "/enrol/"} {
		if strings.Contains(strings.ToLower(said), secret) {
			t.Errorf("the demo prints a %s:\n%s", secret, said)
		}
	}
	// Beside it nobody may serve from the same directory, or remove it.
	for _, arguments := range [][]string{{"demo", "--port", "0"}, {"demo", "--port", "0", "--reset"}} {
		if got := h.do(arguments...); got.code != 4 || !strings.Contains(got.stderr, "Code: db.in_use") {
			t.Errorf("warder %v beside a running demo: %d\n%s", arguments, got.code, got.stderr)
		}
	}
	if _, err := os.Stat(h.path("warder-demo/warder.db")); err != nil {
		t.Errorf("the running demo was removed: %v", err)
	}
	if code := running.Stop(); code != 0 {
		t.Errorf("told to stop, the demo ended with %d:\n%s", code, running.Output())
	}

	// The same department again, also after a power cut.
	before := h.size("warder-demo/demo-keys.json")
	again := h.start("demo", "--port", "0")
	again.Line(`^Stop: Ctrl-C`)
	again.Kill()
	if after := h.size("warder-demo/demo-keys.json"); after != before || before == 0 {
		t.Errorf("the keys were made anew: %d bytes, then %d", before, after)
	}

	// Killed while it is being made, it is made from the beginning.
	if err := os.WriteFile(h.path("warder-demo/warder-demo"), []byte("being made\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	half := h.start("demo", "--port", "0")
	condition(t, "the department is being made", func() bool { return h.size("warder-demo/demo-keys.json") > 0 })
	half.Kill()
	whole := h.start("demo", "--port", "0")
	whole.Line(`^Stop: Ctrl-C`)
	if code := whole.Stop(); code != 0 {
		t.Errorf("told to stop, the demo ended with %d:\n%s", code, whole.Output())
	}
}

func TestDemoSaysAtOnceThatItsPortIsTaken(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	got := h.do("demo", "--port", port(t, socket.Addr().String()))
	if got.code != 4 || !strings.Contains(got.stderr, "Code: demo.port_taken") || !strings.Contains(got.stderr, "another port with --port") {
		t.Errorf("ended with %d and said:\n%s", got.code, got.stderr)
	}
	if _, err := os.Stat(h.path("warder-demo")); !os.IsNotExist(err) {
		t.Errorf("something was made all the same: %v", err)
	}
}

func TestServerSaysThatItsAddressIsTaken(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	socket, err := net.Listen("tcp", h.gateway)
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	got := h.do("serve")
	if got.code != 4 || !strings.Contains(got.stderr, "Code: serve.cannot_listen") || !strings.Contains(got.stderr, "It is "+h.gateway+", for the gateway.") {
		t.Errorf("ended with %d and said:\n%s", got.code, got.stderr)
	}
	if strings.Contains(got.stdout, "/enrol/") {
		t.Error("a one-time link was printed by a server that does not run")
	}
}
