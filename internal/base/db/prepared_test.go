package db_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// Statements are kept prepared on SQLite; nobody should notice but the clock.
func TestSameStatementMeansTheSameEachTime(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		add := func(ctx context.Context, name string) error {
			_, err := d.From(ctx).ExecContext(ctx, `insert into signin_decoy (name, value) values ($1, $2)`, name, []byte(name))
			return err
		}
		count := func(ctx context.Context) (n int) {
			if err := d.From(ctx).QueryRowContext(ctx, `select count(name) from signin_decoy`).Scan(&n); err != nil {
				t.Error(err)
			}
			return n
		}
		for i := range 5 {
			err := d.InTx(ctx, func(ctx context.Context) error {
				if got := count(ctx); got != i {
					t.Errorf("in unit of work %d there are %d rows", i, got)
				}
				return add(ctx, fmt.Sprint("row ", i))
			})
			if err != nil {
				t.Fatal(err)
			}
			if got := count(ctx); got != i+1 {
				t.Errorf("after unit of work %d there are %d rows", i, got)
			}
		}
		// An error leaves the statement usable, and an undone unit of work nothing.
		if err := d.InTx(ctx, func(ctx context.Context) error { return add(ctx, "row 1") }); !db.IsConflict(err, "signin_decoy", "name") && err == nil {
			t.Error("the same name was taken twice")
		}
		undone := errors.New("undone")
		err := d.InTx(ctx, func(ctx context.Context) error { return errors.Join(add(ctx, "row 9"), undone) })
		if !errors.Is(err, undone) || count(ctx) != 5 {
			t.Errorf("after an undone unit of work (%v) there are %d rows", err, count(ctx))
		}
		gone, cancel := context.WithCancel(ctx)
		err = d.InTx(gone, func(ctx context.Context) error {
			cancel()
			return add(ctx, "of somebody who has gone")
		})
		if err == nil || count(ctx) != 5 {
			t.Errorf("whoever has gone still wrote: %v, %d rows", err, count(ctx))
		}
	})
}

func TestSameStatementIsReadWithinItself(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for i := range 3 {
			err := d.InTx(t.Context(), func(ctx context.Context) error {
				_, err := d.From(ctx).ExecContext(ctx, `insert into signin_decoy (name, value) values ($1, $2)`, fmt.Sprint(i), []byte{1})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		walk := func(ctx context.Context) (pairs int) {
			const every = `select name from signin_decoy order by name`
			outer, err := d.From(ctx).QueryContext(ctx, every)
			if err != nil {
				t.Fatal(err)
			}
			defer outer.Close()
			for outer.Next() {
				if d.InWork(ctx) && d.Engine() == db.Postgres {
					pairs += 3 // one connection reads one thing at a time there
					continue
				}
				inner, err := d.From(ctx).QueryContext(ctx, every)
				if err != nil {
					t.Fatal(err)
				}
				for inner.Next() {
					pairs++
				}
				inner.Close()
			}
			return pairs
		}
		for range 3 {
			if got := walk(t.Context()); got != 9 {
				t.Errorf("outside a unit of work: %d pairs, want 9", got)
			}
			err := d.InTx(t.Context(), func(ctx context.Context) error {
				if got := walk(ctx); got != 9 {
					t.Errorf("inside one: %d pairs, want 9", got)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestManyReadersShareStatements(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	var all sync.WaitGroup
	for i := range 32 {
		all.Go(func() {
			for j := range 50 {
				var got int
				if err := d.From(t.Context()).QueryRowContext(t.Context(), `select $1 + 1 from (select 1 as one) as only`, i*j).Scan(&got); err != nil || got != i*j+1 {
					t.Errorf("%d, %v", got, err)
					return
				}
			}
		})
	}
	all.Wait()
}
