package app

import (
	"context"

	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/audit"
)

// administrators tells the sign-in room who may do everything.
type administrators struct{ roster *roles.Roster }

// Administrators implements signin.Administrators.
func (a administrators) Administrators(ctx context.Context) ([]ids.Person, error) {
	grants, err := a.roster.All(ctx)
	if err != nil {
		return nil, err
	}
	var found []ids.Person
	for _, grant := range grants {
		if grant.Role == roles.Administrator {
			found = append(found, grant.Person)
		}
	}
	return found, nil
}

// Appoint implements signin.Administrators.
func (a administrators) Appoint(ctx context.Context, actor audit.Actor, person ids.Person) error {
	return a.roster.Grant(ctx, actor, person, roles.Administrator)
}
