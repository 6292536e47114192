package decision

import (
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/problem"
)

// The problems of this room.
var (
	NotFound = problem.Define(problem.NotFound, "decision.not_found",
		"There is no such decision.", "Look for it in the list of decisions.")
	FilterMalformed = problem.Define(problem.Invalid, "decision.filter_malformed",
		"The list cannot be narrowed down like this.", "Correct what is marked and try again.")
	PersonMissing = problem.Define(problem.NotFound, "decision.person_missing",
		"There is no such person.", "Check the user name.")
	ServiceMissing = problem.Define(problem.NotFound, "decision.service_missing",
		"There is no such service.", "Check the name of the service.")
	KeyMissing = problem.Define(problem.NotFound, "decision.key_missing",
		"This person has no such key.", "Check the serial number.")
	NotKept = problem.Define(problem.Unavailable, "decision.not_kept",
		"The record of decisions could not be written.", "Look at the health of the database. Requests are refused while this lasts.")
)

// Problems lists every problem of this room, for documents and tests.
func Problems() []problem.Definition {
	return []problem.Definition{NotFound, FilterMalformed, PersonMissing, ServiceMissing, KeyMissing, NotKept}
}

// The reasons this room adds to those of policy: refusals before any policy is asked.
const (
	CodeAmbiguousPath policy.Code = "decision.path_ambiguous"
	CodeMethodRefused policy.Code = "decision.method_refused"
	CodeNotRecorded   policy.Code = "decision.not_recorded"
)

var sentences = map[policy.Code]string{
	CodeAmbiguousPath: "This address can be read in more than one way, so we do not pass it on.",
	CodeMethodRefused: "This service does not take requests of this kind at this address.",
	CodeNotRecorded:   "We cannot keep a record of who comes in at the moment, so nobody may. Try again in a few seconds.",
}

// Codes lists the reasons this room adds to those of policy.
func Codes() []policy.Code {
	return []policy.Code{CodeAmbiguousPath, CodeMethodRefused, CodeNotRecorded}
}

// ours reports whether the reason is one of this room's: policy was not asked.
func ours(code policy.Code) bool {
	_, known := sentences[code]
	return known
}

// Sentence is what a reason says to the person, for the codes of this room and of policy.
func Sentence(code policy.Code) string {
	if sentence, ok := sentences[code]; ok {
		return sentence
	}
	return code.Sentence()
}

// ParseReasons reads stored reasons and finds their sentences again.
func ParseReasons(text string) []policy.Reason {
	reasons := policy.ParseReasons(text)
	for i := range reasons {
		reasons[i].Sentence = Sentence(reasons[i].Code)
	}
	return reasons
}

func refused(code policy.Code, version string) policy.Verdict {
	return policy.Verdict{PolicyVersion: version, Reasons: []policy.Reason{{Code: code, Sentence: Sentence(code)}}}
}
