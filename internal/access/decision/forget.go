package decision

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/warder-project/warder/internal/registry/audit"
)

// forgetOnce is how many decisions are removed in one unit of work: little enough that
// nobody waits for it.
const forgetOnce = 2000

// Forget removes decisions that are older than they are kept, a batch at a time, each
// with its line in the audit record, and says how many there were. It ends with ctx
// between two batches.
func (d *Desk) Forget(ctx context.Context) (int64, error) {
	if d.deps.Audit == nil || d.deps.Months <= 0 {
		return 0, nil
	}
	before := monthsBack(d.deps.Now().UTC(), d.deps.Months)
	var all int64
	for ctx.Err() == nil {
		gone, err := d.forgetSome(ctx, before)
		if err != nil {
			return all, fmt.Errorf("remove decisions before %s: %w", before.Format(time.DateOnly), err)
		}
		all += gone
		if gone < forgetOnce {
			break
		}
	}
	return all, nil
}

func (d *Desk) forgetSome(ctx context.Context, before time.Time) (gone int64, err error) {
	err = d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		if gone, err = d.deps.Store.Forget(ctx, FirstID(before), forgetOnce); err != nil || gone == 0 {
			return err
		}
		return d.deps.Audit.Record(ctx, audit.Event{Actor: audit.System("decisions"), Action: "decision.forgotten",
			Details: map[string]string{"count": strconv.FormatInt(gone, 10), "before": before.Format(time.RFC3339), "months": strconv.Itoa(d.deps.Months)}})
	})
	return gone, err
}

// monthsBack is the beginning of the day so many months ago; of the month's last day
// where that month has no such day, so that nothing goes a day early.
func monthsBack(now time.Time, months int) time.Time {
	first := time.Date(now.Year(), now.Month()-time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(now.Day(), last)-1)
}
