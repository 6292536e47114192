package recovery

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/invitations"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/people"
)

// Wanted is what a pass is to be.
type Wanted struct {
	Life   time.Duration // 0 is an hour, which is also the most
	Starts time.Time     // zero is now
	Reason string        // for the record
}

// IssueFor issues the pass of a case that is ready, or another one when the first
// was not used. Problems: Yourself, HigherPrivilege, NotFresh, NotReady,
// BecamePrivileged, and those of invitations.
func (d *Desk) IssueFor(ctx context.Context, by By, id ids.Recovery, wanted Wanted) (invitations.Pass, Case, error) {
	var pass invitations.Pass
	c, err := d.step(ctx, by.Actor, id, issued, func(ctx context.Context, c *Case) error {
		if err := d.mayGive(ctx, by, c.Person); err != nil {
			return err
		}
		if err := d.fresh(ctx, by); err != nil {
			return err
		}
		if err := d.stillEnough(ctx, *c); err != nil {
			return err
		}
		var err error
		if wanted.Starts.After(c.ExpiresAt) {
			return invitations.PassStartRefused.Detailf("The case ends before that.")
		}
		pass, err = d.deps.Invitations.IssuePass(ctx, by.Actor, invitations.NewPass{Person: c.Person, Life: wanted.Life,
			Starts: wanted.Starts, Case: c.ID, Reason: wanted.Reason})
		if err != nil {
			return err
		}
		c.Pass = pass.ID
		if pass.ExpiresAt.After(c.ExpiresAt) {
			c.ExpiresAt = pass.ExpiresAt
		}
		return nil
	})
	if problem.Is(err, WrongStep) {
		return invitations.Pass{}, Case{}, NotReady.Because(err)
	}
	if err != nil {
		return invitations.Pass{}, Case{}, err
	}
	return pass, c, nil
}

// stillEnough refuses a case whose approvals are not enough for what the person may
// do by now. Problem: BecamePrivileged.
func (d *Desk) stillEnough(ctx context.Context, c Case) error {
	now, err := d.privileged(ctx, c.Person)
	if err != nil || !now {
		return err
	}
	for _, approval := range c.Approvals {
		may, err := d.deps.Roles.MayAll(ctx, audit.Person(approval.By), c.Person)
		if err != nil {
			return err
		}
		if c.Privileged && approval.Lead && may {
			return nil
		}
	}
	return BecamePrivileged.New()
}

// Issue issues a pass for a person: the pass of their case, or, from the command
// line only, the way to a first key of somebody who has never had one. Problems:
// those of IssueFor, and CaseNeeded, Incomplete.
func (d *Desk) Issue(ctx context.Context, by By, person ids.Person, wanted Wanted) (invitations.Pass, error) {
	if strings.TrimSpace(wanted.Reason) == "" {
		return invitations.Pass{}, Incomplete.New().At(problem.Field{Name: "reason", Message: "Say why, in a sentence; it goes into the record"})
	}
	open, ok, err := d.OpenOf(ctx, person)
	if err != nil {
		return invitations.Pass{}, err
	}
	if ok {
		pass, _, err := d.IssueFor(ctx, by, open.ID, wanted)
		return pass, err
	}
	var pass invitations.Pass
	err = d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		if err := d.mayBegin(ctx, by, person); err != nil {
			return err
		}
		if by.Actor.Kind != audit.ActorCommand {
			return CaseNeeded.New() // the desk records how it knows whom it helps, a first key or not
		}
		var err error
		pass, err = d.deps.Invitations.IssuePass(ctx, by.Actor, invitations.NewPass{Person: person, Life: wanted.Life, Starts: wanted.Starts, Reason: wanted.Reason})
		return err
	})
	if err != nil {
		return invitations.Pass{}, fmt.Errorf("issue a pass to %s: %w", person, err)
	}
	return pass, nil
}

// Invite makes a one-time link with which a person registers their first key.
// Somebody who has registered one before is helped by a case, or adds a key
// themselves: a link would be a second way in, past both. Problems: Yourself,
// HigherPrivilege, CaseNeeded, and those of invitations.Invite.
func (d *Desk) Invite(ctx context.Context, actor audit.Actor, person ids.Person, life time.Duration) (secret.Value, error) {
	var token secret.Value
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		if err := d.mayBegin(ctx, By{Actor: actor}, person); err != nil {
			return err
		}
		var err error
		token, err = d.deps.Invitations.Invite(ctx, actor, person, life)
		return err
	})
	if err != nil {
		return secret.Value{}, err
	}
	return token, nil
}

// mayBegin refuses a first way in for somebody who has had one, or who may do more
// than whoever would give it.
func (d *Desk) mayBegin(ctx context.Context, by By, person ids.Person) error {
	if err := d.mayGive(ctx, by, person); err != nil {
		return err
	}
	credentials, err := d.deps.Factors.OfPerson(ctx, person)
	if err != nil {
		return err
	}
	if len(credentials) == 0 {
		return nil
	}
	invited, err := d.deps.People.Get(ctx, person)
	if err == nil && invited.Kind == people.KindBreakGlass {
		return invitations.Enrolled.New() // a case could not help it: it signs in nowhere by itself
	}
	if err != nil {
		return err
	}
	return CaseNeeded.New()
}
