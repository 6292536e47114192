package breakglass

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/people"
)

// Fault is one thing wrong with a key or an identity. The zero value is none.
type Fault string

// The faults.
const (
	NoKey      Fault = "no_key"     // the identity has no key that may be used
	NotAtWork  Fault = "not_active" // the identity is suspended, has left, or its days are over
	NotProven  Fault = "not_proven" // the key does not prove that it is hardware of an allowed model
	NoPlace    Fault = "no_place"   // nobody has said where it is kept
	SamePlace  Fault = "same_place" // it is kept where the key of another identity is
	NotTouched Fault = "not_tested" // it has not been tested, or too long ago
)

// Sentence tells a person what is wrong.
func (f Fault) Sentence() string {
	switch f {
	case NoKey:
		return "No key is registered that may be used."
	case NotAtWork:
		return "The identity is not active."
	case NotProven:
		return "The key does not prove that it is hardware of a model that is allowed today."
	case NoPlace:
		return "Nobody has recorded where the key is kept."
	case SamePlace:
		return "The key is kept in the same place as the key of another identity."
	case NotTouched:
		return "The key has not been tested in the last 100 days."
	}
	return ""
}

// Held is one key of an identity that has not been revoked.
type Held struct {
	Key     keys.Key
	Touched time.Time // last test or opening; zero when never
	Faults  []Fault
}

// Identity is one identity for emergencies.
type Identity struct {
	Person people.Person
	Keys   []Held
	Faults []Fault // of the identity itself
}

// Good reports whether the identity can be counted on: it has a key without fault.
func (i Identity) Good() bool {
	if len(i.Faults) > 0 {
		return false
	}
	for _, held := range i.Keys {
		if len(held.Faults) == 0 {
			return true
		}
	}
	return false
}

// Readiness is how well the emergency access is prepared.
type Readiness struct{ Identities []Identity }

// Ready reports whether two people could open Warder, and have shown it: at least
// two identities are good.
func (r Readiness) Ready() bool {
	good := 0
	for _, identity := range r.Identities {
		if identity.Good() {
			good++
		}
	}
	return good >= 2
}

// Faultless reports whether there is nothing at all to mend.
func (r Readiness) Faultless() bool {
	for _, identity := range r.Identities {
		if !identity.Good() {
			return false
		}
		for _, held := range identity.Keys {
			if len(held.Faults) > 0 {
				return false
			}
		}
	}
	return r.Ready()
}

// Readiness looks at every identity and its keys.
func (d *Desk) Readiness(ctx context.Context) (Readiness, error) {
	identities, err := d.people(ctx)
	if err != nil {
		return Readiness{}, err
	}
	touched, err := d.deps.Store.Touched(ctx)
	if err != nil {
		return Readiness{}, fmt.Errorf("read when keys were tested: %w", err)
	}
	var found Readiness
	for _, person := range identities {
		identity := Identity{Person: person}
		if !person.MayBreakGlass(d.now()) {
			identity.Faults = append(identity.Faults, NotAtWork)
		}
		if identity.Keys, err = d.held(ctx, person.ID); err != nil {
			return Readiness{}, err
		}
		if len(identity.Keys) == 0 {
			identity.Faults = append(identity.Faults, NoKey)
		}
		for i := range identity.Keys {
			held := &identity.Keys[i]
			held.Touched = touched[held.Key.ID]
			if held.Key.Place == "" {
				held.Faults = append(held.Faults, NoPlace)
			}
			if since := d.now().Sub(held.Touched); held.Touched.IsZero() || since > TestEvery || since < -skew {
				held.Faults = append(held.Faults, NotTouched)
			}
		}
		found.Identities = append(found.Identities, identity)
	}
	found.comparePlaces()
	return found, nil
}

// held lists the keys of an identity that can still be used.
func (d *Desk) held(ctx context.Context, person ids.Person) ([]Held, error) {
	credentials, err := d.deps.Factors.OfPerson(ctx, person)
	if err != nil {
		return nil, fmt.Errorf("list keys of %s: %w", person, err)
	}
	var all []Held
	for _, credential := range credentials {
		good, err := d.deps.Factors.StillGood(ctx, person, credential.Key, credential.ID)
		if err != nil {
			return nil, err
		}
		if !good {
			continue
		}
		key, err := d.deps.Keys.Get(ctx, credential.Key)
		if err != nil {
			return nil, err
		}
		one := Held{Key: key}
		proven, err := d.proven(ctx, credential)
		if err != nil {
			return nil, err
		}
		if !proven {
			one.Faults = append(one.Faults, NotProven)
		}
		all = append(all, one)
	}
	return all, nil
}

// proven is what a touch of the key would show today.
func (d *Desk) proven(ctx context.Context, credential factors.Credential) (bool, error) {
	model, found, err := d.deps.Models.Get(ctx, credential.Model)
	if err != nil {
		return false, fmt.Errorf("read model %s: %w", credential.Model, err)
	}
	return found && model.Allowed && model.HardwareBound && credential.Attested() && credential.HardwareBound && !credential.BackupEligible, nil
}

// comparePlaces marks keys of different identities that are kept together.
func (r *Readiness) comparePlaces() {
	whose := map[string]map[ids.Person]bool{}
	each := func(do func(person ids.Person, held *Held, place string)) {
		for i := range r.Identities {
			for j := range r.Identities[i].Keys {
				held := &r.Identities[i].Keys[j]
				if place := strings.Join(strings.Fields(strings.ToLower(held.Key.Place)), " "); place != "" {
					do(r.Identities[i].Person.ID, held, place)
				}
			}
		}
	}
	each(func(person ids.Person, _ *Held, place string) {
		if whose[place] == nil {
			whose[place] = map[ids.Person]bool{}
		}
		whose[place][person] = true
	})
	each(func(_ ids.Person, held *Held, place string) {
		if len(whose[place]) > 1 {
			held.Faults = append(held.Faults, SamePlace)
		}
	})
}

// KeepAt records where a key is kept. Problems: NotIdentity, and those of
// keys.Register.NotePlace.
func (d *Desk) KeepAt(ctx context.Context, actor audit.Actor, key ids.Key, place string) error {
	if strings.TrimSpace(place) == "" {
		return Malformed.New().At(problem.Field{Name: "place", Message: "Say where the key is kept."})
	}
	found, err := d.deps.Keys.Get(ctx, key)
	if err != nil {
		return err
	}
	holder, err := d.deps.People.Get(ctx, found.Holder)
	if err != nil || holder.Kind != people.KindBreakGlass {
		return NotIdentity.Because(err)
	}
	_, err = d.deps.Keys.NotePlace(ctx, actor, key, place)
	return err
}
