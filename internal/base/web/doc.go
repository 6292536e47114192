// Package web is the one way a browser reaches a page of Warder: handlers that
// return errors, a table of routes that says who may open each of them and how
// strongly they must have signed in, the headers that keep a page to itself,
// and the layout around what a room has to say.
//
// A request walks, in this order, through: the address it was sent to, the
// route table, the cross-site check, the size limit, the permission and the
// assurance the route needs, and only then the room's handler. What goes wrong
// on the way, or in the handler, is translated to a status and a page (or
// application/problem+json) in one place, fail.go. Anything unknown is denied.
//
// Who is signed in is not decided here: the Gatekeeper is asked, once per
// request. What a permission means belongs to registry/roles; this room only
// asks Viewer.May.
package web
