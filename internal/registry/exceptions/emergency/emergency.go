// Package emergency lets an emergency access stand among the exceptions, so that whoever
// asks what is let through just now finds it there. It lowers nothing. What an emergency
// access is, who opens one, and its review, is access/breakglass’s.
package emergency

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/exceptions"
)

// Opening is that two people have opened Warder in an emergency.
type Opening struct {
	Use           ids.Use
	First, Second ids.Person // the identities
	Reason        string
	Until         time.Time
}

// Deps is what a Book needs.
type Deps struct {
	Register *exceptions.Register
	Store    exceptions.Store
	Tx       tx.Runner
	Audit    *audit.Log
	Now      func() time.Time
}

// Book is the room's entry.
type Book struct{ deps Deps }

// New returns a book.
func New(deps Deps) *Book { return &Book{deps: deps} }

// moment is a time as it is kept: in milliseconds, UTC.
func moment(at time.Time) time.Time { return at.UTC().Truncate(time.Millisecond) }

// Begin writes an opening down as an exception, so that it stands with the others:
// owned by the first, approved by the second, until it ends. Its floor is the strictest
// there is, so it lowers nothing. It is part of the unit of work that opens.
func (b *Book) Begin(ctx context.Context, opening Opening) error {
	now := moment(b.deps.Now())
	made := exceptions.Exception{ID: ids.New[ids.Exception](), Subject: exceptions.Subject{People: slices.Sorted(slices.Values([]ids.Person{opening.First, opening.Second}))},
		Floor:  assurance.Requirement{AAL: assurance.AAL3, PhishingResistant: true, HardwareBound: true, Attested: true, UserVerified: true},
		Reason: exceptions.Emergency, Narrative: opening.Reason, Risk: exceptions.Risk{Likelihood: 5, Impact: 5, Narrative: exceptions.Emergency.Sentence()},
		Controls: []exceptions.Control{{Text: "Everybody who administers Warder is told at once", How: "Look at the messages that were sent."}},
		Sunset:   exceptions.Sunset{Path: exceptions.PathOther}, Evidence: []string{string(opening.Use)}, OnOverdue: exceptions.Fallback{Kind: exceptions.Ends},
		State: exceptions.Approved, Owner: opening.First, ProposedBy: audit.System("breakglass"), ApprovedBy: opening.Second, ApprovedAt: now,
		Start: now, End: moment(opening.Until), ProposedAt: now, ChangedAt: now, Version: 1}
	return b.deps.Tx.InTx(ctx, func(ctx context.Context) (err error) {
		if made.Number, err = b.deps.Store.Add(ctx, made); err != nil {
			return fmt.Errorf("keep the exception of %s: %w", opening.Use, err)
		}
		err = b.deps.Audit.Record(ctx, audit.Event{Actor: made.ProposedBy, Action: "exception.emergency", Subject: string(made.ID),
			Details: map[string]string{"name": made.Name(), "use": string(opening.Use), "end": made.End.Format(time.RFC3339)}})
		if err != nil {
			return err
		}
		return tx.Publish(ctx, tx.Exception, string(made.ID))
	})
}

// End ends the exception of an opening that is over; one that is not there is
// passed over.
func (b *Book) End(ctx context.Context, use ids.Use, reason string) error {
	all, err := b.deps.Register.List(ctx, exceptions.Filter{State: exceptions.Approved})
	if err != nil {
		return err
	}
	for _, e := range all {
		if e.Reason == exceptions.Emergency && slices.Contains(e.Evidence, string(use)) {
			_, err = b.deps.Register.EndNow(ctx, exceptions.By{Actor: audit.System("breakglass")}, e.ID, reason)
		}
	}
	return err
}
