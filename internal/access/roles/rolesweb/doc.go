// Package rolesweb is the administrators' pages about roles: what each may do,
// who holds which, and giving and taking one after saying what that changes.
package rolesweb
