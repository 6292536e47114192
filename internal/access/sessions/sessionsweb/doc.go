// Package sessionsweb is the administrators' pages about who is signed in where,
// and the page that ends one session after saying what that means.
package sessionsweb
