package standing

import (
	"context"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/people"
)

// Deed is what is done to somebody. The zero value and any unknown word are refused.
type Deed string

// The deeds.
const (
	Suspend   Deed = "suspend"
	Reinstate Deed = "reinstate"
	Leave     Deed = "leave"
	SignOut   Deed = "sign-out"
)

// Order is a deed with all that belongs to it.
type Order struct {
	Deed   Deed
	Person ids.Person
	On     time.Time // of Leave: the last working day; zero, today or earlier is at once
	Reason string    // for the record; may be empty where the directory takes it so
}

// Deps is what a Desk needs.
type Deps struct {
	People   *people.Directory
	Keys     *keys.Register
	Sessions *sessions.Book
	Roles    *roles.Roster
	Tx       tx.Runner
	Now      func() time.Time
}

// Desk does deeds and says beforehand what they would do. It is safe for
// concurrent use.
type Desk struct{ deps Deps }

// New makes a Desk.
func New(deps Deps) *Desk { return &Desk{deps: deps} }

// Preview is what a deed would do, as things are now.
type Preview struct {
	Person   people.Person      // as they are
	Becomes  people.State       // what they would be
	Sessions []sessions.Session // that would end, newest first, gate sessions too
	Keys     []keys.Key         // that must come back
}

// Outcome is what a deed has done.
type Outcome struct {
	Person        people.Person // as they are now
	SessionsEnded int
	Keys          []keys.Key // that must come back
}

// Preview says what an order would do, and changes nothing. It refuses what Do
// would refuse. Problems: those of Do.
func (d *Desk) Preview(ctx context.Context, order Order) (Preview, error) {
	preview, err := d.preview(ctx, order)
	if err != nil {
		return Preview{}, fmt.Errorf("preview of %s %s: %w", order.Deed, order.Person, err)
	}
	return preview, nil
}

func (d *Desk) preview(ctx context.Context, order Order) (Preview, error) {
	person, err := d.deps.People.Get(ctx, order.Person)
	if err != nil {
		return Preview{}, err
	}
	preview := Preview{Person: person}
	if preview.Becomes, err = d.becomes(order, person.State); err != nil {
		return Preview{}, err
	}
	if preview.Becomes != person.State && !person.State.MayBecome(preview.Becomes) {
		return Preview{}, people.StateRefused.Detailf("They are %s and cannot become %s.", person.State, preview.Becomes)
	}
	if err := d.maySpare(ctx, order, preview.Becomes); err != nil {
		return Preview{}, err
	}
	if d.endsSessions(order, preview.Becomes) {
		if preview.Sessions, err = d.deps.Sessions.OfPerson(ctx, person.ID); err != nil {
			return Preview{}, err
		}
	}
	preview.Keys, err = d.toReturn(ctx, order)
	return preview, err
}

// Do carries out an order, in one unit of work: when it returns without error, no
// session of theirs that was to end is accepted here. Problems: UnknownDeed,
// roles.LastAdministrator, and those of the directory.
func (d *Desk) Do(ctx context.Context, actor audit.Actor, order Order) (Outcome, error) {
	// It must stay done even if whoever asked for it closes the page.
	ctx = context.WithoutCancel(ctx)
	var outcome Outcome
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		var err error
		outcome, err = d.do(ctx, actor, order)
		return err
	})
	if err != nil {
		return Outcome{}, fmt.Errorf("%s %s: %w", order.Deed, order.Person, err)
	}
	return outcome, nil
}

func (d *Desk) do(ctx context.Context, actor audit.Actor, order Order) (Outcome, error) {
	// The preview is asked again inside the unit of work: things may have changed.
	before, err := d.preview(ctx, order)
	if err != nil {
		return Outcome{}, err
	}
	outcome := Outcome{Keys: before.Keys}
	if outcome.Person, err = d.move(ctx, actor, order, before.Person); err != nil {
		return Outcome{}, err
	}
	if d.endsSessions(order, before.Becomes) {
		outcome.SessionsEnded, err = d.deps.Sessions.EndOfPerson(ctx, actor, order.Person, reasonOf(order.Deed))
	}
	return outcome, err
}

// move does what the directory does.
func (d *Desk) move(ctx context.Context, actor audit.Actor, order Order, person people.Person) (people.Person, error) {
	switch order.Deed {
	case Suspend:
		return d.deps.People.Suspend(ctx, actor, order.Person, d.deps.Now(), order.Reason)
	case Reinstate:
		return d.deps.People.Reinstate(ctx, actor, order.Person, order.Reason)
	case Leave:
		return d.deps.People.Leave(ctx, actor, order.Person, order.On, order.Reason)
	case SignOut:
		return person, nil
	}
	return people.Person{}, UnknownDeed.New()
}

// becomes is the state in which somebody is after the deed.
func (d *Desk) becomes(order Order, now people.State) (people.State, error) {
	switch order.Deed {
	case Suspend:
		return people.Suspended, nil
	case Reinstate:
		return people.Active, nil
	case Leave:
		if order.On.After(d.deps.Now()) && now != people.Left {
			return now, nil
		}
		return people.Left, nil
	case SignOut:
		return now, nil
	}
	return "", UnknownDeed.New()
}

// endsSessions: only a day of leaving that is still to come leaves them alive.
func (d *Desk) endsSessions(order Order, becomes people.State) bool {
	return order.Deed != Leave || becomes == people.Left
}

// maySpare refuses to lock the last administrator out.
func (d *Desk) maySpare(ctx context.Context, order Order, becomes people.State) error {
	if becomes == people.Active || order.Deed == SignOut {
		return nil
	}
	return d.deps.Roles.MaySpare(ctx, order.Person)
}

// toReturn lists the keys that somebody who leaves must hand back: all that are
// theirs and not known to be gone.
func (d *Desk) toReturn(ctx context.Context, order Order) ([]keys.Key, error) {
	if order.Deed != Leave {
		return nil, nil
	}
	held, err := d.deps.Keys.HeldBy(ctx, order.Person)
	if err != nil {
		return nil, err
	}
	var found []keys.Key
	for _, key := range held {
		if key.State.MayBecome(keys.StateReturned) && !key.State.Blocked() {
			found = append(found, key)
		}
	}
	return found, nil
}

func reasonOf(deed Deed) sessions.Reason {
	if deed == Leave {
		return sessions.PersonLeft
	}
	return sessions.EndedByDesk
}
