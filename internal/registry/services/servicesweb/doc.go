// Package servicesweb is the administrators' pages about services: the list, one
// service with the ways into it, and adding either.
//
// Who may use a service is decided by policy (access/policy) and not here.
package servicesweb
