package policy

import (
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// Exception is leave to sign in with less than the rules ask for, for a time. It
// only lowers how strongly somebody must have signed in, to its floor. It lifts no
// rule that denies, where no rule applies it lets nobody in, and person, key,
// credential, session and method are checked as ever.
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

// eased is what somebody is asked to sign in with whose exceptions would let them in
// with less than the rules ask for.
func eased(require assurance.Requirement, f *Facts) assurance.Requirement {
	for i := range f.Exceptions {
		e := &f.Exceptions[i]
		stricter := e.Floor.And(require) == e.Floor
		if e.live(f.At) && e.Floor.Defined() && !stricter {
			return e.Floor
		}
	}
	return require
}
