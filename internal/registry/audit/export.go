package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
)

// exportBatch is how many entries are read at a time.
const exportBatch = 500

// Export hands every entry from since (inclusive) until until (exclusive) to
// yield: first the sealed ones in the order of the chain, then the unsealed
// ones. A zero time is open. An error of yield ends the export and is returned.
// An entry that is sealed while the export runs is given once.
func (l *Log) Export(ctx context.Context, since, until time.Time, yield func(Entry) error) error {
	e := export{store: l.deps.Store, since: since, until: until, yield: yield, given: map[ids.Entry]bool{}}
	if err := e.sealed(ctx); err != nil {
		return err
	}
	if err := e.unsealed(ctx); err != nil {
		return err
	}
	// What was sealed between the two readings was in neither.
	return e.sealed(ctx)
}

type export struct {
	store        Store
	since, until time.Time
	yield        func(Entry) error
	number       int64              // the last sealed number given
	given        map[ids.Entry]bool // unsealed entries given
}

func (e *export) sealed(ctx context.Context) error {
	for {
		entries, err := e.store.Between(ctx, e.since, e.until, e.number, exportBatch)
		if err != nil {
			return fmt.Errorf("export sealed audit entries: %w", err)
		}
		for _, entry := range entries {
			e.number = entry.Number
			if e.given[entry.ID] {
				continue
			}
			if err := e.yield(entry); err != nil {
				return err
			}
		}
		if len(entries) < exportBatch {
			return nil
		}
	}
}

func (e *export) unsealed(ctx context.Context) error {
	var after ids.Entry
	for {
		entries, err := e.store.Pending(ctx, after, exportBatch)
		if err != nil {
			return fmt.Errorf("export unsealed audit entries: %w", err)
		}
		for _, entry := range entries {
			after = entry.ID
			if entry.At.Before(e.since) || !e.until.IsZero() && !entry.At.Before(e.until) {
				continue
			}
			e.given[entry.ID] = true
			if err := e.yield(entry); err != nil {
				return err
			}
		}
		if len(entries) < exportBatch {
			return nil
		}
	}
}
