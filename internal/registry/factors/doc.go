// Package factors keeps what a person can sign in with. Today that is one thing:
// a WebAuthn credential, made on a security key and tied to the record of that
// very key in registry/keys.
//
// It owns enrolment (is this key good enough to be registered, and whose is it)
// and verification (is this answer good, and what has it proven). A credential is
// worth what was proven when it was made: the model of a key without a verified
// attestation chain is a claim, is stored as one, and never counts as attested or
// hardware-bound.
//
// The life of a credential:
//
//	active ──► suspended ──► revoked
//	   └────────────────────────▲
//
// A credential is suspended when its key is reported lost or when its signature
// counter runs backwards, which is how a copied key shows itself. Nothing leads
// back to active yet; the person registers a key again.
//
// It leaves the WebAuthn protocol itself to factors/webauthn (behind the interface
// Ceremonies), the state of the physical key to registry/keys, the single use of a
// challenge to whoever keeps the attempt (access/signin), and the decision what a
// proof is good for to access/policy. Sessions made with a suspended credential
// are ended by others, who are told through tx.Credential.
package factors
