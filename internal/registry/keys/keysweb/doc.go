// Package keysweb is the administrators' pages about security keys: the list,
// one key, adding a key to the stock, issuing it to a person, a one-time link
// with which its holder registers it, and blocking it.
//
// What ends when a key is blocked lies above this floor, and so does what a
// link opens; both are handed in as functions.
package keysweb
