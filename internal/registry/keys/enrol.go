package keys

import (
	"context"
	"fmt"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/audit"
)

// Enrolment is what registry/factors has learned about the physical key on which
// somebody is making a credential.
type Enrolment struct {
	Holder      ids.Person
	Serial      string      // typed by the person, or attested; may be empty
	SerialGrade SerialGrade // zero with a serial number means declared
	Model       string      // AAGUID; may be empty
	ModelGrade  ModelGrade  // zero with a model means claimed
	Firmware    string      // from a verified certificate; may be empty
	Label       string
}

// Enrol ties a new credential to a key and marks the key enrolled: the key that
// was issued to the person under that serial number; without a serial number the
// only issued key of that (verified) model; else a key that nobody had recorded
// yet. It joins the caller's unit of work, so that the credential and the state
// of its key are kept together. Problems: Malformed, SerialTaken,
// SerialNotIssued, AlreadyEnrolled, ModelMismatch, Blocked, HolderMissing.
func (r *Register) Enrol(ctx context.Context, actor audit.Actor, what Enrolment) (Key, error) {
	what, err := what.check()
	if err != nil {
		return Key{}, err
	}
	var key Key
	err = r.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		issued, found, err := r.issued(ctx, what)
		if err != nil {
			return err
		}
		if !found {
			key = r.fresh(StateEnrolled)
			key.Holder = what.Holder
			what.note(&key)
			return r.add(ctx, actor, "key.enrolled", key)
		}
		key = issued
		step := move{id: key.ID, to: StateEnrolled, action: "key.enrolled"}
		return r.change(ctx, actor, step, &key, what.note)
	})
	if err != nil {
		return Key{}, fmt.Errorf("enrol key: %w", err)
	}
	return key, nil
}

// issued finds the key that was issued to the person and is now being set up.
func (r *Register) issued(ctx context.Context, what Enrolment) (Key, bool, error) {
	if what.Serial == "" {
		return r.onlyHeld(ctx, what)
	}
	key, err := r.deps.Store.BySerial(ctx, what.Serial)
	switch {
	case notFound(err) && what.SerialGrade == SerialAttested:
		return r.onlyHeld(ctx, what)
	case notFound(err):
		return Key{}, false, nil
	case err != nil:
		return Key{}, false, err
	case key.Holder != what.Holder:
		return Key{}, false, SerialTaken.New()
	case key.State.Blocked():
		return Key{}, false, Blocked.New()
	case key.State == StateEnrolled:
		return Key{}, false, AlreadyEnrolled.New()
	case !key.State.MayBecome(StateEnrolled):
		return Key{}, false, SerialTaken.New()
	case key.Model != "" && what.ModelGrade == ModelVerified && key.Model != what.Model:
		return Key{}, false, ModelMismatch.New()
	}
	return key, true, nil
}

// onlyHeld finds the one key of a verified model that was issued to the person
// and waits to be set up. Where there are several, none is guessed. A key that gives
// a serial number of its own is not the one that was issued under another.
// Problem: SerialNotIssued.
func (r *Register) onlyHeld(ctx context.Context, what Enrolment) (Key, bool, error) {
	if what.ModelGrade != ModelVerified {
		return Key{}, false, nil // a claimed model decides nothing
	}
	held, err := r.deps.Store.HeldBy(ctx, what.Holder)
	if err != nil {
		return Key{}, false, err
	}
	var fitting []Key
	other := false
	for _, key := range held {
		if key.State != StateHeld || key.ToReturn {
			continue // one that was used before is not the one that waits to be set up
		}
		if what.Serial != "" && key.Serial != "" { // not this number: it was looked for
			other = true
		} else if key.Model == what.Model {
			fitting = append(fitting, key)
		}
	}
	if other && len(fitting) == 0 {
		return Key{}, false, SerialNotIssued.New()
	}
	if len(fitting) != 1 {
		return Key{}, false, nil
	}
	return fitting[0], true, nil
}

func (e Enrolment) check() (Enrolment, error) {
	if e.Holder == "" {
		return Enrolment{}, HolderMissing.New()
	}
	checked, err := NewKey{Serial: e.Serial, Model: e.Model, Label: e.Label}.check()
	if err != nil {
		return Enrolment{}, err
	}
	e.Serial, e.Model, e.Label = checked.Serial, checked.Model, checked.Label
	switch {
	case e.Serial == "":
		e.SerialGrade = ""
	case e.SerialGrade == "":
		e.SerialGrade = SerialDeclared
	}
	switch {
	case e.Model == "":
		e.ModelGrade = ""
	case e.ModelGrade == "":
		e.ModelGrade = ModelClaimed
	}
	return e, nil
}

// note writes what the ceremony has shown into the record, never weakening what
// is already known better.
func (e Enrolment) note(key *Key) {
	if e.Serial != "" && (key.Serial == "" || e.SerialGrade == SerialAttested) {
		key.Serial, key.SerialGrade = e.Serial, e.SerialGrade
	}
	if e.Model != "" && (key.Model == "" || e.ModelGrade == ModelVerified) {
		key.Model, key.ModelGrade = e.Model, e.ModelGrade
	}
	if e.Firmware != "" {
		key.Firmware = e.Firmware
	}
	if e.Label != "" {
		key.Label = e.Label
	}
	key.ToReturn = false
}
