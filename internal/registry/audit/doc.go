// Package audit keeps the record of who changed what. It is not a log: an entry
// is written in the very unit of work that makes the change, so there is no
// change without its entry and no entry without its change.
//
// Entries are inserted unchained, because a chain whose head every write
// updates would make all writers wait for each other. A sealer links them a
// moment later: each gets the next number and a SHA-256 over its own fields, its
// number and the hash before it. The head of the chain is kept apart, sealed
// with the master key, so that neither the removal of the last entries nor a
// chain computed anew goes unnoticed.
//
//	Record ──► entry, unsealed ──SealPending──► number, hash ──► head
//	                                                │
//	                       Verify ◄─────────────────┘  changed, removed,
//	                                                   reordered, inserted
//
// What the chain cannot show: somebody who can write to the database may change
// an entry in the moment before it is sealed, add an entry, put a complete older
// copy of the database back, or throw the whole chain away so that the sealer
// builds it anew. To find the last two, note the head that Verify reports, or an
// export, on another machine.
//
// This room leaves to others what is worth recording, and who may read it.
package audit
