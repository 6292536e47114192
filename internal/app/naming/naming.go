// Package naming knows who and what there is, so that a policy that names somebody or
// something else is refused with the place before it is put in force.
package naming

import (
	"context"
	"fmt"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/access/policy/versions/versionsdb"
	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/access/rulebook"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/services"
)

// Names finds who and what there is.
type Names struct {
	People   *people.Directory
	Services *services.Catalogue
	// Networks lists the named networks; nil where nobody keeps any, and then their
	// names are not looked at: a rule that asks for one refuses everybody.
	Networks func() []string
}

// Library keeps policies in the database, and looks up what they name.
func (n Names) Library(d *db.DB, deps versions.Deps) *versions.Library {
	deps.Store, deps.Tx, deps.Known = versionsdb.New(d), d, n.Of
	return versions.New(deps)
}

// Of answers for the names in one policy.
func (n Names) Of(ctx context.Context, p *policy.Policy) (rulebook.Known, error) {
	there := map[policy.Noun]map[string]bool{}
	note := func(noun policy.Noun, name string) {
		if there[noun] == nil {
			there[noun] = map[string]bool{}
		}
		there[noun][name] = true
	}
	if err := n.services(ctx, note); err != nil {
		return nil, err
	}
	groups, err := n.People.Groups(ctx)
	if err != nil {
		return nil, fmt.Errorf("list groups: %w", err)
	}
	for _, group := range groups {
		note(policy.GroupName, group.Name)
	}
	for _, role := range roles.All() {
		note(policy.RoleName, string(role))
	}
	for _, one := range p.Mentions {
		found, err := n.look(ctx, one)
		if err != nil {
			return nil, err
		}
		if found {
			note(one.Noun, one.Name)
		}
	}
	known := rulebook.Known{}
	for _, noun := range []policy.Noun{policy.ServiceName, policy.RouteName, policy.PersonName, policy.GroupName, policy.RoleName, policy.DepartmentName} {
		if noun == policy.GroupName && len(groups) == 0 {
			continue // nobody keeps groups here yet, and a rule for one is for nobody
		}
		known[noun] = func(name string) bool { return there[noun][name] }
	}
	if n.Networks != nil {
		known[policy.NetworkName] = rulebook.Has(n.Networks())
	}
	return known, nil
}

func (n Names) services(ctx context.Context, note func(policy.Noun, string)) error {
	all, err := n.Services.List(ctx)
	if err != nil {
		return fmt.Errorf("list services: %w", err)
	}
	for _, service := range all {
		note(policy.ServiceName, service.Slug)
		for _, route := range service.Routes {
			note(policy.RouteName, string(route.ID))
		}
	}
	return nil
}

// look finds what there may be too many of to list.
func (n Names) look(ctx context.Context, one policy.Mention) (bool, error) {
	switch one.Noun {
	case policy.PersonName:
		_, err := n.People.ByUserName(ctx, one.Name)
		if problem.Is(err, people.NotFound) {
			return false, nil
		}
		return err == nil, err
	case policy.DepartmentName:
		found, _, err := n.People.List(ctx, people.Filter{Department: one.Name, Limit: 1})
		return len(found) > 0, err
	case policy.RuleName, policy.ServiceName, policy.RouteName, policy.GroupName, policy.RoleName, policy.NetworkName:
	}
	return false, nil
}
