package retirement

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/proof/adoption"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret"
	"github.com/warder-project/warder/internal/registry/people"
)

// word is the reason that stands at a secret that was disabled here.
const word = "retired"

// Usual is how long a method stays disabled when nobody says otherwise.
const Usual = 14

const (
	day           = 24 * time.Hour
	mostDays      = 90
	longestReason = 500
	mostListed    = 200
)

// Deps is what a Desk needs.
type Deps struct {
	Store   Store
	Tx      tx.Runner
	Audit   *audit.Log
	Counter *adoption.Counter
	People  *people.Directory
	Secrets *sharedsecret.Book
	Now     func() time.Time
}

// Desk plans and carries out retirements. It is safe for concurrent use.
type Desk struct{ deps Deps }

// New makes a Desk.
func New(deps Deps) *Desk { return &Desk{deps: deps} }

// Plan says what retiring a method means for everybody, and changes nothing.
// Problem: NotOurs.
func (d *Desk) Plan(ctx context.Context, method assurance.Method) (Plan, error) {
	if !retirable(method) {
		return Plan{}, NotOurs.New()
	}
	picture, err := d.deps.Counter.Count(ctx)
	if err != nil {
		return Plan{}, fmt.Errorf("plan to retire %s: %w", method, err)
	}
	return plan(method, picture), nil
}

// Outcome is what applying a plan has done.
type Outcome struct {
	Disabled []Retired
	Waiting  int // people who have the method and are not ready
}

// Apply disables the method of everybody who is ready, each in a unit of work of
// their own, for some days, after which it is removed. When it returns an error, what
// Outcome lists was done and stays. Problems: NotOurs, DaysRefused.
func (d *Desk) Apply(ctx context.Context, actor audit.Actor, method assurance.Method, days int) (Outcome, error) {
	if days < 1 || days > mostDays {
		return Outcome{}, DaysRefused.New()
	}
	made, err := d.Plan(ctx, method)
	if err != nil {
		return Outcome{}, err
	}
	var outcome Outcome
	for _, item := range made.Items {
		if !item.Ready {
			outcome.Waiting++
			continue
		}
		disabled, err := d.disable(ctx, actor, order{person: item.Account.Person.ID, method: method, length: time.Duration(days) * day})
		if err != nil {
			return outcome, fmt.Errorf("retire %s of %s: %w", method, item.Account.Person.ID, err)
		}
		if len(disabled) == 0 { // things have changed since the plan was made
			outcome.Waiting++
		}
		outcome.Disabled = append(outcome.Disabled, disabled...)
	}
	return outcome, nil
}

type order struct {
	person ids.Person
	method assurance.Method
	length time.Duration
}

// disable stops one person's method, if they are still ready.
func (d *Desk) disable(ctx context.Context, actor audit.Actor, what order) ([]Retired, error) {
	var done []Retired
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		done = nil
		person, err := d.deps.People.Get(ctx, what.person)
		if err != nil {
			return err
		}
		account, err := d.deps.Counter.Of(ctx, person)
		if err != nil {
			return err
		}
		if item, has := itemOf(what.method, &account); !has || !item.Ready {
			return nil
		}
		held, err := d.deps.Secrets.OfPerson(ctx, what.person)
		if err != nil {
			return err
		}
		for _, secret := range sharedsecret.Active(held, what.method) {
			retired, err := d.stop(ctx, actor, secret, what.length)
			if err != nil {
				return err
			}
			done = append(done, retired)
		}
		return nil
	})
	return done, err
}

func (d *Desk) stop(ctx context.Context, actor audit.Actor, secret sharedsecret.Secret, length time.Duration) (Retired, error) {
	now := d.deps.Now()
	retired := Retired{ID: ids.New[ids.Retirement](), Secret: secret.ID, Person: secret.Person, Method: secret.Method,
		State: Disabled, By: actor, At: now, Until: now.Add(length)}
	if err := d.deps.Secrets.Disable(ctx, actor, secret.ID, word); err != nil {
		return Retired{}, err
	}
	if err := d.deps.Store.Add(ctx, retired); err != nil {
		return Retired{}, err
	}
	return retired, d.record(ctx, actor, "retirement.disabled", retired)
}

// List shows what was disabled of a method, of one person or with "" of everybody,
// newest first, at most 200. Problem: NotOurs.
func (d *Desk) List(ctx context.Context, method assurance.Method, person ids.Person) ([]Retired, error) {
	if !retirable(method) {
		return nil, NotOurs.New()
	}
	return d.deps.Store.OfMethod(ctx, method, person, mostListed)
}

// Get finds one. Problem: NotFound.
func (d *Desk) Get(ctx context.Context, id ids.Retirement) (Retired, error) {
	return d.deps.Store.Get(ctx, id)
}

// Undo gives a disabled method back, as it was. It takes somebody else than who
// disabled it and than the person themselves. Problems: NotFound, Over, SameHand,
// NoReason.
func (d *Desk) Undo(ctx context.Context, actor audit.Actor, id ids.Retirement, reason string) (Retired, error) {
	reason = strings.TrimSpace(reason)
	if reason == "" || utf8.RuneCountInString(reason) > longestReason {
		return Retired{}, NoReason.New()
	}
	var retired Retired
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		var err error
		if retired, err = d.mayUndo(ctx, actor, id); err != nil {
			return err
		}
		err = d.deps.Secrets.Restore(ctx, actor, retired.Secret, word)
		if problem.Is(err, sharedsecret.Changed) {
			return Over.Because(err)
		}
		if err != nil {
			return err
		}
		retired.State, retired.EndedBy, retired.EndedAt, retired.Reason = Restored, actor, d.deps.Now(), reason
		return d.end(ctx, actor, "retirement.undone", retired)
	})
	if err != nil {
		return Retired{}, fmt.Errorf("undo retirement %s: %w", id, err)
	}
	return retired, nil
}

// MayUndo says whether Undo would be refused, and changes nothing.
func (d *Desk) MayUndo(ctx context.Context, actor audit.Actor, id ids.Retirement) (Retired, error) {
	return d.mayUndo(ctx, actor, id)
}

func (d *Desk) mayUndo(ctx context.Context, actor audit.Actor, id ids.Retirement) (Retired, error) {
	retired, err := d.deps.Store.Get(ctx, id)
	if err != nil {
		return Retired{}, err
	}
	switch {
	case retired.State != Disabled || !d.deps.Now().Before(retired.Until):
		return Retired{}, Over.New()
	case actor == retired.By || actor == audit.Person(retired.Person):
		return Retired{}, SameHand.New()
	case actor.Kind != audit.ActorPerson && actor.Kind != audit.ActorCommand:
		return Retired{}, SameHand.New()
	}
	return retired, nil
}

// Finish removes for good what has been disabled for long enough, and returns how
// much that was. What has gone another way meanwhile is only closed.
func (d *Desk) Finish(ctx context.Context) (int, error) {
	const batch = 100
	removed := 0
	for {
		due, err := d.deps.Store.Due(ctx, d.deps.Now(), batch)
		if err != nil {
			return removed, fmt.Errorf("remove retired methods: %w", err)
		}
		for _, retired := range due {
			if err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error { return d.remove(ctx, retired) }); err != nil {
				return removed, fmt.Errorf("remove retired %s: %w", retired.ID, err)
			}
			removed++
		}
		if len(due) < batch {
			return removed, nil
		}
	}
}

func (d *Desk) remove(ctx context.Context, retired Retired) error {
	system := audit.System("retirement.finish")
	secret, err := d.deps.Secrets.Get(ctx, retired.Secret)
	if err != nil {
		return err
	}
	if secret.State == factors.Suspended && secret.Reason == word {
		if err := d.deps.Secrets.Remove(ctx, system, retired.Secret, word); err != nil {
			return err
		}
	}
	retired.State, retired.EndedBy, retired.EndedAt = Removed, system, d.deps.Now()
	return d.end(ctx, system, "retirement.removed", retired)
}

func (d *Desk) end(ctx context.Context, actor audit.Actor, action string, retired Retired) error {
	ended, err := d.deps.Store.End(ctx, retired)
	if err != nil {
		return err
	}
	if !ended {
		return Over.New()
	}
	return d.record(ctx, actor, action, retired)
}

// record writes the audit entry. What others keep copies of is the secret, and its
// own room publishes that.
func (d *Desk) record(ctx context.Context, actor audit.Actor, action string, retired Retired) error {
	details := map[string]string{"person": string(retired.Person), "method": retired.Method.String(), "secret": string(retired.Secret),
		"until": retired.Until.UTC().Format(time.RFC3339)}
	if retired.Reason != "" {
		details["reason"] = retired.Reason
	}
	return d.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: action, Subject: string(retired.ID), Details: details})
}
