package reviews

import (
	"time"

	"github.com/warder-project/warder/internal/base/ids"
)

// Review is one look at one exception.
type Review struct {
	ID        ids.Review
	Exception ids.Exception
	Due       time.Time
	Lapses    time.Time  // Due and the days of grace; from then on it is missed
	Reviewer  ids.Person // who is asked: its approver; others who may approve it may do it too
	State     State
	OpenedAt  time.Time
	AskedAt   time.Time // when the reviewer was last written to; zero: not yet

	// What came of it.
	Outcome  Outcome
	Cause    Cause
	Note     string    // in the words of whoever looked
	NewEnd   time.Time // of Shorten and Renew
	By       ids.Person
	ClosedAt time.Time // zero while it is open
}

// State is how far a review has come. The zero value is none.
type State string

// The states.
const (
	Open    State = "open"
	Done    State = "done"
	Missed  State = "missed"
	Dropped State = "dropped" // the exception was over first, or the date moved
)

// Label is the state in words.
func (s State) Label() string {
	switch s {
	case Open:
		return "Waits for a review"
	case Done:
		return "Reviewed"
	case Missed:
		return "Missed"
	case Dropped:
		return "Not needed any more"
	}
	return "Unknown"
}

// Outcome is what somebody decided. The zero value is nothing.
type Outcome string

// The outcomes.
const (
	EndNow  Outcome = "end"
	Keep    Outcome = "keep" // to its planned end
	Shorten Outcome = "shorten"
	Renew   Outcome = "renew" // asks for a later end, which somebody else approves
)

// Outcomes lists them in the order of a form: the strictest first.
func Outcomes() []Outcome { return []Outcome{EndNow, Shorten, Keep, Renew} }

// Label is the outcome in words.
func (o Outcome) Label() string {
	switch o {
	case EndNow:
		return "End it now"
	case Keep:
		return "Keep it to its planned end"
	case Shorten:
		return "End it sooner"
	case Renew:
		return "Ask for a later end"
	}
	return "Nothing"
}

// Cause is whether the reason for an exception is still there. The zero value is not
// said, and is refused.
type Cause string

// The answers.
const (
	Holds Cause = "holds"
	Gone  Cause = "gone"
)

// Label is the answer in words.
func (c Cause) Label() string {
	switch c {
	case Holds:
		return "It is still there"
	case Gone:
		return "It is gone"
	}
	return "Not said"
}

// Overdue reports whether the day has passed and nobody has looked yet.
func (r Review) Overdue(at time.Time) bool { return r.State == Open && !at.Before(r.Due) }

// Decision is what a reviewer decides.
type Decision struct {
	Outcome Outcome
	Cause   Cause
	Note    string
	NewEnd  time.Time // of Shorten and Renew
}
