package people

import (
	"context"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
)

// Store keeps people and groups. Writes happen inside a unit of work.
type Store interface {
	Persons
	Groups
}

// Persons is the part of the store that keeps people.
type Persons interface {
	// Add stores new people. A user name or e-mail address that is taken is
	// problem UserNameTaken or EmailTaken. Managers need only be there when the
	// unit of work ends.
	Add(ctx context.Context, persons []Person) error
	// Change overwrites everything but the id, the user name and CreatedAt. The
	// people of one call may exchange their e-mail addresses.
	Change(ctx context.Context, persons []Person) error
	// ByID returns problem NotFound when there is nobody.
	ByID(ctx context.Context, id ids.Person) (Person, error)
	// ByUserName returns problem NotFound when there is nobody.
	ByUserName(ctx context.Context, userName string) (Person, error)
	// ByEmployeeID returns at most two people with exactly this employee number.
	ByEmployeeID(ctx context.Context, number string) ([]Person, error)
	// List returns at most filter.Limit people in order of user name.
	List(ctx context.Context, filter Filter) ([]Person, error)
	// Each calls yield for everybody in order of user name, one at a time.
	// yield must not use the store.
	Each(ctx context.Context, yield func(Person) error) error
	// Count counts people by state.
	Count(ctx context.Context) (map[State]int, error)
}

// Groups is the part of the store that keeps groups.
type Groups interface {
	// AddGroups stores new groups. A name that is taken is problem GroupTaken.
	AddGroups(ctx context.Context, groups []Group) error
	// AllGroups lists every group in order of name.
	AllGroups(ctx context.Context) ([]Group, error)
	// AddMembers stores memberships; those that are there already stay as they are.
	AddMembers(ctx context.Context, members []Member, at time.Time) error
	// RemoveMembers removes memberships; those that are not there are passed over.
	RemoveMembers(ctx context.Context, members []Member) error
	// GroupsOf lists the names of a person's groups in order, each once.
	GroupsOf(ctx context.Context, person ids.Person) ([]string, error)
	// EachMember calls yield for every membership, one at a time, in order of
	// person and group name. yield must not use the store.
	EachMember(ctx context.Context, yield func(member Member, group string) error) error
}
