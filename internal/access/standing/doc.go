// Package standing is what happens when somebody is suspended, reinstated, signed
// out, or leaves: the directory is changed and their sessions end, all in one
// unit of work, so that there is no moment in which half of it holds. Before
// anything is done it can be asked what would be: which sessions end, and which
// keys must come back. A page and a command ask here and act here, so both say
// and do the same.
//
// Sessions are ended and not only refused, so that none is alive again when
// somebody is reinstated. Whoever leaves on a day to come keeps theirs until it
// is over. The last administrator who can sign in is neither suspended nor let go.
//
//	            suspend                 leave
//	(active) ──────────▶ (suspended) ──────────▶ (left, for good)
//	         ◀──────────
//	          reinstate
//
// The room owns no tables. It leaves to others: the states of a person
// (registry/people), keys (registry/keys), sessions (access/sessions), and who is
// an administrator (access/roles).
package standing
