package app

import (
	"context"
	"net/http"
	"time"

	"github.com/warder-project/warder/internal/access/signin/signinweb"
	"github.com/warder-project/warder/internal/app/secrets"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret/sharedsecretweb"
)

// accepted is which shared secrets the policy in force accepts. Where that is not
// known, none is.
func (a *App) accepted(ctx context.Context) assurance.Accepted {
	frame := a.View.Frame(ctx)
	if !frame.Vouched {
		return nil
	}
	return frame.Policy.Accepted()
}

// accepts says whether the policy in force accepts a method. Where nobody vouches
// for the policy, none is.
func (a *App) accepts(ctx context.Context, method assurance.Method, at time.Time) bool {
	frame := a.View.Frame(ctx)
	return frame.Vouched && frame.Policy.Accepts(method, at)
}

// holdsRole says whether somebody holds a role in Warder.
func (a *App) holdsRole(ctx context.Context, person ids.Person) (bool, error) {
	held, err := a.Roles.Of(ctx, person)
	return len(held) > 0, err
}

// SecretsDesk knows who relies on passwords and codes.
func (a *App) SecretsDesk() *secrets.Desk {
	return secrets.New(secrets.Deps{Book: a.Secrets, People: a.People, Methods: a.Methods, Policies: a.Policies, Accepted: a.accepted, Now: a.Now})
}

func (a *App) secretPages(gatekeeper *signinweb.Gatekeeper) (room, error) {
	return sharedsecretweb.New(sharedsecretweb.Deps{Book: a.Secrets, Accepted: a.accepted, HasKey: a.SecretsDesk().HasKey, MayMakeCodes: a.SecretsDesk().MayMakeCodes, Now: a.Now,
		Fresh: func(r *http.Request) error {
			session, err := gatekeeper.Session(r)
			if err != nil {
				return err
			}
			return a.SecretsDesk().Fresh(r.Context(), session)
		},
		Holder: func(ctx context.Context, id ids.Person) (factors.Holder, error) {
			person, err := a.People.Get(ctx, id)
			return factors.Holder{ID: person.ID, UserName: person.UserName, Name: person.Name}, err
		}})
}
