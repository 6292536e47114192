package rulebook

import "github.com/warder-project/warder/internal/base/problem"

// Malformed: the policy text cannot be read as a policy. Its fields say where
// and what was expected.
var Malformed = problem.Define(problem.Invalid, "policy.malformed",
	"The policy could not be read.", "Correct the places named below and try again. Nothing has been changed.")

// TooLarge: the policy text is longer than any real policy.
var TooLarge = problem.Define(problem.Invalid, "policy.too_large",
	"The policy is too large: more than 1 MiB.", "Check that this is the right file. Nothing has been changed.")

// Problems lists every problem of this room, for documents and tests.
func Problems() []problem.Definition { return []problem.Definition{Malformed, TooLarge} }
