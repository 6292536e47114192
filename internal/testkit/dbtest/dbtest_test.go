package dbtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/base/db"
)

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	for range 3 {
		Each(t, func(t *testing.T, d *db.DB) {
			ctx := context.Background()
			err := d.InTx(ctx, func(ctx context.Context) error {
				_, err := d.From(ctx).ExecContext(ctx, "insert into live_node (node, started_at, heard_at) values ($1, $2, $3)", "n", 1, 1)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			var n int
			if err := d.From(ctx).QueryRowContext(ctx, "select count(*) from live_node").Scan(&n); err != nil {
				t.Fatal(err)
			}
			if n != 1 {
				t.Errorf("live_node has %d rows, want the one of this test", n)
			}
		})
	}
}

// beChild tells a copy of this test program to start a cluster, say where it
// is, and wait to be killed.
const beChild = "WARDER_TEST_CLUSTER_CHILD"

func TestClusterChild(t *testing.T) {
	if os.Getenv(beChild) == "" {
		t.Skip("runs only as the child of another test")
	}
	address, err := startCluster()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("cluster " + address)
	<-t.Context().Done() // the parent kills us, or the limit of the test ends us
}

func TestAKilledTestLeavesNoServerBehind(t *testing.T) {
	t.Parallel()
	if _, _, err := programs(); err != nil {
		t.Skip(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	child := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestClusterChild$", "-test.v")
	child.Env = append(os.Environ(), beChild+"=1")
	output, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	folder := ""
	for lines := bufio.NewScanner(output); folder == "" && lines.Scan(); {
		if _, place, ok := strings.Cut(lines.Text(), "host="); ok {
			folder = strings.ReplaceAll(place, "%2F", "/")
		}
	}
	text, err := os.ReadFile(filepath.Join(folder, "data", "postmaster.pid"))
	if err != nil {
		t.Fatalf("the child has no cluster: %v", err)
	}
	var pid int
	if _, err := fmt.Sscan(string(text), &pid); err != nil {
		t.Fatal(err)
	}
	if err := child.Process.Kill(); err != nil { // SIGKILL: no deferred call runs
		t.Fatal(err)
	}
	_ = child.Wait() // killed
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		_, err := os.Stat(folder)
		if errors.Is(err, fs.ErrNotExist) && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("process %d or its folder %s is still there", pid, folder)
		}
	}
}
