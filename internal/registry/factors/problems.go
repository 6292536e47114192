package factors

import "github.com/warder-project/warder/internal/base/problem"

// What can go wrong when a key is registered.
var (
	AttestationDeclined = problem.Define(problem.Forbidden, "enrol.attestation_declined",
		"The browser did not show us which make and model your key is.",
		"Try again and choose Allow when the browser asks to see your key’s make and model. If it does not ask, this key cannot prove its make: ask the service desk for one that can.")
	AttestationInvalid = problem.Define(problem.Forbidden, "enrol.attestation_invalid",
		"The key’s proof of its make and model is not genuine.",
		"Do not use this key. Take it to the service desk and say where it came from.")
	AttestationFormat = problem.Define(problem.Forbidden, "enrol.attestation_format_unsupported",
		"This key proves its make in a way that Warder does not read yet.",
		"Use a security key from the list of allowed models.")
	ModelWarned = problem.Define(problem.Forbidden, "enrol.model_warned",
		"There is a warning about keys of this model, so they cannot be set up any more.",
		"Use a key of another model, or ask the service desk for one.")
	ModelNotAllowed = problem.Define(problem.Forbidden, "enrol.model_not_allowed",
		"This model of security key is not one your organisation allows.",
		"Use a key that the service desk gave you, or ask them to allow this model.")
	SyncedPasskey = problem.Define(problem.Forbidden, "enrol.synced_passkey",
		"This is a passkey that can be copied to other devices, not a hardware key.",
		"Insert your security key, and choose it instead of your phone, browser or password manager.")
	UserVerificationMissing = problem.Define(problem.Forbidden, "enrol.user_verification_missing",
		"The key was touched, but did not check your PIN or fingerprint.",
		"Set a PIN on the key in your computer’s settings, then register it again.")
	AlreadyRegistered = problem.Define(problem.Conflict, "enrol.already_registered",
		"This key is already registered.",
		"Sign in with it, or use another key.")
	RegistrationExpired = problem.Define(problem.Forbidden, "enrol.ceremony_expired",
		"Setting up the key took longer than five minutes.",
		"Start again and touch the key when the browser asks.")
	RegistrationMalformed = problem.Define(problem.Invalid, "enrol.response_malformed",
		"The browser’s answer could not be read.",
		"Try again in an up-to-date browser. If it happens again, tell the service desk which browser you use.")
	RegistrationInvalid = problem.Define(problem.Forbidden, "enrol.response_invalid",
		"The key’s answer does not fit the question it was asked.",
		"Start setting up the key again from the beginning.")
	RegistrationOrigin = problem.Define(problem.Forbidden, "enrol.wrong_origin",
		"The key was used on a page with a different web address than ours.",
		"Check the address in your browser. If it is not the one you know, tell the security team at once.")
)

// What can go wrong when a key is used to sign in.
var (
	UnknownCredential = problem.Define(problem.Forbidden, "factor.unknown_credential",
		"This key is not one we can sign you in with.",
		"Use the key that you registered here. If you have no other, ask the service desk.")
	KeyBlocked = problem.Define(problem.Forbidden, "factor.key_blocked",
		"This key may not be used to sign in.",
		"Use your other key. If this one was reported lost and has turned up, take it to the service desk.")
	CredentialSuspended = problem.Define(problem.Forbidden, "factor.credential_suspended",
		"Signing in with this key has been stopped.",
		"Use your other key, or ask the service desk why this one was stopped.")
	CredentialRemoved = problem.Define(problem.Forbidden, "factor.credential_removed",
		"This key has been removed from your account.",
		"Use your other key. To sign in with this one again, register it again on your own page.")
	CloneSuspected = problem.Define(problem.Forbidden, "factor.clone_suspected",
		"There may be a copy of this key, so signing in with it has been stopped.",
		"Use your other key and tell the security team. Keep this key: they will want to see it.")
	BackupChanged = problem.Define(problem.Forbidden, "factor.backup_changed",
		"This passkey can suddenly be copied to other devices, or has been, so signing in with it has been stopped.",
		"Use your other key and tell the security team what has changed on your device.")
	ModelWithdrawn = problem.Define(problem.Forbidden, "factor.model_withdrawn",
		"Keys of this model may no longer be used to sign in, because their maker or the FIDO Alliance has warned of them.",
		"Use a key of another model. If you have none, ask the service desk for one, and hand this one in.")
	VerificationMissing = problem.Define(problem.Forbidden, "factor.user_verification_missing",
		"The key was touched, but did not check your PIN or fingerprint.",
		"Try again and enter the key’s PIN, or use your fingerprint, when the browser asks.")
	VerificationExpired = problem.Define(problem.Forbidden, "factor.ceremony_expired",
		"Signing in took longer than five minutes.",
		"Start again and touch the key when the browser asks.")
	VerificationMalformed = problem.Define(problem.Invalid, "factor.response_malformed",
		"The browser’s answer could not be read.",
		"Try again in an up-to-date browser. If it happens again, tell the service desk which browser you use.")
	VerificationInvalid = problem.Define(problem.Forbidden, "factor.response_invalid",
		"The key’s answer does not fit the question it was asked.",
		"Start signing in again from the beginning.")
	VerificationOrigin = problem.Define(problem.Forbidden, "factor.wrong_origin",
		"The key was used on a page with a different web address than ours.",
		"Check the address in your browser. If it is not the one you know, tell the security team at once.")
)

// Problems lists every problem of this room.
func Problems() []problem.Definition {
	return []problem.Definition{
		AttestationDeclined, AttestationInvalid, AttestationFormat, ModelNotAllowed, ModelWarned, SyncedPasskey,
		UserVerificationMissing, AlreadyRegistered, RegistrationExpired, RegistrationMalformed,
		RegistrationInvalid, RegistrationOrigin,
		UnknownCredential, KeyBlocked, CredentialSuspended, CredentialRemoved, CloneSuspected, BackupChanged, ModelWithdrawn, VerificationMissing,
		VerificationExpired, VerificationMalformed, VerificationInvalid, VerificationOrigin,
	}
}
