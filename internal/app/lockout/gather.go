package lockout

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/warder-project/warder/internal/access/live"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/base/days"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/journey/forecast"
	"github.com/warder-project/warder/internal/proof/adoption"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/leave"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/services"
)

// gathered is everything that is read, each room once, before people are put together.
type gathered struct {
	facts    *forecast.Facts
	position map[ids.Service]int
	ways     map[ids.Person][]forecast.Way
	secrets  map[ids.Person][]assurance.Method
	post     map[ids.Person][]string
	roles    map[ids.Person][]roles.Role
	groups   map[ids.Person][]string
	uses     map[ids.Person][]int
	away     leave.Day
	excused  *live.Waivers // nil: nobody
}

// gather reads the facts of a forecast, room by room.
func (d *Desk) gather(ctx context.Context, question Question, facts *forecast.Facts) error {
	g := &gathered{facts: facts, position: map[ids.Service]int{}, ways: map[ids.Person][]forecast.Way{}, secrets: map[ids.Person][]assurance.Method{},
		post: map[ids.Person][]string{}, roles: map[ids.Person][]roles.Role{}, groups: map[ids.Person][]string{}, uses: map[ids.Person][]int{}}
	for _, read := range []func(context.Context, *gathered) error{d.readServices, d.readWays, d.readPost, d.readRoles, d.readGroups, d.readLeave, d.readExceptions} {
		if err := read(ctx, g); err != nil {
			return fmt.Errorf("gather the facts of a forecast: %w", err)
		}
	}
	if question.Days > 0 {
		if err := d.readUses(ctx, g, question.Days); err != nil {
			return err
		}
	}
	readiness, err := d.deps.BreakGlass.Readiness(ctx)
	if err != nil {
		return fmt.Errorf("look at the emergency access: %w", err)
	}
	facts.BreakGlass = policy.Of(readiness.Ready())
	return d.readPeople(ctx, g)
}

func (d *Desk) readServices(ctx context.Context, g *gathered) error {
	all, err := d.deps.Services.List(ctx)
	if err != nil {
		return err
	}
	for _, service := range all {
		if service.State == services.Admitted {
			g.position[service.ID] = len(g.facts.Services)
			one := forecast.Service{Slug: service.Slug, Name: service.Name}
			if len(service.Routes) > 0 {
				one.Route, one.Path = string(service.Routes[0].ID), service.Routes[0].PathPrefix
			}
			g.facts.Services = append(g.facts.Services, one)
		}
	}
	return nil
}

// readWays reads with what each person can sign in. Whether a password or a code is
// accepted is for the policies to say.
func (d *Desk) readWays(ctx context.Context, g *gathered) error {
	err := d.deps.Factors.EachStanding(ctx, func(one factors.Standing) error {
		if one.Usable {
			person := one.Credential.Person
			g.ways[person] = append(g.ways[person], forecast.Way{Proves: one.Most, Key: one.Credential.Key, Spare: d.deps.Factors.Spare(one)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = d.deps.Secrets(ctx, "", func(person ids.Person, held adoption.Holding) error {
		g.secrets[person] = append(g.secrets[person], held.Method)
		return nil
	})
	for person, held := range g.secrets {
		if slices.Contains(held, assurance.Password) && slices.Contains(held, assurance.TOTP) {
			g.ways[person] = append(g.ways[person], forecast.Way{Proves: assurance.OfSecrets(assurance.Password, assurance.TOTP)})
		}
	}
	return err
}

// readPost reads which keys are somebody's and not registered.
func (d *Desk) readPost(ctx context.Context, g *gathered) error {
	for _, state := range []keys.State{keys.StateReserved, keys.StateInTransit, keys.StateHeld} {
		filter := keys.Filter{State: state, Limit: 500}
		for more := true; more; more = filter.After != "" {
			page, next, err := d.deps.Keys.List(ctx, filter)
			if err != nil {
				return err
			}
			for _, key := range page {
				if key.Holder != "" && !key.ToReturn {
					g.post[key.Holder] = append(g.post[key.Holder], key.Name())
				}
			}
			filter.After = next
		}
	}
	return nil
}

func (d *Desk) readRoles(ctx context.Context, g *gathered) error {
	grants, err := d.deps.Roles.All(ctx)
	for _, grant := range grants {
		g.roles[grant.Person] = append(g.roles[grant.Person], grant.Role)
	}
	return err
}

func (d *Desk) readGroups(ctx context.Context, g *gathered) error {
	return d.deps.People.EachMember(ctx, func(person ids.Person, group string) error {
		g.groups[person] = append(g.groups[person], group)
		return nil
	})
}

func (d *Desk) readLeave(ctx context.Context, g *gathered) error {
	var err error
	g.away, err = d.deps.Leave.On(ctx, days.London(g.facts.At))
	return err
}

func (d *Desk) readExceptions(ctx context.Context, g *gathered) error {
	all, err := d.deps.Excused(ctx)
	if len(all) > 0 {
		g.excused = live.NewWaivers(all)
	}
	return err
}

// excuses finds the exceptions that somebody has at each service on the day.
func (g *gathered) excuses(who forecast.Somebody) map[int][]policy.Exception {
	if g.excused == nil {
		return nil
	}
	var found map[int][]policy.Exception
	for id, position := range g.position {
		if some := g.excused.For(who.ID, who.Groups, id, ids.Route(g.facts.Services[position].Route), g.facts.At); len(some) > 0 {
			if found == nil {
				found = map[int][]policy.Exception{}
			}
			found[position] = some
		}
	}
	return found
}

// mostCaughtUp is how many batches of decisions are summed up before a forecast.
const mostCaughtUp = 40

func (d *Desk) readUses(ctx context.Context, g *gathered, back int) error {
	all, err := d.deps.Uses.CatchUp(ctx, mostCaughtUp)
	if err != nil {
		return err
	}
	if !all {
		return NotCounted.New()
	}
	g.facts.Scope = forecast.WhereUsed
	g.facts.Uses = forecast.Uses{Since: d.deps.Now().AddDate(0, 0, -back), Until: d.deps.Uses.Settled()}
	err = d.deps.Uses.Each(ctx, g.facts.Uses.Since, func(person ids.Person, service ids.Service) error {
		if position, open := g.position[service]; open {
			g.uses[person] = append(g.uses[person], position)
		}
		return nil
	})
	if err == nil && len(g.uses) == 0 {
		return NoUses.New()
	}
	return err
}

func (d *Desk) readPeople(ctx context.Context, g *gathered) error {
	return d.deps.People.Each(ctx, func(person people.Person) error {
		if !person.MaySignIn(g.facts.At) {
			return nil
		}
		who := forecast.Somebody{ID: person.ID, UserName: person.UserName, Name: person.Name, Department: person.Department,
			Shared: person.Kind == people.KindShared, Groups: policy.GroupsOf(g.groups[person.ID]...), Ways: g.ways[person.ID],
			Post: g.post[person.ID], Leave: g.leaveOf(person.ID, person.CreatedAt), Uses: g.uses[person.ID]}
		for _, role := range g.roles[person.ID] {
			who.Roles = append(who.Roles, string(role))
			who.Administer = who.Administer || role == roles.Administrator
		}
		who.Exceptions = g.excuses(who)
		g.facts.People = append(g.facts.People, who)
		return nil
	})
}

func (g *gathered) leaveOf(person ids.Person, since time.Time) forecast.Leave {
	away, back := g.away.Of(person, since)
	switch away {
	case assurance.Yes:
		return forecast.Leave{Away: policy.Yes, Back: back}
	case assurance.No:
		return forecast.Leave{Away: policy.No}
	case assurance.Unknown:
	}
	return forecast.Leave{}
}

// UserNames is everybody by user name.
func (d *Desk) UserNames(ctx context.Context) (map[string]ids.Person, error) {
	known := map[string]ids.Person{}
	err := d.deps.People.Each(ctx, func(person people.Person) error {
		known[person.UserName] = person.ID
		return nil
	})
	return known, err
}
