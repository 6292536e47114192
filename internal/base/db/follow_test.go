package db_test

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// eachShared runs f on every engine with one database that is opened anew each
// time open is called, as by processes of their own.
func eachShared(t *testing.T, f func(t *testing.T, open func() *db.DB)) {
	t.Helper()
	for name, address := range map[string]func(testing.TB) string{
		"sqlite": dbtest.SQLiteURL, "postgres": dbtest.PostgresURL,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := address(t)
			f(t, func() *db.DB { return dbtest.Open(t, address) })
		})
	}
}

// server follows changes and says what it is told, in words.
type server struct {
	*db.DB
	told  chan string
	apply func() // called in Apply
	end   func()
}

func follow(t *testing.T, d *db.DB) *server {
	t.Helper()
	s := &server{DB: d, told: make(chan string, 1000), apply: func() {}}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- d.Follow(ctx, db.Follower{
			Apply: func(_ context.Context, changes []tx.Change) {
				s.apply()
				for _, change := range changes {
					s.told <- fmt.Sprintf("%s %s", change.Topic, change.Ref)
				}
			},
			Doubt: func(string) { s.told <- "doubt" },
			Sure:  func(context.Context) { s.told <- "sure" },
		})
	}()
	over := false
	s.end = func() {
		if over {
			return
		}
		over = true
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Follow: %v", err)
		}
	}
	t.Cleanup(s.end)
	s.expect(t, "sure")
	return s
}

// expect waits for what the server should be told next.
func (s *server) expect(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	deadline := time.After(20 * time.Second)
	for range want {
		select {
		case said := <-s.told:
			got = append(got, said)
		case <-deadline:
			t.Fatalf("was told %q, then nothing; want %q", got, want)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("was told (-want +got):\n%s", diff)
	}
}

func publish(t *testing.T, d *db.DB, refs ...string) {
	t.Helper()
	err := d.InTx(t.Context(), func(ctx context.Context) error {
		for _, ref := range refs {
			if err := tx.Publish(ctx, tx.Key, ref); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOtherProcessesHearOfAChangeInOrder(t *testing.T) {
	t.Parallel()
	eachShared(t, func(t *testing.T, open func() *db.DB) {
		one, two := follow(t, open()), follow(t, open())
		command := open()
		publish(t, command, "a", "b")
		publish(t, one.DB, "its own")
		publish(t, command, "c")
		one.expect(t, "key a", "key b", "key c")
		two.expect(t, "key a", "key b", "key its own", "key c")
	})
}

func TestACommandLearnsWhenItsChangeIsInForceEverywhere(t *testing.T) {
	t.Parallel()
	eachShared(t, func(t *testing.T, open func() *db.DB) {
		command := open()
		if confirmed, silent := await(t, command, 20*time.Second); len(confirmed)+len(silent) != 0 {
			t.Errorf("nobody serves, yet %v confirmed and %v were silent", confirmed, silent)
		}
		one, two := follow(t, open()), follow(t, open())
		// What AwaitLive promises: applied before it returns.
		applied := false
		one.apply = func() { applied = true }
		publish(t, command, "a")
		confirmed, silent := await(t, command, 20*time.Second)
		if len(confirmed) != 2 || len(silent) != 0 || !applied {
			t.Errorf("%v confirmed, %v were silent, applied is %v; want two confirmed", confirmed, silent, applied)
		}
		one.expect(t, "key a")

		// One server hangs; the command says so instead of waiting for ever.
		hang := make(chan struct{})
		two.expect(t, "key a")
		two.apply = func() { <-hang }
		publish(t, command, "b")
		confirmed, silent = await(t, command, 300*time.Millisecond)
		close(hang)
		if diff := cmp.Diff([]ids.Node{two.Node()}, silent); diff != "" || len(confirmed) != 1 {
			t.Errorf("%v confirmed; silent ones differ (-want +got):\n%s", confirmed, diff)
		}

		// A server that has ended is not waited for.
		two.end()
		confirmed, silent = await(t, command, 20*time.Second)
		if diff := cmp.Diff([]ids.Node{one.Node()}, confirmed); diff != "" || len(silent) != 0 {
			t.Errorf("%v were silent; confirmed ones differ (-want +got):\n%s", silent, diff)
		}
	})
}

func await(t *testing.T, d *db.DB, timeout time.Duration) (confirmed, silent []ids.Node) {
	t.Helper()
	confirmed, silent, err := d.AwaitLive(t.Context(), timeout)
	if err != nil {
		t.Fatal(err)
	}
	return confirmed, silent
}

func TestAServerThatDiedIsReportedButNotWaitedFor(t *testing.T) {
	t.Parallel()
	eachShared(t, func(t *testing.T, open func() *db.DB) {
		command := open()
		now := time.Now()
		enter := func(node string, heard time.Duration) {
			mustRun(t, command, "insert into live_node (node, started_at, heard_at) values ($1, $2, $2)",
				node, db.Millis(now.Add(-heard)))
		}
		enter("nod_died", 10*time.Second)
		enter("nod_forgotten", 2*time.Minute)
		confirmed, silent := await(t, command, time.Hour) // returns at once, or the test runs into its own limit
		if diff := cmp.Diff([]ids.Node{"nod_died"}, silent); diff != "" || len(confirmed) != 0 {
			t.Errorf("%v confirmed; silent ones differ (-want +got):\n%s", confirmed, diff)
		}
	})
}

func TestAFollowerThatLostItsConnectionDoubtsUntilItHasReadEverything(t *testing.T) {
	t.Parallel()
	address := dbtest.PostgresURL(t)
	s, command := follow(t, dbtest.Open(t, address)), dbtest.Open(t, address)
	for range 2 {
		mustRun(t, command, `
			select pg_terminate_backend(pid)
			from pg_stat_activity
			where datname = current_database() and query like 'listen %'`)
		s.expect(t, "doubt", "sure")
	}
	publish(t, command, "after")
	s.expect(t, "key after")
}

func TestAFollowerOnASilentNetworkDoubts(t *testing.T) {
	t.Parallel()
	address := dbtest.PostgresURL(t)
	line := newLine(t, address)
	s := follow(t, dbtest.Open(t, line.address))
	line.silent.Lock() // no connection breaks, but nothing comes through
	s.expect(t, "doubt")
	publish(t, dbtest.Open(t, address), "missed")
	line.silent.Unlock()
	for said := range s.told {
		if said == "sure" {
			break
		}
	}
	publish(t, dbtest.Open(t, address), "after")
	s.expect(t, "key after")
}

// line is a network between us and PostgreSQL that can fall silent.
type line struct {
	address string
	silent  sync.RWMutex // held for writing: nothing comes back
}

func newLine(t *testing.T, address string) *line {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	query := parsed.Query()
	if !strings.HasPrefix(query.Get("host"), "/") {
		t.Skip("needs the private cluster, which listens on a socket")
	}
	const socket = "/.s.PGSQL.5432"
	target := query.Get("host") + socket
	folder, err := os.MkdirTemp("", "line-") // t.TempDir is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	listener, err := net.Listen("unix", folder+socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	query.Set("host", folder)
	parsed.RawQuery = query.Encode()
	l := &line{address: parsed.String()}
	go func() {
		for {
			ours, err := listener.Accept()
			if err != nil {
				return
			}
			theirs, err := net.Dial("unix", target)
			if err != nil {
				ours.Close()
				continue
			}
			go l.carry(theirs, ours, &sync.RWMutex{})
			go l.carry(ours, theirs, &l.silent)
		}
	}()
	return l
}

// carry copies until either side ends, waiting while the line is silent.
func (l *line) carry(to, from net.Conn, silent *sync.RWMutex) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		silent.RLock()
		_, failed := to.Write(buffer[:n])
		silent.RUnlock()
		if failed != nil || err != nil {
			return
		}
	}
}

func TestAFollowerOfAGarbledFileDoubts(t *testing.T) {
	t.Parallel()
	address := dbtest.SQLiteURL(t)
	s, command := follow(t, dbtest.Open(t, address)), dbtest.Open(t, address)
	mustRun(t, command, "alter table live_change rename to live_change_away")
	s.expect(t, "doubt")
	mustRun(t, command, "alter table live_change_away rename to live_change")
	for said := range s.told {
		if said == "sure" {
			break
		}
	}
	publish(t, command, "after")
	s.expect(t, "key after")
}

func TestForgettingOldChangesLosesNoneForAFollower(t *testing.T) {
	t.Parallel()
	now := time.Now()
	address := dbtest.SQLiteURL(t)
	command, err := db.Open(t.Context(), db.Options{URL: address, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer command.Close()
	publish(t, command, "a", "b", "c")
	now = now.Add(2 * time.Hour)
	if err := command.PruneLive(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := count(t, command, "live_change"); got != 1 {
		t.Errorf("%d changes are kept, want only the newest", got)
	}
	s := follow(t, dbtest.Open(t, address))
	publish(t, command, "d")
	s.expect(t, "key d")
	if err := command.PruneLive(t.Context()); err != nil {
		t.Fatal(err)
	}
	publish(t, command, "e")
	s.expect(t, "key e")
}
