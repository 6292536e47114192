package policy

import (
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// Exception is leave to sign in with less than the rules ask for, for a time. It
// only lowers how strongly somebody must have signed in, to its floor. It lifts no
// rule that denies, no rule with a condition, and not how long ago the sign-in may
// have been; where no rule applies it lets nobody in, and person, key, credential,
// session and method are checked as ever.
type Exception struct {
	ID          ids.Exception
	Floor       assurance.Requirement // undefined is met by nobody
	From, Until time.Time             // from the first moment on, until just before the second
}

// live reports whether the exception holds at a moment. One without an end never does.
func (e *Exception) live(at time.Time) bool { return !at.Before(e.From) && at.Before(e.Until) }

// excepted is the first exception that holds and whose floor the sign-in meets; nil
// when there is none.
func excepted(f *Facts) *Exception {
	for i := range f.Exceptions {
		e := &f.Exceptions[i]
		if e.live(f.At) && e.Floor.Unmet(f.Assurance, f.AuthTime, f.At) == 0 {
			return e
		}
	}
	return nil
}

// lifts reports whether an exception lifts one way in which a sign-in falls short of a
// rule: not how long ago it was, which anybody can mend, nor what a rule with a condition
// asks, because whoever takes over an account with an exception is out of the ordinary.
func lifts(rule *Rule, way assurance.Shortfall) bool {
	return rule.When == nil && way != assurance.TooLongAgo
}

// eased is what is asked of somebody with exceptions: the floor, and what none lifts.
func eased(rules *outcome, f *Facts) assurance.Requirement {
	for _, e := range f.Exceptions {
		least := e.Floor
		if !e.live(f.At) || !least.Defined() {
			continue
		}
		for _, rule := range rules.matched {
			switch {
			case rule.Deny:
			case rule.When != nil:
				least = least.And(rule.Require)
			case rule.Require.MaxAge > 0:
				least = least.And(assurance.Requirement{AAL: least.AAL, MaxAge: rule.Require.MaxAge})
			}
		}
		if least.And(rules.require) != least || least == rules.require {
			return least
		}
	}
	return rules.require
}
