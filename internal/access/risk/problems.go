package risk

import (
	"github.com/warder-project/warder/internal/access/risk/places"
	"github.com/warder-project/warder/internal/base/problem"
)

// The problems of this room.
var (
	NotAnAddress = problem.Define(problem.Invalid, "risk.not_an_address",
		"This is not an IP address.",
		"Write one such as 192.0.2.7 or 2001:db8::7, without a network.")
	RouteBlocked = problem.Define(problem.Forbidden, "risk.route_blocked",
		"You, or somebody with your messages, said that a sign-in from this browser or network was not you. So nobody can sign in as you from here for a week.",
		"Use another browser on another network, or ask the service desk: they can open it again once they know who you are.")
	NoLongerOffered = problem.Define(problem.Forbidden, "risk.key_only",
		"Something about this sign-in is unusual for you, so only your security key counts now.",
		"Start again and use your security key. If you have none with you, ask the service desk.")
	NotInHand = problem.Define(problem.Forbidden, "risk.key_not_in_hand",
		"You said that this security key is not in your hand, so nothing that was done with it now counts.",
		"If you do not know where your key is, report it lost at once, on your own page or at the service desk.")
	NotVerified = problem.Define(problem.Forbidden, "risk.not_verified",
		"Something about this session is unusual, so the key must ask for your PIN or fingerprint, and it did not.",
		"Set a PIN on your key, or use one that has a PIN or reads your fingerprint.")
	SayWhether = problem.Define(problem.Invalid, "risk.say_whether",
		"Say whether the security key is in your hand.",
		"Choose an answer above the button, then use your key.")
)

// Problems lists every problem of this room and of the places below it.
func Problems() []problem.Definition {
	return append(places.Problems(), NotAnAddress, RouteBlocked, NoLongerOffered, NotInHand, NotVerified, SayWhether)
}
