package adoption

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/people"
)

// Deps is what a Counter reads.
type Deps struct {
	People  *people.Directory
	Factors *factors.Factors
	Roles   *roles.Roster
	// Secrets calls yield for every password, one-time code and set of recovery codes
	// that works, of one person or with "" of everybody, and says whether the policy
	// takes it.
	Secrets func(ctx context.Context, person ids.Person, yield func(ids.Person, Holding) error) error
	Now     func() time.Time
}

// Counter counts people by what they have.
type Counter struct{ deps Deps }

// New makes a Counter.
func New(deps Deps) *Counter { return &Counter{deps: deps} }

// Picture is everybody at one moment.
type Picture struct {
	At       time.Time
	Accounts []Account         // who may sign in, in order of user name
	LeftOut  map[Reason]int    // who was not counted, and why
	shared   map[ids.Key][]int // which accounts have an active credential on each key
}

// Reason says why somebody is not counted.
type Reason string

// The reasons.
const (
	NotAPerson  Reason = "programs, which have no hand to touch a key"
	NotActive   Reason = "suspended, or have left"
	NotEmployed Reason = "not employed today"
)

// Count reads everybody.
func (c *Counter) Count(ctx context.Context) (*Picture, error) {
	held, standing, err := c.held(ctx)
	if err != nil {
		return nil, err
	}
	grants, err := c.deps.Roles.All(ctx)
	if err != nil {
		return nil, fmt.Errorf("count people by method: %w", err)
	}
	holds := map[ids.Person][]roles.Role{}
	for _, grant := range grants {
		holds[grant.Person] = append(holds[grant.Person], grant.Role)
	}
	picture := &Picture{At: c.deps.Now(), LeftOut: map[Reason]int{}, shared: map[ids.Key][]int{}}
	err = c.deps.People.Each(ctx, func(person people.Person) error {
		if reason := leftOut(person, picture.At); reason != "" {
			picture.LeftOut[reason]++
			return nil
		}
		for _, one := range standing[person.ID] {
			if key := one.Credential.Key; !slices.Contains(picture.shared[key], len(picture.Accounts)) {
				picture.shared[key] = append(picture.shared[key], len(picture.Accounts))
			}
		}
		picture.Accounts = append(picture.Accounts, Account{Person: person, Roles: holds[person.ID],
			Complete: c.deps.Factors.Complete(standing[person.ID]), Holdings: held[person.ID]})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count people by method: %w", err)
	}
	return picture, nil
}

// Of is one person, whether they are counted or not.
func (c *Counter) Of(ctx context.Context, person people.Person) (Account, error) {
	account := Account{Person: person}
	standing, err := c.deps.Factors.Standing(ctx, person.ID)
	if err != nil {
		return Account{}, err
	}
	for _, one := range standing {
		if one.Usable {
			account.Holdings = append(account.Holdings, holding(one))
		}
	}
	err = c.deps.Secrets(ctx, person.ID, func(_ ids.Person, one Holding) error {
		account.Holdings = append(account.Holdings, one)
		return nil
	})
	if err != nil {
		return Account{}, err
	}
	account.Complete = c.deps.Factors.Complete(standing)
	if account.Roles, err = c.deps.Roles.Of(ctx, person.ID); err != nil {
		return Account{}, err
	}
	return account, nil
}

// held reads what everybody has: what works, and what their credentials are worth.
func (c *Counter) held(ctx context.Context) (map[ids.Person][]Holding, map[ids.Person][]factors.Standing, error) {
	held, standing := map[ids.Person][]Holding{}, map[ids.Person][]factors.Standing{}
	err := c.deps.Factors.EachStanding(ctx, func(one factors.Standing) error {
		person := one.Credential.Person
		standing[person] = append(standing[person], one)
		if one.Usable {
			held[person] = append(held[person], holding(one))
		}
		return nil
	})
	if err == nil {
		err = c.deps.Secrets(ctx, "", func(person ids.Person, one Holding) error {
			held[person] = append(held[person], one)
			return nil
		})
	}
	if err != nil {
		return nil, nil, fmt.Errorf("count people by method: %w", err)
	}
	return held, standing, nil
}

func holding(one factors.Standing) Holding {
	return Holding{ID: one.Credential.ID, Method: one.Most.Method, Key: one.Credential.Key, Accepted: true,
		DaysUsed: one.Credential.DaysUsed, LastUsed: one.Credential.LastUsedAt}
}

// leftOut is why somebody is not counted; "" when they are.
func leftOut(person people.Person, at time.Time) Reason {
	switch {
	case person.MaySignIn(at):
		return ""
	case person.Kind == people.KindService:
		return NotAPerson
	case person.State != people.Active:
		return NotActive
	}
	return NotEmployed
}
