package entra

import (
	"fmt"
	"io"
	"strings"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/feeds/cloud"
	"github.com/warder-project/warder/internal/proof/coverage"
)

// Tenant is what the authentication methods policy says.
type Tenant struct {
	// PhoneForbidden is yes when text messages, calls and e-mail codes are
	// switched off here and the older settings no longer count.
	PhoneForbidden coverage.Fact
	// KeysManaged is yes when only attested keys of chosen models can be
	// registered, no when that is not enforced.
	KeysManaged coverage.Fact
	Notes       []string
}

type configuration struct {
	ID            string       `json:"id"`
	State         string       `json:"state"`
	Attestation   cloud.Flag   `json:"isAttestationEnforced"`
	Restrictions  *restriction `json:"keyRestrictions"`
	Profiles      []profile    `json:"passkeyProfiles"`
	IncludeTarget []any        `json:"includeTargets"`
}

type restriction struct {
	Enforced cloud.Flag  `json:"isEnforced"`
	Type     string      `json:"enforcementType"`
	Models   cloud.Words `json:"aaGuids"`
}

type profile struct {
	Name         string       `json:"name"`
	Attestation  string       `json:"attestationEnforcement"`
	Types        cloud.Words  `json:"passkeyTypes"`
	Restrictions *restriction `json:"keyRestrictions"`
}

// ReadMethods reads the authentication methods policy: Graph's answer, a list
// of configurations, or the two members ScubaGear writes.
func ReadMethods(name string, r io.Reader) (*Tenant, error) {
	document, parts, err := cloud.Read(name, r, cloud.EntraMethods)
	if err != nil {
		return nil, err
	}
	if len(parts) != 1 {
		return nil, cloud.Malformed(document.At(parts[1], "a second value; expected one policy"))
	}
	list, migration := configurationsOf(document, parts[0])
	elements, ok := document.Elements(list)
	if !ok {
		return nil, document.Wrong()
	}
	found := map[string]configuration{}
	var faults []problem.Field
	for _, element := range elements {
		if _, ok := firstMember(document, element, "state"); !ok {
			return nil, document.Wrong()
		}
		if _, policy := firstMember(document, element, "conditions"); policy {
			return nil, document.Wrong()
		}
		var one configuration
		if field, ok := document.Decode(element, &one); !ok {
			faults = append(faults, field)
			continue
		}
		found[strings.ToLower(one.ID)] = one
	}
	if len(faults) > 0 {
		return nil, cloud.Malformed(faults...)
	}
	tenant := &Tenant{}
	tenant.phone(found, migration)
	tenant.keys(found)
	return tenant, nil
}

func configurationsOf(document *cloud.Document, part cloud.Part) (cloud.Part, string) {
	members, ok := document.Members(part)
	if !ok {
		return part, ""
	}
	if inner, ok := members["authentication_method_policy"]; ok {
		_, migration := configurationsOf(document, inner)
		return members["authentication_method_feature_settings"], migration
	}
	var migration string
	if state, ok := members["policymigrationstate"]; ok {
		document.Decode(state, &migration) // a state that is no text is not known
	}
	list := members["authenticationmethodconfigurations"]
	if value, ok := members["value"]; ok && list.Null() {
		list = value
	}
	return list, migration
}

// phone: the guide's level 4 forbids methods open to SIM swapping. Before the
// migration is complete, the older per-user settings may still allow them.
func (t *Tenant) phone(found map[string]configuration, migration string) {
	forbidden := coverage.Yes
	for _, id := range []string{"sms", "voice", "email"} {
		switch strings.ToLower(found[id].State) {
		case "disabled":
		case "enabled":
			forbidden = coverage.No
			t.Notes = append(t.Notes, fmt.Sprintf("The authentication methods policy allows %s.", id))
		default:
			forbidden = coverage.And(forbidden, coverage.Unknown)
			t.Notes = append(t.Notes, fmt.Sprintf("The authentication methods policy does not say whether %s is allowed.", id))
		}
	}
	if !strings.EqualFold(migration, "migrationComplete") {
		forbidden = coverage.And(forbidden, coverage.Unknown)
		t.Notes = append(t.Notes, "The move to the authentication methods policy is not complete (policyMigrationState), so older settings may still allow text messages and calls.")
	}
	t.PhoneForbidden = forbidden
}

// keys: attestation must be enforced, and only chosen models allowed, or a key
// nobody knows can be registered. Synced passkeys are not keys (standards.md C.5 iv).
func (t *Tenant) keys(found map[string]configuration) {
	fido, ok := found["fido2"]
	switch {
	case !ok:
		return
	case !strings.EqualFold(fido.State, "enabled"):
		t.KeysManaged = coverage.No
		t.Notes = append(t.Notes, "Security keys are switched off in the authentication methods policy.")
		return
	case len(fido.Profiles) == 0:
		t.KeysManaged = coverage.And(fido.Attestation.Fact, fido.Restrictions.allowsChosen())
	default:
		t.KeysManaged = coverage.Yes
		for _, one := range fido.Profiles {
			t.KeysManaged = coverage.And(t.KeysManaged, one.managed())
		}
	}
	if t.KeysManaged == coverage.No {
		t.Notes = append(t.Notes, "Keys of any model, or keys without attestation, can be registered.")
	}
}

func (p *profile) managed() coverage.Fact {
	attested := coverage.FactOf(p.Attestation != "" && !strings.EqualFold(p.Attestation, "disabled"))
	bound := coverage.FactOf(p.Types.Has("deviceBound") && !p.Types.Has("synced"))
	return coverage.And(coverage.And(attested, bound), p.Restrictions.allowsChosen())
}

func (r *restriction) allowsChosen() coverage.Fact {
	if r == nil {
		return coverage.No
	}
	return coverage.And(r.Enforced.Fact, coverage.FactOf(strings.EqualFold(r.Type, "allow") && len(r.Models) > 0))
}
