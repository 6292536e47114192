package keys

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
)

// WarningKind is what somebody warns of. The zero value is not known, and is taken
// for the worst.
type WarningKind string

// The kinds, worst first: what FIDO Metadata Service 3.1.1 §3.1.4 says of a model.
const (
	WarnRevoked     WarningKind = "revoked"                // not to be trusted for any reason
	WarnRemote      WarningKind = "remote_compromise"      // private keys can be had from afar
	WarnBypass      WarningKind = "verification_bypass"    // works without its PIN or finger
	WarnPhysical    WarningKind = "physical_compromise"    // whoever has it in hand can copy its private keys
	WarnAttestation WarningKind = "attestation_compromise" // others can pretend to be of that make
	WarnRetired     WarningKind = "retired"                // its maker has given it up
)

// WarningKinds lists the kinds, worst first.
func WarningKinds() []WarningKind {
	return []WarningKind{WarnRevoked, WarnRemote, WarnBypass, WarnPhysical, WarnAttestation, WarnRetired}
}

// Sentence says to an administrator what the warning means for keys of that model.
func (k WarningKind) Sentence() string {
	switch k {
	case WarnRevoked:
		return "It is not to be trusted for any reason. Its credentials are suspended."
	case WarnRemote:
		return "Private keys can be stolen from it from afar. Its credentials are suspended."
	case WarnBypass:
		return "It can be made to work without its PIN or fingerprint. It counts as one factor only."
	case WarnPhysical:
		return "Whoever has it in hand can copy its private keys. It no longer counts as hardware-bound."
	case WarnAttestation:
		return "Others can pretend to be of this model. It no longer counts as attested or hardware-bound."
	case WarnRetired:
		return "Its maker has given it up. Keys that are registered go on."
	}
	return "A warning that this Warder does not know. Its credentials are suspended."
}

// Warning is one thing somebody warns of about a model. While one is in force, whatever
// its kind, no key of the model is registered.
type Warning struct {
	Kind  WarningKind
	From  time.Time // zero: since always
	Until time.Time // zero: nobody has said
}

// InForce reports whether the warning holds at a moment.
func (w Warning) InForce(at time.Time) bool {
	return !at.Before(w.From) && (w.Until.IsZero() || at.Before(w.Until))
}

// Warned is a warning with the make it is about: an AAGUID, or a certificate as
// CertificateKey writes it. It need not be about a model that is listed.
type Warned struct {
	Make string
	Warning
}

// Worth is what keys of a model are good for.
type Worth struct {
	Register bool // people may register them
	SignIn   bool // what was registered may be used at all
	assurance.Ceiling
}

// Words says what credentials that have proven the model count as at most.
func (w Worth) Words() string {
	words := "neither attested nor hardware-bound"
	switch {
	case !w.SignIn:
		return "stopped"
	case w.Attested && w.HardwareBound:
		words = "attested and hardware-bound"
	case w.Attested:
		words = "attested, not hardware-bound"
	}
	if !w.UserVerified {
		words += ", one factor only"
	}
	return words
}

// Worth says what keys of the model are good for at a moment: what an administrator
// has said of it, less what is warned of. The zero Model, which is not listed, proves
// nothing.
func (m Model) Worth(at time.Time) Worth {
	worth := Worth{Register: m.Allowed, SignIn: true,
		Ceiling: assurance.Ceiling{Attested: m.Allowed, HardwareBound: m.Allowed && m.HardwareBound, UserVerified: true}}
	for _, warning := range m.Warnings {
		if !warning.InForce(at) {
			continue
		}
		worth.Register = false
		switch warning.Kind {
		case WarnRetired:
		case WarnAttestation:
			worth.Attested, worth.HardwareBound = false, false
		case WarnPhysical:
			worth.HardwareBound = false
		case WarnBypass:
			worth.UserVerified = false
		case WarnRevoked, WarnRemote:
			worth.SignIn, worth.Ceiling = false, assurance.Ceiling{}
		default:
			worth.SignIn, worth.Ceiling = false, assurance.Ceiling{}
		}
	}
	return worth
}

// Warn puts these warnings in the place of all that were there. What they stop is
// stopped by access/recall, in the same unit of work. Problem: WarningMalformed.
func (m *Models) Warn(ctx context.Context, actor audit.Actor, warnings []Warned) error {
	for i, one := range warnings {
		fault := one.fault()
		if slices.ContainsFunc(warnings[:i], func(other Warned) bool { return other.Make == one.Make && other.Kind == one.Kind }) {
			fault = "It is given twice."
		}
		if fault != "" {
			return WarningMalformed.New().At(problem.Field{Name: fmt.Sprintf("warnings[%d]", i), Message: fault})
		}
	}
	err := m.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		if err := m.deps.Store.Warn(ctx, warnings); err != nil {
			return err
		}
		return m.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: "key.models_warned", Subject: "key_models",
			Details: map[string]string{"warnings": strconv.Itoa(len(warnings))}})
	})
	if err != nil {
		return fmt.Errorf("keep warnings about models: %w", err)
	}
	return nil
}

func (w Warned) fault() string {
	aaguid, wrong := NormalAAGUID(w.Make)
	raw, err := hex.DecodeString(w.Make)
	switch {
	case (wrong != nil || aaguid == "" || aaguid != w.Make) && (err != nil || len(raw) != 20 || hex.EncodeToString(raw) != w.Make):
		return "It is about neither an AAGUID nor a certificate."
	case !slices.Contains(WarningKinds(), w.Kind):
		return "There is no such kind of warning."
	}
	return ""
}

// With returns the model with those of the warnings that are about it, in place of
// what it had: once each kind, worst first.
func (m Model) With(warnings []Warned) Model {
	m.Warnings = nil
	for _, kind := range WarningKinds() {
		for _, one := range warnings {
			if one.Kind == kind && m.isOf(one.Make) {
				m.Warnings = append(m.Warnings, one.Warning)
			}
		}
	}
	return m
}

// isOf reports whether make names the model.
func (m Model) isOf(make string) bool {
	return make == m.AAGUID || slices.Contains(m.CertificateKeys, make)
}

// Makes lists the names under which a model can be warned of.
func (m Model) Makes() []string { return append([]string{m.AAGUID}, m.CertificateKeys...) }

// warned adds to a model what is warned of about it.
func (m *Models) warned(ctx context.Context, model Model) (Model, error) {
	warnings, err := m.deps.Store.Warnings(ctx, model.Makes())
	if err != nil {
		return Model{}, fmt.Errorf("read warnings about model %s: %w", model.AAGUID, err)
	}
	return model.With(warnings), nil
}
