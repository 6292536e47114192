package archtest

import "strings"

// Exception excuses findings of one rule in one package, whose What begins as given.
type Exception struct{ Rule, Package, What, Reason, Since string }

func (e Exception) excuses(f Finding) bool {
	return e.Rule == f.Rule && e.Package == f.Package && strings.HasPrefix(f.What, e.What)
}

// sameFloor is the list of pairs on one floor that may know each other.
func sameFloor() []Pair {
	return []Pair{
		{"base/*", "base/problem", "the words in which any room refuses"},
		{"base/*", "base/ids", "the identifiers of everything we keep, which have no state"},
		{"base/*", "base/tx", "the interface by which a unit of work is asked for"},
		{"base/*", "base/db", "the faces on SQL of the rooms down here"},
		{"base/jobs", "base/health", "repeated work that fails becomes a condition somebody sees"},
		{"base/mail", "base/secret", "the password at the mail server prints as nothing"},
		{"registry/*", "registry/audit", "every change is recorded with it, in the change's own transaction"},
		{"registry/*", "registry/assurance", "the words for strength, which have no state"},
		{"registry/factors", "registry/keys", "a credential lives on a key, and a key that is lost proves nothing"},
		{"registry/factors", "registry/password", "a password is kept as its hash, and judged before it is set"},
		{"access/decision", "access/policy", "a decision is policy asked with gathered facts"},
		{"access/decision", "access/live", "the facts of a request come from memory, not from SQL"},
		{"access/decision", "access/rulebook", "an explanation reads the policy anew, as it is stored"},
		{"access/decision", "access/trace", "an explanation is a decision with what led to it"},
		{"access/live", "access/policy", "the view holds the compiled policy"},
		{"access/live", "access/rulebook", "the view reads the policy when another is published"},
		{"access/policy", "access/trace", "what differs between two policies is said in the words of the trace"},
		{"access/policy", "access/rulebook", "the versions of a policy are kept as its text"},
		{"access/trace", "access/policy", "what led to a verdict is told with the judgements that made it"},
		{"access/rulebook", "access/policy", "a text is read into the rules that policy decides by"},
		{"access/live", "access/sessions", "the view holds the sessions that are alive"},
		{"access/lostkey", "access/sessions", "a lost key ends the sessions that were started with it"},
		{"access/methods", "access/sessions", "a method that is removed ends the sessions that were started with it"},
		{"access/recall", "access/sessions", "what was begun with keys of a recalled model counts for less, or ends"},
		{"access/standing", "access/sessions", "whoever is suspended, or leaves, has no session any more"},
		{"access/standing", "access/roles", "the last administrator is not locked out"},
		{"access/helpdesk", "access/recovery", "an agent sees the cases of whom they look up, and opens one"},
		{"access/helpdesk", "access/roles", "an agent sees that somebody holds a role, and so needs two approvers"},
		{"access/recovery", "access/invitations", "a case ends in a pass, and a first key begins with a link"},
		{"access/recovery", "access/lostkey", "a key that is stated lost is blocked at once, with all that it stops"},
		{"access/recovery", "access/roles", "nobody gives a way in to somebody who may do more, and who holds a role needs two approvers"},
		{"access/recovery", "access/sessions", "an approval needs a session whose key was touched a moment ago"},
		{"access/breakglass", "access/sessions", "two keys begin one session, which ends with what it hangs from"},
		{"access/signin", "access/sessions", "a sign-in ends by starting a session"},
		{"access/signin", "access/risk", "where a sign-in comes from is judged, and kept with its session"},
		{"access/risk", "access/sessions", "whoever says that it was not them ends the session"},
		{"access/risk", "access/policy", "what is unusual is said in the words of a policy"},
		{"access/signin", "access/returns", "a sign-in remembers where its browser goes afterwards"},
		{"access/returns", "access/sessions", "whoever leaves for a service takes a ticket along"},
		{"access/signin", "access/invitations", "a one-time link opens a registration, and is used up with it"},
		{"feeds/*", "feeds/table", "the one reader of delimited text"},
		{"proof/maturity", "proof/coverage", "criteria are judged on who is covered by what"},
		{"proof/report", "proof/coverage", "a report prints the coverage"},
		{"proof/report", "proof/maturity", "a report prints the level"},
	}
}

// exceptions from the other rules. Each has a reason and a date, and is removed
// when it no longer excuses anything, which Judge notices.
func exceptions() []Exception {
	const heartbeat = "silence between processes is measured by the machine's own monotonic clock, which nobody sets"
	return []Exception{
		{"calls", "internal/base/db", "time.Now", heartbeat, "2026-11-23"},
		{"calls", "internal/base/db", "time.Until", heartbeat, "2026-11-23"},
		{"calls", "internal/registry/people/peopledb", "time.Sleep", "a process that is there to be killed stands still", "2026-11-23"},
		{"sizes", "internal/access/signin", "lines of the room with its faces: 30", "one machine with its steps and pages; what is kept of it, where a sign-in comes from, and what is no step have rooms of their own", "2026-11-23"},
		{"sizes", "internal/access/signin", "lines of code: 15", "one machine: every step is a state, its move and its judge", "2026-11-23"},
		{"sizes", "cmd/warder", "lines of code: 41", "one short file for each noun; the policy has eleven verbs, each of a few lines", "2026-11-23"},
		{"names", "internal/base/mail", "mail", "net/mail only parses addresses, and this is the plain word", "2026-11-23"},
	}
}

// Judge leaves out what is excused, and adds what is wrong with the excuses.
// Only exceptions from the rules that were run, named in rules, are looked at.
func Judge(findings []Finding, excused []Exception, rules ...string) []Finding {
	var left []Finding
	used := make([]bool, len(excused))
	for _, finding := range findings {
		covered := false
		for i, exception := range excused {
			if exception.excuses(finding) {
				covered, used[i] = true, true
			}
		}
		if !covered {
			left = append(left, finding)
		}
	}
	for i, exception := range excused {
		why := ""
		switch {
		case !strings.Contains(" "+strings.Join(rules, " ")+" ", " "+exception.Rule+" "):
			continue
		case !used[i]:
			why = "this exception excuses nothing any more: remove it"
		case exception.Reason == "" || exception.Since == "":
			why = "an exception has a reason and a date"
		default:
			continue
		}
		left = append(left, Finding{Rule: exception.Rule, Package: exception.Package, What: exception.What, Why: why})
	}
	return left
}
