package reviews

import (
	"context"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/exceptions"
)

// Task is the name under which the work here is on record.
const Task = "exception-reviews"

// Turn is the repeated work: it closes what was missed, with its consequence; asks
// reviewers; and looks whether a year has come to be the longest for an exception. One
// node does it. What it does late was in force in time, because the engine knows when
// each review lapses.
func (b *Book) Turn(ctx context.Context) error {
	if err := b.lapse(ctx); err != nil {
		return err
	}
	if err := b.refresh(ctx); err != nil {
		return err
	}
	return b.ask(ctx)
}

// lapse carries out what follows from reviews that were missed.
func (b *Book) lapse(ctx context.Context) error {
	open, err := b.deps.Store.Open(ctx, b.now(), mostOpen)
	if err != nil {
		return fmt.Errorf("open reviews: %w", err)
	}
	for _, review := range open {
		if b.now().Before(review.Lapses) {
			continue
		}
		if err := b.miss(ctx, review); err != nil {
			return fmt.Errorf("missed review %s: %w", review.ID, err)
		}
	}
	return nil
}

func (b *Book) miss(ctx context.Context, review Review) error {
	return b.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		review.State, review.ClosedAt = Missed, b.now()
		closed, err := b.deps.Store.Close(ctx, review)
		if err != nil || !closed {
			return err
		}
		e, err := b.deps.Register.Get(ctx, review.Exception)
		if err != nil {
			return err
		}
		if err := b.deps.Audit.Record(ctx, audit.Event{Actor: audit.System(Task), Action: "exception.review_missed", Subject: string(e.ID),
			Details: map[string]string{"name": e.Name(), "review": string(review.ID), "due": review.Due.Format(time.RFC3339), "reviewer": string(review.Reviewer)}}); err != nil {
			return err
		}
		if e.State.Over() {
			return nil
		}
		after, err := b.deps.Register.DropToStricter(ctx, Task, e.ID, "The review that was due on "+shown(review.Due)+" was missed.")
		if err != nil {
			return err
		}
		text := "The exception " + e.Name() + " was to be reviewed by " + shown(review.Due) + ", and was not. As was chosen when it was made, "
		if after.State == exceptions.Approved {
			text += "more is asked of its people from now on: " + after.Floor.String() + "."
		} else {
			text += "it has ended. Who needs it proposes a new one."
		}
		return b.deps.House.Tell(ctx, e.Owner, "The review of exception "+e.Name()+" was missed", text)
	})
}

// refresh has the dates of approved exceptions worked out again: an obligation that a
// service was given since may want a review sooner.
func (b *Book) refresh(ctx context.Context) error {
	live, err := b.deps.Register.List(ctx, exceptions.Filter{State: exceptions.Approved})
	if err != nil {
		return err
	}
	for _, e := range live {
		all, err := b.deps.Store.Of(ctx, e.ID)
		if err != nil {
			return err
		}
		yearly, err := b.deps.House.Yearly(ctx, e)
		if err != nil {
			return err
		}
		open, last := split(all)
		if Next(e, last, yearly).Equal(open.Due) {
			continue
		}
		if _, err := b.deps.Register.Looked(ctx, exceptions.By{Actor: audit.System(Task)}, e.ID); err != nil {
			return fmt.Errorf("dates of %s: %w", e.Name(), err)
		}
	}
	return nil
}

// ask writes to the reviewers of what is due soon or overdue, once a week.
func (b *Book) ask(ctx context.Context) error {
	open, err := b.deps.Store.Open(ctx, b.now().Add(Grace), mostOpen)
	if err != nil {
		return fmt.Errorf("open reviews: %w", err)
	}
	for _, review := range open {
		if b.now().Before(review.AskedAt.Add(askedEvery)) {
			continue
		}
		err := b.deps.Tx.InTx(ctx, func(ctx context.Context) error {
			review.AskedAt = b.now()
			if moved, err := b.deps.Store.Move(ctx, review); err != nil || !moved {
				return err
			}
			return b.askOne(ctx, review)
		})
		if err != nil {
			return fmt.Errorf("ask for review %s: %w", review.ID, err)
		}
	}
	return nil
}

func (b *Book) askOne(ctx context.Context, review Review) error {
	e, err := b.deps.Register.Get(ctx, review.Exception)
	if err != nil {
		return err
	}
	consequence := "it ends by itself"
	if e.OnOverdue.Kind == exceptions.Stricter && e.Floor != e.OnOverdue.Floor {
		consequence = "more is asked of its people: " + e.OnOverdue.Floor.String()
	}
	return b.deps.House.Tell(ctx, review.Reviewer, "Please review exception "+e.Name(), fmt.Sprintf(
		"You approved the exception %s. It is to be reviewed by %s: look at how it was used, whether there is still a reason for it, and whether what makes up for it works.\n\n%s\n\n"+
			"If nobody has done so by %s, %s.", e.Name(), shown(review.Due), b.deps.House.Address(review.ID), shown(review.Lapses), consequence))
}
