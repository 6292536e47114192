// Package invitations keeps the ways by which somebody who has no key yet, or
// has lost all of them, comes to register one. There are two: a link, told as an
// address, and a pass, told as a code that is typed together with the user name.
//
// Either is for one person, works once, ends by itself, and is kept only as a
// hash. It opens a registration and nothing more; there is no session until the
// new key itself has been used. A later one for the same person, of whichever
// kind, takes the place of an earlier one.
//
//	(not yet) ── its time comes ──▶ open ──── used, when the registration is kept
//	                                 ├────── replaced by a later one, or withdrawn
//	                                 └────── out of date
//
// A pass lasts an hour at most and may have a time before which it does not
// work. Its code is fifteen random characters and one that betrays a slip; what
// guesses at it is held back by a Guard, which belongs to access/throttle.
//
// The first administrator comes by a link too, printed in a terminal. The room
// owns the table invitation. What happens behind a link or a pass is
// access/signin’s; who may make one for whom is access/recovery’s.
package invitations
