// Package signinweb is the sign-in as a browser sees it: the page with the
// button, the page on which the key is touched, one-time links, adding a
// further key, signing out, and the page that says where to get help. It also
// keeps the cookies, and is the portal's Gatekeeper: it tells base/web who is
// signed in, by asking the store on each request, so that a session, key or
// person that has been stopped is out on the next page.
//
// What an attempt may do is decided by access/signin; nothing is decided here.
package signinweb
