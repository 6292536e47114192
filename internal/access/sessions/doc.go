// Package sessions keeps who is signed in where. A session is begun by one
// sign-in, with one key and one credential, and carries for its whole life what
// that sign-in has proven; a stronger sign-in begins a new one.
//
// There are two kinds. A portal session belongs to Warder's own site. A gate
// session belongs to one host behind the gateway and hangs from a portal
// session: it has the same person, key and assurance, ends no later, and is
// alive only while its parent is. It is begun with a ticket: single use, one
// minute, for that one host.
//
//	           Start                     End, EndOfKey, EndOfPerson,
//	(sign-in) ──────▶ alive ───────────▶ EndExpired ──────────▶ ended
//	                    │ Ticket, Redeem                          ▲
//	                    └──────────▶ gate session, alive ─────────┘ with its parent
//
// A browser holds a token of 256 random bits; only its SHA-256 is kept here. How
// long a session may live and be idle comes from its assurance level (NIST SP
// 800-63B-4 §2.1.3, §2.2.3, §2.3.3). What has ended never comes back, whatever
// the clock does, and every way of ending publishes the same topic, so that no
// copy lives on.
//
// The room owns the tables session and session_ticket. It leaves to others:
// cookies (doors), what a session may reach (access/policy), and the copy in
// memory that requests are answered from (access/live).
package sessions
