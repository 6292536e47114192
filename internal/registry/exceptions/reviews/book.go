package reviews

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/warder-project/warder/internal/base/days"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/exceptions"
)

// Deps is what a Book needs. All of it is required.
type Deps struct {
	Store    Store
	Register *exceptions.Register
	House    House
	Tx       tx.Runner
	Audit    *audit.Log
	Now      func() time.Time
}

// Book is the room's entry: every review there is or was.
type Book struct{ deps Deps }

// New returns the book.
func New(deps Deps) *Book { return &Book{deps: deps} }

func (b *Book) now() time.Time { return b.deps.Now().UTC().Truncate(time.Millisecond) }

// Get returns a review. Problem: NotFound.
func (b *Book) Get(ctx context.Context, id ids.Review) (Review, error) {
	return b.deps.Store.Get(ctx, id)
}

// Of lists the reviews of an exception, the latest day first.
func (b *Book) Of(ctx context.Context, exception ids.Exception) ([]Review, error) {
	return b.deps.Store.Of(ctx, exception)
}

// mostOpen is how many open reviews are looked at; with more there is no keeping up.
const mostOpen = 2000

// Waiting lists the open reviews that may be done now, the earliest day first.
func (b *Book) Waiting(ctx context.Context) ([]Review, error) {
	return b.deps.Store.Open(ctx, b.now().Add(Ahead), mostOpen)
}

// Queue is what of Waiting somebody may decide.
func (b *Book) Queue(ctx context.Context, person ids.Person) ([]Review, error) {
	waiting, err := b.Waiting(ctx)
	if err != nil {
		return nil, err
	}
	var mine []Review
	for _, review := range waiting {
		err := b.MayDecide(ctx, person, review)
		if err == nil {
			mine = append(mine, review)
		} else if !problem.Is(err, NotYours) {
			return nil, err
		}
	}
	return mine, nil
}

// Missed counts the reviews that were missed since a moment.
func (b *Book) Missed(ctx context.Context, since time.Time) (int, error) {
	return b.deps.Store.Missed(ctx, since)
}

// MayDecide refuses whoever may not approve the exception: its owner, who asked for
// it, whom it is for. Problem: NotYours.
func (b *Book) MayDecide(ctx context.Context, person ids.Person, review Review) error {
	e, err := b.deps.Register.Get(ctx, review.Exception)
	if err != nil {
		return err
	}
	e.Renewal = exceptions.Renewal{} // who reviews is as for the exception itself
	err = b.deps.Register.MayApprove(ctx, exceptions.SignedIn(person, ""), e)
	for _, refusal := range []problem.Definition{exceptions.SamePerson, exceptions.NotYourRoute, exceptions.NeedsKey} {
		if problem.Is(err, refusal) {
			return NotYours.Because(err)
		}
	}
	return err
}

// Decide does a review. Problems: NotFound, NotYours, Closed, TooEarly, Malformed, and
// those of what is done with the exception.
func (b *Book) Decide(ctx context.Context, by exceptions.By, id ids.Review, decision Decision) (Review, error) {
	var done Review
	err := b.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		review, err := b.deps.Store.Get(ctx, id)
		if err != nil {
			return err
		}
		if err := b.MayDecide(ctx, by.Person(), review); err != nil {
			return err
		}
		now := b.now()
		switch {
		case review.State != Open || !now.Before(review.Lapses):
			return Closed.New()
		case now.Before(review.Due.Add(-Ahead)):
			return TooEarly.New()
		}
		e, err := b.deps.Register.Get(ctx, review.Exception)
		if err != nil {
			return err
		}
		if err := decision.check(e); err != nil {
			return err
		}
		done = review
		done.State, done.Outcome, done.Cause, done.Note, done.NewEnd = Done, decision.Outcome, decision.Cause, decision.Note, decision.NewEnd
		done.By, done.ClosedAt = by.Person(), now
		// Closed first: what follows asks when the next review is.
		closed, err := b.deps.Store.Close(ctx, done)
		if err != nil {
			return err
		}
		if !closed {
			return Closed.New()
		}
		if err := b.carryOut(ctx, by, e, done); err != nil {
			return err
		}
		return b.deps.Audit.Record(ctx, audit.Event{Actor: by.Actor, Action: "exception.review_done", Subject: string(e.ID),
			Details: map[string]string{"name": e.Name(), "review": string(done.ID), "outcome": string(done.Outcome), "cause": string(done.Cause), "note": done.Note}})
	})
	if err != nil {
		return Review{}, fmt.Errorf("review %s: %w", id, err)
	}
	return done, nil
}

// longestNote is how much a reviewer may write.
const longestNote = 2000

// check refuses a decision that does not say why, or that keeps what its own answers
// speak against.
func (d *Decision) check(e exceptions.Exception) error {
	var faults []problem.Field
	fault := func(name, message string) { faults = append(faults, problem.Field{Name: name, Message: message}) }
	d.Note = strings.TrimSpace(d.Note)
	if d.Note == "" || len(d.Note) > longestNote || !utf8.ValidString(d.Note) || strings.ContainsRune(d.Note, 0) {
		fault("note", "Say in a sentence or two what you have looked at, and why you decide so")
	}
	if d.Cause != Holds && d.Cause != Gone {
		fault("cause", "Say whether the reason for the exception is still there")
	}
	goesOn := d.Outcome == Keep || d.Outcome == Renew
	if d.Cause == Gone && goesOn {
		fault("outcome", "What there is no reason for any more does not go on: end it, now or on a day soon")
	}
	for _, control := range e.Controls {
		if goesOn && control.Result == exceptions.Fails {
			fault("outcome", "“"+control.Text+"” does not work, so nothing makes up for the weaker sign-in. Have it mended and tested first, or end the exception")
			break
		}
	}
	switch d.Outcome {
	case EndNow, Keep:
		d.NewEnd = time.Time{}
	case Shorten, Renew:
		if d.NewEnd.IsZero() {
			fault("new_end", "Say on which day it is to end")
		}
	default:
		fault("outcome", "Choose what becomes of the exception")
	}
	if len(faults) > 0 {
		return Malformed.New().At(faults...)
	}
	return nil
}

func (b *Book) carryOut(ctx context.Context, by exceptions.By, e exceptions.Exception, done Review) error {
	register := b.deps.Register
	var err error
	switch done.Outcome {
	case EndNow:
		_, err = register.EndNow(ctx, by, e.ID, done.Note)
	case Shorten:
		_, err = register.Shorten(ctx, by, e.ID, done.NewEnd)
	case Renew:
		_, err = register.Renew(ctx, by, e.ID, done.NewEnd, done.Note)
	case Keep:
		_, err = register.Looked(ctx, by, e.ID)
	}
	for _, refusal := range []problem.Definition{exceptions.Malformed, exceptions.TooLong} {
		if cause, ok := problem.Of(err); ok && problem.Is(err, refusal) {
			return Malformed.Because(err).At(problem.Field{Name: "new_end", Message: endMessage(cause)})
		}
	}
	return err
}

// endMessage is what is wrong with a new end, in the words of the room that refused it.
func endMessage(cause *problem.Error) string {
	for _, field := range cause.Fields {
		if field.Name == "end" && cause.Detail == "" {
			return field.Message
		}
	}
	return strings.TrimSpace(cause.Sentence + " " + cause.Detail)
}

// Follow opens, moves or drops the review of an exception that has just changed, in the
// unit of work of the change, and says when the exception lapses without one: the zero
// time when there is nothing to wait for. The register asks it.
func (b *Book) Follow(ctx context.Context, e exceptions.Exception) (time.Time, error) {
	all, err := b.deps.Store.Of(ctx, e.ID)
	if err != nil {
		return time.Time{}, fmt.Errorf("reviews of %s: %w", e.Name(), err)
	}
	yearly, err := b.deps.House.Yearly(ctx, e)
	if err != nil {
		return time.Time{}, err
	}
	open, last := split(all)
	due := Next(e, last, yearly)
	switch {
	case due.IsZero() && open.ID == "":
		return time.Time{}, nil
	case due.IsZero():
		open.State, open.ClosedAt = Dropped, b.now()
		_, err = b.deps.Store.Close(ctx, open)
		return time.Time{}, err
	case open.ID == "":
		open = Review{ID: ids.New[ids.Review](), Exception: e.ID, State: Open, OpenedAt: b.now(), Due: due, Lapses: due.Add(Grace), Reviewer: e.ApprovedBy}
		return open.Lapses, b.deps.Store.Add(ctx, open)
	case !open.Due.Equal(due) || open.Reviewer != e.ApprovedBy:
		if !open.Due.Equal(due) {
			open.AskedAt = time.Time{}
		}
		open.Due, open.Lapses, open.Reviewer = due, due.Add(Grace), e.ApprovedBy
		_, err = b.deps.Store.Move(ctx, open)
		return open.Lapses, err
	}
	return open.Lapses, nil
}

// split finds the open review, and the latest that was done or missed.
func split(all []Review) (open, last Review) {
	for _, review := range all {
		switch review.State {
		case Open:
			open = review
		case Done, Missed:
			if last.ID == "" || review.Due.After(last.Due) {
				last = review
			}
		case Dropped:
		}
	}
	return open, last
}

// last is the latest review that was done or missed.
func (b *Book) last(ctx context.Context, exception ids.Exception) (Review, error) {
	all, err := b.deps.Store.Of(ctx, exception)
	_, last := split(all)
	return last, err
}

// shown is a day in a message.
func shown(at time.Time) string { return days.Format(days.London(at)) }
