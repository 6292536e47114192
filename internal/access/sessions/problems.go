package sessions

import "github.com/warder-project/warder/internal/base/problem"

// The problems of this room.
var (
	NotFound = problem.Define(problem.Unauthenticated, "session.not_found",
		"You are not signed in.", "Sign in.")
	NoSuch = problem.Define(problem.NotFound, "session.no_such",
		"There is no such session, or it has already ended.", "Look at the list of sessions again.")
	HasEnded = problem.Define(problem.Unauthenticated, "session.ended",
		"Your session has been ended.", "Sign in again.")
	HasExpired = problem.Define(problem.Unauthenticated, "session.expired",
		"You were signed out because your time was up.", "Sign in again.")
	TicketRefused = problem.Define(problem.Unauthenticated, "session.ticket_refused",
		"This link into the service has been used already or is out of date.", "Open the service again.")
	NothingProven = problem.Define(problem.Forbidden, "session.nothing_proven",
		"A sign-in that has proven nothing cannot begin a session.", "Sign in with a security key.")
	HostMissing = problem.Define(problem.Invalid, "session.host_missing",
		"It is not known which service this session would be for.", "Open the service again.")
)

// Problems lists every problem of this room, for documents and tests.
func Problems() []problem.Definition {
	return []problem.Definition{NotFound, NoSuch, HasEnded, HasExpired, TicketRefused, NothingProven, HostMissing}
}
