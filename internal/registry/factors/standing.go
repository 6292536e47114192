package factors

import (
	"context"
	"fmt"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/keys"
)

// Standing is what an active credential is worth now.
type Standing struct {
	Credential Credential
	Most       assurance.Assurance // what a use of it with PIN or finger would prove today
	Usable     bool                // its key is in use, and with the person whose credential it is
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
		model, known, err := f.deps.Models.Get(ctx, credential.Model)
		if err != nil {
			return nil, fmt.Errorf("read model %s: %w", credential.Model, err)
		}
		blocked, err := f.keyBlocked(ctx, credential)
		if err != nil {
			return nil, err
		}
		found = append(found, Standing{Credential: credential, Most: worth(credential, model, known, true), Usable: !blocked})
	}
	return found, nil
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
		model, known := byNumber[credential.Model]
		holder, enrolled := holders[credential.Key]
		return yield(Standing{Credential: credential, Most: worth(credential, model, known, true), Usable: enrolled && holder == credential.Person})
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

// worth is what a use of the credential proves. The model must still be allowed
// today, and still be known to keep its keys in hardware: what is learned about a
// model later counts against credentials made earlier, never for them.
func worth(credential Credential, model keys.Model, known, userVerified bool) assurance.Assurance {
	attested := credential.Attested() && known && model.Allowed
	return assurance.Of(assurance.Observation{
		UserVerified:   userVerified,
		Attested:       attested,
		HardwareBound:  attested && credential.HardwareBound && model.HardwareBound,
		BackupEligible: credential.BackupEligible,
		BuiltIn:        credential.BuiltIn(),
	})
}

// Complete reports whether somebody with these can lose a key and still sign in:
// two different security keys work, and both are as good as a key must be to be
// registered here. What is built into a computer, or copied between devices, is no
// spare.
func (f *Factors) Complete(standing []Standing) bool {
	first := ids.Key("")
	for _, one := range standing {
		if !one.Usable || !f.spare(one.Most.Method) {
			continue
		}
		if first != "" && one.Credential.Key != first {
			return true
		}
		first = one.Credential.Key
	}
	return false
}

// spare says whether a method is one that a person can be complete with.
func (f *Factors) spare(method assurance.Method) bool {
	return method == assurance.SecurityKeyAttested || f.deps.AcceptUnattested && method == assurance.SecurityKey
}
