package versions

import "github.com/warder-project/warder/internal/base/problem"

// The problems of this room.
var (
	VersionTaken = problem.Define(problem.Conflict, "policy.version_taken",
		"Another policy text has been published under this version already.",
		"Give the text a version of its own, in its line “version:”, and publish it again.")
	ReasonMissing = problem.Define(problem.Invalid, "policy.reason_missing",
		"To put a stricter policy in force although the emergency access is not tested, a reason is needed.",
		"Give one of 10 to 1,000 characters. It is kept in the audit record.")
	NonePublished = problem.Define(problem.NotFound, "policy.none_published",
		"No policy has been published yet, so nobody may use any service.",
		"Publish one: warder policy publish FILE.")
)

// Problems lists every problem of this room, for documents and tests.
func Problems() []problem.Definition {
	return []problem.Definition{VersionTaken, ReasonMissing, NonePublished}
}
