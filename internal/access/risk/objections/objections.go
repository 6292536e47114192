// Package objections takes the word of people about sign-ins in their name that were
// unusual. "This was not me" ends the session, forgets what it has taught, blocks its
// browser and network for that person for a week, and opens a case that somebody
// looks into. "It was me, only end it" ends the session, and says nothing against
// anybody.
//
// Either takes nothing but the message that the person was sent, or a session of
// theirs: it only ever takes something away. The room keeps its cases in the store of
// access/risk, to which it leaves what is unusual.
package objections

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/warder-project/warder/internal/access/risk"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
)

// Deps is what a Desk needs. All of it is required.
type Deps struct {
	Store    risk.Store
	Tx       tx.Runner
	Audit    *audit.Log
	Sessions risk.Sessions
	// Tell writes a message to a person, in the unit of work in ctx.
	Tell func(ctx context.Context, person ids.Person, subject, text string) error
	Now  func() time.Time
}

// Desk takes people's word. It is safe for concurrent use.
type Desk struct{ deps Deps }

// New returns a desk.
func New(deps Deps) *Desk { return &Desk{deps: deps} }

func (d *Desk) now() time.Time { return d.deps.Now().UTC().Truncate(time.Millisecond) }

// Objected is the sight that somebody was told of. Problem: NoSuchSight.
func (d *Desk) Objected(ctx context.Context, token secret.Value) (risk.Sight, error) {
	if token.Empty() {
		return risk.Sight{}, NoSuchSight.New()
	}
	found, err := d.deps.Store.Sights(ctx, risk.Which{Objection: token.Hash(), Limit: 1})
	if err != nil {
		return risk.Sight{}, fmt.Errorf("find a sign-in that somebody objects to: %w", err)
	}
	if len(found) == 0 {
		return risk.Sight{}, NoSuchSight.New()
	}
	return found[0], nil
}

// Object takes the word of whoever has the message: it was not them. Problems:
// NoSuchSight, Answered.
func (d *Desk) Object(ctx context.Context, token secret.Value) error {
	return d.answer(ctx, audit.Actor{}, func(ctx context.Context) (risk.Sight, error) { return d.Objected(ctx, token) }, d.object)
}

// Cancel takes the word of whoever has the message: it was them, and the session
// is to end. Problems: NoSuchSight, Answered.
func (d *Desk) Cancel(ctx context.Context, token secret.Value) error {
	return d.answer(ctx, audit.Actor{}, func(ctx context.Context) (risk.Sight, error) { return d.Objected(ctx, token) }, d.cancel)
}

// ObjectOwn and CancelOwn are the same for somebody who is signed in, about a
// session of theirs. Problems: NoSuchSight, Answered.
func (d *Desk) ObjectOwn(ctx context.Context, person ids.Person, session ids.Session) error {
	return d.answer(ctx, audit.Person(person), d.own(person, session), d.object)
}

// CancelOwn ends the person's own session.
func (d *Desk) CancelOwn(ctx context.Context, person ids.Person, session ids.Session) error {
	return d.answer(ctx, audit.Person(person), d.own(person, session), d.cancel)
}

func (d *Desk) own(person ids.Person, session ids.Session) func(ctx context.Context) (risk.Sight, error) {
	return func(ctx context.Context) (risk.Sight, error) {
		all, err := d.deps.Store.Sights(ctx, risk.Which{Sessions: []ids.Session{session}})
		sight, found := risk.Worst(all)
		if err == nil && (!found || sight.Person != person) {
			err = NoSuchSight.New()
		}
		return sight, err
	}
}

// Open lists what is unusual about a person's sign-ins and was not answered.
func (d *Desk) Open(ctx context.Context, person ids.Person) ([]risk.Sight, error) {
	all, err := d.deps.Store.Sights(ctx, risk.Which{Person: person, Raised: true, Limit: 50})
	if err != nil {
		return nil, fmt.Errorf("list unusual sign-ins of %s: %w", person, err)
	}
	return slices.DeleteFunc(all, func(s risk.Sight) bool { return s.Answer != risk.NoAnswer }), nil
}

func (d *Desk) answer(ctx context.Context, actor audit.Actor, find func(context.Context) (risk.Sight, error), do func(context.Context, audit.Actor, *risk.Sight) error) error {
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		sight, err := find(ctx)
		if err != nil {
			return err
		}
		if sight.Answer != risk.NoAnswer {
			return Answered.New()
		}
		if err := do(ctx, actor, &sight); err != nil {
			return err
		}
		if err := d.deps.Store.KeepSight(ctx, sight); err != nil {
			return err
		}
		return tx.Publish(ctx, tx.Session, string(sight.Session))
	})
	if err != nil {
		return fmt.Errorf("answer about an unusual sign-in: %w", err)
	}
	return nil
}

// cancel ends the session and says nothing against anybody.
func (d *Desk) cancel(ctx context.Context, actor audit.Actor, sight *risk.Sight) error {
	sight.Answer = risk.WasMe
	if err := d.end(ctx, actor, sight, risk.EndedByMail); err != nil {
		return err
	}
	return d.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: "risk.was_me", Subject: string(sight.Person), Details: map[string]string{"session": string(sight.Session)}})
}

// object ends the session, forgets what it has taught, blocks the way in, and opens
// a case.
func (d *Desk) object(ctx context.Context, actor audit.Actor, sight *risk.Sight) error {
	sight.Answer = risk.WasNotMe
	if err := d.end(ctx, actor, sight, risk.NotMe); err != nil {
		return err
	}
	known, err := d.deps.Store.Known(ctx, sight.Person)
	if err != nil {
		return err
	}
	now := d.now()
	keep, drop := risk.Block(*sight, risk.History{Known: known}, now)
	if err := d.deps.Store.Learn(ctx, sight.Person, keep, drop); err != nil {
		return err
	}
	opened := risk.Case{ID: ids.New[ids.RiskCase](), Person: sight.Person, Session: sight.Session, Network: sight.NetworkText(), Device: sight.Device, OpenedAt: now}
	if err := d.deps.Store.OpenCase(ctx, opened); err != nil {
		return err
	}
	var blocked []string
	for _, one := range keep {
		blocked = append(blocked, string(one.Kind))
	}
	err = d.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: "risk.was_not_me", Subject: string(sight.Person),
		Details: map[string]string{"session": string(sight.Session), "case": string(opened.ID), "blocked": strings.Join(blocked, " ")}})
	if err != nil {
		return err
	}
	return d.deps.Tell(ctx, sight.Person, "You said that a sign-in was not you", "It is ended, and nobody can sign in as you from there for a week. The security team looks into it.\n\n"+
		"Look now whether every security key of yours is in your hands, and report the ones that are not: on your own page, or at the service desk.")
}

// end ends the session, if nothing has yet.
func (d *Desk) end(ctx context.Context, actor audit.Actor, sight *risk.Sight, reason sessions.Reason) error {
	err := d.deps.Sessions.End(ctx, actor, sight.Session, reason)
	if problem.Is(err, sessions.NoSuch) {
		return nil
	}
	return err
}

// CaseList lists cases, open ones first.
func (d *Desk) CaseList(ctx context.Context, open bool) ([]risk.Case, error) {
	all, err := d.deps.Store.Cases(ctx, open, 200)
	if err != nil {
		return nil, fmt.Errorf("list cases of sign-ins: %w", err)
	}
	return all, nil
}

const longestFinding = 200

// Close closes a case with what was found. With lift the way in is opened again.
// Problems: FindingMissing, NoSuchCase.
func (d *Desk) Close(ctx context.Context, actor audit.Actor, id ids.RiskCase, finding string, lift bool) error {
	finding = strings.TrimSpace(finding)
	if finding == "" || utf8.RuneCountInString(finding) > longestFinding || !utf8.ValidString(finding) || strings.ContainsFunc(finding, unicode.IsControl) {
		return FindingMissing.New().At(problem.Field{Name: "finding", Message: "Say in one line of at most 200 letters what was found."})
	}
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		open, err := d.deps.Store.Cases(ctx, true, 0)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(open, func(c risk.Case) bool { return c.ID == id })
		if at < 0 {
			return NoSuchCase.New()
		}
		one := open[at]
		one.ClosedAt, one.ClosedBy, one.Finding = d.now(), ids.Person(actor.ID), finding
		closed, err := d.deps.Store.CloseCase(ctx, one)
		if err != nil {
			return err
		}
		if !closed {
			return NoSuchCase.New()
		}
		details := map[string]string{"case": string(id), "finding": finding}
		if lift {
			details["lifted"] = "yes"
			if err := d.deps.Store.Learn(ctx, one.Person, nil, []risk.Known{{Kind: risk.BlockedDevice, Value: one.Device}, {Kind: risk.BlockedNetwork, Value: one.Network}}); err != nil {
				return err
			}
		}
		return d.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: "risk.case_closed", Subject: string(one.Person), Details: details})
	})
	if err != nil {
		return fmt.Errorf("close case %s: %w", id, err)
	}
	return nil
}
