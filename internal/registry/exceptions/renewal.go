package exceptions

import (
	"context"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/audit"
)

// Renew asks for a later end. Until it is approved, the exception ends when it
// would have ended. Problems: NotYours, Malformed, TooLong, MovedOn.
func (r *Register) Renew(ctx context.Context, by By, id ids.Exception, end time.Time, reason string) (Exception, error) {
	reason, err := because(reason)
	if err != nil {
		return Exception{}, err
	}
	end = moment(end)
	return r.step(ctx, by, id, renewalAsked, func(ctx context.Context, e *Exception) error {
		if err := r.mayTend(ctx, by, *e); err != nil {
			return err
		}
		var faults faults
		faults.check(end.After(e.End), "end", "That is not later than the end it has")
		faults.check(e.Reason != Emergency, "end", "An emergency access is not made longer")
		if len(faults) > 0 {
			return Malformed.New().At(faults...)
		}
		e.Renewal = Renewal{End: end, Reason: reason, By: by.Actor, At: e.ChangedAt}
		return e.renewalNotTooLong()
	})
}

// renewalNotTooLong lets each renewal be as long as a new exception might be.
func (e *Exception) renewalNotTooLong() error {
	wanted := *e
	wanted.Start, wanted.End = e.ChangedAt, e.Renewal.End
	return wanted.notTooLong()
}

// ApproveRenewal gives an exception the end that was asked for. Who approves is as for a
// new one, and from the third renewal on those who answer to the board. Problems: as Approve.
func (r *Register) ApproveRenewal(ctx context.Context, by By, id ids.Exception) (Exception, error) {
	return r.step(ctx, by, id, renewed, func(ctx context.Context, e *Exception) error {
		if !e.Renewal.Asked() {
			return MovedOn.New()
		}
		if err := r.mayApprove(ctx, by, *e); err != nil {
			return err
		}
		// What was allowed when it was asked for may be too long by now, or over: what has
		// ended is not brought back.
		if !e.End.After(e.ChangedAt) {
			return MovedOn.Detailf("The exception is over. Propose a new one.")
		}
		if _, err := r.find(ctx, e); err != nil {
			return err
		}
		for due := e.End; due.Before(e.Renewal.End) && len(e.Reviews) < partsMost; due = due.Add(reviewEvery) {
			e.Reviews = append(e.Reviews, due)
		}
		e.End, e.ApprovedBy, e.ApprovedAt = e.Renewal.End, by.Person(), e.ChangedAt
		e.Renewals++
		e.ForBoard = e.Renewals > renewalsMost
		e.Renewal = Renewal{}
		return nil
	})
}

// RefuseRenewal leaves the exception the end it has. Problems: as Refuse.
func (r *Register) RefuseRenewal(ctx context.Context, by By, id ids.Exception) (Exception, error) {
	return r.step(ctx, by, id, renewalRefused, func(ctx context.Context, e *Exception) error {
		if !e.Renewal.Asked() {
			return MovedOn.New()
		}
		err := r.mayRefuse(ctx, by, *e)
		e.Renewal = Renewal{}
		return err
	})
}

// Reassign gives an exception another owner, who is somebody else than its approver.
// Problems: NotYours, SamePerson, Malformed, MovedOn.
func (r *Register) Reassign(ctx context.Context, by By, id ids.Exception, owner ids.Person) (Exception, error) {
	return r.step(ctx, by, id, reassigned, func(ctx context.Context, e *Exception) error {
		if err := r.mayTend(ctx, by, *e); err != nil {
			return err
		}
		if owner == e.ApprovedBy {
			return SamePerson.New()
		}
		e.Owner = owner
		standing, err := r.deps.House.Standing(ctx, owner)
		if err == nil && !standing.MaySignIn {
			var faults faults
			faults.check(false, "owner", "The owner must be somebody who works here and can sign in")
			return Malformed.New().At(faults...)
		}
		return err
	})
}

// Test records what a test of a control has shown; number counts from 1. Problems:
// NotYours, Malformed, MovedOn.
func (r *Register) Test(ctx context.Context, by By, id ids.Exception, number int, result Result, note string) (Exception, error) {
	return r.step(ctx, by, id, controlTested, func(ctx context.Context, e *Exception) error {
		var faults faults
		faults.check(number >= 1 && number <= len(e.Controls), "control", "There is no control of that number")
		faults.check(result == Works || result == Fails, "result", "Say whether it works or fails")
		faults.plain("note", note, longestLine)
		if len(faults) > 0 {
			return Malformed.New().At(faults...)
		}
		control := &e.Controls[number-1]
		control.Result, control.Note, control.TestedAt, control.TestedBy = result, note, e.ChangedAt, by.Actor
		return r.mayTend(ctx, by, *e)
	})
}

// DropToStricter lowers the exception to the stricter floor, or ends it: what was
// chosen when it was made for a review that is missed. Problems: MovedOn.
func (r *Register) DropToStricter(ctx context.Context, task string, id ids.Exception, reason string) (Exception, error) {
	by := By{Actor: audit.System(task)}
	e, err := r.Get(ctx, id)
	if err != nil {
		return Exception{}, err
	}
	if e.OnOverdue.Kind != Stricter || e.Floor == e.OnOverdue.Floor {
		return r.EndNow(ctx, by, id, reason)
	}
	return r.step(ctx, by, id, dropped, func(_ context.Context, e *Exception) error {
		e.Floor = e.OnOverdue.Floor
		return nil
	})
}
