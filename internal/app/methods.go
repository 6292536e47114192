package app

import (
	"context"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/proof/adoption"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/people/peopleweb"
)

// newCounter counts people by what they sign in with.
func (a *App) newCounter() *adoption.Counter {
	return adoption.New(adoption.Deps{People: a.People, Factors: a.Factors, Roles: a.Roles, Secrets: a.secrets, Now: a.Now})
}

// secrets are people's passwords, codes and recovery codes. There is no room for
// them, so nobody has any.
func (a *App) secrets(context.Context, ids.Person, func(ids.Person, adoption.Holding) error) error {
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
