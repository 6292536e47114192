package factors

import (
	"context"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/keys"
)

// Deps is what Factors needs.
type Deps struct {
	Store      Store
	Tx         tx.Runner
	Audit      *audit.Log
	Now        func() time.Time
	Keys       *keys.Register
	Models     *keys.Models
	Ceremonies Ceremonies

	// AcceptUnattested lets people register keys that do not prove an allowed
	// model. Such a credential never counts as attested or hardware-bound. Off by
	// default.
	AcceptUnattested bool
}

// Factors is what people can sign in with. Every change is one unit of work with
// its audit entry, and is published as tx.Credential.
type Factors struct{ deps Deps }

// New builds Factors.
func New(deps Deps) *Factors { return &Factors{deps: deps} }

// OfPerson lists a person's credentials in every state, oldest first.
func (f *Factors) OfPerson(ctx context.Context, person ids.Person) ([]Credential, error) {
	return f.deps.Store.OfPerson(ctx, person)
}

// OfKey lists the credentials on a key in every state, oldest first.
func (f *Factors) OfKey(ctx context.Context, key ids.Key) ([]Credential, error) {
	return f.deps.Store.OfKey(ctx, key)
}

// OfModel lists the active credentials that have proven a model, oldest first: those
// for which a change of the model makes a difference.
func (f *Factors) OfModel(ctx context.Context, model string) ([]Credential, error) {
	return f.deps.Store.OfModel(ctx, model)
}

// StillGood reports whether what somebody signed in with may still be used: the
// credential is active, on that key, which is enrolled and theirs. What cannot be
// found is not good.
func (f *Factors) StillGood(ctx context.Context, person ids.Person, key ids.Key, credential ids.Credential) (bool, error) {
	onKey, err := f.deps.Store.OfKey(ctx, key)
	if err != nil {
		return false, fmt.Errorf("read credentials of key %s: %w", key, err)
	}
	for _, one := range onKey {
		if one.ID != credential {
			continue
		}
		if one.State != Active || one.Person != person {
			return false, nil
		}
		blocked, err := f.keyBlocked(ctx, one)
		return err == nil && !blocked, err
	}
	return false, nil
}

// SuspendOfKey stops every active credential on a key and returns how many there
// were. reason is a short word for the audit record and the person's own page
// ("lost"). Doing it again changes nothing.
func (f *Factors) SuspendOfKey(ctx context.Context, actor audit.Actor, key ids.Key, reason string) (int, error) {
	suspended, err := f.stopAll(ctx, actor, f.ofKey(key), step{Suspended, reason})
	if err != nil {
		return 0, fmt.Errorf("suspend credentials of key %s: %w", key, err)
	}
	return suspended, nil
}

// SuspendOfModel stops every active credential that has proven a model, and returns how
// many there were. reason is as for SuspendOfKey.
func (f *Factors) SuspendOfModel(ctx context.Context, actor audit.Actor, model, reason string) (int, error) {
	proven := func(ctx context.Context) ([]Credential, error) { return f.deps.Store.OfModel(ctx, model) }
	suspended, err := f.stopAll(ctx, actor, proven, step{Suspended, reason})
	if err != nil {
		return 0, fmt.Errorf("suspend credentials of model %s: %w", model, err)
	}
	return suspended, nil
}

// RevokeOfKey takes every active credential on a key away for good and returns how
// many there were. It asks nobody whether the holder can do without: access/methods
// does. Doing it again changes nothing.
func (f *Factors) RevokeOfKey(ctx context.Context, actor audit.Actor, key ids.Key, reason string) (int, error) {
	revoked, err := f.stopAll(ctx, actor, f.ofKey(key), step{Revoked, reason})
	if err != nil {
		return 0, fmt.Errorf("revoke credentials of key %s: %w", key, err)
	}
	return revoked, nil
}

// step is what becomes of a credential, and why.
type step struct {
	to     State
	reason string
}

func (f *Factors) ofKey(key ids.Key) func(context.Context) ([]Credential, error) {
	return func(ctx context.Context) ([]Credential, error) { return f.deps.Store.OfKey(ctx, key) }
}

// stopAll takes those of the credentials that are active one step on.
func (f *Factors) stopAll(ctx context.Context, actor audit.Actor, which func(context.Context) ([]Credential, error), step step) (int, error) {
	stopped := 0
	err := f.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		stopped = 0
		held, err := which(ctx)
		if err != nil {
			return err
		}
		for _, credential := range held {
			if credential.State != Active {
				continue
			}
			if err := f.stop(ctx, actor, credential, step); err != nil {
				return err
			}
			stopped++
		}
		return nil
	})
	return stopped, err
}

// stop takes a credential one step on. The caller has read it in the same unit of work.
func (f *Factors) stop(ctx context.Context, actor audit.Actor, credential Credential, step step) error {
	if !credential.State.MayBecome(step.to) {
		return fmt.Errorf("stop credential %s: it is %s and cannot become %s", credential.ID, credential.State, step.to)
	}
	changed, err := f.deps.Store.Change(ctx, Change{
		ID: credential.ID, From: credential.State, To: step.to, Reason: step.reason, At: f.deps.Now(),
	})
	if err != nil {
		return err
	}
	if !changed {
		return fmt.Errorf("stop credential %s: it was changed in the same unit of work", credential.ID)
	}
	return f.tell(ctx, actor, "factor."+string(step.to), credential, map[string]string{"reason": step.reason})
}

// tell writes the audit entry and publishes the change.
func (f *Factors) tell(ctx context.Context, actor audit.Actor, action string, credential Credential, details map[string]string) error {
	if err := f.record(ctx, actor, action, credential, details); err != nil {
		return err
	}
	return tx.Publish(ctx, tx.Credential, string(credential.ID))
}

func (f *Factors) record(ctx context.Context, actor audit.Actor, action string, credential Credential, details map[string]string) error {
	all := map[string]string{"person": string(credential.Person), "key": string(credential.Key)}
	for name, value := range details {
		all[name] = value
	}
	err := f.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: action, Subject: string(credential.ID), Details: all})
	if err != nil {
		return fmt.Errorf("record %s: %w", action, err)
	}
	return nil
}

// descriptors names the credentials in one of the states to the browser.
func descriptors(credentials []Credential, states ...State) []Descriptor {
	var named []Descriptor
	for _, credential := range credentials {
		for _, state := range states {
			if credential.State == state {
				named = append(named, Descriptor{CredentialID: credential.CredentialID, Transports: credential.Transports})
			}
		}
	}
	return named
}
