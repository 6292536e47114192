package returns

import "github.com/warder-project/warder/internal/base/problem"

// The problems of this room.
var (
	Refused = problem.Define(problem.Invalid, "signin.return_refused",
		"The address to go to after signing in is not one of this organisation’s services.",
		"Open the service from its own address. If somebody sent you this link, do not use it, and tell your security team.")
	Circles = problem.Define(problem.Forbidden, "signin.going_in_circles",
		"You are signed in, but the service keeps sending you back here.",
		"Check that your browser keeps cookies for the service. If it does, the service asks for something your key cannot give: tell the service desk which service it is.")
)

// Problems lists every problem of this room.
func Problems() []problem.Definition { return []problem.Definition{Refused, Circles} }
