package recall

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
)

// Deps is what a Desk needs.
type Deps struct {
	Models   *keys.Models
	Factors  *factors.Factors
	Sessions *sessions.Book
	Tx       tx.Runner
	Now      func() time.Time
}

// Desk changes models, with all that follows. It is safe for concurrent use.
type Desk struct{ deps Deps }

// New makes a Desk.
func New(deps Deps) *Desk { return &Desk{deps: deps} }

// Effect is what a change means for those who have keys of one model.
type Effect struct {
	Model         keys.Model // as it is after the change
	Before, After keys.Worth
	Credentials   int // active, that have proven the model
	People        int // whose they are
	Sessions      int // that end, or count for less
	Stranded      int // people who have no other credential that works; 0 unless credentials stop
}

// Changes reports whether anything is different afterwards.
func (e Effect) Changes() bool { return e.Before != e.After || e.Sessions > 0 }

// Stops reports whether credentials of the model stop.
func (e Effect) Stops() bool { return !e.After.SignIn && e.Credentials > 0 }

// Put adds a model or changes it. Problems: those of keys.Models.Put.
func (d *Desk) Put(ctx context.Context, actor audit.Actor, model keys.Model) (Effect, error) {
	var effect Effect
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		now, _, err := d.deps.Models.Get(ctx, model.AAGUID)
		if err != nil {
			return err
		}
		kept, err := d.deps.Models.Put(ctx, actor, model)
		if err != nil {
			return err
		}
		effect, err = d.follow(ctx, actor, now, kept)
		return err
	})
	if err != nil {
		return Effect{}, fmt.Errorf("change model and what it is good for: %w", err)
	}
	return effect, nil
}

// Foresee says what Put would do, and changes nothing.
func (d *Desk) Foresee(ctx context.Context, model keys.Model) (Effect, error) {
	next, now, err := d.deps.Models.Try(ctx, model)
	if err != nil {
		return Effect{}, err
	}
	reach, err := d.reach(ctx, now, next)
	return reach.Effect, err
}

// Warn puts these warnings in the place of all that were there, and returns an effect
// for each listed model. Problems: those of keys.Models.Warn.
func (d *Desk) Warn(ctx context.Context, actor audit.Actor, warnings []keys.Warned) ([]Effect, error) {
	var effects []Effect
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		before, err := d.deps.Models.List(ctx)
		if err != nil {
			return err
		}
		if err := d.deps.Models.Warn(ctx, actor, warnings); err != nil {
			return err
		}
		effects = make([]Effect, len(before)) // the unit of work may run again
		for i, model := range before {
			if effects[i], err = d.follow(ctx, actor, model, model.With(warnings)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("warn of models: %w", err)
	}
	return effects, nil
}

// ForeseeWarn says what Warn would do, and changes nothing.
func (d *Desk) ForeseeWarn(ctx context.Context, warnings []keys.Warned) ([]Effect, error) {
	listed, err := d.deps.Models.List(ctx)
	if err != nil {
		return nil, err
	}
	effects := make([]Effect, len(listed))
	for i, model := range listed {
		reach, err := d.reach(ctx, model, model.With(warnings))
		if err != nil {
			return nil, err
		}
		effects[i] = reach.Effect
	}
	return effects, nil
}

// Enforce stops what a warning has begun to stop since, and says for how many models
// there was something to stop.
func (d *Desk) Enforce(ctx context.Context) (int, error) {
	listed, err := d.deps.Models.List(ctx)
	if err != nil {
		return 0, err
	}
	changed := 0
	for _, model := range listed {
		if !slices.ContainsFunc(model.Warnings, func(w keys.Warning) bool { return w.InForce(d.deps.Now()) }) {
			continue
		}
		// Looked at outside a unit of work: nearly always there is nothing to do.
		found, err := d.reach(ctx, model, model)
		if err == nil && (found.Stops() || found.Sessions > 0) {
			changed++
			err = d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
				_, err := d.follow(ctx, audit.System("access.recall"), model, model)
				return err
			})
		}
		if err != nil {
			return changed, fmt.Errorf("enforce what model %s is good for: %w", model.AAGUID, err)
		}
	}
	return changed, nil
}

// reach is an effect, with what it is about.
type reach struct {
	Effect
	credentials []factors.Credential
}

// reach finds out whom a change concerns.
func (d *Desk) reach(ctx context.Context, now, next keys.Model) (reach, error) {
	at := d.deps.Now()
	found := reach{Effect: Effect{Model: next, Before: now.Worth(at), After: next.Worth(at)}}
	var err error
	if found.credentials, err = d.deps.Factors.OfModel(ctx, next.AAGUID); err != nil {
		return reach{}, fmt.Errorf("list credentials of model %s: %w", next.AAGUID, err)
	}
	found.Credentials = len(found.credentials)
	people := map[ids.Person]bool{}
	for _, credential := range found.credentials {
		people[credential.Person] = true
	}
	if found.Sessions, err = d.touched(ctx, found); err != nil {
		return reach{}, err
	}
	found.People = len(people)
	if found.Stops() {
		found.Stranded, err = d.stranded(ctx, people, next.AAGUID)
	}
	return found, err
}

// touched counts the sessions that end or count for less.
func (d *Desk) touched(ctx context.Context, found reach) (int, error) {
	list := func() ([]sessions.Session, error) { return d.deps.Sessions.Lowered(ctx, found.lowering()) }
	if !found.After.SignIn {
		list = func() ([]sessions.Session, error) { return d.deps.Sessions.OfKeys(ctx, found.keys()) }
	}
	all, err := list()
	return len(all), err
}

// stranded counts people who have nothing that works but credentials of the model.
func (d *Desk) stranded(ctx context.Context, people map[ids.Person]bool, model string) (int, error) {
	count := 0
	for person := range people {
		held, err := d.deps.Factors.OfPerson(ctx, person)
		if err != nil {
			return 0, err
		}
		left := 0
		for _, credential := range held {
			if credential.State == factors.Active && (credential.Model != model || !credential.Attested()) {
				left++
			}
		}
		if left == 0 {
			count++
		}
	}
	return count, nil
}

// follow does what follows from a change that was made in the same unit of work.
func (d *Desk) follow(ctx context.Context, actor audit.Actor, now, next keys.Model) (Effect, error) {
	found, err := d.reach(ctx, now, next)
	if err != nil {
		return Effect{}, err
	}
	if found.After.SignIn {
		_, err := d.deps.Sessions.Lower(ctx, actor, found.lowering())
		return found.Effect, err
	}
	if _, err := d.deps.Sessions.EndOfKeys(ctx, actor, found.keys(), sessions.KeyWithdrawn); err != nil {
		return Effect{}, err
	}
	_, err = d.deps.Factors.SuspendOfModel(ctx, actor, next.AAGUID, factors.Withdrawn)
	return found.Effect, err
}

// lowering is what is left to sessions begun with the credentials.
func (r reach) lowering() sessions.Lowering {
	lowering := sessions.Lowering{Credentials: map[ids.Credential]ids.Key{}, Most: r.After.Ceiling, Reason: "model_worth"}
	for _, credential := range r.credentials {
		lowering.Credentials[credential.ID] = credential.Key
	}
	return lowering
}

// keys are those that the credentials are on, each once.
func (r reach) keys() []ids.Key {
	var found []ids.Key
	for _, credential := range r.credentials {
		found = append(found, credential.Key)
	}
	slices.Sort(found)
	return slices.Compact(found)
}
