// Package recovery helps people who cannot sign in any more to a new key, and
// decides who may give whom a way to register one. The back door of most systems
// is the person who says on the telephone that they have lost everything; so what
// happens then is a case, which records how the caller was identified, and ends in
// a pass for a registration and nothing else.
//
//	opened ──checked──▶ checked ──sufficed──▶ ready ──issued──▶ pass_issued ──registered──▶ registered ──completed──▶ completed
//	  │ ▲                 │ ▲ │                 ▲                  │ ▲                          │
//	  └─┘ asked the       └─┘ │ must cool       │ cooled           └─┘ issued again             │
//	      line manager  approved└──▶ cooling_off ──┘                                            │
//	                                                                                            │
//	from every state but the ends: refused, withdrawn, stopped (“this was not me”), expired ◀───┘
//
// The table of these moves is in table.go. What the rules are:
//
//   - Nobody opens, checks, approves or issues anything for themselves.
//   - Keys that are stated lost or stolen are blocked at once, before anybody has
//     been identified: a report that is wrong costs less than one that waits.
//   - Identity is checked in person, by video, by a colleague, or by the line manager,
//     who says so with a touch of their own key. How is recorded; no number of a document is.
//   - For somebody who holds a role two people approve besides whoever opened and
//     checked; one of them administers Warder or leads its security and may do all
//     that the person may. Then the case cools off for hours, which nobody shortens,
//     while the person and their manager are told in every way there is.
//   - A pass is issued only by somebody who may do all that its person may.
//   - Whatever lets somebody further needs a key touched within ten minutes, at AAL3.
//   - A case that is stopped after the new key was registered blocks that key.
//
// The room owns the tables recovery_case and recovery_approval. It leaves to
// access/helpdesk what an agent sees and how often, to access/invitations what a link or a pass is, to access/signin what happens
// behind it, to access/lostkey what blocking a key stops, and to access/roles who may
// do what. The last resort, when nobody is left who could approve, is on the host (warder recover).
package recovery
