package db_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

const shelf = `
	create table shelf (
	  id text not null,
	  label text not null,
	  room text not null,
	  place bigint not null,
	  constraint shelf_pk primary key (id),
	  constraint shelf_room_place_uq unique (room, place),
	  constraint shelf_place_ck check (place > 0)
	);
	create unique index shelf_label_uq on shelf (lower(label));
	create table book (
	  id text not null,
	  shelf text not null,
	  constraint book_pk primary key (id),
	  constraint book_shelf_fk foreign key (shelf) references shelf (id)
	)`

// run executes one statement as a unit of work.
func run(ctx context.Context, d *db.DB, statement string, args ...any) error {
	return d.InTx(ctx, func(ctx context.Context) error {
		_, err := d.From(ctx).ExecContext(ctx, statement, args...)
		return err
	})
}

func mustRun(t *testing.T, d *db.DB, statement string, args ...any) {
	t.Helper()
	if err := run(t.Context(), d, statement, args...); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, d *db.DB, table string) int {
	t.Helper()
	var n int
	if err := d.From(t.Context()).QueryRowContext(t.Context(), "select count(*) from "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestBothEnginesNameTheRuleThatIsBroken(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		mustRun(t, d, shelf)
		const add = "insert into shelf (id, label, room, place) values ($1, $2, $3, $4)"
		mustRun(t, d, add, "s1", "Poems", "hall", 1)

		type classes struct{ ID, Label, Room, Place, Any, OtherTable, Parent, Rule, OtherRule, Full bool }
		classify := func(err error) classes {
			if err == nil {
				t.Error("the rule was not kept")
			}
			return classes{
				ID: db.IsConflict(err, "shelf", "id"), Label: db.IsConflict(err, "shelf", "label"),
				Room: db.IsConflict(err, "shelf", "room"), Place: db.IsConflict(err, "shelf", "place"),
				Any: db.IsConflict(err, "shelf", ""), OtherTable: db.IsConflict(err, "book", ""),
				Parent: db.IsMissingParent(err), Rule: db.IsRuleBroken(err, "shelf_place_ck"),
				OtherRule: db.IsRuleBroken(err, "shelf_pk"), Full: db.IsFull(err),
			}
		}
		ctx := t.Context()
		for _, story := range []struct {
			name string
			err  error
			want classes
		}{
			{"the id again", run(ctx, d, add, "s1", "Plays", "hall", 2), classes{ID: true, Any: true}},
			{"the label in capitals", run(ctx, d, add, "s2", "POEMS", "hall", 2), classes{Label: true, Any: true}},
			{"the same place", run(ctx, d, add, "s2", "Plays", "hall", 1), classes{Room: true, Place: true, Any: true}},
			{"no place", run(ctx, d, add, "s2", "Plays", "hall", 0), classes{Rule: true}},
			{"no such shelf", run(ctx, d, "insert into book (id, shelf) values ('b', 'none')"), classes{Parent: true}},
			{"no such table", run(ctx, d, "delete from nothing"), classes{}},
		} {
			if diff := cmp.Diff(story.want, classify(story.err)); diff != "" {
				t.Errorf("%s (%v): classes differ (-want +got):\n%s", story.name, story.err, diff)
			}
		}
		mustRun(t, d, "insert into book (id, shelf) values ('b', 's1')")
		if err := run(ctx, d, "delete from shelf"); !db.IsMissingParent(err) {
			t.Errorf("removing a shelf with books: got %v, want a missing parent", err)
		}
	})
}

func TestTimesAreKeptAsMilliseconds(t *testing.T) {
	t.Parallel()
	if got := db.Millis(time.Time{}); got != 0 {
		t.Errorf("the zero time is kept as %d, want 0", got)
	}
	if got := db.Time(0); !got.IsZero() {
		t.Errorf("0 is read as %v, want the zero time", got)
	}
	at := time.Date(2026, 11, 23, 9, 0, 0, 123_000_000, time.FixedZone("", 3600))
	if got := db.Time(db.Millis(at)); !got.Equal(at) || got.Location() != time.UTC {
		t.Errorf("got %v, want %v in UTC", got, at)
	}
}

func TestListsArePlaceholders(t *testing.T) {
	t.Parallel()
	got := []string{db.In(1, 0), db.In(1, 1), db.In(3, 3)}
	if diff := cmp.Diff([]string{"null", "$1", "$3, $4, $5"}, got); diff != "" {
		t.Errorf("lists differ (-want +got):\n%s", diff)
	}
}
