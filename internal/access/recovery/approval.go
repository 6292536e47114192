package recovery

import (
	"context"
	"slices"
	"strings"

	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/audit"
)

// mayApprove is the permission to approve cases.
const mayApprove = "recovery.approve"

// Approve is one person's word that a case is right. Nobody approves who has had a
// part in it; the command line cannot, because it has no key to touch. Problems:
// Yourself, AlreadyInvolved, HigherPrivilege, NotFresh, WrongStep.
func (d *Desk) Approve(ctx context.Context, by By, id ids.Recovery) (Case, error) {
	return d.step(ctx, by.Actor, id, approved, func(ctx context.Context, c *Case) error {
		if err := d.MayApprove(ctx, by, *c); err != nil {
			return err
		}
		if err := d.fresh(ctx, by); err != nil {
			return err
		}
		if err := d.promote(ctx, c); err != nil {
			return err
		}
		approval := Approval{By: by.Person(), At: d.now()}
		var err error
		if approval.Lead, err = d.leads(ctx, by, c.Person); err != nil {
			return err
		}
		c.Approvals = append(c.Approvals, approval)
		return d.deps.Store.Approve(ctx, c.ID, approval)
	})
}

// MayApprove refuses whoever may not approve a case, and changes nothing; how
// fresh their sign-in is, is not looked at. Problems: Yourself, AlreadyInvolved,
// HigherPrivilege.
func (d *Desk) MayApprove(ctx context.Context, by By, c Case) error {
	if by.Actor.Kind != audit.ActorPerson {
		return HigherPrivilege.New()
	}
	if err := notThemselves(by, c.Person); err != nil {
		return err
	}
	if c.took(by.Person()) {
		return AlreadyInvolved.New()
	}
	held, err := d.deps.Roles.Of(ctx, by.Person())
	if err == nil && !roles.Allows(held, mayApprove) {
		return HigherPrivilege.New()
	}
	return err
}

// leads says whether somebody administers Warder or leads its security, and may do
// all that the person may.
func (d *Desk) leads(ctx context.Context, by By, person ids.Person) (bool, error) {
	held, err := d.deps.Roles.Of(ctx, by.Person())
	if err != nil || !slices.Contains(held, roles.Administrator) && !slices.Contains(held, roles.SecurityLead) {
		return false, err
	}
	return d.deps.Roles.MayAll(ctx, by.Actor, person)
}

// Refuse ends a case that should not go on. Problems: Yourself, Incomplete, WrongStep.
func (d *Desk) Refuse(ctx context.Context, by By, id ids.Recovery, reason string) (Case, error) {
	return d.end(ctx, by, id, refused, reason)
}

// Withdraw ends a case that is not needed any more. Problems: as Refuse.
func (d *Desk) Withdraw(ctx context.Context, by By, id ids.Recovery, reason string) (Case, error) {
	return d.end(ctx, by, id, withdrawn, reason)
}

func (d *Desk) end(ctx context.Context, by By, id ids.Recovery, what event, reason string) (Case, error) {
	reason = strings.TrimSpace(reason)
	if reason == "" || len(reason) > 2*longestNote || strings.ContainsRune(reason, 0) {
		return Case{}, Incomplete.New().At(problem.Field{Name: "reason", Message: "Say why, in a sentence; it goes into the record"})
	}
	return d.step(ctx, by.Actor, id, what, func(_ context.Context, c *Case) error {
		c.Ending = reason
		return notThemselves(by, c.Person)
	})
}

// Stop is “this was not me”, said by the person on a session of theirs, or told to
// the desk by them. It lets nobody in, so it is made easy. Problems: NotFound for
// somebody else’s case that they may not see, WrongStep.
func (d *Desk) Stop(ctx context.Context, by By, id ids.Recovery) (Case, error) {
	return d.step(ctx, by.Actor, id, stopped, func(_ context.Context, c *Case) error {
		c.Ending = "The person told the service desk that it was not them."
		if by.Person() == c.Person {
			c.Ending = "The person said on their own page that it was not them."
		}
		return nil
	})
}

// StopOwn is Stop for the person's own open case. Problem: NotFound.
func (d *Desk) StopOwn(ctx context.Context, by By) (Case, error) {
	open, ok, err := d.OpenOf(ctx, by.Person())
	if err != nil {
		return Case{}, err
	}
	if !ok || by.Person() == "" {
		return Case{}, NotFound.New()
	}
	return d.Stop(ctx, by, open.ID)
}
