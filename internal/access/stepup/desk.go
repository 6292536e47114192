package stepup

import (
	"context"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
)

// Store keeps what waits. What writes is called inside a unit of work.
type Store interface {
	Add(ctx context.Context, held Held) error
	// ByID is problem NotFound when there is none.
	ByID(ctx context.Context, id ids.StepUp) (Held, error)
	// Latest gives the latest of this session and hash in one of the states, without its content.
	Latest(ctx context.Context, session ids.Session, hash [32]byte, in ...State) (Held, bool, error)
	// WaitingOf says how many of this person wait at that moment.
	WaitingOf(ctx context.Context, person ids.Person, now time.Time) (int, error)
	// Advance overwrites what may change, if the version is still the one given;
	// otherwise it is problem Over. A content goes when held.Body is nil.
	Advance(ctx context.Context, held Held) error
	// Due lists at most limit whose Until is not after now and that are Waiting or Granted.
	Due(ctx context.Context, now time.Time, limit int) ([]Held, error)
	// Count says how many there were in each state, asked since the time given.
	Count(ctx context.Context, since time.Time) (map[State]int, error)
}

// Keys is what is needed of registry/factors.
type Keys interface {
	BeginConsent(ctx context.Context, person ids.Person, to []byte) (options, state []byte, err error)
	FinishVerification(ctx context.Context, state, response []byte) (factors.Proof, error)
}

// Deps is what a Desk needs. All of it is required.
type Deps struct {
	Store Store
	Keys  Keys
	Tx    tx.Runner
	Audit *audit.Log
	Now   func() time.Time
}

// Desk is where requests wait for a key.
type Desk struct{ deps Deps }

// New makes a Desk.
func New(deps Deps) *Desk { return &Desk{deps: deps} }

func (d *Desk) now() time.Time { return d.deps.Now().UTC().Truncate(time.Millisecond) }

// Ask keeps a request until its person touches a key. The same request that waits
// already is not kept twice. Problem: TooMany.
func (d *Desk) Ask(ctx context.Context, request Request) (Held, error) {
	fresh := Held{ID: ids.New[ids.StepUp](), Request: request, State: Waiting, ActionHash: request.Hash(), AskedAt: d.now(), Until: d.now().Add(WaitsFor)}
	var held Held
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		before, waiting, err := d.deps.Store.Latest(ctx, request.Session, fresh.ActionHash, Waiting)
		if err != nil {
			return err
		}
		if waiting && before.Until.After(fresh.AskedAt) {
			held = before
			return nil
		}
		count, err := d.deps.Store.WaitingOf(ctx, request.Person, fresh.AskedAt)
		if err != nil {
			return err
		}
		if count >= MostWaiting {
			return TooMany.New()
		}
		held = fresh
		if err := d.deps.Store.Add(ctx, held); err != nil {
			return err
		}
		return d.record(ctx, audit.Person(request.Person), "stepup.asked", held, nil)
	})
	if err != nil {
		return Held{}, fmt.Errorf("hold a request for a key: %w", err)
	}
	return held, nil
}

// By is who touches the key, and in which session of the portal.
type By struct {
	Person  ids.Person
	Session ids.Session
}

// asked reports whether it was they who asked, in that very browser: a link that
// somebody else sends must not make a person consent to what that other one wants.
func (b By) asked(held Held) bool {
	return b.Person != "" && b.Person == held.Person && b.Session != "" && b.Session == held.Portal
}

// Open gives the person what waits, with the challenge for their key. Two tabs are
// given the same one. Problems: NotFound, also for anybody else; Over.
func (d *Desk) Open(ctx context.Context, by By, id ids.StepUp) (Held, error) {
	var held Held
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		var err error
		if held, err = d.waiting(ctx, by, id); err != nil || len(held.Options) > 0 {
			return err
		}
		held.Options, held.Challenge, err = d.deps.Keys.BeginConsent(ctx, by.Person, held.ActionHash[:])
		if err != nil {
			return err
		}
		return d.deps.Store.Advance(ctx, held)
	})
	return held, wrapped(err, "open", id)
}

// Grant takes the answer of the key. A wrong one leaves the request waiting, with a
// new challenge next time. Problems: NotFound, Over, WrongKey, TooWeak, those of factors.
func (d *Desk) Grant(ctx context.Context, by By, id ids.StepUp, response []byte) (Held, error) {
	var held Held
	var refusal error
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		var err error
		if held, err = d.waiting(ctx, by, id); err != nil {
			return err
		}
		// Used up, whatever comes of it: WebAuthn Level 3 §13.4.3.
		challenge := held.Challenge
		held.Options, held.Challenge = nil, nil
		proof, err := d.deps.Keys.FinishVerification(ctx, challenge, response)
		if err == nil {
			err = enough(by.Person, proof)
		}
		if err != nil {
			if found, known := problem.Of(err); !known || found.Kind == problem.Internal {
				return err
			}
			refusal = err
			return d.refused(ctx, held, err)
		}
		held.State, held.Credential = Granted, proof.Credential.ID
		held.DecidedAt, held.Until = d.now(), d.now().Add(max(OpenFor, held.Keep))
		if err := d.deps.Store.Advance(ctx, held); err != nil {
			return err
		}
		return d.record(ctx, audit.Person(by.Person), "stepup.granted", held, map[string]string{"credential": string(held.Credential)})
	})
	if err == nil {
		err = refusal
	}
	return held, wrapped(err, "grant", id)
}

func (d *Desk) refused(ctx context.Context, held Held, why error) error {
	if err := d.deps.Store.Advance(ctx, held); err != nil {
		return err
	}
	found, _ := problem.Of(why)
	return d.record(ctx, audit.Person(held.Person), "stepup.refused", held, map[string]string{"code": found.Code})
}

// enough is what a key must have proven.
func enough(person ids.Person, proof factors.Proof) error {
	switch {
	case proof.Credential.Person != person:
		return WrongKey.New()
	case !proof.UserVerified || !proof.Assurance.PhishingResistant || !proof.Assurance.UserVerified:
		return TooWeak.New()
	}
	return nil
}

// Decline is the person's no. Problems: NotFound, Over.
func (d *Desk) Decline(ctx context.Context, by By, id ids.StepUp) error {
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		held, err := d.waiting(ctx, by, id)
		if err != nil {
			return err
		}
		held.State, held.DecidedAt, held.Body, held.Options, held.Challenge = Declined, d.now(), nil, nil, nil
		if err := d.deps.Store.Advance(ctx, held); err != nil {
			return err
		}
		return d.record(ctx, audit.Person(by.Person), "stepup.declined", held, nil)
	})
	return wrapped(err, "decline", id)
}

// Take uses a grant for this very request of this session, and answers false when
// there is none. A grant that holds for a time is not used up by it.
func (d *Desk) Take(ctx context.Context, request Request) (bool, error) {
	_, found, err := d.deps.Store.Latest(ctx, request.Session, request.Hash(), Granted)
	if err != nil || !found {
		return false, err
	}
	err = d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		held, found, err := d.deps.Store.Latest(ctx, request.Session, request.Hash(), Granted)
		if err != nil {
			return err
		}
		if !found {
			return NotGranted.New()
		}
		return d.take(ctx, held)
	})
	if problem.Is(err, NotGranted) || problem.Is(err, Over) {
		return false, nil
	}
	return err == nil, err
}

// Resume uses the grant of a request whose content was kept, and gives it. Problems:
// NotFound, also for any other session or host; NotGranted, also where there is no content.
func (d *Desk) Resume(ctx context.Context, session ids.Session, origin string, id ids.StepUp) (Held, error) {
	var held Held
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		var err error
		held, err = d.deps.Store.ByID(ctx, id)
		if err != nil {
			return err
		}
		if held.Session != session || held.Origin != origin {
			return NotFound.New()
		}
		if held.State != Granted || held.Body == nil {
			return NotGranted.New()
		}
		once := held // a page that is loaded again must not do it again, however long the touch holds
		once.Keep = 0
		return d.take(ctx, once)
	})
	return held, wrapped(err, "resume", id)
}

func (d *Desk) take(ctx context.Context, held Held) error {
	if !d.now().Before(held.Until) {
		return NotGranted.New()
	}
	if held.Keep > 0 && !held.UsedAt.IsZero() {
		return nil // it holds until then, however often
	}
	held.UsedAt = d.now()
	if held.Keep == 0 {
		held.State = Used
	} else {
		held.Until = held.DecidedAt.Add(max(held.Keep, held.UsedAt.Sub(held.DecidedAt)))
	}
	if err := d.deps.Store.Advance(ctx, held); err != nil {
		return err
	}
	return d.record(ctx, audit.Person(held.Person), "stepup.used", held, nil)
}

// Find gives what there is, to the person who asked for it. Problem: NotFound.
func (d *Desk) Find(ctx context.Context, by By, id ids.StepUp) (Held, error) {
	held, err := d.deps.Store.ByID(ctx, id)
	if err == nil && !by.asked(held) {
		err = NotFound.New()
	}
	return held, wrapped(err, "find", id)
}

// waiting reads what waits for this person.
func (d *Desk) waiting(ctx context.Context, by By, id ids.StepUp) (Held, error) {
	held, err := d.deps.Store.ByID(ctx, id)
	switch {
	case err != nil:
		return Held{}, err
	case !by.asked(held):
		return Held{}, NotFound.New()
	case held.State != Waiting || !d.now().Before(held.Until):
		return held, Over.New()
	}
	return held, nil
}

// Sweep closes what has waited too long and what was granted and not used, and lets
// go of its content. It answers how many.
func (d *Desk) Sweep(ctx context.Context) (int, error) {
	due, err := d.deps.Store.Due(ctx, d.now(), 500)
	if err != nil {
		return 0, fmt.Errorf("find step-ups whose time is over: %w", err)
	}
	swept := 0
	for _, held := range due {
		err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
			action := "stepup.abandoned"
			switch {
			case held.State == Waiting:
				held.State = Abandoned
			case held.UsedAt.IsZero():
				held.State, action = Expired, "stepup.expired"
			default:
				held.State, action = Used, ""
			}
			held.Body, held.Options, held.Challenge = nil, nil, nil
			if err := d.deps.Store.Advance(ctx, held); err != nil || action == "" {
				return err
			}
			return d.record(ctx, audit.System("stepup"), action, held, nil)
		})
		if err != nil && !problem.Is(err, Over) {
			return swept, fmt.Errorf("close step-up %s: %w", held.ID, err)
		}
		swept++
	}
	return swept, nil
}

// Count says how many were asked, granted, declined and abandoned since then.
func (d *Desk) Count(ctx context.Context, since time.Time) (map[State]int, error) {
	return d.deps.Store.Count(ctx, since)
}

func (d *Desk) record(ctx context.Context, actor audit.Actor, action string, held Held, more map[string]string) error {
	details := map[string]string{"service": string(held.Service), "action": held.Action, "amount": held.Amount, "method": held.Method,
		"session": string(held.Session), "hash": fmt.Sprintf("%x", held.ActionHash)}
	for name, value := range more {
		details[name] = value
	}
	return d.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: action, Subject: string(held.ID), Details: details})
}

func wrapped(err error, what string, id ids.StepUp) error {
	if err != nil {
		return fmt.Errorf("%s step-up %s: %w", what, id, err)
	}
	return nil
}
