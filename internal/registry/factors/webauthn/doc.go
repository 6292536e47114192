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
// Statement formats read are packed (§8.2), tpm (§8.3), android-key (§8.4), fido-u2f
// (§8.6), none (§8.7) and apple (§8.8); the others are refused by name. apple and
// android-key must chain to the roots of Apple and Google that go-webauthn holds, and
// then, as every format, to a root of the model. Where a format leaves the model's
// number at zero, only a certificate can prove the model: one that names it, or
// one whose key is listed for the model (keys.Model.CertificateKeys). No metadata provider is ever given to the library: with one it
// would accept fmt "none" of a model it does not know.
//
// It leaves to others what the result is good for (factors), which models and
// roots are trusted (keys.Models), and that a state is used only once (whoever
// keeps the attempt). It keeps nothing and reads no clock.
package webauthn
