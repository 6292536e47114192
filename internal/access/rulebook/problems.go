package rulebook

import "github.com/warder-project/warder/internal/base/problem"

// Malformed: the policy text cannot be read as a policy. Its fields say where
// and what was expected.
var Malformed = problem.Define(problem.Invalid, "policy.malformed",
	"The policy could not be read.", "Correct the places named below and try again. Nothing has been changed.")

// TooLarge: the policy text is longer than any real policy.
var TooLarge = problem.Define(problem.Invalid, "policy.too_large",
	"The policy is too large: more than 1 MiB.", "Check that this is the right file. Nothing has been changed.")

// ExceptionRequired: the text would leave somebody out of a rule. Its fields say where.
var ExceptionRequired = problem.Define(problem.Invalid, "exception.required",
	"A rule cannot leave anybody out.", "Take out what is named below. To let somebody in with less for a time, agree an exception: it has an owner, an end and a record of its uses. Nothing has been changed.")

// NameUnknown: the text names somebody or something that does not exist. Its fields say
// where.
var NameUnknown = problem.Define(problem.Invalid, "policy.name_unknown",
	"The policy names something that is not there.", "Correct the names below, or add what they are for first. Nothing has been changed.")

// Contradictory: one rule denies what another asks for. Its fields say which.
var Contradictory = problem.Define(problem.Invalid, "policy.contradicts_itself",
	"The policy contradicts itself.", "Keep one of the rules named below. Nothing has been changed.")

// Problems lists every problem of this room, for documents and tests.
func Problems() []problem.Definition {
	return []problem.Definition{Malformed, TooLarge, ExceptionRequired, NameUnknown, Contradictory}
}
