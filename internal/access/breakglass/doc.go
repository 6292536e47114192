// Package breakglass opens Warder in an emergency: when nobody who administers it
// can sign in. It takes two people, two keys that are kept in different places,
// and a reason; it makes a noise, and it is over after an hour.
//
// The keys belong to identities of kind break_glass, which sign in nowhere else
// and hold no role. The first person gives the reason and their name and touches
// one key; the second gives theirs and touches the key of another identity, in
// the same browser, within ten minutes. Only then one session begins, as an
// administrator. It cannot be made longer, and it is let in only as long as both
// keys could be used again.
//
//	            second key, in a test
//	waiting ───────────────────────────▶ tested
//	  │  │      second key                        ended, or an hour is over
//	  │  └─────────────────────────────▶ open ─────────────────────────────▶ closed
//	  │  ten minutes                                                           │
//	  └────────────▶ lapsed            (a recovery on the host) ──────────────▶│
//	                                                          reviewed ◀───────┘
//
// The table of these moves is in state.go. What is closed waits for a review by an
// administrator who had no part in it; until then it is a finding.
//
// Nothing is kept, and no audit entry written, before a key that belongs to the
// purpose has been touched: what a page needs to go on is given to the browser,
// sealed. So nobody can fill a table or use up a limit and keep two real holders
// out; there is no limit.
//
// A test is the same two touches and begins no session. Keys that have not been
// touched for a hundred days are a finding, and with fewer than two good ones a
// stricter policy is not put in force.
//
// The room owns the table breakglass_use. It leaves to others: how a key is
// registered (access/signin), where it is kept (registry/keys), what its answer is
// worth (registry/factors), what a session is (access/sessions), and whom an alarm
// reaches (app).
package breakglass
