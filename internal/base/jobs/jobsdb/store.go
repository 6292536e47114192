// Package jobsdb keeps the leases of repeated work in the table job_lease.
package jobsdb

import (
	"context"
	"time"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/jobs"
)

// Store is a jobs.Store on SQL.
type Store struct{ db *db.DB }

// New returns the store.
func New(d *db.DB) *Store { return &Store{db: d} }

var _ jobs.Store = (*Store)(nil)

// Take gives holder the lease, if nobody else has one that is still good.
func (s *Store) Take(ctx context.Context, name string, holder ids.Node, now, until time.Time) (mine bool, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context) error {
		result, err := s.db.From(ctx).ExecContext(ctx, `
			insert into job_lease (name, holder, until)
			values ($1, $2, $3)
			on conflict (name) do update
			set holder = excluded.holder, until = excluded.until
			where job_lease.holder = excluded.holder or job_lease.until <= $4`,
			name, holder, db.Millis(until), db.Millis(now))
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		mine = n == 1
		return err
	})
	return mine, err
}

// Release gives a lease back before its time.
func (s *Store) Release(ctx context.Context, name string, holder ids.Node) error {
	return s.db.InTx(ctx, func(ctx context.Context) error {
		_, err := s.db.From(ctx).ExecContext(ctx, `
			delete from job_lease
			where name = $1 and holder = $2`, name, holder)
		return err
	})
}
