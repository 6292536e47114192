package roles

import (
	"context"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/people"
)

// Grant is a role somebody holds.
type Grant struct {
	Person ids.Person
	Role   Role
	At     time.Time // since when
}

// Store keeps grants. Writes happen inside a unit of work.
type Store interface {
	// Put stores a grant; one that is there already stays as it is.
	Put(ctx context.Context, grant Grant) error
	// Remove removes a grant; one that is not there is passed over.
	Remove(ctx context.Context, person ids.Person, role Role) error
	// Of lists a person's grants in order of role.
	Of(ctx context.Context, person ids.Person) ([]Grant, error)
	// Holders lists the grants of one role in order of person.
	Holders(ctx context.Context, role Role) ([]Grant, error)
	// All lists every grant in order of person and role.
	All(ctx context.Context) ([]Grant, error)
}

// Directory is what the roster asks about people; people.Directory is one.
type Directory interface {
	Get(ctx context.Context, id ids.Person) (people.Person, error)
}

// Deps is what a Roster needs.
type Deps struct {
	Store  Store
	People Directory
	Tx     tx.Runner
	Audit  *audit.Log
	Now    func() time.Time
	// Emergency says whether two people have let an identity that is kept for
	// emergencies in, as an administrator, and it still is. May be nil: never.
	Emergency func(ctx context.Context, person ids.Person) (bool, error)
}

// Roster is the room's entry: who holds which role.
type Roster struct{ deps Deps }

// New returns a roster.
func New(deps Deps) *Roster { return &Roster{deps: deps} }

// Grant gives a role. Whoever gives it must be allowed to give roles and be able
// to do all that the role may do; the command line may give any. Giving it
// twice changes nothing.
func (r *Roster) Grant(ctx context.Context, actor audit.Actor, person ids.Person, role Role) error {
	err := r.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		if err := r.MayGrant(ctx, actor, person, role); err != nil {
			return err
		}
		if held, err := r.holds(ctx, person, role); err != nil || held {
			return err
		}
		if err := r.deps.Store.Put(ctx, Grant{Person: person, Role: role, At: r.deps.Now().UTC().Truncate(time.Millisecond)}); err != nil {
			return err
		}
		return r.tell(ctx, actor, "role.granted", person, role)
	})
	if err != nil {
		return fmt.Errorf("grant %s to %s: %w", role, person, err)
	}
	return nil
}

// MayGrant refuses what Grant would refuse, and changes nothing. Problems:
// Unknown, NotYours, Yourself, CannotHold.
func (r *Roster) MayGrant(ctx context.Context, actor audit.Actor, person ids.Person, role Role) error {
	if err := r.mayChange(ctx, actor, role); err != nil {
		return err
	}
	if actor == audit.Person(person) {
		return Yourself.New()
	}
	holder, err := r.deps.People.Get(ctx, person)
	if err != nil {
		return err
	}
	if !holder.MaySignIn(r.deps.Now()) && !startsLater(holder, r.deps.Now()) {
		return CannotHold.New()
	}
	return nil
}

// MayRevoke refuses what Revoke would refuse, and changes nothing. Problems:
// Unknown, NotYours, LastAdministrator.
func (r *Roster) MayRevoke(ctx context.Context, actor audit.Actor, person ids.Person, role Role) error {
	if err := r.mayChange(ctx, actor, role); err != nil {
		return err
	}
	if held, err := r.holds(ctx, person, role); err != nil || !held || role != Administrator {
		return err
	}
	return r.anotherAdministrator(ctx, person)
}

// Revoke takes a role away, under the same rule as Grant. The last administrator
// who can sign in stays one. Taking what is not held changes nothing.
func (r *Roster) Revoke(ctx context.Context, actor audit.Actor, person ids.Person, role Role) error {
	err := r.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		if err := r.MayRevoke(ctx, actor, person, role); err != nil {
			return err
		}
		if held, err := r.holds(ctx, person, role); err != nil || !held {
			return err
		}
		if err := r.deps.Store.Remove(ctx, person, role); err != nil {
			return err
		}
		return r.tell(ctx, actor, "role.revoked", person, role)
	})
	if err != nil {
		return fmt.Errorf("revoke %s from %s: %w", role, person, err)
	}
	return nil
}

// Of lists the roles a person holds.
func (r *Roster) Of(ctx context.Context, person ids.Person) ([]Role, error) {
	grants, err := r.deps.Store.Of(ctx, person)
	if err != nil {
		return nil, fmt.Errorf("roles of %s: %w", person, err)
	}
	held := make([]Role, 0, len(grants))
	for _, grant := range grants {
		held = append(held, grant.Role)
	}
	return held, nil
}

// All lists every grant in order of person and role.
func (r *Roster) All(ctx context.Context) ([]Grant, error) { return r.deps.Store.All(ctx) }

// mayChange keeps the rule that you cannot give what you do not hold. The
// command line is used by whoever already has the database in their hands.
func (r *Roster) mayChange(ctx context.Context, actor audit.Actor, role Role) error {
	if !role.Known() {
		return Unknown.New()
	}
	switch actor.Kind {
	case audit.ActorCommand:
		return nil
	case audit.ActorPerson:
		id := ids.Person(actor.ID)
		held, err := r.acting(ctx, id)
		if err != nil {
			return err
		}
		if Allows(held, mayGive) && atLeast(held, role) {
			return nil
		}
		return NotYours.New()
	case audit.ActorSystem, audit.ActorNobody:
		return NotYours.New()
	default:
		return NotYours.New()
	}
}

// acting lists the roles with which somebody may act now: none when they cannot
// sign in, and the administrator's for whom two people let in in an emergency.
func (r *Roster) acting(ctx context.Context, id ids.Person) ([]Role, error) {
	person, err := r.deps.People.Get(ctx, id)
	if err != nil {
		return nil, NotYours.Because(err)
	}
	if person.MaySignIn(r.deps.Now()) {
		return r.Of(ctx, id)
	}
	if r.deps.Emergency == nil || !person.MayBreakGlass(r.deps.Now()) {
		return nil, nil
	}
	opened, err := r.deps.Emergency(ctx, id)
	if err != nil || !opened {
		return nil, err
	}
	return []Role{Administrator}, nil
}

// anotherAdministrator makes sure that somebody else remains. It reads inside
// the unit of work that writes, so of two who revoke each other at once one is
// refused: SQLite has one writer, PostgreSQL is serializable.
func (r *Roster) anotherAdministrator(ctx context.Context, but ids.Person) error {
	grants, err := r.deps.Store.Holders(ctx, Administrator)
	if err != nil {
		return err
	}
	for _, grant := range grants {
		if grant.Person == but {
			continue
		}
		person, err := r.deps.People.Get(ctx, grant.Person)
		if err != nil {
			return err
		}
		if person.MaySignIn(r.deps.Now()) {
			return nil
		}
	}
	return LastAdministrator.New()
}

// MaySpare refuses with LastAdministrator when nobody else who can sign in could
// administer Warder. Ask it in the unit of work that stops them.
func (r *Roster) MaySpare(ctx context.Context, person ids.Person) error {
	held, err := r.holds(ctx, person, Administrator)
	if err != nil || !held {
		return err
	}
	who, err := r.deps.People.Get(ctx, person)
	if err != nil || !who.MaySignIn(r.deps.Now()) {
		return err // who cannot administer anyway is not missed
	}
	return r.anotherAdministrator(ctx, person)
}

// MayAll reports whether an actor may do everything that a person may, by their
// roles as they are now. The command line may: whoever uses it has the database.
func (r *Roster) MayAll(ctx context.Context, actor audit.Actor, person ids.Person) (bool, error) {
	switch actor.Kind {
	case audit.ActorCommand:
		return true, nil
	case audit.ActorPerson:
	case audit.ActorSystem, audit.ActorNobody:
		return false, nil
	default:
		return false, nil
	}
	theirs, err := r.Of(ctx, person)
	if err != nil {
		return false, err
	}
	held, err := r.Of(ctx, ids.Person(actor.ID))
	if err != nil {
		return false, err
	}
	for _, role := range theirs {
		if !atLeast(held, role) {
			return false, nil
		}
	}
	return true, nil
}

func (r *Roster) holds(ctx context.Context, person ids.Person, role Role) (bool, error) {
	grants, err := r.deps.Store.Of(ctx, person)
	for _, grant := range grants {
		if grant.Role == role {
			return true, err
		}
	}
	return false, err
}

func (r *Roster) tell(ctx context.Context, actor audit.Actor, action string, person ids.Person, role Role) error {
	event := audit.Event{Actor: actor, Action: action, Subject: string(person), Details: map[string]string{"role": string(role)}}
	if err := r.deps.Audit.Record(ctx, event); err != nil {
		return err
	}
	return tx.Publish(ctx, tx.Role, string(person))
}

// startsLater reports whether somebody cannot sign in yet only because their
// first working day is still to come; a role may wait for them.
func startsLater(person people.Person, now time.Time) bool {
	return person.Starts.After(now) && person.MaySignIn(person.Starts)
}

// Administrators lists who may do everything.
func (r *Roster) Administrators(ctx context.Context) ([]ids.Person, error) {
	grants, err := r.deps.Store.Holders(ctx, Administrator)
	if err != nil {
		return nil, fmt.Errorf("list administrators: %w", err)
	}
	found := make([]ids.Person, len(grants))
	for i, grant := range grants {
		found[i] = grant.Person
	}
	return found, nil
}

// Appoint makes somebody an administrator; see Grant.
func (r *Roster) Appoint(ctx context.Context, actor audit.Actor, person ids.Person) error {
	return r.Grant(ctx, actor, person, Administrator)
}
