package factors

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/keys"
)

// BeginRegistration returns the options for navigator.credentials.create
// (PublicKeyCredentialCreationOptionsJSON, not wrapped) and the state to keep
// until FinishRegistration. Keys that the holder has registered and not had
// revoked are excluded.
func (f *Factors) BeginRegistration(ctx context.Context, holder Holder) (options, state []byte, err error) {
	held, err := f.deps.Store.OfPerson(ctx, holder.ID)
	if err != nil {
		return nil, nil, fmt.Errorf("begin registration: %w", err)
	}
	return f.deps.Ceremonies.BeginRegistration(RegistrationAsk{
		Holder: holder, Exclude: descriptors(held, Active, Suspended), AnyKind: f.deps.AcceptUnattested, At: f.deps.Now(),
	})
}

// FinishRegistration checks what the key answered and, in one unit of work, finds
// or makes the record of the key, marks it enrolled and stores the credential.
// The caller sees to it that a state is used only once. Problems: those with
// prefix "enrol.", and those of keys.Register.Enrol and keys.SerialMismatch.
func (f *Factors) FinishRegistration(ctx context.Context, actor audit.Actor, holder Holder, state, response []byte, what NewKey) (Credential, error) {
	made, err := f.deps.Ceremonies.ReadRegistration(Answer{State: state, Response: response, At: f.deps.Now()})
	if err != nil {
		return Credential{}, err
	}
	if holder.ID == "" || made.Person != holder.ID {
		// The state is of somebody else's registration.
		return Credential{}, RegistrationInvalid.New()
	}
	var credential Credential
	err = f.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		admitted, err := f.admit(ctx, made)
		if err != nil {
			return err
		}
		credential, err = f.enrol(ctx, actor, admitted, what)
		return err
	})
	if err != nil {
		return Credential{}, fmt.Errorf("register credential: %w", err)
	}
	return credential, nil
}

// admitted is a registration together with what is proven about it.
type admitted struct {
	Registration
	hardwareBound bool
}

// admit decides whether the key is good enough. What a key says about itself
// counts only once its chain has been verified to a root of that very model.
func (f *Factors) admit(ctx context.Context, made Registration) (admitted, error) {
	model, found, err := f.model(ctx, made)
	if err != nil {
		return admitted{}, fmt.Errorf("read model %s: %w", made.AAGUID, err)
	}
	var distrust error
	if made.Attestation == AttestationUnverified && found {
		distrust = f.deps.Ceremonies.Trust(made, model, f.deps.Now())
		if distrust == nil {
			made.Attestation, made.AAGUID = AttestationVerified, model.AAGUID
		}
	}
	if !f.deps.AcceptUnattested {
		if err := refuse(made, model, distrust); err != nil {
			return admitted{}, err
		}
	}
	proven := made.Attestation == AttestationVerified
	if proven && !model.Allowed {
		return admitted{}, ModelNotAllowed.Detailf("It is a %s %s.", model.Vendor, model.Name)
	}
	if proven && !model.Worth(f.deps.Now()).Register {
		return admitted{}, ModelWarned.Detailf("It is a %s %s.", model.Vendor, model.Name)
	}
	if proven && model.HardwareBound && made.BackupEligible {
		// A key that keeps its private keys in hardware cannot offer to copy them.
		return admitted{}, SyncedPasskey.New()
	}
	return admitted{Registration: made, hardwareBound: proven && model.HardwareBound}, nil
}

// model finds the model that a key says it is, or, where its format cannot say so, the
// one that its certificates are listed for.
func (f *Factors) model(ctx context.Context, made Registration) (keys.Model, bool, error) {
	if made.AAGUID == "" {
		return f.deps.Models.ByCertificateKeys(ctx, made.CertificateKeys)
	}
	return f.deps.Models.Get(ctx, made.AAGUID)
}

// refuse names the first reason for which a key does not prove an allowed model,
// most helpful first, or nil.
func refuse(made Registration, model keys.Model, distrust error) error {
	if made.BackupEligible {
		return SyncedPasskey.New()
	}
	switch made.Attestation {
	case AttestationVerified:
		return nil
	case AttestationUnverified:
		if !model.Allowed {
			return ModelNotAllowed.Detailf("%s", saidModel(made))
		}
		if distrust != nil {
			return distrust
		}
		return AttestationInvalid.New()
	case AttestationNone, AttestationSelf:
		return AttestationDeclined.New()
	}
	return AttestationDeclined.New()
}

func saidModel(made Registration) string {
	if made.AAGUID == "" {
		return "It does not say which model it is, and its certificate is not listed."
	}
	return "It says that it is model " + made.AAGUID + "."
}

// enrol ties the credential to its key and stores both.
func (f *Factors) enrol(ctx context.Context, actor audit.Actor, made admitted, what NewKey) (Credential, error) {
	enrolment, err := describe(made, what)
	if err != nil {
		return Credential{}, err
	}
	if _, err := f.deps.Store.ByCredentialID(ctx, made.CredentialID); err == nil {
		// WebAuthn Level 3 §7.1, step 26: the credential id must be new.
		return Credential{}, AlreadyRegistered.New()
	} else if !unknown(err) {
		return Credential{}, err
	}
	key, err := f.deps.Keys.Enrol(ctx, actor, enrolment)
	if err != nil {
		return Credential{}, err
	}
	credential := Credential{
		ID: ids.New[ids.Credential](), Person: made.Person, Key: key.ID,
		CredentialID: made.CredentialID, PublicKey: made.PublicKey, Model: made.AAGUID,
		Attestation: made.Attestation, HardwareBound: made.hardwareBound,
		SignCount: made.SignCount, Transports: made.Transports,
		BackupEligible: made.BackupEligible, BackedUp: made.BackedUp,
		State: Active, Label: key.Label, CreatedAt: f.deps.Now(),
	}
	if err := f.deps.Store.Add(ctx, credential); err != nil {
		return Credential{}, err
	}
	return credential, f.tell(ctx, actor, "factor.registered", credential, map[string]string{
		"attestation": string(credential.Attestation), "model": credential.Model,
		"hardware_bound": strconv.FormatBool(credential.HardwareBound),
		"transports":     strings.Join(credential.Transports, " "),
	})
}

// describe says what is known about the physical key. A serial number in a
// verified certificate (enterprise attestation) beats what somebody typed.
func describe(made admitted, what NewKey) (keys.Enrolment, error) {
	enrolment := keys.Enrolment{
		Holder: made.Person, Model: made.AAGUID, ModelGrade: keys.ModelClaimed,
		Serial: what.Serial, SerialGrade: keys.SerialDeclared, Label: strings.TrimSpace(what.Label),
	}
	if enrolment.Label == "" {
		enrolment.Label = "Security key"
	}
	if made.Attestation != AttestationVerified {
		return enrolment, nil
	}
	enrolment.ModelGrade, enrolment.Firmware = keys.ModelVerified, made.Firmware
	if made.Serial == "" {
		return enrolment, nil
	}
	typed, fault := keys.NormalSerial(what.Serial)
	attested, _ := keys.NormalSerial(made.Serial)
	if fault != nil || typed != "" && typed != attested {
		return keys.Enrolment{}, keys.SerialMismatch.New()
	}
	enrolment.Serial, enrolment.SerialGrade = made.Serial, keys.SerialAttested
	return enrolment, nil
}
