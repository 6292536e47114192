package factors

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/keys"
)

// Standing is what an active credential is worth now.
type Standing struct {
	Credential Credential
	Most       assurance.Assurance // what a use of it with PIN or finger would prove today
	Usable     bool                // its key is in use, with the person whose credential it is, and of a model that may be used
}

// Standing says what each active credential of a person is worth, oldest first.
func (f *Factors) Standing(ctx context.Context, person ids.Person) ([]Standing, error) {
	held, err := f.deps.Store.OfPerson(ctx, person)
	if err != nil {
		return nil, fmt.Errorf("read credentials of %s: %w", person, err)
	}
	var found []Standing
	for _, credential := range held {
		if credential.State != Active {
			continue
		}
		model, _, err := f.deps.Models.Get(ctx, credential.Model)
		if err != nil {
			return nil, fmt.Errorf("read model %s: %w", credential.Model, err)
		}
		blocked, err := f.keyBlocked(ctx, credential)
		if err != nil {
			return nil, err
		}
		found = append(found, f.standing(credential, model, !blocked))
	}
	return found, nil
}

// Works says whether somebody has a key that works.
func (f *Factors) Works(ctx context.Context, person ids.Person) (bool, error) {
	all, err := f.Standing(ctx, person)
	return slices.ContainsFunc(all, func(s Standing) bool { return s.Usable }), err
}

// EachStanding calls yield for every active credential, in order of person and age.
// Models and keys are read once, so a department takes as many questions as it has
// pages of keys. yield must not use the store.
func (f *Factors) EachStanding(ctx context.Context, yield func(Standing) error) error {
	models, err := f.deps.Models.List(ctx)
	if err != nil {
		return fmt.Errorf("read models: %w", err)
	}
	byNumber := make(map[string]keys.Model, len(models))
	for _, model := range models {
		byNumber[model.AAGUID] = model
	}
	holders, err := f.holders(ctx)
	if err != nil {
		return err
	}
	return f.deps.Store.EachActive(ctx, func(credential Credential) error {
		holder, enrolled := holders[credential.Key]
		return yield(f.standing(credential, byNumber[credential.Model], enrolled && holder == credential.Person))
	})
}

// holders are the people who have the keys that may be used to sign in.
func (f *Factors) holders(ctx context.Context) (map[ids.Key]ids.Person, error) {
	found := map[ids.Key]ids.Person{}
	for _, state := range keys.States() {
		if !state.MaySignIn() {
			continue
		}
		filter := keys.Filter{State: state, Limit: 500}
		for more := true; more; more = filter.After != "" {
			page, next, err := f.deps.Keys.List(ctx, filter)
			if err != nil {
				return nil, err
			}
			for _, key := range page {
				found[key.ID] = key.Holder
			}
			filter.After = next
		}
	}
	return found, nil
}

// worth is what the key of the credential is good for, being of that model: what is
// learned about a model later counts against credentials made earlier, never for them.
// Of a credential that has not proven a model nothing is believed that could be lost.
func (c Credential) worth(model keys.Model, at time.Time) keys.Worth {
	if !c.Attested() {
		return keys.Worth{SignIn: true, Ceiling: assurance.Ceiling{UserVerified: true}}
	}
	return model.Worth(at)
}

// shows is what one use of the credential proves, when so much is believed of its model.
func (c Credential) shows(userVerified bool, most assurance.Ceiling) assurance.Assurance {
	return assurance.Of(assurance.Observation{
		UserVerified:   userVerified && most.UserVerified,
		Attested:       most.Attested,
		HardwareBound:  most.Attested && c.HardwareBound && most.HardwareBound,
		BackupEligible: c.BackupEligible,
		BuiltIn:        c.BuiltIn(),
	})
}

// standing says what the credential is worth, its key being of that model.
func (f *Factors) standing(credential Credential, model keys.Model, inHand bool) Standing {
	most := credential.worth(model, f.deps.Now())
	return Standing{Credential: credential, Most: credential.shows(true, most.Ceiling), Usable: inHand && most.SignIn}
}

// Complete reports whether somebody with these can lose a key and still sign in:
// two different security keys work, and both are as good as a key must be to be
// registered here. What is built into a computer, or copied between devices, is no
// spare.
func (f *Factors) Complete(standing []Standing) bool {
	first := ids.Key("")
	for _, one := range standing {
		if !f.Spare(one) {
			continue
		}
		if first != "" && one.Credential.Key != first {
			return true
		}
		first = one.Credential.Key
	}
	return false
}

// Spare reports whether a credential works and is one that a person can be complete with.
func (f *Factors) Spare(one Standing) bool { return one.Usable && f.spare(one.Most.Method) }

// spare says whether a method is one that a person can be complete with.
func (f *Factors) spare(method assurance.Method) bool {
	return method == assurance.SecurityKeyAttested || f.deps.AcceptUnattested && method == assurance.SecurityKey
}
