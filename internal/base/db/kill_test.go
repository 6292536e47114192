package db_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// writerAddress tells a copy of the test program to be the writer of
// TestAKilledWriterLosesNothingItAcknowledged.
const writerAddress = "WARDER_TEST_WRITER_ADDRESS"

// TestWriterProcess is the child: it writes two rows in each unit of work and,
// once that is kept, its number to standard output, until it is killed.
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
	for i := 1; time.Now().Before(deadline); i++ {
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
			t.Fatal(err)
		}
		fmt.Printf("kept %d\n", i)
	}
}

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
	acknowledged := 0
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if _, err := fmt.Sscanf(lines.Text(), "kept %d", &acknowledged); err != nil {
			continue // a line of the test program itself
		}
		if acknowledged == 40 {
			if err := child.Process.Kill(); err != nil { // SIGKILL
				t.Error(err)
			}
		}
	}
	if err := child.Wait(); err == nil || acknowledged < 40 {
		t.Fatalf("the writer ended by itself (%v) after %d units of work", err, acknowledged)
	}

	after := dbtest.Open(t, address)
	var whole, rows int
	err = after.From(t.Context()).QueryRowContext(t.Context(), `
		select count(distinct number), count(*)
		from pair`).Scan(&whole, &rows)
	if err != nil {
		t.Fatal(err)
	}
	if whole < acknowledged || whole > acknowledged+1 {
		t.Errorf("%d units of work are there, %d were acknowledged", whole, acknowledged)
	}
	if rows != 2*whole {
		t.Errorf("half a unit of work was kept: %d rows of %d pairs", rows, whole)
	}
	mustRun(t, after, "insert into pair (number, half) values (0, 'after')")
}
