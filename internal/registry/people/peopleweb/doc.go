// Package peopleweb is the administrators' pages about people: the list with its
// search, one person, and adding somebody.
//
// What a person signs in with and what they may administer lies elsewhere
// (registry/keys, access/roles) and has pages of its own.
package peopleweb
