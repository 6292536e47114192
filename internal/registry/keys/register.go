package keys

import (
	"context"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
)

// Deps is what a Register needs.
type Deps struct {
	Store Store
	Tx    tx.Runner
	Audit *audit.Log
	Now   func() time.Time
}

// Register is the organisation's register of security keys. Every change is one
// unit of work with its audit entry, and is published as tx.Key.
type Register struct{ deps Deps }

// New builds a Register.
func New(deps Deps) *Register { return &Register{deps: deps} }

// Add puts a key into stock. Problems: Malformed, SerialTaken.
func (r *Register) Add(ctx context.Context, actor audit.Actor, what NewKey) (Key, error) {
	what, err := what.check()
	if err != nil {
		return Key{}, err
	}
	var key Key
	err = r.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		key = r.fresh(StateInStock)
		key.Serial, key.Model, key.Label = what.Serial, what.Model, what.Label
		if key.Serial != "" {
			key.SerialGrade = SerialDeclared
		}
		if key.Model != "" {
			key.ModelGrade = ModelClaimed
		}
		return r.add(ctx, actor, "key.added", key)
	})
	if err != nil {
		return Key{}, fmt.Errorf("add key: %w", err)
	}
	return key, nil
}

// Issue hands a key to a person. Problems: NotFound, BadTransition, HolderMissing.
func (r *Register) Issue(ctx context.Context, actor audit.Actor, id ids.Key, to ids.Person) (Key, error) {
	if to == "" {
		return Key{}, HolderMissing.New()
	}
	return r.move(ctx, actor, move{id: id, to: StateHeld, action: "key.issued"}, func(key *Key) {
		key.Holder, key.Place, key.ToReturn = to, "", false
	})
}

// MarkEnrolled records that a credential has been made on a key that its holder
// has. Problems: NotFound, BadTransition.
func (r *Register) MarkEnrolled(ctx context.Context, actor audit.Actor, id ids.Key) (Key, error) {
	return r.move(ctx, actor, move{id: id, to: StateEnrolled, action: "key.enrolled"}, func(*Key) {})
}

// Block reports a key lost or stolen: from the commit on it may not be used. Doing
// it twice for the same reason changes nothing and is no fault; a lost key may
// still be reported stolen. It does not end sessions: access/lostkey does.
// Problems: NotFound, BadTransition, ReasonUnknown.
func (r *Register) Block(ctx context.Context, actor audit.Actor, id ids.Key, reason Reason) (Key, error) {
	if reason.state() == "" {
		return Key{}, ReasonUnknown.New()
	}
	return r.move(ctx, actor, move{id: id, to: reason.state(), action: "key.blocked", again: true},
		func(key *Key) { key.Reason = reason })
}

// Get returns a key. Problem: NotFound.
func (r *Register) Get(ctx context.Context, id ids.Key) (Key, error) {
	return r.deps.Store.ByID(ctx, id)
}

// BySerial returns the key with a serial number, however it is spaced. Problems:
// NotFound, Malformed.
func (r *Register) BySerial(ctx context.Context, serial string) (Key, error) {
	normal, fault := NormalSerial(serial)
	if fault != nil {
		return Key{}, Malformed.New().At(*fault)
	}
	if normal == "" {
		return Key{}, NotFound.New()
	}
	return r.deps.Store.BySerial(ctx, normal)
}

// HeldBy lists the keys whose holder the person is, oldest first, lost ones too.
func (r *Register) HeldBy(ctx context.Context, person ids.Person) ([]Key, error) {
	if person == "" {
		return nil, nil
	}
	return r.deps.Store.HeldBy(ctx, person)
}

// List returns one page of keys, newest first, and the Filter.After of the next
// page, empty on the last one.
func (r *Register) List(ctx context.Context, filter Filter) ([]Key, ids.Key, error) {
	if filter.Limit < 1 || filter.Limit > 500 {
		filter.Limit = 50
	}
	wanted := filter.Limit
	filter.Limit++ // one more tells whether there is another page
	found, err := r.deps.Store.List(ctx, filter)
	if err != nil {
		return nil, "", fmt.Errorf("list keys: %w", err)
	}
	if len(found) <= wanted {
		return found, "", nil
	}
	return found[:wanted], found[wanted-1].ID, nil
}

func (r *Register) fresh(state State) Key {
	now := r.deps.Now()
	return Key{ID: ids.New[ids.Key](), State: state, CreatedAt: now, ChangedAt: now}
}

func (r *Register) add(ctx context.Context, actor audit.Actor, action string, key Key) error {
	if err := r.deps.Store.Add(ctx, key); err != nil {
		return err
	}
	return r.tell(ctx, actor, action, key, "")
}

// move is one step in the life of a key.
type move struct {
	id     ids.Key
	to     State
	action string
	again  bool // being there already is no fault
}

// move makes the step and lets edit change the rest of the record.
func (r *Register) move(ctx context.Context, actor audit.Actor, step move, edit func(*Key)) (Key, error) {
	var key Key
	err := r.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		var err error
		key, err = r.deps.Store.ByID(ctx, step.id)
		if err != nil {
			return err
		}
		if step.again && key.State == step.to {
			return nil
		}
		return r.change(ctx, actor, step, &key, edit)
	})
	if err != nil {
		return Key{}, fmt.Errorf("move key %s to %s: %w", step.id, step.to, err)
	}
	return key, nil
}

// change makes the step for a key that was read in the same unit of work.
func (r *Register) change(ctx context.Context, actor audit.Actor, step move, key *Key, edit func(*Key)) error {
	from := key.State
	if !from.MayBecome(step.to) {
		return BadTransition.Detailf("It is %q and cannot become %q.", from.Label(), step.to.Label())
	}
	key.State, key.ChangedAt = step.to, r.deps.Now()
	edit(key)
	changed, err := r.deps.Store.Change(ctx, *key, from)
	if err != nil {
		return err
	}
	if !changed {
		return BadTransition.Detailf("Somebody else has just changed it.")
	}
	return r.tell(ctx, actor, step.action, *key, from)
}

// tell writes the audit entry and publishes the change.
func (r *Register) tell(ctx context.Context, actor audit.Actor, action string, key Key, from State) error {
	details := map[string]string{"state": string(key.State)}
	for name, value := range map[string]string{
		"from": string(from), "serial": key.Serial, "serial_grade": string(key.SerialGrade),
		"model": key.Model, "model_grade": string(key.ModelGrade), "holder": string(key.Holder), "reason": string(key.Reason),
	} {
		if value != "" {
			details[name] = value
		}
	}
	err := r.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: action, Subject: string(key.ID), Details: details})
	if err != nil {
		return fmt.Errorf("record %s: %w", action, err)
	}
	return tx.Publish(ctx, tx.Key, string(key.ID))
}

// notFound reports whether err is problem NotFound.
func notFound(err error) bool { return problem.Is(err, NotFound) }
