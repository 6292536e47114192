package people

import (
	"context"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/base/days"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
)

// mayBecome is the whole table of transitions. What is not in it is refused.
var mayBecome = map[State]map[State]bool{
	Active:    {Suspended: true, Left: true},
	Suspended: {Active: true, Left: true},
}

// MayBecome reports whether a person in state s may be put into state next.
func (s State) MayBecome(next State) bool { return mayBecome[s][next] }

// Suspend stops a person from signing in until they are reinstated. at says
// since when, for the record: the zero time is now, and a time to come is
// refused, because nobody would be there to carry it out.
func (d *Directory) Suspend(ctx context.Context, actor audit.Actor, id ids.Person, at time.Time, reason string) (Person, error) {
	if at.After(d.deps.Now()) {
		return Person{}, MomentRefused.New()
	}
	return d.move(ctx, id, deed{Actor: actor, Action: "person.suspended", State: Suspended, At: at, Reason: reason})
}

// Reinstate lets a suspended person sign in again.
func (d *Directory) Reinstate(ctx context.Context, actor audit.Actor, id ids.Person, reason string) (Person, error) {
	return d.move(ctx, id, deed{Actor: actor, Action: "person.reinstated", State: Active, Reason: reason})
}

// Leave records that a person leaves. The zero time, now, or a time gone by
// means that they have left: nothing of theirs works any more. With a time to
// come only their last working day is set, and they can sign in until it is over.
func (d *Directory) Leave(ctx context.Context, actor audit.Actor, id ids.Person, at time.Time, reason string) (Person, error) {
	now := d.deps.Now()
	if at.IsZero() {
		at = now
	}
	if at.After(now) {
		return d.leaveLater(ctx, id, deed{Actor: actor, Action: "person.leaving", At: at, Reason: reason})
	}
	return d.move(ctx, id, deed{Actor: actor, Action: "person.left", State: Left, At: at, Reason: reason})
}

// deed is one change of somebody's state, as the audit record tells it.
type deed struct {
	Actor  audit.Actor
	Action string
	State  State
	At     time.Time
	Reason string
}

func (d deed) details() map[string]string {
	details := map[string]string{}
	if d.Reason != "" {
		details["reason"] = clip(d.Reason)
	}
	if !d.At.IsZero() {
		details["at"] = d.At.UTC().Format(time.RFC3339)
	}
	return details
}

// move puts a person into deed.State. Asking again for the state they are in
// already changes nothing and is not an error.
func (d *Directory) move(ctx context.Context, id ids.Person, deed deed) (Person, error) {
	var person Person
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		var err error
		person, err = d.deps.Store.ByID(ctx, id)
		if err != nil || person.State == deed.State {
			return err
		}
		if !person.State.MayBecome(deed.State) {
			return StateRefused.Detailf("They are %s and cannot become %s.", person.State, deed.State)
		}
		details := deed.details()
		details["from"] = string(person.State)
		person.State = deed.State
		if deed.State == Left {
			// The last working day is the day they left, unless it was earlier already.
			if left := days.London(deed.At); person.Ends.IsZero() || left.Before(person.Ends) {
				person.Ends = left
			}
			// Somebody who leaves before their first day has no working days at all.
			if !person.Starts.IsZero() && person.Ends.Before(person.Starts) {
				person.Ends = person.Starts
			}
		}
		return d.keep(ctx, &person, deed, details)
	})
	if err != nil {
		return Person{}, fmt.Errorf("%s %s: %w", deed.Action, id, err)
	}
	return person, nil
}

func (d *Directory) leaveLater(ctx context.Context, id ids.Person, deed deed) (Person, error) {
	var person Person
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		var err error
		person, err = d.deps.Store.ByID(ctx, id)
		if err != nil {
			return err
		}
		if person.State == Left {
			return StateRefused.Detailf("They have already left.")
		}
		details := deed.details()
		details["ends_from"] = days.Format(person.Ends)
		person.Ends = days.London(deed.At)
		details["ends"] = days.Format(person.Ends)
		if faults := checkDetails(person); len(faults) > 0 {
			return Malformed.New().At(faults...)
		}
		return d.keep(ctx, &person, deed, details)
	})
	if err != nil {
		return Person{}, fmt.Errorf("%s %s: %w", deed.Action, id, err)
	}
	return person, nil
}

// keep stores a changed person with its audit entry, and tells whoever has a copy.
func (d *Directory) keep(ctx context.Context, person *Person, deed deed, details map[string]string) error {
	person.ChangedAt = moment(d.deps.Now())
	if err := d.deps.Store.Change(ctx, []Person{*person}); err != nil {
		return err
	}
	if err := d.record(ctx, deed.Actor, deed.Action, person.ID, details); err != nil {
		return err
	}
	return tx.Publish(ctx, tx.Person, string(person.ID))
}
