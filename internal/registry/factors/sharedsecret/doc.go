// Package sharedsecret keeps what a person and Warder both know: a password, the
// seeds of authenticator apps, and recovery codes. NIST SP 800-63B-4 calls all of
// them shared secrets. Whoever learns one is, as far as it goes, that person; a
// fake website can ask for any of them; so none of them is ever more than the
// legacy way in that a policy may still accept, and none counts as phishing-resistant.
//
// Each is a Secret with the id of a credential, from which sessions hang as they
// hang from a key's registration. Its life is that of any credential:
//
//	active ──► suspended ──► revoked
//	   └────────────────────────▲
//
// A revoked one is empty: its seed, hash or codes are gone from the database.
//
// What is kept, and how:
//
//	password        argon2id hash (registry/password), sealed on top of it
//	totp            seed, sealed; the last time step used, so that each code works once
//	recovery_code   ten codes of 120 random bits, each as its SHA-256, used once
//
// What is sealed is bound to its row, its person and its method, so that somebody
// who can write to the database cannot give one person another's secret.
//
// It leaves to others: whether a method is accepted today (access/policy), how often
// somebody may guess (access/throttle), what a sign-in is made of (access/signin),
// and who may add or remove what (its pages, and the desk).
package sharedsecret
