package exceptions

import (
	"context"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/audit"
)

// Approve puts a proposal into force from its start, or from now when that is
// over. The approver is somebody else than the owner and the proposer, is not one of
// those it is for, may approve on its Route, and proves with a fresh key that it
// is they. Problems: NeedsKey, SamePerson, NotYourRoute, NotFresh, TooLong, MovedOn, Malformed.
func (r *Register) Approve(ctx context.Context, by By, id ids.Exception) (Exception, error) {
	return r.step(ctx, by, id, approved, func(ctx context.Context, e *Exception) error {
		if err := r.mayApprove(ctx, by, *e); err != nil {
			return err
		}
		if !e.End.After(e.ChangedAt) {
			return MovedOn.Detailf("Its end is over already.")
		}
		// Who was there when it was proposed may have left since.
		if _, err := r.find(ctx, e); err != nil {
			return err
		}
		if e.Start.Before(e.ChangedAt) {
			e.Start = e.ChangedAt // what was done before is not forgiven afterwards
		}
		e.ApprovedBy, e.ApprovedAt = by.Person(), e.ChangedAt
		return nil
	})
}

// MayApprove refuses whoever may not approve an exception, or the renewal that is
// asked for, and changes nothing; how fresh their key is, is not looked at. Problems: NeedsKey,
// SamePerson, NotYourRoute.
func (r *Register) MayApprove(ctx context.Context, by By, e Exception) error {
	approver := by.Person()
	if approver == "" {
		return NeedsKey.New()
	}
	standing, err := r.deps.House.Standing(ctx, approver)
	if err != nil {
		return err
	}
	asked := by.Actor == e.ProposedBy || by.Actor == e.Renewal.By
	if asked || approver == e.Owner || e.Subject.Names(approver, standing.Groups) {
		return SamePerson.New()
	}
	onRoute, err := r.onRoute(ctx, approver, e)
	if err == nil && (!standing.MaySignIn || !onRoute) {
		return NotYourRoute.New()
	}
	return err
}

func (r *Register) mayApprove(ctx context.Context, by By, e Exception) error {
	if err := r.MayApprove(ctx, by, e); err != nil {
		return err
	}
	fresh, err := r.deps.House.Fresh(ctx, by.Person(), by.Session)
	if err == nil && !fresh {
		return NotFresh.New()
	}
	return err
}

// onRoute says whether somebody may approve on the route of an exception.
func (r *Register) onRoute(ctx context.Context, person ids.Person, e Exception) (bool, error) {
	route := e.Route()
	if route == ByServiceOwner {
		target, err := r.deps.House.Target(ctx, e.Subject.Service, "")
		if err != nil || target.Owner == person {
			return err == nil, err
		}
	}
	if route != ByBoard {
		if may, err := r.deps.House.May(ctx, person, MayApprove); err != nil || may {
			return may, err
		}
	}
	return r.deps.House.May(ctx, person, MayApproveHigh)
}

// Refuse ends a proposal that should not come into force. Whoever might approve it
// refuses it, and the command line. Problems: SamePerson, NotYourRoute, Malformed, MovedOn.
func (r *Register) Refuse(ctx context.Context, by By, id ids.Exception, reason string) (Exception, error) {
	return r.end(ctx, by, id, refused, reason, r.mayRefuse)
}

func (r *Register) mayRefuse(ctx context.Context, by By, e Exception) error {
	if by.Actor.Kind == audit.ActorCommand {
		return nil
	}
	return r.MayApprove(ctx, by, e)
}

// Withdraw ends a proposal that is not needed any more. Problems: NotYours, Malformed, MovedOn.
func (r *Register) Withdraw(ctx context.Context, by By, id ids.Exception, reason string) (Exception, error) {
	return r.end(ctx, by, id, withdrawn, reason, r.mayTend)
}

// EndNow ends an exception at once: the next request is asked for what the policy
// asks. Problems: NotYours, Malformed, MovedOn.
func (r *Register) EndNow(ctx context.Context, by By, id ids.Exception, reason string) (Exception, error) {
	return r.end(ctx, by, id, ended, reason, r.mayTend)
}

func (r *Register) end(ctx context.Context, by By, id ids.Exception, what event, reason string, may func(context.Context, By, Exception) error) (Exception, error) {
	reason, err := because(reason)
	if err != nil {
		return Exception{}, err
	}
	return r.step(ctx, by, id, what, func(ctx context.Context, e *Exception) error {
		e.Ending = reason
		return may(ctx, by, *e)
	})
}

// Shorten brings the end of an exception forward. Problems: NotYours, Malformed, MovedOn.
func (r *Register) Shorten(ctx context.Context, by By, id ids.Exception, end time.Time) (Exception, error) {
	end = moment(end)
	return r.step(ctx, by, id, shortened, func(ctx context.Context, e *Exception) error {
		var faults faults
		faults.check(end.After(e.ChangedAt) && end.After(e.Start), "end", "Choose a moment to come, or end it now")
		faults.check(end.Before(e.End), "end", "That is not earlier; ask for a renewal to make it longer")
		if len(faults) > 0 {
			return Malformed.New().At(faults...)
		}
		e.End = end
		return r.mayTend(ctx, by, *e)
	})
}

// Expire writes down that the time of an exception is over, on behalf of a task of
// Warder's own. It is over without that. Problem: MovedOn, also when its time is not over.
func (r *Register) Expire(ctx context.Context, task string, id ids.Exception) (Exception, error) {
	return r.step(ctx, By{Actor: audit.System(task)}, id, expired, func(_ context.Context, e *Exception) error {
		if e.ChangedAt.Before(e.End) {
			return MovedOn.New()
		}
		return nil
	})
}
