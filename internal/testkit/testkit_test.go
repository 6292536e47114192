package testkit_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/testkit"
)

func TestClockMovesOnlyWhenItIsMoved(t *testing.T) {
	t.Parallel()
	clock := testkit.NewClock()
	if got, want := clock.Now(), testkit.Start(); !got.Equal(want) {
		t.Fatalf("a new clock stands at %s, want %s", got, want)
	}
	clock.Advance(90 * time.Second)
	if got, want := clock.Now(), testkit.Start().Add(90*time.Second); !got.Equal(want) {
		t.Errorf("after 90 s the clock stands at %s, want %s", got, want)
	}
	noon := time.Date(2027, time.March, 1, 12, 0, 0, 0, time.FixedZone("two east", 2*60*60))
	clock.Set(noon)
	if got := clock.Now(); !got.Equal(noon) || got.Location() != time.UTC {
		t.Errorf("after Set the clock stands at %s, want %s in UTC", got, noon)
	}
}

func TestRootHoldsTheModule(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(testkit.Root(t), "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "module github.com/warder-project/warder\n") {
		t.Errorf("go.mod in the root names another module:\n%s", text)
	}
}

func TestFreeAddressCanBeListenedOn(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", testkit.FreeAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
}

func TestProcessLineAndExitCodeAreSeen(t *testing.T) {
	t.Parallel()
	process := testkit.Run(t, testkit.Command{
		Path: "/bin/sh", Args: []string{"-c", `echo "listening on $PLACE" >&2; exit 3`}, Env: []string{"PLACE=here"}})
	if got := process.Line(`listening on (\w+)`)[1]; got != "here" {
		t.Errorf("the line says %q, want here", got)
	}
	if got := process.Wait(); got != 3 {
		t.Errorf("exit code %d, want 3", got)
	}
}

func TestStopAsksAndKillDoesNot(t *testing.T) {
	t.Parallel()
	asked := testkit.Run(t, testkit.Command{Path: "/bin/sh", Args: []string{"-c", `trap 'echo bye; exit 0' TERM; echo up; sleep 60 & wait`}})
	asked.Line("^up$")
	if got := asked.Stop(); got != 0 || !strings.Contains(asked.Output(), "bye") {
		t.Errorf("stopped with exit code %d and output %q, want 0 and bye", got, asked.Output())
	}
	killed := testkit.Run(t, testkit.Command{Path: "/bin/sh", Args: []string{"-c", `trap 'echo bye; exit 0' TERM; echo up; sleep 60 & wait`}})
	killed.Line("^up$")
	killed.Kill()
	if strings.Contains(killed.Output(), "bye") {
		t.Error("a killed process had time to say bye")
	}
}

func TestChildrenOfAProcessEndWithIt(t *testing.T) {
	t.Parallel()
	address := testkit.FreeAddress(t)
	t.Run("inner", func(t *testing.T) {
		process := testkit.Run(t, testkit.Command{Path: os.Args[0], Args: []string{"-test.run=^TestListener$"},
			Env: []string{"TESTKIT_LISTEN=" + address}})
		process.Line("^listening$")
	})
	if _, err := net.Dial("tcp", address); err == nil {
		t.Error("the listener is still there after the test that started it")
	}
}

// TestListener is not a test of its own: it is the child of the test above.
func TestListener(t *testing.T) {
	address := os.Getenv("TESTKIT_LISTEN")
	if address == "" {
		t.Skip("only run as a child of TestChildrenOfAProcessEndWithIt")
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout.WriteString("listening\n")
	for {
		connection, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		connection.Close()
	}
}
