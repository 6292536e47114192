// Package sharedsecretweb is a person's own pages for their password, their
// authenticator apps and their recovery codes: what there is, set it up, change it,
// remove it.
//
// What the policy does not accept can be removed here and not be set up. Whoever has
// a key must have used it a moment ago to change anything; who that is, and when a
// moment is over, is told by Deps.Fresh.
//
// A page shows a secret at one moment only, when it is made: an app's secret until
// it is confirmed, recovery codes once. Passwords go in and never come out again,
// not even into a form that was filled in wrongly. Everything works without script.
package sharedsecretweb
