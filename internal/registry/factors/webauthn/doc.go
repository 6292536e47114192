// Package webauthn is the WebAuthn protocol (W3C WebAuthn Level 3) as
// registry/factors needs it, and the only package that imports go-webauthn.
//
// It owns the two ceremonies: it makes the options for the browser, with
// attestation "direct", user verification "required" and a discoverable
// credential, and it checks what comes back: ceremony type, challenge, exact
// origin, relying party id, presence and verification of the user, algorithm,
// signatures, and the attestation statement. It grades attestation itself,
// because the library stops at the signature: the chain is verified here, to a
// root of the very model that is claimed, and without any network.
//
// Statement formats read so far are packed (§8.2) and none (§8.7); the others are
// refused by name. No metadata provider is ever given to the library: with one it
// would accept fmt "none" of a model it does not know.
//
// It leaves to others what the result is good for (factors), which models and
// roots are trusted (keys.Models), and that a state is used only once (whoever
// keeps the attempt). It keeps nothing and reads no clock.
package webauthn
