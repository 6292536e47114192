package recovery

import (
	"context"
	"fmt"

	"github.com/warder-project/warder/internal/access/invitations"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/keys"
)

var _ invitations.Follower = (*Desk)(nil)

// Registered hears that a pass was used. When its case is over, nothing is
// registered: the unit of work in ctx is refused. Nor is it when the person may do
// more by now than the case was approved for.
func (d *Desk) Registered(ctx context.Context, invitation ids.Invitation, credential ids.Credential) error {
	found, err := d.deps.Store.List(ctx, Filter{Pass: invitation, Limit: 1})
	if err != nil || len(found) == 0 {
		return err // a first key, for which there is no case
	}
	c, err := d.settled(ctx, found[0].ID)
	if err != nil {
		return err
	}
	if c.State != PassIssued {
		return invitations.NotValid.New()
	}
	// A role that was given after the pass was told counts too.
	if err := d.stillEnough(ctx, c); err != nil {
		if problem.Is(err, BecamePrivileged) {
			return invitations.NotValid.Because(err)
		}
		return err
	}
	c.Credential = credential
	return d.apply(ctx, audit.Person(c.Person), &c, registered)
}

// Confirmed hears that a credential was used for the first time, which completes
// the case it came from.
func (d *Desk) Confirmed(ctx context.Context, credential ids.Credential) error {
	found, err := d.deps.Store.List(ctx, Filter{Credential: credential, Open: true, Limit: 1})
	if err != nil || len(found) == 0 {
		return err
	}
	return d.apply(ctx, audit.Person(found[0].Person), &found[0], completed)
}

// complete ends what was begun with keys that were stated to be gone, once more,
// and tells everybody whom it concerns.
func (d *Desk) complete(ctx context.Context, actor audit.Actor, c *Case) error {
	for _, loss := range c.Lost {
		reason := sessions.KeyLost
		if loss.How == keys.Stolen {
			reason = sessions.KeyStolen
		}
		if _, err := d.deps.Sessions.EndOfKey(ctx, actor, loss.Key, reason); err != nil {
			return err
		}
	}
	return d.tellCompleted(ctx, c)
}

// Objected finds the case that somebody can stop with what they were sent, without
// signing in. It changes nothing. Problem: NotFound.
func (d *Desk) Objected(ctx context.Context, token secret.Value) (Case, error) {
	found, err := d.deps.Store.List(ctx, Filter{Objection: token.Hash(), Limit: 1})
	if err != nil {
		return Case{}, fmt.Errorf("find the case of an objection: %w", err)
	}
	if len(found) == 0 {
		return Case{}, NotFound.New()
	}
	return found[0], nil
}

// Object stops a case with what the person was sent. Problems: NotFound, WrongStep.
func (d *Desk) Object(ctx context.Context, token secret.Value) (Case, error) {
	c, err := d.Objected(ctx, token)
	if err != nil {
		return Case{}, err
	}
	return d.step(ctx, audit.Nobody(), c.ID, stopped, func(_ context.Context, c *Case) error {
		c.Ending = "Somebody said, with the address that was sent to the person, that it was not them."
		return nil
	})
}

// Sweep makes every open case as old as it is, and completes those whose key was
// used in another way than at the end of its registration.
func (d *Desk) Sweep(ctx context.Context) error {
	open, err := d.List(ctx, Filter{Open: true, Limit: 1000})
	if err != nil {
		return err
	}
	for _, one := range open {
		err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error { return d.sweep(ctx, one.ID) })
		if err != nil && !problem.Is(err, WrongStep) {
			return fmt.Errorf("sweep recovery case %s: %w", one.ID, err)
		}
	}
	return nil
}

func (d *Desk) sweep(ctx context.Context, id ids.Recovery) error {
	c, err := d.settled(ctx, id)
	if err != nil || c.State != Registered {
		return err
	}
	credentials, err := d.deps.Factors.OfPerson(ctx, c.Person)
	if err != nil {
		return err
	}
	for _, credential := range credentials {
		if credential.ID == c.Credential && !credential.LastUsedAt.IsZero() {
			return d.apply(ctx, audit.System("recovery"), &c, completed)
		}
	}
	return nil
}
