package breakglass

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/people"
)

// Sealer seals what a browser is given to bring back; seal.Sealer is one.
type Sealer interface {
	Seal(plain []byte, row string) ([]byte, error)
	Open(sealed []byte, row string) ([]byte, error)
}

// Deps is what a Desk needs. All but Log is required.
type Deps struct {
	Store    Store
	Tx       tx.Runner
	Audit    *audit.Log
	People   *people.Directory
	Keys     *keys.Register
	Models   *keys.Models
	Factors  *factors.Factors
	Sessions *sessions.Book
	Seal     Sealer
	Now      func() time.Time
	Log      *slog.Logger // nil discards
}

// Desk is the room's entry. It is safe for concurrent use.
type Desk struct{ deps Deps }

// New makes a Desk.
func New(deps Deps) *Desk {
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	return &Desk{deps: deps}
}

// now is the moment in the grain in which times are kept.
func (d *Desk) now() time.Time { return d.deps.Now().UTC().Truncate(time.Millisecond) }

// Get returns one use. Problem: NotFound.
func (d *Desk) Get(ctx context.Context, id ids.Use) (Use, error) { return d.deps.Store.ByID(ctx, id) }

// usesOnPage is how many uses a page of a list has.
const usesOnPage = 50

// Uses lists uses, newest first, and what to give as after for the following page;
// "" when this is the last.
func (d *Desk) Uses(ctx context.Context, after ids.Use) (page []Use, next ids.Use, err error) {
	page, err = d.deps.Store.List(ctx, Query{After: after, Limit: usesOnPage + 1})
	if err != nil {
		return nil, "", fmt.Errorf("list uses of the emergency access: %w", err)
	}
	if len(page) > usesOnPage {
		page = page[:usesOnPage]
		next = page[usesOnPage-1].ID
	}
	return page, next, nil
}

// OpenNow returns the use that is open, if its time is not up.
func (d *Desk) OpenNow(ctx context.Context) (Use, bool, error) {
	open, err := d.deps.Store.List(ctx, Query{State: Open})
	if err != nil {
		return Use{}, false, fmt.Errorf("look for an open emergency access: %w", err)
	}
	for _, use := range open {
		if !use.over(d.now()) {
			return use, true, nil
		}
	}
	return Use{}, false, nil
}

// Admits says by which words a session is called that two people opened, as long
// as it is theirs: its time is not up, and both keys could be used again. Any other
// session is refused with NotOpen.
func (d *Desk) Admits(ctx context.Context, session sessions.Session) (string, error) {
	use, open, err := d.OpenNow(ctx)
	if err != nil {
		return "", err
	}
	if !open || use.Session != session.ID || use.First.Person != session.Person {
		return "", NotOpen.New()
	}
	for _, touch := range []Touch{use.First, use.Second} {
		good, err := d.stillGood(ctx, touch)
		if err != nil {
			return "", err
		}
		if !good {
			return "", NotOpen.New()
		}
	}
	return "emergency access: " + use.First.Holder + " and " + use.Second.Holder, nil
}

// Administers reports whether an identity is inside now, through a session that
// Admits would let in.
func (d *Desk) Administers(ctx context.Context, person ids.Person) (bool, error) {
	use, open, err := d.OpenNow(ctx)
	if err != nil || !open || use.First.Person != person {
		return false, err
	}
	return d.admitted(ctx, use)
}

// admitted reports whether the session of an open use is still alive and let in.
func (d *Desk) admitted(ctx context.Context, use Use) (bool, error) {
	session, err := d.deps.Sessions.Get(ctx, use.Session)
	if problem.Is(err, sessions.NoSuch) {
		return false, nil
	}
	if err != nil || session.Life(d.now()) != sessions.Alive {
		return false, err
	}
	_, err = d.Admits(ctx, session)
	if problem.Is(err, NotOpen) {
		return false, nil
	}
	return err == nil, err
}

// stillGood reports whether what was touched could be touched again.
func (d *Desk) stillGood(ctx context.Context, touch Touch) (bool, error) {
	person, err := d.deps.People.Get(ctx, touch.Person)
	if problem.Is(err, people.NotFound) || err == nil && !person.MayBreakGlass(d.now()) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return d.deps.Factors.StillGood(ctx, touch.Person, touch.Key, touch.Credential)
}

// record writes an audit entry about a use. The names that the holders gave go into
// it, against the custom of the house: who opened Warder must stand where nobody
// can change it later.
func (d *Desk) record(ctx context.Context, actor audit.Actor, action string, use Use, more map[string]string) error {
	details := map[string]string{"purpose": string(use.Purpose), "reason": use.Reason,
		"first": string(use.First.Person), "first_key": string(use.First.Key), "first_holder": use.First.Holder}
	if use.Second.Person != "" {
		details["second"], details["second_key"], details["second_holder"] = string(use.Second.Person), string(use.Second.Key), use.Second.Holder
	}
	for name, value := range more {
		details[name] = value
	}
	return d.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: action, Subject: string(use.ID), Details: details})
}
