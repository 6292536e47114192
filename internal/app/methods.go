package app

import (
	"context"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/journey/retirement"
	"github.com/warder-project/warder/internal/journey/retirement/retirementdb"
	"github.com/warder-project/warder/internal/proof/adoption"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/people/peopleweb"
)

// buildMethods makes what counts people by what they sign in with, and what takes
// weak methods from them.
func (a *App) buildMethods() {
	a.Adoption = adoption.New(adoption.Deps{People: a.People, Factors: a.Factors, Roles: a.Roles, Secrets: a.heldSecrets, Now: a.Now})
	a.Retirement = retirement.New(retirement.Deps{Store: retirementdb.New(a.DB), Tx: a.DB, Audit: a.Audit, Counter: a.Adoption,
		People: a.People, Secrets: a.Secrets, Now: a.Now})
}

// heldSecrets goes through the passwords, one-time codes and recovery codes of one
// person, or with "" of everybody, and says of each whether the policy takes it now.
func (a *App) heldSecrets(ctx context.Context, person ids.Person, yield func(ids.Person, adoption.Holding) error) error {
	_, current, err := a.Policies.Current(ctx)
	if problem.Is(err, versions.NonePublished) {
		current, err = (*policy.Policy)(nil), nil
	}
	if err != nil {
		return err
	}
	now := a.Now()
	if person == "" {
		for _, method := range sharedsecret.Methods() {
			holders, err := a.Secrets.Holders(ctx, method)
			if err != nil {
				return err
			}
			for _, holder := range holders {
				if err := yield(holder, adoption.Holding{Method: method, Accepted: current.Accepts(method, now)}); err != nil {
					return err
				}
			}
		}
		return nil
	}
	held, err := a.Secrets.OfPerson(ctx, person)
	if err != nil {
		return err
	}
	for _, secret := range held {
		if secret.State != factors.Active {
			continue
		}
		if err := yield(person, adoption.Holding{ID: secret.ID, Method: secret.Method, Accepted: current.Accepts(secret.Method, now), LastUsed: secret.LastUsedAt}); err != nil {
			return err
		}
	}
	return nil
}

// methodsOf says with what somebody can sign in, in the words of the people's pages.
func (a *App) methodsOf(ctx context.Context, person people.Person) (peopleweb.Methods, error) {
	account, err := a.Adoption.Of(ctx, person)
	if err != nil {
		return peopleweb.Methods{}, err
	}
	words := peopleweb.Methods{Strength: account.Strength().String(), Spare: account.Spare()}
	for _, way := range account.Ways() {
		words.Ways = append(words.Ways, way.String())
	}
	return words, nil
}
