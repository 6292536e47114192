// Package keys keeps the hardware security keys of the organisation as physical
// objects: which model, which serial number, who has it, and where in its life
// it is. It also keeps the models that are allowed, with the roots their
// attestation must chain to.
//
// A key is not a credential. The credentials that are made on a key, and
// whether somebody may sign in with one, are the business of registry/factors;
// this room only answers what state the object itself is in. Ending the sessions
// of a lost key is access/lostkey. Custody at the service desk, stock-taking,
// dispatch and return lists are not here yet.
//
// # The life of a key
//
//	           ordered
//	              │
//	              ▼
//	┌────────► in stock ◄───► reserved
//	│             │ │            │
//	│             │ └────────────┤
//	│             ▼              ▼
//	│        in transit ──────► held ◄─────► enrolled ◄──── lent ◄── (in stock)
//	│             │              │              │            │
//	│             │              └──────┬───────┴────────────┘
//	│             ▼                     ▼
//	│        (in stock)              returned ◄──── lost, stolen, damaged
//	│                                   │
//	│                                   ▼
//	└─────────────────────────────── wiped        destroyed ◄── everything but
//	                                                             ordered and in use
//
// From everywhere but destroyed a key may be reported lost, from lost also
// stolen; a stolen key is never merely lost again. A lost key that turns up goes
// through returned and wiped before anybody may have it: what was done with it
// meanwhile is not known. The table in state.go is the exact truth, and a test
// walks every pair.
//
// Whoever no longer signs in with a key takes its registrations away: it goes back
// from enrolled to held, marked as to be handed back, and is never taken for one
// that was issued and waits to be set up.
//
// Only an enrolled key may be used to sign in. The empty state, and one that this
// version does not know, may do nothing.
package keys
