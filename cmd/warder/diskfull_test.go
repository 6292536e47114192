package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/warder-project/warder/internal/testkit"
)

// smallDisk runs warder with its directory on a disk of a few megabytes, in a
// namespace of its own, so that nobody else sees that disk and nobody has to be
// root. The disk goes with the process.
func (h *house) smallDisk(t *testing.T, megabytes int) (server *testkit.Process, mount, outside string) {
	t.Helper()
	h.needAssets("serve")
	unshare := testkit.Program(t, "WARDER_REQUIRE_NAMESPACES", "unshare")
	if output, err := exec.Command(unshare, "--user", "--map-root-user", "--mount", "true").CombinedOutput(); err != nil {
		if os.Getenv("WARDER_REQUIRE_NAMESPACES") == "1" {
			t.Fatalf("WARDER_REQUIRE_NAMESPACES is 1, and: %v %s", err, output)
		}
		t.Skipf("SKIPPED: this machine does not let a test mount a disk of its own: %s", output)
	}
	script := fmt.Sprintf(`mount -t tmpfs -o size=%dm,mode=0700 small "$1" && cp "$2"/* "$1" && cd "$1" && exec "$3" serve`, megabytes)
	mount = t.TempDir()
	server = testkit.Run(t, testkit.Command{Path: unshare, Dir: h.directory,
		Args: []string{"--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", mount, h.directory, binary(t)}})
	server.Line(`^Warder is at `)
	server.Ready("http://" + h.operator + "/health")
	// What the process sees as its disk, seen from here.
	return server, mount, filepath.Join("/proc", fmt.Sprint(server.PID()), "root", mount)
}

// fill leaves no room at all.
func fill(t *testing.T, disk string) (filler string) {
	t.Helper()
	filler = filepath.Join(disk, "filler")
	file, err := os.Create(filler)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, size := range []int{1 << 20, 1 << 12, 1} {
		for {
			if _, err := file.Write(make([]byte, size)); err != nil {
				break // full for this size
			}
		}
	}
	return filler
}

// TestFullDiskRefusesLosesNothingAndRecoversByItself fills the disk under a
// running server.
func TestFullDiskRefusesLosesNothingAndRecoversByItself(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	batch := h.vendor()
	h.must("person", "add", "alice", "--name", "Alice")
	link := h.invite("alice")
	for _, name := range []string{"warder.db-wal", "warder.db-shm"} {
		if h.size(name) > 0 {
			t.Fatalf("%s is left behind by a command that has ended", name)
		}
	}
	server, mount, disk := h.smallDisk(t, 6)
	alice := h.guest(batch.NewKey())
	alice.enrol(link)
	if status, said := h.health(); status != http.StatusOK {
		t.Fatalf("not well before the disk is full: %d %v", status, said)
	}

	filler := fill(t, disk)
	// Something that must be kept is refused, and says why.
	var refused bool
	condition(t, "a change is refused", func() bool {
		page, err := alice.Open(t.Context(), h.portal+"/me/keys/add")
		if err != nil {
			t.Fatal(err)
		}
		page, err = alice.Press(t.Context(), page, nil)
		if err != nil {
			t.Fatal(err)
		}
		refused = page.Status == http.StatusServiceUnavailable && strings.Contains(page.Text, "The disk that holds the database is full")
		return refused
	})
	status, said := h.health()
	if status != http.StatusServiceUnavailable || len(said.Conditions) == 0 || !strings.Contains(fmt.Sprint(said), "db.full") {
		t.Errorf("/health says %d %+v", status, said)
	}
	// What was acknowledged is there: she is still signed in.
	alice.signedIn()

	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	condition(t, "well again by itself", func() bool {
		status, _ := h.health()
		return status == http.StatusOK
	})
	h.guest(alice.key).signIn("alice")
	verify := exec.Command(testkit.Program(t, "WARDER_REQUIRE_NAMESPACES", "nsenter"), "--target", fmt.Sprint(server.PID()),
		"--user", "--mount", "--preserve-credentials", "sh", "-c", `cd "$1" && exec "$2" audit verify`, "sh", mount, binary(t))
	if output, err := verify.CombinedOutput(); err != nil || !strings.Contains(string(output), "is sound") {
		t.Errorf("after all that: %v\n%s", err, output)
	}
}

// limitFiles changes the largest file that a process may write (prlimit(2)), and
// gives the limit that it had.
func limitFiles(t *testing.T, pid int, limit *syscall.Rlimit) (before syscall.Rlimit) {
	t.Helper()
	_, _, failed := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(pid), syscall.RLIMIT_FSIZE,
		uintptr(unsafe.Pointer(limit)), uintptr(unsafe.Pointer(&before)), 0, 0)
	if failed != 0 {
		t.Fatal(failed)
	}
	return before
}

// TestDiskThatTakesNothingIsToldAndForgotten takes away the server's right to
// write to any file, which is how a broken disk looks from inside, and gives it
// back.
func TestDiskThatTakesNothingIsToldAndForgotten(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	batch := h.vendor()
	h.must("person", "add", "alice", "--name", "Alice")
	server := h.serve()
	alice := h.guest(batch.NewKey())
	alice.enrol(h.invite("alice"))

	usual := limitFiles(t, server.PID(), nil)
	limitFiles(t, server.PID(), &syscall.Rlimit{Cur: 1, Max: usual.Max})
	page, err := alice.Open(t.Context(), h.portal+"/me/keys/add")
	if err != nil {
		t.Fatal(err)
	}
	if page, err = alice.Press(t.Context(), page, nil); err != nil {
		t.Fatal(err)
	}
	if page.Status != http.StatusServiceUnavailable || !strings.Contains(page.Text, "does not take what is written") {
		t.Errorf("a change got %d %q", page.Status, page.Heading())
	}
	if status, said := h.health(); status != http.StatusServiceUnavailable || !strings.Contains(fmt.Sprint(said), "db.disk_fault") {
		t.Errorf("/health says %d %+v", status, said)
	}
	alice.signedIn()

	limitFiles(t, server.PID(), &usual)
	condition(t, "well again by itself", func() bool {
		status, _ := h.health()
		return status == http.StatusOK
	})
	h.guest(alice.key).signIn("alice")
	h.sound()
}
