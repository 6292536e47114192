// Package seal encrypts what must not be readable in a copy of the database:
// signing keys, originals of evidence, secrets of connections. What is sealed
// is bound to its row, so that a value moved to another row does not open.
//
// This room owns the master key file: a Tink keyset (AES-256-GCM, NIST SP
// 800-38D, a random nonce for each value) in clear text, readable by Warder's
// own user only. It leaves the care of that file to the operator: back it up
// apart from the database, for neither is of use without the other.
//
// Its face sealdb keeps a canary in the database, by which a wrong master key is
// noticed at start and not when the first value is needed.
package seal
