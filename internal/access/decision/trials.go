package decision

import (
	"context"
	"sync"
	"time"

	"github.com/warder-project/warder/internal/access/policy/trials"
)

// trialPatience is how long keeping what trials have shown may take. Decisions wait
// to be written meanwhile, and they are worth more.
const trialPatience = 5 * time.Second

// try asks the policies in report-only about decisions that have been recorded, beside
// the requests and not on their way. What goes wrong is in the log, and stops nothing.
func (d *Desk) try(ctx context.Context, records []Record) {
	if d.deps.Trials == nil || len(records) == 0 {
		return
	}
	var candidates []trials.Candidate
	for _, one := range d.deps.View.Trials() {
		candidates = append(candidates, trials.Candidate{Number: one.Number, Policy: one.Policy})
	}
	if len(candidates) == 0 {
		return
	}
	decided := make([]trials.Decided, 0, len(records))
	for i := range records {
		record := &records[i]
		facts, kept, err := record.Facts()
		if err != nil {
			d.deps.Log.WarnContext(ctx, "decision could not be judged by the policies in report-only", "decision", record.ID, "error", err)
		}
		if err == nil && kept {
			decided = append(decided, trials.Decided{ID: record.ID, At: record.At, Person: record.Person, Service: record.Service, Effect: record.Effect, Facts: facts})
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), trialPatience)
	defer cancel()
	if err := d.deps.Trials.Judge(ctx, candidates, decided); err != nil {
		d.deps.Log.WarnContext(ctx, "what policies in report-only would have said is lost", "decisions", len(decided), "error", err)
	}
}

// untriedMost bounds what is remembered of refusals until the next Flush. What is
// beyond it is in the record all the same; only trials miss it.
const untriedMost = 4096

// untried is refusals that have been kept, until the next Flush lets trials judge them.
type untried struct {
	mu      sync.Mutex
	records []Record // guarded by mu
}

func (u *untried) add(record Record) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.records) < untriedMost {
		u.records = append(u.records, record)
	}
}

func (u *untried) take() []Record {
	u.mu.Lock()
	defer u.mu.Unlock()
	records := u.records
	u.records = nil
	return records
}
