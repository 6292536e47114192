package methods

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
)

// Removed is why a credential was revoked when its owner has removed it.
const Removed = "removed_by_holder"

// Deps is what a Desk needs.
type Deps struct {
	Keys     *keys.Register
	Factors  *factors.Factors
	Sessions *sessions.Book
	Tx       tx.Runner
	Now      func() time.Time
	// Fresh is what a person must have proven to remove a method. The zero value is
	// undefined, and nobody meets it.
	Fresh assurance.Requirement
	// Spared refuses when nobody but the person could administer Warder. May be nil:
	// never.
	Spared func(ctx context.Context, person ids.Person) error
}

// Desk answers for what people sign in with. It is safe for concurrent use.
type Desk struct{ deps Deps }

// New makes a Desk.
func New(deps Deps) *Desk { return &Desk{deps: deps} }

// Overview is what a person has.
type Overview struct {
	Keys        []keys.Key           // whose holder they are, oldest first, whatever state they are in
	Credentials []factors.Credential // in every state
	Usable      []factors.Standing   // what they can sign in with now
	Complete    bool                 // they may lose a key and still sign in (factors.Complete)
}

// Works reports whether the person can sign in with a key.
func (o Overview) Works(key ids.Key) bool {
	return slices.ContainsFunc(o.Usable, func(s factors.Standing) bool { return s.Credential.Key == key })
}

// Working counts the keys with which the person can sign in.
func (o Overview) Working() int {
	different := map[ids.Key]bool{}
	for _, one := range o.Usable {
		different[one.Credential.Key] = true
	}
	return len(different)
}

// Without is what the person would have without a key. Whether they would be
// complete is not worked out.
func (o Overview) Without(key ids.Key) Overview {
	o.Usable = slices.DeleteFunc(slices.Clone(o.Usable), func(s factors.Standing) bool { return s.Credential.Key == key })
	o.Complete = false
	return o
}

// Of is what a person has to sign in with.
func (d *Desk) Of(ctx context.Context, person ids.Person) (Overview, error) {
	held, err := d.deps.Keys.HeldBy(ctx, person)
	if err != nil {
		return Overview{}, fmt.Errorf("list keys of %s: %w", person, err)
	}
	registered, err := d.deps.Factors.OfPerson(ctx, person)
	if err != nil {
		return Overview{}, fmt.Errorf("list credentials of %s: %w", person, err)
	}
	active, err := d.deps.Factors.Standing(ctx, person)
	if err != nil {
		return Overview{}, err
	}
	usable := slices.DeleteFunc(slices.Clone(active), func(s factors.Standing) bool { return !s.Usable })
	return Overview{Keys: held, Credentials: registered, Usable: usable, Complete: d.deps.Factors.Complete(active)}, nil
}

// strong reports whether something is left with which the person could prove
// enough to change their methods again.
func (d *Desk) strong(has Overview) bool {
	now := d.deps.Now()
	return slices.ContainsFunc(has.Usable, func(s factors.Standing) bool { return d.deps.Fresh.Unmet(s.Most, now, now) == 0 })
}

// Preview is what a removal would do, as things are now.
type Preview struct {
	Key      keys.Key
	Sessions int  // that would end
	Here     bool // the very session that asks is among them
	Left     int  // keys that would still work
}

// Preview says what removing a key would do, and changes nothing. It refuses what
// Remove would refuse. Problems: those of Remove.
func (d *Desk) Preview(ctx context.Context, session sessions.Session, key ids.Key) (Preview, error) {
	preview, err := d.preview(ctx, session, key)
	if err != nil {
		return Preview{}, fmt.Errorf("preview of removing key %s: %w", key, err)
	}
	return preview, nil
}

func (d *Desk) preview(ctx context.Context, session sessions.Session, id ids.Key) (Preview, error) {
	has, err := d.Of(ctx, session.Person)
	if err != nil {
		return Preview{}, err
	}
	at := slices.IndexFunc(has.Keys, func(key keys.Key) bool { return key.ID == id })
	if at < 0 {
		return Preview{}, keys.NotFound.New() // of nobody, or of somebody else
	}
	if err := d.fresh(ctx, session); err != nil {
		return Preview{}, err
	}
	if !has.Works(id) {
		return Preview{}, NothingToRemove.New()
	}
	left := has.Without(id)
	if !d.strong(left) {
		return Preview{}, LastStrong.New()
	}
	if err := d.mayThin(ctx, session.Person, left); err != nil {
		return Preview{}, err
	}
	open, err := d.deps.Sessions.OfPerson(ctx, session.Person)
	if err != nil {
		return Preview{}, err
	}
	preview := Preview{Key: has.Keys[at], Here: session.Key == id, Left: left.Working()}
	for i := range open {
		if open[i].Key == id {
			preview.Sessions++
		}
	}
	return preview, nil
}

// mayThin keeps the last administrator from being left with a single strong key.
func (d *Desk) mayThin(ctx context.Context, person ids.Person, left Overview) error {
	now, different := d.deps.Now(), map[ids.Key]bool{}
	for _, one := range left.Usable {
		if d.deps.Fresh.Unmet(one.Most, now, now) == 0 {
			different[one.Credential.Key] = true
		}
	}
	if len(different) >= 2 || d.deps.Spared == nil {
		return nil
	}
	err := d.deps.Spared(ctx, person)
	if found, ok := problem.Of(err); ok && found.Kind == problem.Conflict {
		return LastAdministrator.Because(err)
	}
	return err
}

// fresh checks that whoever asks has just proven who they are, with something
// that may still be used.
func (d *Desk) fresh(ctx context.Context, session sessions.Session) error {
	now := d.deps.Now()
	if session.Life(now) != sessions.Alive || d.deps.Fresh.Unmet(session.Assurance, session.AuthTime, now) != 0 {
		return NotFresh.New()
	}
	good, err := d.deps.Factors.StillGood(ctx, session.Person, session.Key, session.Credential)
	if err == nil && !good {
		return NotFresh.New()
	}
	return err
}

// Outcome is what a removal has done.
type Outcome struct {
	Key           keys.Key
	SessionsEnded int
	Left          int // keys that still work
}

// Remove takes a key of the person whose session it is out of use, in one unit of
// work: when it returns without error, no session made with it is accepted here.
// Problems: keys.NotFound, NotFresh, NothingToRemove, LastStrong,
// LastAdministrator.
func (d *Desk) Remove(ctx context.Context, session sessions.Session, key ids.Key) (Outcome, error) {
	// It must stay done even if whoever asked for it closes the page.
	ctx = context.WithoutCancel(ctx)
	var outcome Outcome
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		var err error
		outcome, err = d.remove(ctx, session.ID, key)
		return err
	})
	if err != nil {
		return Outcome{}, fmt.Errorf("remove key %s: %w", key, err)
	}
	return outcome, nil
}

func (d *Desk) remove(ctx context.Context, id ids.Session, key ids.Key) (Outcome, error) {
	// Everything is read again inside the unit of work. Two removals at once must not
	// each count on the key that the other takes away.
	session, err := d.deps.Sessions.Get(ctx, id)
	if problem.Is(err, sessions.NoSuch) {
		return Outcome{}, NotFresh.Because(err)
	}
	if err != nil {
		return Outcome{}, err
	}
	preview, err := d.preview(ctx, session, key)
	if err != nil {
		return Outcome{}, err
	}
	actor := audit.Person(session.Person)
	if _, err := d.deps.Factors.RevokeOfKey(ctx, actor, key, Removed); err != nil {
		return Outcome{}, err
	}
	outcome := Outcome{Left: preview.Left}
	if outcome.Key, err = d.deps.Keys.Release(ctx, actor, key); err != nil {
		return Outcome{}, err
	}
	outcome.SessionsEnded, err = d.deps.Sessions.EndOfKey(ctx, actor, key, sessions.KeyRemoved)
	return outcome, err
}
