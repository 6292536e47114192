// Package throttledb keeps the counts of guesses: the tables throttle_count and
// throttle_place.
package throttledb

import (
	"context"
	"fmt"

	"github.com/warder-project/warder/internal/access/throttle"
	"github.com/warder-project/warder/internal/base/db"
)

// Store is the room's store on SQL.
type Store struct{ database *db.DB }

// New returns the store.
func New(database *db.DB) *Store { return &Store{database: database} }

var _ throttle.Store = (*Store)(nil)

// Counts returns those of the named counts that there are, by name.
func (s *Store) Counts(ctx context.Context, names ...string) (map[string]throttle.Count, error) {
	args := make([]any, len(names))
	for i, name := range names {
		args[i] = name
	}
	counts, err := s.counts(ctx,
		`select name, account, kind, failures, shared, told, most, free_at, touched_at
		 from throttle_count
		 where name in (`+db.In(1, len(names))+`)`, args...)
	if err != nil {
		return nil, err
	}
	byName := make(map[string]throttle.Count, len(counts))
	for _, count := range counts {
		byName[count.Name] = count
	}
	return byName, nil
}

// OfAccount returns all counts of an account, in the order of their names.
func (s *Store) OfAccount(ctx context.Context, account string) ([]throttle.Count, error) {
	return s.counts(ctx,
		`select name, account, kind, failures, shared, told, most, free_at, touched_at
		 from throttle_count
		 where account = $1
		 order by name`, account)
}

func (s *Store) counts(ctx context.Context, statement string, args ...any) ([]throttle.Count, error) {
	rows, err := s.database.From(ctx).QueryContext(ctx, statement, args...)
	if err != nil {
		return nil, fmt.Errorf("read counts of guesses: %w", err)
	}
	defer rows.Close()
	var counts []throttle.Count
	for rows.Next() {
		var c throttle.Count
		var free, touched int64
		if err := rows.Scan(&c.Name, &c.Account, &c.Kind, &c.Failures, &c.Shared, &c.Told, &c.Most, &free, &touched); err != nil {
			return nil, fmt.Errorf("read counts of guesses: %w", err)
		}
		c.FreeAt, c.At = db.Time(free), db.Time(touched)
		counts = append(counts, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read counts of guesses: %w", err)
	}
	return counts, nil
}

// Keep writes counts as they are given.
func (s *Store) Keep(ctx context.Context, counts ...throttle.Count) error {
	for _, c := range counts {
		_, err := s.change(ctx,
			`insert into throttle_count (name, account, kind, failures, shared, told, most, free_at, touched_at)
			 values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
			 on conflict (name) do update
			 set failures = $4, shared = $5, told = $6, most = $7, free_at = $8, touched_at = $9`,
			c.Name, c.Account, c.Kind, c.Failures, c.Shared, c.Told, c.Most, db.Millis(c.FreeAt), db.Millis(c.At))
		if err != nil {
			return fmt.Errorf("count a guess: %w", err)
		}
	}
	return nil
}

// Lift sets the named counts to none and bounds their waits.
func (s *Store) Lift(ctx context.Context, names []string, bound throttle.Lifted) error {
	for _, name := range names {
		_, err := s.change(ctx,
			`update throttle_count
			 set failures = 0, shared = 0, told = 0,
			   free_at = case
			     when name like 'pair:%' and free_at > $2 then $2
			     when name like 'account:%' and free_at > $3 then $3
			     else free_at end
			 where name = $1`, name, db.Millis(bound.Pair), db.Millis(bound.Account))
		if err != nil {
			return fmt.Errorf("forget wrong tries: %w", err)
		}
	}
	return nil
}

// Places returns the latest places of an account, latest first.
func (s *Store) Places(ctx context.Context, account string, most int) ([]throttle.Place, error) {
	rows, err := s.database.From(ctx).QueryContext(ctx,
		`select account, source, proven_at
		 from throttle_place
		 where account = $1
		 order by proven_at desc, source
		 limit $2`, account, most)
	if err != nil {
		return nil, fmt.Errorf("read usual places: %w", err)
	}
	defer rows.Close()
	var places []throttle.Place
	for rows.Next() {
		var place throttle.Place
		var proven int64
		if err := rows.Scan(&place.Account, &place.Source, &proven); err != nil {
			return nil, fmt.Errorf("read usual places: %w", err)
		}
		place.At = db.Time(proven)
		places = append(places, place)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read usual places: %w", err)
	}
	return places, nil
}

// Glance says how many counts of an account have stopped, and its latest place.
func (s *Store) Glance(ctx context.Context, account string) (int, throttle.Place, error) {
	var stopped int
	var proven int64
	place := throttle.Place{Account: account}
	err := s.database.From(ctx).QueryRowContext(ctx,
		`select
		   (select count(*)
		    from throttle_count
		    where account = $1 and most > 0 and failures >= most),
		   coalesce((select source
		    from throttle_place
		    where account = $1
		    order by proven_at desc, source
		    limit 1), ''),
		   coalesce((select max(proven_at)
		    from throttle_place
		    where account = $1), 0)`, account).Scan(&stopped, &place.Source, &proven)
	if err != nil {
		return 0, throttle.Place{}, fmt.Errorf("look at an account: %w", err)
	}
	place.At = db.Time(proven)
	return stopped, place, nil
}

// KeepPlace writes a place and forgets all but the latest of its account.
func (s *Store) KeepPlace(ctx context.Context, place throttle.Place, most int) error {
	_, err := s.change(ctx,
		`insert into throttle_place (account, source, proven_at)
		 values ($1, $2, $3)
		 on conflict (account, source) do update
		 set proven_at = $3`, place.Account, place.Source, db.Millis(place.At))
	if err != nil {
		return fmt.Errorf("keep a usual place: %w", err)
	}
	_, err = s.change(ctx,
		`delete from throttle_place
		 where account = $1 and source not in (
		   select source
		   from throttle_place
		   where account = $1
		   order by proven_at desc, source
		   limit $2)`, place.Account, most)
	if err != nil {
		return fmt.Errorf("forget an earlier usual place: %w", err)
	}
	return nil
}

// Prune forgets what is old, and of what is more than most the counts with the
// fewest failures, the oldest first; no more than batch in all.
func (s *Store) Prune(ctx context.Context, old throttle.Old, most, batch int) (int, error) {
	pruned, err := s.change(ctx,
		`delete from throttle_count
		 where name in (
		   select name
		   from throttle_count
		   where (account = '' and touched_at < $1)
		     or (account <> '' and failures < $4 and touched_at < $2)
		     or (account <> '' and failures < most and touched_at < $3)
		     or (failures = 0 and touched_at < $1)
		   limit $5)`,
		db.Millis(old.Places), db.Millis(old.Few), db.Millis(old.Many), throttle.Few, batch)
	if err != nil {
		return 0, fmt.Errorf("forget old guesses: %w", err)
	}
	if _, err := s.change(ctx,
		`delete from throttle_place
		 where proven_at < $1`, db.Millis(old.Usual)); err != nil {
		return 0, fmt.Errorf("forget old usual places: %w", err)
	}
	var kept int
	if err := s.database.From(ctx).QueryRowContext(ctx,
		`select count(name)
		 from throttle_count`).Scan(&kept); err != nil {
		return 0, fmt.Errorf("count what is kept of guesses: %w", err)
	}
	if kept <= most || pruned == batch {
		return pruned, nil
	}
	more, err := s.change(ctx,
		`delete from throttle_count
		 where name in (
		   select name
		   from throttle_count
		   order by failures, touched_at
		   limit $1)`, min(kept-most, batch-pruned))
	if err != nil {
		return 0, fmt.Errorf("forget the least of many guesses: %w", err)
	}
	return pruned + more, nil
}

func (s *Store) change(ctx context.Context, statement string, args ...any) (int, error) {
	result, err := s.database.From(ctx).ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, err
	}
	changed, err := result.RowsAffected()
	return int(changed), err
}
