package recovery

import "github.com/warder-project/warder/internal/base/problem"

// The problems of this room.
var (
	NotFound = problem.Define(problem.NotFound, "recovery.not_found",
		"There is no such recovery case.",
		"Look at the list of cases for the right one.")
	Yourself = problem.Define(problem.Forbidden, "recovery.yourself",
		"You cannot do this for yourself.",
		"Ask a colleague at the service desk, or another administrator.")
	HigherPrivilege = problem.Define(problem.Forbidden, "recovery.higher_privilege",
		"This person may do more than you may, so you cannot give them a way to register a key.",
		"Ask an administrator to do it.")
	CaseNeeded = problem.Define(problem.Forbidden, "recovery.case_needed",
		"This person has registered a key before. A new way in for them needs a recovery case in which they were identified.",
		"Open a case on the service desk’s page, or with `warder recovery open`. If they have a key that works, they add another on their own page. "+
			"If nobody is left who could approve it, the last resort is on the host: `warder recover`.")
	NotReady = problem.Define(problem.Forbidden, "recovery.not_ready",
		"This case is not ready for a pass.",
		"Look at the case to see what is missing. For somebody who holds a role that is two approvals and the cooling-off, and no command goes around them.")
	AlreadyOpen = problem.Define(problem.Conflict, "recovery.already_open",
		"There is an open recovery case for this person.",
		"Go on with that one, or withdraw it first.")
	CannotHelp = problem.Define(problem.Conflict, "recovery.cannot_help",
		"This account may not sign in, so there is nothing to recover.",
		"Look at their state and their dates of employment. If they are wrong, an administrator puts them right.")
	WrongStep = problem.Define(problem.Conflict, "recovery.wrong_step",
		"The case has moved on, or has not come that far.",
		"Open the case again and follow what it says now.")
	Incomplete = problem.Define(problem.Invalid, "recovery.incomplete",
		"Something is missing from the form.",
		"Fill in what is named and send it again.")
	NotTheirKey = problem.Define(problem.Invalid, "recovery.not_their_key",
		"One of the keys is not this person’s.",
		"Look the person up again and choose from the keys that are shown.")
	AlreadyInvolved = problem.Define(problem.Forbidden, "recovery.already_involved",
		"You have had a part in this case already, so your approval would not be a second pair of eyes.",
		"Ask somebody who did not open it, check it or approve it.")
	NotFresh = problem.Define(problem.StepUp, "recovery.not_fresh",
		"You need to have used your attested key, with its PIN or fingerprint, in the last 10 minutes.",
		"Use your key again. If it cannot give that level, ask somebody whose key can.")
	NotTheManager = problem.Define(problem.NotFound, "recovery.not_the_manager",
		"There is no case for you to vouch in.",
		"Only the line manager in the directory can vouch, while the case waits for it.")
	NoManager = problem.Define(problem.Conflict, "recovery.no_manager",
		"This person has no line manager who could vouch, or the manager opened the case.",
		"Check their identity in another way.")
	BecamePrivileged = problem.Define(problem.Conflict, "recovery.became_privileged",
		"This person may do more than when the case was approved, or whoever approved it may do less, so it needs approvals that it does not have.",
		"Withdraw the case and open a new one.")
)

// Problems lists them all, for docs/problems.md.
func Problems() []problem.Definition {
	return []problem.Definition{NotFound, Yourself, HigherPrivilege, CaseNeeded, NotReady, AlreadyOpen, CannotHelp, WrongStep,
		Incomplete, NotTheirKey, AlreadyInvolved, NotFresh, NotTheManager, NoManager, BecamePrivileged}
}
