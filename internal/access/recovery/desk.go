package recovery

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/warder-project/warder/internal/access/invitations"
	"github.com/warder-project/warder/internal/access/lostkey"
	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/people"
)

// Deps is what a Desk needs. All of it is required.
type Deps struct {
	Store       Store
	Tx          tx.Runner
	Audit       *audit.Log
	People      *people.Directory
	Keys        *keys.Register
	Factors     *factors.Factors
	Roles       *roles.Roster
	Sessions    *sessions.Book
	Invitations *invitations.Desk
	LostKeys    *lostkey.Desk
	// Tell writes a message to a person, in the unit of work in ctx. Somebody
	// without an address is passed over.
	Tell func(ctx context.Context, person ids.Person, subject, text string) error
	// ObjectionAt is the address at which somebody objects with what they were sent.
	ObjectionAt func(token secret.Value) string
	Now         func() time.Time
}

// Desk leads cases. It is safe for concurrent use.
type Desk struct{ deps Deps }

// New returns a desk.
func New(deps Deps) *Desk { return &Desk{deps: deps} }

func (d *Desk) now() time.Time { return d.deps.Now().UTC().Truncate(time.Millisecond) }

// Get returns a case as it is now: what its dates have brought about and Sweep has
// not come to yet is recorded first. Problem: NotFound.
func (d *Desk) Get(ctx context.Context, id ids.Recovery) (Case, error) {
	c, err := d.deps.Store.ByID(ctx, id)
	if err != nil || !c.due(d.now()) {
		return c, err
	}
	err = d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		c, err = d.settled(ctx, id)
		return err
	})
	return c, err
}

// List returns cases, newest first.
func (d *Desk) List(ctx context.Context, filter Filter) ([]Case, error) {
	found, err := d.deps.Store.List(ctx, filter)
	if err != nil {
		return nil, fmt.Errorf("list recovery cases: %w", err)
	}
	return found, nil
}

// OpenOf returns the open case of a person; ok is false when there is none.
func (d *Desk) OpenOf(ctx context.Context, person ids.Person) (open Case, ok bool, err error) {
	found, err := d.List(ctx, Filter{Person: person, Open: true, Limit: 1})
	if err != nil || len(found) == 0 {
		return Case{}, false, err
	}
	return found[0], true, nil
}

// step is one move of one case: read, judged, kept, recorded, in one unit of work.
func (d *Desk) step(ctx context.Context, actor audit.Actor, id ids.Recovery, what event, judge func(ctx context.Context, c *Case) error) (Case, error) {
	var after Case
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		c, err := d.settled(ctx, id)
		if err != nil {
			return err
		}
		if _, err := move(c.State, what); err != nil {
			return WrongStep.Because(err)
		}
		if err := judge(ctx, &c); err != nil {
			return err
		}
		if err := d.apply(ctx, actor, &c, what); err != nil {
			return err
		}
		after = c
		return nil
	})
	if err != nil {
		return Case{}, fmt.Errorf("recovery case %s, %s: %w", id, what, err)
	}
	return after, nil
}

// settled reads a case and makes it as old as it is.
func (d *Desk) settled(ctx context.Context, id ids.Recovery) (Case, error) {
	c, err := d.deps.Store.ByID(ctx, id)
	if err != nil || !c.due(d.now()) {
		return c, err
	}
	if c.cooled(d.now()) {
		if err := d.apply(ctx, audit.System("recovery"), &c, cooled); err != nil {
			return Case{}, err
		}
	}
	if c.expired(d.now()) {
		err = d.apply(ctx, audit.System("recovery"), &c, expired)
	}
	return c, err
}

// apply makes a move, keeps it, and does what follows from it.
func (d *Desk) apply(ctx context.Context, actor audit.Actor, c *Case, what event) error {
	from := c.State
	to, err := move(from, what)
	if err != nil {
		return WrongStep.Because(err)
	}
	c.State = to
	if to.Over() {
		c.ClosedAt = d.now()
	}
	if err := d.deps.Store.Advance(ctx, *c); err != nil {
		return err
	}
	c.Version++
	details := map[string]string{"case": string(c.ID), "state": string(c.State)}
	switch what {
	case checked:
		details["method"] = string(c.Method)
	case approved:
		details["approvals"] = strconv.Itoa(len(c.Approvals))
	case issued, registered:
		details["pass"], details["credential"] = string(c.Pass), string(c.Credential)
	case asked, sufficed, mustCool, cooled, completed, refused, withdrawn, stopped, expired:
	}
	event := audit.Event{Actor: actor, Action: "recovery." + string(what), Subject: string(c.Person), Details: details}
	if err := d.deps.Audit.Record(ctx, event); err != nil {
		return err
	}
	return d.follow(ctx, actor, c, from, what)
}

// follow does what a move brings with it.
func (d *Desk) follow(ctx context.Context, actor audit.Actor, c *Case, from State, what event) error {
	switch what {
	case checked, approved:
		if c.Missing() > 0 {
			return nil
		}
		if !c.Privileged {
			return d.apply(ctx, actor, c, sufficed)
		}
		c.CoolsUntil = d.now().Add(CoolingTime)
		if until := c.CoolsUntil.Add(ordinaryLife); until.After(c.ExpiresAt) {
			c.ExpiresAt = until
		}
		return d.apply(ctx, actor, c, mustCool)
	case mustCool:
		return d.tellCooling(ctx, c)
	case completed:
		return d.complete(ctx, actor, c)
	case refused, withdrawn, stopped, expired:
		if _, err := d.deps.Invitations.Withdraw(ctx, actor, c.Person); err != nil {
			return err
		}
		if from == Registered {
			if err := d.blockNew(ctx, actor, c); err != nil {
				return err
			}
		}
		return d.tellEnded(ctx, c)
	case asked, sufficed, cooled, issued, registered:
	}
	return nil
}

// blockNew blocks the key that a case has led to and must not have.
func (d *Desk) blockNew(ctx context.Context, actor audit.Actor, c *Case) error {
	credentials, err := d.deps.Factors.OfPerson(ctx, c.Person)
	if err != nil {
		return err
	}
	for _, credential := range credentials {
		if credential.ID == c.Credential {
			_, err := d.deps.LostKeys.Report(ctx, actor, credential.Key, keys.Stolen, time.Time{})
			return err
		}
	}
	return nil
}

// notThemselves refuses whoever acts for themselves.
func notThemselves(by By, person ids.Person) error {
	if by.Person() == person && person != "" {
		return Yourself.New()
	}
	return nil
}

// fresh refuses a session in which no attested key was touched within ten minutes.
// The command line has no key to touch, and is used by whoever already has the
// database in their hands.
func (d *Desk) fresh(ctx context.Context, by By) error {
	if by.Actor.Kind == audit.ActorCommand {
		return nil
	}
	session, err := d.deps.Sessions.Get(ctx, by.Session)
	if problem.Is(err, sessions.NoSuch) {
		return NotFresh.Because(err)
	}
	if err != nil {
		return err
	}
	now := d.deps.Now()
	need := assurance.Requirement{AAL: assurance.AAL3, PhishingResistant: true, UserVerified: true, MaxAge: freshness}
	if by.Person() == "" || session.Person != by.Person() || session.Life(now) != sessions.Alive ||
		need.Unmet(session.Assurance, session.AuthTime, now) != 0 {
		return NotFresh.New()
	}
	return nil
}

// privileged says whether somebody holds any role.
func (d *Desk) privileged(ctx context.Context, person ids.Person) (bool, error) {
	held, err := d.deps.Roles.Of(ctx, person)
	return len(held) > 0, err
}

// mayGive refuses to let anybody give somebody more than they have themselves.
func (d *Desk) mayGive(ctx context.Context, by By, person ids.Person) error {
	if err := notThemselves(by, person); err != nil {
		return err
	}
	may, err := d.deps.Roles.MayAll(ctx, by.Actor, person)
	if err == nil && !may {
		return HigherPrivilege.New()
	}
	return err
}
