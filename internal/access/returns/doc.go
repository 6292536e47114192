// Package returns knows where a browser may go after a sign-in: to a page of the
// portal, or into a service that we protect, with a ticket that opens it once.
//
// An address comes from a link, which anybody can write, so it is checked when it
// is given and again when somebody leaves for it. Whatever is not the portal's
// own page or the host of an admitted service's route is refused. A browser that
// is sent back and forth is stopped with an explanation.
//
// The room keeps nothing. It leaves to access/signin how somebody signs in, to
// access/sessions what a ticket is, and to the gateway whether a person may enter.
package returns
