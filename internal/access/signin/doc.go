// Package signin is how a person gets from “nobody” to a session, and the only
// way there: one attempt, kept in the database, led by one dispatcher.
//
// An attempt remembers what is asked (a sign-in, a stronger sign-in, the
// registration of a key), by which browser, for which place, how strongly, and
// how far it has come. Flow.Next reads it and says what the person must do now;
// Identify, UseKey and Register are the answers a person can give. Every answer
// is one conditional update of the attempt, in the same unit of work as what it
// causes, so that two tabs or an impatient double click finish once, and a
// process that is killed leaves a whole answer or none.
//
//	             named                    proven
//	Identifying ───────▶ UsingKey ─────────────────────────▶ Done
//	                      │  ▲ │                               ▲ ▲
//	                      └──┘ │ too weak, not allowed,        │ │ proven
//	                    failed │ too many tries                │ │
//	                           ▼            registered         │ │
//	Registering ────────────▶ Refused      ┌──────────▶ Confirming
//	  │  ▲ │                     ▲         │            │  ▲ │  │
//	  └──┘ └─────────────────────┼─────────┘            └──┘ │  │
//	 failed   (an invited person)└───────────────────────────┼──┘
//	  └── registered by a person already signed in ──▶ Done ◀┘
//
// The table of these moves is in table.go. Besides, every state that is not an
// end stops answering ten minutes after the attempt began.
//
// An attempt is bound to the browser that began it by a secret in a cookie; its
// id alone opens nothing. A challenge is used once, whatever came of it. An
// invitation (a one-time link, or a pass) opens a registration and nothing else:
// there is no session until the new key itself has been used.
//
// An identity that is kept for emergencies can register its key here with a link,
// and use it once to see that it works; that begins no session, and nothing else
// here is open to it. See access/breakglass.
//
// The room owns the tables signin_attempt and signin_decoy. It leaves to
// registry/factors what a WebAuthn answer is worth, to registry/keys and
// registry/people whether that key and that person may be used, to
// access/sessions what a session is, and to access/decision whether a person
// may use a service. Who may invite whom is for the caller to decide.
package signin
