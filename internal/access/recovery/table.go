package recovery

import "fmt"

// State is how far a case has come. The zero value is none and allows nothing.
type State string

// The states.
const (
	Opened     State = "opened"      // nobody has been identified yet
	Checked    State = "checked"     // somebody has, and approvals are missing
	CoolingOff State = "cooling_off" // approved, and the person is given time to object
	Ready      State = "ready"       // a pass may be issued
	PassIssued State = "pass_issued"
	Registered State = "registered" // the new key is registered, and has not been used
	Completed  State = "completed"
	Refused    State = "refused"   // by an approver, or the line manager
	Withdrawn  State = "withdrawn" // by the desk
	Stopped    State = "stopped"   // “this was not me”
	Expired    State = "expired"
)

// States are all of them, in order.
func States() []State {
	return []State{Opened, Checked, CoolingOff, Ready, PassIssued, Registered, Completed, Refused, Withdrawn, Stopped, Expired}
}

// event is what can happen to a case.
type event string

const (
	asked      event = "asked"      // the line manager is to vouch
	checked    event = "checked"    // the caller has been identified
	approved   event = "approved"   // one more approves
	sufficed   event = "sufficed"   // nothing is missing, and there is nothing to wait for
	mustCool   event = "must_cool"  // nothing is missing but time
	cooled     event = "cooled"     // the time is over
	issued     event = "issued"     // a pass has been told
	registered event = "registered" // the pass was used
	completed  event = "completed"  // the new key was used
	refused    event = "refused"
	withdrawn  event = "withdrawn"
	stopped    event = "stopped"
	expired    event = "expired"
)

func events() []event {
	return []event{asked, checked, approved, sufficed, mustCool, cooled, issued, registered, completed, refused, withdrawn, stopped, expired}
}

// moves is the whole machine: what is not here does not happen. doc.go draws it.
func moves(from State) map[event]State {
	var onward map[event]State
	switch from {
	case Opened:
		onward = map[event]State{asked: Opened, checked: Checked}
	case Checked:
		onward = map[event]State{approved: Checked, sufficed: Ready, mustCool: CoolingOff}
	case CoolingOff:
		onward = map[event]State{cooled: Ready}
	case Ready:
		onward = map[event]State{issued: PassIssued}
	case PassIssued:
		onward = map[event]State{issued: PassIssued, registered: Registered}
	case Registered:
		onward = map[event]State{completed: Completed}
	case Completed, Refused, Withdrawn, Stopped, Expired:
		return nil
	default:
		return nil
	}
	onward[refused], onward[withdrawn], onward[stopped], onward[expired] = Refused, Withdrawn, Stopped, Expired
	return onward
}

// move gives the next state, or an error for a move that the machine does not have.
func move(from State, what event) (State, error) {
	to, ok := moves(from)[what]
	if !ok {
		return "", fmt.Errorf("a case that is %q cannot become %s", from, what)
	}
	return to, nil
}

// Over reports whether nothing more can happen.
func (s State) Over() bool { return len(moves(s)) == 0 }

// Label is the state in words.
func (s State) Label() string {
	switch s {
	case Opened:
		return "Waiting for an identity check"
	case Checked:
		return "Waiting for approval"
	case CoolingOff:
		return "Cooling off"
	case Ready:
		return "Ready for a pass"
	case PassIssued:
		return "Pass issued"
	case Registered:
		return "New key registered, not used yet"
	case Completed:
		return "Completed"
	case Refused:
		return "Refused"
	case Withdrawn:
		return "Withdrawn"
	case Stopped:
		return "Stopped: it was not them"
	case Expired:
		return "Expired"
	}
	return "Unknown"
}
