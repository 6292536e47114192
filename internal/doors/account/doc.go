// Package account is a person's own pages: my keys, my sessions, removing a key,
// noting where the second one is kept, and the page that matters most on a bad
// day, “report this key lost or stolen”.
//
// It shows and changes only what belongs to the person who is signed in; a key
// or session of somebody else does not exist here. It keeps nothing itself:
// keys are of registry/keys, sessions of access/sessions, what happens when a key
// is reported is decided by access/lostkey, and which key may be removed by
// access/methods. Adding a further key is part
// of signing in (access/signin/signinweb).
package account
