// Package decoys makes credentials that nobody has, for the challenge of a user
// name that nobody has or of somebody without a key, so that strangers cannot tell
// from a challenge who exists and who has a key: WebAuthn Level 3 §14.6.2 (username
// enumeration).
//
// Decoys are the same each time for the same name, on every node and after a
// restart, as real credentials are: they are made from a key that is made once. The
// room owns the table signin_decoy, which holds it. It leaves to access/signin when a
// challenge needs decoys.
package decoys
