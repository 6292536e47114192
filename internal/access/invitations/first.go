package invitations

import (
	"context"
	"fmt"
	"slices"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/people"
)

// FirstAdministrator makes the link with which the first administrator
// registers a key: the person is added if nobody has the user name, and made an
// administrator. It is refused as soon as there is an administrator who can
// sign in, so that a terminal is not a way around the roles afterwards; and
// for somebody who has left, or who can sign in already without being an
// administrator: their user name must not make them one.
// Problems: AdministratorExists, NotForThem.
func (d *Desk) FirstAdministrator(ctx context.Context, actor audit.Actor, userName string) (secret.Value, error) {
	var token secret.Value
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		administrators, err := d.refuseSecond(ctx)
		if err != nil {
			return err
		}
		person, err := d.deps.People.ByUserName(ctx, userName)
		if problem.Is(err, people.NotFound) {
			person, err = d.deps.People.Add(ctx, actor, people.NewPerson{UserName: userName, Name: userName, Kind: people.KindPerson})
		}
		if err != nil {
			return err
		}
		if err := d.refuseOther(ctx, person, administrators); err != nil {
			return err
		}
		if err := d.deps.Administrators.Appoint(ctx, actor, person.ID); err != nil {
			return err
		}
		token, err = d.Invite(ctx, actor, person.ID, UsualLife)
		return err
	})
	if err != nil {
		return secret.Value{}, fmt.Errorf("first administrator: %w", err)
	}
	return token, nil
}

// refuseSecond lists the administrators, none of whom can sign in.
func (d *Desk) refuseSecond(ctx context.Context) ([]ids.Person, error) {
	administrators, err := d.deps.Administrators.Administrators(ctx)
	if err != nil {
		return nil, err
	}
	for _, administrator := range administrators {
		able, err := d.canSignIn(ctx, administrator)
		if err != nil {
			return nil, err
		}
		if able {
			return nil, AdministratorExists.New()
		}
	}
	return administrators, nil
}

func (d *Desk) refuseOther(ctx context.Context, person people.Person, administrators []ids.Person) error {
	if !person.MaySignIn(d.deps.Now()) {
		return NotForThem.New()
	}
	if slices.Contains(administrators, person.ID) {
		return nil
	}
	able, err := d.canSignIn(ctx, person.ID)
	if err == nil && able {
		return NotForThem.New()
	}
	return err
}

// canSignIn says whether a person has a key that works.
func (d *Desk) canSignIn(ctx context.Context, id ids.Person) (bool, error) {
	person, err := d.deps.People.Get(ctx, id)
	if err != nil || !person.MaySignIn(d.deps.Now()) {
		return false, err
	}
	return d.hasKey(ctx, id)
}

// refuseEnrolled keeps a second key from an identity that is kept for emergencies:
// whoever could add one could open Warder alone.
func (d *Desk) refuseEnrolled(ctx context.Context, person people.Person) error {
	if person.Kind != people.KindBreakGlass {
		return nil
	}
	enrolled, err := d.hasKey(ctx, person.ID)
	if err == nil && enrolled {
		return Enrolled.New()
	}
	return err
}

// hasKey says whether somebody has a registered key that may be used.
func (d *Desk) hasKey(ctx context.Context, id ids.Person) (bool, error) {
	credentials, err := d.deps.Factors.OfPerson(ctx, id)
	if err != nil {
		return false, err
	}
	for _, credential := range credentials {
		if credential.State != factors.Active {
			continue
		}
		key, err := d.deps.Keys.Get(ctx, credential.Key)
		if err != nil {
			return false, err
		}
		if key.State.MaySignIn() {
			return true, nil
		}
	}
	return false, nil
}
