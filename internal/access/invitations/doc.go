// Package invitations keeps one-time links: the way by which somebody who has
// no key yet, or has lost all of them, comes to register one.
//
// A link is for one person, works once, ends by itself, and is kept only as a
// hash. It opens a registration and nothing more; there is no session until the
// new key itself has been used. A later link for the same person takes the place
// of an earlier one.
//
//	open ──── used, when the registration is kept
//	  ├────── replaced by a later one
//	  └────── out of date
//
// The first administrator comes by such a link too, printed in a terminal. The
// room owns the table invitation. What happens behind a link is access/signin’s;
// who may make one for whom is for the page or command that does it to decide.
package invitations
