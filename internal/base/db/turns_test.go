package db_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

type unit func(ctx context.Context) error

// together runs units of work that wait for each other, in their order, so that
// they share a commit, and returns what each was told.
func together(t *testing.T, d *db.DB, units ...unit) []error {
	t.Helper()
	errs := make([]error, len(units))
	var all sync.WaitGroup
	first := true
	err := d.InTx(t.Context(), func(ctx context.Context) error {
		if first { // it may be run again
			first = false
			for i, one := range units {
				all.Go(func() {
					finished := false
					defer func() {
						if !finished {
							errs[i] = fmt.Errorf("panic: %v", recover())
						}
					}()
					errs[i] = d.InTx(t.Context(), one)
					finished = true
				})
				for d.Waiting() <= i {
					runtime.Gosched()
				}
			}
		}
		return note(d, "first")(ctx)
	})
	all.Wait()
	return append([]error{err}, errs...)
}

func note(d *db.DB, name string) unit {
	return func(ctx context.Context) error {
		_, err := d.From(ctx).ExecContext(ctx, "insert into note (name) values ($1)", name)
		return err
	}
}

func noted(t *testing.T, d *db.DB) []string {
	t.Helper()
	rows, err := d.From(t.Context()).QueryContext(t.Context(), "select name from note order by name")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	return names
}

func notes(t *testing.T) *db.DB {
	t.Helper()
	d := dbtest.SQLite(t)
	mustRun(t, d, "create table note (name text not null unique)")
	return d
}

func same(t *testing.T, what string, want, got []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestUnitsOfWorkThatWaitShareACommit(t *testing.T) {
	t.Parallel()
	d := notes(t)
	var told [][]tx.Change
	d.OnCommit(func(_ context.Context, changes []tx.Change) {
		told = append(told, changes)
		same(t, "before anybody is answered", []string{"0", "1", "2", "first"}, noted(t, d))
	})
	var units []unit
	for i := range 3 {
		units = append(units, func(ctx context.Context) error {
			// What those before have written is there, though not committed.
			var before int
			if err := d.From(ctx).QueryRowContext(ctx, "select count(*) from note").Scan(&before); err != nil || before != i+1 {
				t.Errorf("unit %d sees %d notes: %v", i, before, err)
			}
			if got := len(noted(t, d)); got != 0 {
				t.Errorf("others see %d notes before the commit", got)
			}
			return errors.Join(note(d, fmt.Sprint(i))(ctx), tx.Publish(ctx, tx.Key, fmt.Sprint("key_", i)))
		})
	}
	for i, err := range together(t, d, units...) {
		if err != nil {
			t.Errorf("unit %d: %v", i, err)
		}
	}
	want := [][]tx.Change{{{Topic: tx.Key, Ref: "key_0"}, {Topic: tx.Key, Ref: "key_1"}, {Topic: tx.Key, Ref: "key_2"}}}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("told differs (-want +got):\n%s", diff)
	}
}

func TestAUnitOfWorkThatFailsLeavesThoseItSharesACommitWithWhole(t *testing.T) {
	t.Parallel()
	stop := errors.New("stop")
	for name, bad := range map[string]func(d *db.DB) unit{
		"an error": func(d *db.DB) unit {
			return func(ctx context.Context) error { return errors.Join(note(d, "bad")(ctx), stop) }
		},
		"a broken rule": func(d *db.DB) unit {
			return func(ctx context.Context) error { return errors.Join(note(d, "bad")(ctx), note(d, "first")(ctx)) }
		},
		"a panic": func(d *db.DB) unit {
			return func(ctx context.Context) error {
				_ = note(d, "bad")(ctx)
				panic(stop)
			}
		},
		"a goroutine that ends": func(d *db.DB) unit {
			return func(ctx context.Context) error {
				_ = note(d, "bad")(ctx)
				runtime.Goexit()
				return nil
			}
		},
		"a joined one that was swallowed": func(d *db.DB) unit {
			return func(ctx context.Context) error {
				_ = d.InTx(ctx, func(ctx context.Context) error { return errors.Join(note(d, "bad")(ctx), stop) })
				return nil
			}
		},
		"a rule that is asked at the commit": func(d *db.DB) unit {
			return func(ctx context.Context) error {
				_, err := d.From(ctx).ExecContext(ctx, "insert into child (parent) values ('nobody')")
				return errors.Join(note(d, "bad")(ctx), err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := notes(t)
			mustRun(t, d, "create table child (parent text references note (name) deferrable initially deferred)")
			errs := together(t, d, note(d, "before"), bad(d), note(d, "after"))
			if errs[2] == nil {
				t.Error("the one that fails is told that it was kept")
			}
			for _, i := range []int{0, 1, 3} {
				if errs[i] != nil {
					t.Errorf("unit %d: %v", i, errs[i])
				}
			}
			same(t, "what is kept", []string{"after", "before", "first"}, noted(t, d))
		})
	}
}

func TestAFullDiskKeepsWhatFitsAndAcknowledgesNothingElse(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, "sqlite:"+filepath.Join(t.TempDir(), "warder.db"))
	mustRun(t, d, "create table note (name text not null unique)")
	err := d.InTx(t.Context(), func(ctx context.Context) error {
		var now int
		return d.From(ctx).QueryRowContext(ctx, "pragma max_page_count = 8").Scan(&now)
	})
	if err != nil {
		t.Fatal(err)
	}
	// Even one that does not say what happened to it cannot take others with it.
	swallows := func(ctx context.Context) error {
		_ = note(d, strings.Repeat("x", 100_000))(ctx)
		return nil
	}
	errs := together(t, d, note(d, "before"), note(d, strings.Repeat("y", 100_000)), note(d, "between"), swallows, note(d, "after"))
	if !problem.Is(errs[2], db.Full) {
		t.Errorf("the one that does not fit is told %v", errs[2])
	}
	for _, i := range []int{0, 1, 3, 5} {
		if errs[i] != nil {
			t.Errorf("unit %d: %v", i, errs[i])
		}
	}
	same(t, "what is kept", []string{"after", "before", "between", "first"}, noted(t, d))
}

func TestWhoeverGoesAwayWhileWaitingLeavesNobodyBehind(t *testing.T) {
	t.Parallel()
	d := notes(t)
	gone, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	left := make(chan error, 1)
	err := d.InTx(t.Context(), func(ctx context.Context) error {
		all.Go(func() { left <- d.InTx(gone, note(d, "gone")) })
		for d.Waiting() < 1 {
			runtime.Gosched()
		}
		cancel()
		if err := <-left; !errors.Is(err, context.Canceled) { // it need not wait for us
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
		return note(d, "first")(ctx) // and we do not wait for it
	})
	all.Wait()
	if err != nil {
		t.Error(err)
	}
	same(t, "what is kept", []string{"first"}, noted(t, d))
}

// TestManyWritersAreEachKeptOrUndone lets forty writers fail, vanish and succeed at
// once, and wants exactly what was acknowledged to be there.
func TestManyWritersAreEachKeptOrUndone(t *testing.T) {
	t.Parallel()
	d := notes(t)
	stop := errors.New("stop")
	var mu sync.Mutex
	var acknowledged []string
	var all sync.WaitGroup
	for w := range 40 {
		all.Go(func() {
			for i := range 10 {
				name := fmt.Sprintf("%02d-%d", w, i)
				ctx, cancel := context.WithCancel(t.Context())
				err := d.InTx(ctx, func(ctx context.Context) error {
					if err := note(d, name)(ctx); err != nil {
						return err
					}
					switch (w + i) % 7 {
					case 1:
						return stop
					case 2:
						cancel()
					case 3:
						return note(d, name)(ctx) // taken
					}
					return nil
				})
				cancel()
				if err == nil {
					mu.Lock()
					acknowledged = append(acknowledged, name)
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	slices.Sort(acknowledged)
	same(t, "what is kept", acknowledged, noted(t, d))
}
