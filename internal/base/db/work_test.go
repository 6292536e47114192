package db_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestAUnitOfWorkIsKeptWhollyOrNotAtAll(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		mustRun(t, d, "create table note (id text not null)")
		ctx, stop := t.Context(), errors.New("stop")
		write := func(ctx context.Context, id string) error {
			_, err := d.From(ctx).ExecContext(ctx, "insert into note (id) values ($1)", id)
			return err
		}
		err := d.InTx(ctx, func(ctx context.Context) error {
			if err := write(ctx, "a"); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Errorf("got %v, want the error of the unit of work", err)
		}
		func() {
			defer func() { _ = recover() }()
			_ = d.InTx(ctx, func(ctx context.Context) error {
				if err := write(ctx, "b"); err != nil {
					t.Error(err)
				}
				panic("a fault")
			})
		}()
		cancelled, cancel := context.WithCancel(ctx)
		err = d.InTx(cancelled, func(ctx context.Context) error {
			defer cancel()
			return write(ctx, "c")
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("after a cancellation: got %v, want %v", err, context.Canceled)
		}
		if got := count(t, d, "note"); got != 0 {
			t.Errorf("%d notes were kept, want none", got)
		}
		mustRun(t, d, "insert into note (id) values ('d')") // the connection is whole
	})
}

func TestAJoinedUnitOfWorkThatFailsSpoilsTheWhole(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		mustRun(t, d, "create table note (id text not null)")
		ctx, stop := t.Context(), errors.New("stop")
		outer := func(swallow bool, inner error) error {
			return d.InTx(ctx, func(ctx context.Context) error {
				err := d.InTx(ctx, func(ctx context.Context) error {
					_, err := d.From(ctx).ExecContext(ctx, "insert into note (id) values ('inner')")
					return errors.Join(err, inner)
				})
				if swallow {
					return nil
				}
				return err
			})
		}
		if err := outer(true, stop); !errors.Is(err, stop) {
			t.Errorf("a swallowed error: got %v, want it back", err)
		}
		if got := count(t, d, "note"); got != 0 {
			t.Errorf("half a change was kept: %d notes", got)
		}
		if err := outer(false, nil); err != nil {
			t.Error(err)
		}
		if got := count(t, d, "note"); got != 1 {
			t.Errorf("%d notes were kept, want 1", got)
		}
	})
}

// TestTheLastKeyIsIssuedOnce is the trap that decided how this room is built: on
// PostgreSQL's usual isolation "count, then write" by eight writers issues more
// than there are.
func TestTheLastKeyIsIssuedOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		mustRun(t, d, "create table issued (id text not null, constraint issued_pk primary key (id))")
		var refused atomic.Int64
		var group sync.WaitGroup
		none := errors.New("none left")
		for w := range 8 {
			group.Go(func() {
				for i := range 5 {
					err := d.InTx(t.Context(), func(ctx context.Context) error {
						var n int
						err := d.From(ctx).QueryRowContext(ctx, "select count(*) from issued").Scan(&n)
						if err != nil {
							return err
						}
						if n >= 10 {
							return none
						}
						_, err = d.From(ctx).ExecContext(ctx, "insert into issued (id) values ($1)", fmt.Sprintf("%d-%d", w, i))
						return err
					})
					switch {
					case errors.Is(err, none):
						refused.Add(1)
					case err != nil:
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		if got := count(t, d, "issued"); got != 10 || refused.Load() != 30 {
			t.Errorf("issued %d of 10 keys and refused %d, want 10 and 30", got, refused.Load())
		}
	})
}

func TestWritingOutsideAUnitOfWorkIsRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		mustRun(t, d, "create table note (id text not null)")
		if _, err := d.From(t.Context()).ExecContext(t.Context(), "insert into note (id) values ('a')"); err == nil {
			t.Error("a statement outside a unit of work changed the database")
		}
	})
}

func TestListenersHearOfWhatWasKeptBeforeInTxReturns(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		mustRun(t, d, "create table note (id text not null)")
		var heard []tx.Change
		d.OnCommit(func(ctx context.Context, changes []tx.Change) {
			heard = append(heard, changes...)
			if d.InWork(ctx) {
				t.Error("the listener is inside the unit of work")
			}
			if got := count(t, d, "note"); got != 1 {
				t.Errorf("the listener sees %d notes, want the 1 that was kept", got)
			}
		})
		publish := func(topic tx.Topic, refs []string, outcome error) error {
			return d.InTx(t.Context(), func(ctx context.Context) error {
				for _, ref := range refs {
					if err := tx.Publish(ctx, topic, ref); err != nil {
						return err
					}
				}
				if outcome == nil {
					_, err := d.From(ctx).ExecContext(ctx, "insert into note (id) values ('a')")
					return err
				}
				return outcome
			})
		}
		stop := errors.New("stop")
		if err := publish(tx.Key, []string{"key_0"}, stop); !errors.Is(err, stop) {
			t.Fatal(err)
		}
		if err := publish(tx.Key, []string{"key_1", "key_2", "key_1"}, nil); err != nil {
			t.Fatal(err)
		}
		mustRun(t, d, "delete from note")
		var many []string
		for i := range 1000 {
			many = append(many, fmt.Sprint(i))
		}
		if err := publish(tx.Person, many, nil); err != nil {
			t.Fatal(err)
		}
		want := []tx.Change{{Topic: tx.Key, Ref: "key_1"}, {Topic: tx.Key, Ref: "key_2"}, {Topic: tx.Person}}
		if diff := cmp.Diff(want, heard); diff != "" {
			t.Errorf("changes differ (-want +got):\n%s", diff)
		}
	})
}

func TestAFullDiskLosesNothingAndPassesByItself(t *testing.T) {
	t.Parallel()
	var told []string
	d, err := db.Open(t.Context(), db.Options{
		URL: "sqlite:" + filepath.Join(t.TempDir(), "warder.db"),
		Trouble: func(found *problem.Error) {
			if found == nil {
				told = append(told, "over")
				return
			}
			told = append(told, found.Code)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	mustRun(t, d, "create table note (id text not null)")
	mustRun(t, d, "insert into note (id) values ('before')")
	limit := func(pages int) {
		t.Helper()
		err := d.InTx(t.Context(), func(ctx context.Context) error {
			var now int
			return d.From(ctx).QueryRowContext(ctx, fmt.Sprintf("pragma max_page_count = %d", pages)).Scan(&now)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	limit(4)
	told = nil
	big := strings.Repeat("x", 100_000)
	for range 2 {
		err = d.InTx(t.Context(), func(ctx context.Context) error {
			if _, err := d.From(ctx).ExecContext(ctx, "insert into note (id) values ('small')"); err != nil {
				return err
			}
			_, err := d.From(ctx).ExecContext(ctx, "insert into note (id) values ($1)", big)
			return err
		})
		if !problem.Is(err, db.Full) {
			t.Fatalf("got %v, want the problem %s", err, db.Full.Code)
		}
	}
	if got := count(t, d, "note"); got != 1 {
		t.Errorf("%d notes are there, want the one of before", got)
	}
	limit(100_000)
	mustRun(t, d, "insert into note (id) values ($1)", big)
	if diff := cmp.Diff([]string{"db.full", "over"}, told); diff != "" {
		t.Errorf("trouble told differs (-want +got):\n%s", diff)
	}
}

func TestASecondServerOnOneFileIsRefused(t *testing.T) {
	t.Parallel()
	address := dbtest.SQLiteURL(t)
	serve := func() (*db.DB, error) {
		return db.Open(t.Context(), db.Options{URL: address, Exclusive: true})
	}
	first, err := serve()
	if err != nil {
		t.Fatal(err)
	}
	_, err = serve()
	if !problem.Is(err, db.InUse) || !strings.Contains(err.Error(), fmt.Sprintf("process %d", os.Getpid())) {
		t.Errorf("got %v, want the problem %s naming process %d", err, db.InUse.Code, os.Getpid())
	}
	dbtest.Open(t, address) // a command may still open it
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := serve()
	if err != nil {
		t.Fatalf("after the first has ended: %v", err)
	}
	again.Close()
}

func TestADatabaseThatCannotBeOpenedSaysWhy(t *testing.T) {
	t.Parallel()
	garbled := filepath.Join(t.TempDir(), "garbled.db")
	if err := os.WriteFile(garbled, []byte(strings.Repeat("not a database. ", 300)), 0o600); err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]problem.Definition{
		"":                                       db.BadAddress,
		"warder.db":                              db.BadAddress,
		"sqlite:":                                db.BadAddress,
		"mysql://localhost":                      db.BadAddress,
		"postgres://user:s3cret@host:99999999/x": db.BadAddress,
		"sqlite:" + filepath.Join(t.TempDir(), "no", "such", "folder.db"): db.CannotOpen,
		"sqlite:" + garbled: db.CannotOpen,
		"postgres://user:s3cret@/x?host=" + t.TempDir() + "&connect_timeout=1": db.Unreachable,
	} {
		_, err := db.Open(t.Context(), db.Options{URL: address})
		if !problem.Is(err, want) {
			t.Errorf("%q: got %v, want the problem %s", address, err, want.Code)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
}

func TestOnlyItsOwnerCanReadTheDatabaseFile(t *testing.T) {
	t.Parallel()
	// A name with everything an address could trip over.
	path := filepath.Join(t.TempDir(), "a ?b#c%41&d.db")
	d := dbtest.Open(t, "sqlite:"+path)
	mustRun(t, d, "create table note (id text not null)")
	files, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
	if err != nil || len(files) < 2 {
		t.Fatalf("files are %v (%v), want the database and its log", files, err)
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(file, path) || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, want files of %s with 0600", file, info.Mode().Perm(), path)
		}
	}
}

func TestAThrowAwayDatabaseIsGoneAfterwards(t *testing.T) {
	t.Parallel()
	one, two := dbtest.Open(t, "sqlite::memory:"), dbtest.Open(t, "sqlite::memory:")
	if err := one.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	mustRun(t, two, "create table live_node (id text)") // not the same database
	if got := count(t, one, "live_node"); got != 0 {
		t.Errorf("%d nodes, want none", got)
	}
}
