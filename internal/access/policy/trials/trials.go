// Package trials knows what a policy in report-only would have said: it is asked
// about each decision after that was made and recorded, from the same facts, and
// where its answer differs, that is kept and counted.
//
//	decision kept ──▶ Book.Judge ──▶ same answer: counted as asked
//	                      └────────▶ another:     kept, with who, where, and why
//
// Nothing here is on the way of a request: it can refuse nobody and slow nothing.
// What cannot be kept is lost, and said in the log; the decision itself is not.
//
// The room owns the tables policy_trial and policy_trial_day. It leaves to others:
// which policies are in report-only (policy/versions), and the decisions and their
// facts (access/decision).
package trials

import (
	"context"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/tx"
)

// Candidate is a policy in report-only.
type Candidate struct {
	Number int64
	Policy *policy.Compiled
}

// Decided is a decision that was made and is in the record.
type Decided struct {
	ID      ids.Decision
	At      time.Time
	Person  ids.Person
	Service ids.Service
	Effect  policy.Effect
	Facts   policy.Facts
}

// Difference is where a policy in report-only would have said something else.
type Difference struct {
	Number     int64
	Decision   ids.Decision
	At         time.Time
	Person     ids.Person
	Service    ids.Service
	Department string // "" when not known
	Was        policy.Effect
	Effect     policy.Effect // what it would have been
	Reasons    []policy.Reason
}

// Count is how many decisions would have come out differently, and for how many people.
type Count struct {
	SteppedUp int64 // let in, and would have been asked to sign in
	Stopped   int64 // would have been refused
	Eased     int64 // would have been let in, or asked instead of refused
	People    int64 // who would have been stepped up or stopped
}

// Row is the count of one service or one department.
type Row struct {
	Name  string // the service's id, or the department; "" when not known
	Count Count
}

// Report is what a policy in report-only has shown so far.
type Report struct {
	Since       time.Time
	Judged      int64 // decisions it was asked about since the beginning of that day
	Total       Count
	Services    []Row // most people first
	Departments []Row
}

// Store is what Book needs kept.
type Store interface {
	// Keep keeps differences, each once, and adds to the decisions of a day that were
	// judged, by the number of the policy.
	Keep(ctx context.Context, found []Difference, day time.Time, judged map[int64]int64) error
	Report(ctx context.Context, number int64, since time.Time) (Report, error)
	// OfDecision gives what policies in report-only would have said instead.
	OfDecision(ctx context.Context, id ids.Decision) ([]Difference, error)
	// List gives differences since a moment, newest first.
	List(ctx context.Context, number int64, since time.Time, limit int) ([]Difference, error)
	// Forget drops the counts of days before a moment.
	Forget(ctx context.Context, before time.Time) error
}

// Deps is what a Book needs.
type Deps struct {
	Store Store
	Tx    tx.Runner
	Now   func() time.Time
}

// Book keeps what trials show.
type Book struct{ deps Deps }

// New makes a Book.
func New(deps Deps) *Book { return &Book{deps: deps} }

// Judge asks each candidate about each decision, and keeps where it differs.
func (b *Book) Judge(ctx context.Context, candidates []Candidate, decided []Decided) error {
	if len(candidates) == 0 || len(decided) == 0 {
		return nil
	}
	var found []Difference
	judged := map[int64]int64{}
	for i := range decided {
		for _, candidate := range candidates {
			judged[candidate.Number]++
			if difference, differs := judge(candidate, &decided[i]); differs {
				found = append(found, difference)
			}
		}
	}
	err := b.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		return b.deps.Store.Keep(ctx, found, dayOf(b.deps.Now()), judged)
	})
	if err != nil {
		return fmt.Errorf("keep what policies in report-only would have said about %d decisions: %w", len(decided), err)
	}
	return nil
}

func judge(candidate Candidate, decided *Decided) (Difference, bool) {
	facts := decided.Facts
	verdict := candidate.Policy.Decide(&facts)
	if verdict.Effect == decided.Effect {
		return Difference{}, false
	}
	return Difference{Number: candidate.Number, Decision: decided.ID, At: decided.At, Person: decided.Person, Service: decided.Service,
		Department: facts.Department, Was: decided.Effect, Effect: verdict.Effect, Reasons: verdict.Reasons}, true
}

func dayOf(at time.Time) time.Time { return at.UTC().Truncate(24 * time.Hour) }

// Report says what a policy has shown since it went into report-only.
func (b *Book) Report(ctx context.Context, number int64, since time.Time) (Report, error) {
	report, err := b.deps.Store.Report(ctx, number, since)
	if err != nil {
		return Report{}, fmt.Errorf("count what policy number %d would have said: %w", number, err)
	}
	return report, nil
}

// OfDecision gives what policies in report-only would have said of one decision,
// where that is something else.
func (b *Book) OfDecision(ctx context.Context, id ids.Decision) ([]Difference, error) {
	found, err := b.deps.Store.OfDecision(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read what would have been said of %s: %w", id, err)
	}
	return found, nil
}

// mostListed is how many single decisions are listed.
const mostListed = 50

// Latest lists the latest decisions that would have come out differently.
func (b *Book) Latest(ctx context.Context, number int64, since time.Time) ([]Difference, error) {
	found, err := b.deps.Store.List(ctx, number, since, mostListed)
	if err != nil {
		return nil, fmt.Errorf("list what policy number %d would have said: %w", number, err)
	}
	return found, nil
}

// keptMonths is how long counts are kept: as long as decisions.
const keptMonths = 14

// Forget drops counts that are older than the decisions they are about.
func (b *Book) Forget(ctx context.Context) error {
	return b.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		return b.deps.Store.Forget(ctx, dayOf(b.deps.Now().AddDate(0, -keptMonths, 0)))
	})
}

// ReasonCodes is the reasons as they are kept.
func (d *Difference) ReasonCodes() string { return policy.Verdict{Reasons: d.Reasons}.ReasonCodes() }

// Read puts in what a store keeps as text. An effect it does not know is Deny.
func (d *Difference) Read(was, effect, reasons string) {
	d.Was, _ = policy.ParseEffect(was)
	d.Effect, _ = policy.ParseEffect(effect)
	d.Reasons = policy.ParseReasons(reasons)
}
