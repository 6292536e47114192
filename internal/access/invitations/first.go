package invitations

import (
	"context"
	"fmt"

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
// sign in, so that a terminal is not a way around the roles afterwards.
// Problem: AdministratorExists.
func (d *Desk) FirstAdministrator(ctx context.Context, actor audit.Actor, userName string) (secret.Value, error) {
	var token secret.Value
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		if err := d.refuseSecond(ctx); err != nil {
			return err
		}
		person, err := d.deps.People.ByUserName(ctx, userName)
		if problem.Is(err, people.NotFound) {
			person, err = d.deps.People.Add(ctx, actor, people.NewPerson{UserName: userName, Name: userName, Kind: people.KindPerson})
		}
		if err != nil {
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

func (d *Desk) refuseSecond(ctx context.Context) error {
	administrators, err := d.deps.Administrators.Administrators(ctx)
	if err != nil {
		return err
	}
	for _, administrator := range administrators {
		able, err := d.canSignIn(ctx, administrator)
		if err != nil {
			return err
		}
		if able {
			return AdministratorExists.New()
		}
	}
	return nil
}

// canSignIn says whether a person has a key that works.
func (d *Desk) canSignIn(ctx context.Context, id ids.Person) (bool, error) {
	person, err := d.deps.People.Get(ctx, id)
	if err != nil || !person.MaySignIn(d.deps.Now()) {
		return false, err
	}
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
