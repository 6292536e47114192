package exceptions

import "fmt"

// State is how far an exception has come. The zero value is none, and relaxes nothing.
type State string

// The states.
const (
	Proposed  State = "proposed"
	Approved  State = "approved" // in force when its time is: see Exception.InForce
	Refused   State = "refused"
	Withdrawn State = "withdrawn"
	Ended     State = "ended"   // before its time
	Expired   State = "expired" // its time is over
)

// States lists them in order.
func States() []State { return []State{Proposed, Approved, Refused, Withdrawn, Ended, Expired} }

// event is what can happen to an exception.
type event string

const (
	approved       event = "approved"
	refused        event = "refused"
	withdrawn      event = "withdrawn"
	ended          event = "ended"
	expired        event = "expired"
	shortened      event = "shortened"
	renewalAsked   event = "renewal_asked"
	renewed        event = "renewed"
	renewalRefused event = "renewal_refused"
	reassigned     event = "reassigned"
	controlTested  event = "control_tested"
	dropped        event = "dropped"
	looked         event = "looked"

	milestoneReached event = "milestone_reached"
	milestoneMoved   event = "milestone_moved"
)

func events() []event {
	return []event{approved, refused, withdrawn, ended, expired, shortened, renewalAsked, renewed, renewalRefused, reassigned, controlTested, dropped, looked, milestoneReached, milestoneMoved}
}

// moves is the whole machine: what is not here does not happen. doc.go draws it.
func moves(from State) map[event]State {
	switch from {
	case Proposed:
		return map[event]State{approved: Approved, refused: Refused, withdrawn: Withdrawn, expired: Expired, reassigned: Proposed}
	case Approved:
		return map[event]State{ended: Ended, expired: Expired, shortened: Approved, renewalAsked: Approved, renewed: Approved,
			renewalRefused: Approved, reassigned: Approved, controlTested: Approved, dropped: Approved,
			looked: Approved, milestoneReached: Approved, milestoneMoved: Approved}
	case Refused, Withdrawn, Ended, Expired:
	}
	return nil
}

// move gives the next state, or an error for a move that the machine does not have.
func move(from State, what event) (State, error) {
	to, ok := moves(from)[what]
	if !ok {
		return "", fmt.Errorf("an exception that is %q cannot become %s", from, what)
	}
	return to, nil
}

// Over reports whether nothing more can happen. A state that is not known is over.
func (s State) Over() bool { return len(moves(s)) == 0 }

// Label is the state in words.
func (s State) Label() string {
	switch s {
	case Proposed:
		return "Waiting for approval"
	case Approved:
		return "Approved"
	case Refused:
		return "Refused"
	case Withdrawn:
		return "Withdrawn"
	case Ended:
		return "Ended"
	case Expired:
		return "Expired"
	}
	return "Unknown"
}
