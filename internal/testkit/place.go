package testkit

import (
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// Root returns the folder of the checkout: the nearest one above the working
// directory that holds go.mod.
func Root(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatalf("find the working directory: %v", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			t.Fatal("no go.mod above the working directory: run the test from inside the checkout")
		}
		folder = parent
	}
}

// Shared returns the path of something in the shared folder that lies beside
// the checkout (samples and specifications, which are not part of it), or where
// WARDER_SHARED says. A test that wants it is skipped aloud where it is missing;
// it must not be the only test of its promise.
func Shared(t testing.TB, parts ...string) string {
	t.Helper()
	folder := os.Getenv("WARDER_SHARED")
	if folder == "" {
		folder = filepath.Join(Root(t), "..", "shared")
	}
	path := filepath.Join(append([]string{folder}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("SKIPPED: no shared samples at %s: set WARDER_SHARED to the folder that holds samples/", path)
	}
	return path
}

// FreeAddress returns a loopback address ("127.0.0.1:20123") that nothing
// listens on. It is below the ports that systems give to outgoing connections,
// so that a server can be stopped and started on it while other tests connect;
// another process may still take it, which among so many does not matter.
func FreeAddress(t testing.TB) string {
	t.Helper()
	const lowest, highest, tries = 10000, 32000, 100
	var failed error
	for range tries {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(lowest+rand.IntN(highest-lowest)))
		listener, err := net.Listen("tcp", address)
		if err != nil {
			failed = err
			continue
		}
		if err := listener.Close(); err != nil {
			t.Fatalf("give the free port back: %v", err)
		}
		return address
	}
	t.Fatalf("find a free port: %v", failed)
	return ""
}

// Program returns the path of the first of names that the machine has, looked
// for in PATH and in the folders for system programs that PATH often lacks.
// Without any the test is skipped aloud, or fails where the environment
// variable require is 1.
func Program(t testing.TB, require string, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
		for _, folder := range []string{"/usr/sbin", "/usr/local/sbin", "/sbin"} {
			if path, err := exec.LookPath(filepath.Join(folder, name)); err == nil {
				return path
			}
		}
	}
	if os.Getenv(require) == "1" {
		t.Fatalf("none of %q is installed and %s is 1: make check installs it", names, require)
	}
	t.Skipf("SKIPPED: none of %q is installed: make check installs it", names)
	return ""
}

// Warder returns the path of the warder binary: the one WARDER_BINARY names
// (make sets it), else one built for this test.
func Warder(t testing.TB) string {
	t.Helper()
	if path := os.Getenv("WARDER_BINARY"); path != "" {
		return path
	}
	path := filepath.Join(t.TempDir(), "warder")
	build := exec.Command("go", "build", "-o", path, "./cmd/warder")
	build.Dir = Root(t)
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build warder: %v\n%s", err, output)
	}
	return path
}
