package people

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/base/days"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
)

// The number of people on a page of a list.
const (
	usualPage = 50
	largePage = 500
)

// Deps is what a Directory needs.
type Deps struct {
	Store Store
	Tx    tx.Runner
	Audit *audit.Log
	Now   func() time.Time
	// Moved hears, inside the unit of work, which address somebody no longer has; it
	// may be nil.
	Moved func(ctx context.Context, id ids.Person, formerEmail string) error
}

// Directory is the room's entry: everybody who works here, and their groups.
type Directory struct{ deps Deps }

// New returns a directory.
func New(deps Deps) *Directory { return &Directory{deps: deps} }

// Add stores a new, active person.
func (d *Directory) Add(ctx context.Context, actor audit.Actor, wanted NewPerson) (Person, error) {
	person := wanted.person(ids.New[ids.Person](), d.deps.Now())
	if faults := checkDetails(person); len(faults) > 0 {
		return Person{}, Malformed.New().At(faults...)
	}
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		if err := d.checkManager(ctx, person.Manager); err != nil {
			return err
		}
		if err := d.deps.Store.Add(ctx, []Person{person}); err != nil {
			return err
		}
		if err := d.record(ctx, actor, "person.added", person.ID, addedDetails(person)); err != nil {
			return err
		}
		return tx.Publish(ctx, tx.Person, string(person.ID))
	})
	if err != nil {
		return Person{}, fmt.Errorf("add person: %w", err)
	}
	return person, nil
}

// Get returns a person, or problem NotFound.
func (d *Directory) Get(ctx context.Context, id ids.Person) (Person, error) {
	return d.deps.Store.ByID(ctx, id)
}

// ByUserName returns a person, or problem NotFound. Case and space around the
// name do not matter.
func (d *Directory) ByUserName(ctx context.Context, userName string) (Person, error) {
	userName = strings.ToLower(strings.TrimSpace(userName))
	if checkSlug(userName) != "" {
		return Person{}, NotFound.New() // nobody can have it, and not every text fits into a query
	}
	return d.deps.Store.ByUserName(ctx, userName)
}

// ByEmployeeID returns the one person with exactly this employee number, or problem
// NotFound: a number that two people have says of neither who they are.
func (d *Directory) ByEmployeeID(ctx context.Context, number string) (Person, error) {
	number = strings.TrimSpace(number)
	if number == "" || checkText(number) != "" {
		return Person{}, NotFound.New()
	}
	found, err := d.deps.Store.ByEmployeeID(ctx, number)
	if err == nil && len(found) == 1 {
		return found[0], nil
	}
	if err == nil {
		err = NotFound.New()
	}
	return Person{}, err
}

// List returns one page in order of user name, and next: what to put into
// Filter.After for the following page, or "" when this is the last.
func (d *Directory) List(ctx context.Context, filter Filter) (page []Person, next string, err error) {
	if filter.Limit <= 0 {
		filter.Limit = usualPage
	}
	if checkText(filter.Text) != "" || checkText(filter.Department) != "" || checkText(filter.After) != "" {
		return nil, "", nil // nobody has such a text
	}
	limit := min(filter.Limit, largePage)
	filter.Limit = limit + 1
	page, err = d.deps.Store.List(ctx, filter)
	if err != nil {
		return nil, "", fmt.Errorf("list people: %w", err)
	}
	if len(page) > limit {
		page = page[:limit]
		next = page[limit-1].UserName
	}
	return page, next, nil
}

// Each calls yield for everybody in order of user name, one at a time, without
// holding all of them in memory. yield must not use the directory.
func (d *Directory) Each(ctx context.Context, yield func(Person) error) error {
	return d.deps.Store.Each(ctx, yield)
}

// Counts says how many people there are in each state.
type Counts struct{ Active, Suspended, Left int }

// Count counts everybody.
func (d *Directory) Count(ctx context.Context) (Counts, error) {
	counted, err := d.deps.Store.Count(ctx)
	if err != nil {
		return Counts{}, fmt.Errorf("count people: %w", err)
	}
	return Counts{Active: counted[Active], Suspended: counted[Suspended], Left: counted[Left]}, nil
}

func (n NewPerson) person(id ids.Person, now time.Time) Person {
	kind := n.Kind
	if kind == "" {
		kind = KindPerson
	}
	return Person{
		ID: id, UserName: n.UserName, Name: strings.TrimSpace(n.Name), Email: n.Email,
		EmployeeID: n.EmployeeID, Department: n.Department, JobTitle: n.JobTitle, Kind: kind,
		Manager: n.Manager, Starts: days.Of(n.Starts), Ends: days.Of(n.Ends),
		State: Active, CreatedAt: moment(now), ChangedAt: moment(now),
	}
}

func (d *Directory) checkManager(ctx context.Context, manager ids.Person) error {
	if manager == "" {
		return nil
	}
	if _, err := d.deps.Store.ByID(ctx, manager); err != nil {
		return ManagerNotFound.Because(err)
	}
	return nil
}

func (d *Directory) record(ctx context.Context, actor audit.Actor, action string, id ids.Person, details map[string]string) error {
	return d.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: action, Subject: string(id), Details: details})
}

// addedDetails is what the audit record says about somebody new. Names and
// addresses are not copied into it: the record outlives the person's data.
func addedDetails(p Person) map[string]string {
	details := map[string]string{"user_name": p.UserName, "kind": string(p.Kind)}
	if p.Manager != "" {
		details["manager"] = string(p.Manager)
	}
	if !p.Starts.IsZero() {
		details["starts"] = days.Format(p.Starts)
	}
	if !p.Ends.IsZero() {
		details["ends"] = days.Format(p.Ends)
	}
	return details
}

// moment rounds to what the database keeps, so that what is returned equals
// what is read back.
func moment(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
