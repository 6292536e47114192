package helpdesk

import (
	"context"
	"fmt"

	"github.com/warder-project/warder/internal/access/recovery"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/people"
)

// Found is what the service desk needs to know about one person, and no more: no
// address, no department, no list to browse.
type Found struct {
	Person     ids.Person
	Name       string
	UserName   string
	MaySignIn  bool
	State      people.State
	Privileged bool
	Able       bool           // they have a key that works
	Keys       []keys.Key     // which they hold, for saying which are gone
	Open       *recovery.Case // nil when none is open
	Last       *recovery.Case // the last one that is over; nil when there is none
}

// LookUp finds one person by exactly their user name or employee number. Every
// look-up is counted and recorded, also one that finds nobody. Problems: Nobody,
// TooManyLookUps.
func (d *Desk) LookUp(ctx context.Context, by recovery.By, text string) (Found, error) {
	return d.look(ctx, by, func(ctx context.Context) (people.Person, error) { return d.find(ctx, text) })
}

// About is LookUp for a person whose identifier is known, such as one whose form has
// to be shown again. It shows as much, and is counted and recorded like it.
func (d *Desk) About(ctx context.Context, by recovery.By, id ids.Person) (Found, error) {
	return d.look(ctx, by, func(ctx context.Context) (people.Person, error) { return d.deps.People.Get(ctx, id) })
}

func (d *Desk) look(ctx context.Context, by recovery.By, find func(ctx context.Context) (people.Person, error)) (Found, error) {
	if err := d.spend(ctx, by.Person(), LookedUp); err != nil {
		return Found{}, err
	}
	var found Found
	var nobody bool
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		found, nobody = Found{}, false
		person, err := find(ctx)
		if problem.Is(err, people.NotFound) {
			nobody = true // what was typed may be personal, and is not copied into the record
			return d.deps.Audit.Record(ctx, audit.Event{Actor: by.Actor, Action: "desk.looked_up", Subject: "nobody"})
		}
		if err != nil {
			return err
		}
		if found, err = d.about(ctx, person); err != nil {
			return err
		}
		return d.deps.Audit.Record(ctx, audit.Event{Actor: by.Actor, Action: "desk.looked_up", Subject: string(person.ID)})
	})
	if err != nil {
		return Found{}, fmt.Errorf("look somebody up: %w", err)
	}
	if nobody {
		return Found{}, Nobody.New()
	}
	return found, nil
}

func (d *Desk) find(ctx context.Context, text string) (people.Person, error) {
	person, err := d.deps.People.ByUserName(ctx, text)
	if problem.Is(err, people.NotFound) {
		return d.deps.People.ByEmployeeID(ctx, text)
	}
	return person, err
}

// Open opens a recovery case for somebody who was looked up, counted. Problems:
// TooManyCases, and those of recovery.Open.
func (d *Desk) Open(ctx context.Context, by recovery.By, said recovery.Opening) (recovery.Case, error) {
	if err := d.spend(ctx, by.Person(), OpenedCase); err != nil {
		return recovery.Case{}, err
	}
	return d.deps.Recovery.Open(ctx, by, said)
}

func (d *Desk) about(ctx context.Context, person people.Person) (Found, error) {
	found := Found{Person: person.ID, Name: person.Name, UserName: person.UserName, State: person.State, MaySignIn: person.MaySignIn(d.deps.Now())}
	held, err := d.deps.Roles.Of(ctx, person.ID)
	if err != nil {
		return Found{}, err
	}
	found.Privileged = len(held) > 0
	if found.Keys, err = d.deps.Keys.HeldBy(ctx, person.ID); err != nil {
		return Found{}, err
	}
	credentials, err := d.deps.Factors.OfPerson(ctx, person.ID)
	if err != nil {
		return Found{}, err
	}
	for _, credential := range credentials {
		for _, key := range found.Keys {
			if credential.State == factors.Active && credential.Key == key.ID && key.State.MaySignIn() {
				found.Able = true
			}
		}
	}
	cases, err := d.deps.Recovery.List(ctx, recovery.Filter{Person: person.ID, Limit: 2})
	if err != nil {
		return Found{}, err
	}
	for i := range cases {
		switch {
		case !cases[i].State.Over():
			found.Open = &cases[i]
		case found.Last == nil:
			found.Last = &cases[i]
		}
	}
	return found, nil
}
