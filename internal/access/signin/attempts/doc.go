// Package attempts keeps sign-ins and registrations that are under way: what is asked,
// by which browser, for which place, how strongly, and how far it has come.
//
//	             named                    proven
//	Identifying ───────▶ UsingKey ─────────────────────────▶ Done
//	                     ▲ │ │ ▲ │                            ▲ ▲ ▲
//	 chose a password,   │ │ │ │ │ too weak, not allowed,     │ │ │
//	 or the key again    │ ▼ │ └─┘ failed, too many tries     │ │ │
//	          GivingPassword │    ┌──▶ Refused                │ │ │
//	                ▲ │knew  │    │                     proven│ │ │
//	                │ ▼      │    └── from every state        │ │ │
//	             GivingCode ─┼────────────────────────────────┘ │ │
//	                │        │                                  │ │
//	      enrolling │        │ enrolling                 proven │ │
//	                ▼        ▼               registered         │ │
//	               Registering ─────────────▶ Confirming ───────┘ │
//	                    └── registered by a person already signed in
//
// The table of these moves is in table.go: what is wrong may be tried again in
// every state that asks for something, and a key may be chosen wherever a password
// or a code is asked for. Besides, every state that is not an end stops answering
// ten minutes after the attempt began.
//
// Every answer is one conditional update: of two answers to the same version one goes
// through. An attempt is given only to the browser that began it, by a secret in a
// cookie; its id alone opens nothing.
//
// The room owns the table signin_attempt. It leaves to access/signin what an answer is
// worth, and what is done when an attempt moves.
package attempts
