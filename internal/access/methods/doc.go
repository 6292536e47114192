// Package methods is what a person can sign in with, seen as a whole: whether it
// is enough, and how one of them is taken away by the person themselves.
//
// A person with two keys that work is complete (registry/factors says which count):
// one may be lost, and they go on working. A method is taken away by its owner only with a fresh, strong proof,
// so that an unlocked screen is not enough, and never the last strong one: nobody
// should close their own door from outside. Whoever wants that has other ways,
// which the refusal names: register another key first, report this one lost, or
// ask the service desk.
//
// Removal is one unit of work: the registrations on the key are revoked, its
// sessions end, and the key goes back to being merely held, to be handed in. The
// next request with such a session is refused.
//
// A registration that suspended itself, because there may be a copy of it, is a case
// until somebody has said what they found (cases.go).
//
// The room owns no tables. It leaves to others: credentials (registry/factors),
// the states of a key (registry/keys), sessions (access/sessions), the fresh
// sign-in itself (access/signin), and what is done when a key is lost
// (access/lostkey).
package methods
