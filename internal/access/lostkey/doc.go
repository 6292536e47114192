// Package lostkey is what happens when somebody says that a security key is lost
// or stolen: the key is blocked, the credentials on it are suspended and every
// session begun with it ends, all in one unit of work, so that there is no
// moment in which half of it holds. Copies in memory are told before the unit of
// work returns; the next request with such a session is refused.
//
// How long that took is part of the record: an entry "key.block_in_force" says
// how many milliseconds lay between the report and the block being in force
// here, and how many sessions and credentials it stopped.
//
// The person is not locked out: a second key of theirs goes on working.
//
// The room owns no tables. It leaves to others: the states of a key
// (registry/keys), credentials (registry/factors), sessions (access/sessions),
// and a replacement for the key.
package lostkey
