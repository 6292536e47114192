package db_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// writerAddress tells a copy of the test program to be the writer of
// TestAKilledWriterLosesNothingItAcknowledged.
const writerAddress = "WARDER_TEST_WRITER_ADDRESS"

// TestWriterProcess is the child: several write at once, two rows in each unit of
// work, and, once that is kept, its number to standard output, until it is killed.
func TestWriterProcess(t *testing.T) {
	address := os.Getenv(writerAddress)
	if address == "" {
		t.Skip("runs only as the child of another test")
	}
	d, err := db.Open(context.Background(), db.Options{URL: address})
	if err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(time.Minute) // should nobody kill us
	write := func(i int64) {
		err := d.InTx(context.Background(), func(ctx context.Context) error {
			for _, half := range []string{"left", "right"} {
				_, err := d.From(ctx).ExecContext(ctx, "insert into pair (number, half) values ($1, $2)", i, half)
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		fmt.Printf("kept %d\n", i)
	}
	var last atomic.Int64
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for time.Now().Before(deadline) {
				write(last.Add(1))
			}
		})
	}
	all.Wait()
}

const writers = 6

func TestAKilledWriterLosesNothingItAcknowledged(t *testing.T) {
	t.Parallel()
	address := dbtest.SQLiteURL(t)
	d := dbtest.Open(t, address)
	mustRun(t, d, "create table pair (number bigint not null, half text not null)")

	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	child := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestWriterProcess$", "-test.v")
	child.Env = append(os.Environ(), writerAddress+"="+address)
	output, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	acknowledged := map[int]bool{}
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		var number int
		if _, err := fmt.Sscanf(lines.Text(), "kept %d", &number); err != nil {
			continue // a line of the test program itself
		}
		acknowledged[number] = true
		if len(acknowledged) == 100 {
			if err := child.Process.Kill(); err != nil { // SIGKILL
				t.Error(err)
			}
		}
	}
	if err := child.Wait(); err == nil || len(acknowledged) < 100 {
		t.Fatalf("the writers ended by themselves (%v) after %d units of work", err, len(acknowledged))
	}

	after := dbtest.Open(t, address)
	rows, err := after.From(t.Context()).QueryContext(t.Context(), "select number, count(*) from pair group by number")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	unheard := 0
	for rows.Next() {
		var number, halves int
		if err := rows.Scan(&number, &halves); err != nil {
			t.Fatal(err)
		}
		if halves != 2 {
			t.Errorf("half a unit of work was kept: %d has %d rows", number, halves)
		}
		if !acknowledged[number] {
			unheard++
		}
		delete(acknowledged, number)
	}
	if len(acknowledged) > 0 || unheard > writers {
		t.Errorf("lost although they were acknowledged: %v; kept without a word: %d", acknowledged, unheard)
	}
	rows.Close()
	mustRun(t, after, "insert into pair (number, half) values (0, 'after')")
}
