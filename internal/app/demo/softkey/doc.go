// Package softkey is a security key made of software: a complete FIDO2
// authenticator with its own imaginary vendor, attestation certificates and
// signature counter, together with the little of a browser that stands between
// a key and a page.
//
// It is never hardware and never claims to be any model that exists. It is
// there so that somebody without a key can try `warder demo`, and so that tests
// can show what Warder does with keys that behave and keys that do not (a rogue
// certification authority, a certificate for another model, a synced passkey, a
// skipped PIN, a counter that runs backwards).
//
// It is impossible outside demo mode: a Warder believes an attestation only when
// the vendor's root stands in its own list of models, every Vendor here makes a
// fresh root, and only the demo writes that root into its own throw-away
// database. internal/archtest lets nothing but internal/app/demo and tests
// import this package.
//
// What it does not do: ask anybody for a PIN or a touch, protect its private
// keys, or speak CTAP over USB.
package softkey
