// Package cloud reads what the clouds can export about how people sign in. An
// export is a file somebody fetched with the cloud's own tools; Warder needs no
// access to the cloud. This room owns what all exports have in common: telling
// one kind of file from another, byte order marks and UTF-16, JSON whose faults
// are named by line and column, and dates in the ways they are written. Each
// cloud has a folder: aws, entra.
//
// A parser is pure: bytes in, facts of proof/coverage or a problem out. A file
// with a fault gives no facts at all. What the facts mean for the organisation
// is the work of proof/coverage and proof/maturity.
package cloud
