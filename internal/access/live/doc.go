// Package live is the picture of the world that requests are decided from: who
// is signed in, with which key, in which groups, which services there are and
// what the policy says, all in memory. Answering from it costs no SQL.
//
// A picture is worth having only while it is true, so its truth is guarded:
//
//   - Whatever commits here is applied before the commit returns (Apply, which
//     app registers with the database): the next request sees it.
//   - Whatever commits elsewhere comes through the database's Follow to the same
//     Apply.
//   - When changes may have been missed, the view is in doubt: it answers
//     nothing from memory and reads the store for each request, until everything
//     has been read anew.
//   - When a reread fails, the view is in doubt as well; when the store cannot be
//     read either, the answer is "not known", which policy refuses.
//
// So it is never stale in silence. Load and Apply run one at a time, and each
// reads the store after the commit it is told of; an older picture cannot be put
// over a newer one. Only a session that has just begun, and of which nothing was
// ever heard, is taken over without reading.
//
// The view also knows best when a session was last used. It keeps these times,
// enforces the idle limit with them, and hands them to sessions in batches. A
// session it has once seen idle or expired stays so, whatever the clock does.
//
// The room owns no tables: livedb reads those of the rooms whose things it
// copies. It leaves to others: every change, and every verdict.
package live
