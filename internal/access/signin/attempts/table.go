package attempts

import "fmt"

// State is how far an attempt has come.
type State string

// The states. The zero value is none of them and allows nothing.
const (
	Identifying    State = "identifying"     // asks who you are, or for any key
	UsingKey       State = "using_key"       // a challenge is open
	GivingPassword State = "giving_password" // a password is asked for
	GivingCode     State = "giving_code"     // the password was right; a code is asked for
	Registering    State = "registering"     // a registration is open
	Confirming     State = "confirming"      // the new key must now be used once
	Finished       State = "finished"
	Stopped        State = "stopped" // refused, with a reason
)

// States are all of them, in order.
func States() []State {
	return []State{Identifying, UsingKey, GivingPassword, GivingCode, Registering, Confirming, Finished, Stopped}
}

// Event is what can happen to an attempt.
type Event string

// The events. What is none of them moves nothing.
const (
	Named         Event = "named"          // a user name was given, or none was needed
	ChosePassword Event = "chose_password" // a password is to be given instead of a key
	ChoseCode     Event = "chose_code"     // the same, and the password was right before
	ChoseKey      Event = "chose_key"      // a key is to be used after all
	Knew          Event = "knew"           // the password was right
	Enrolling     Event = "enrolling"      // what was proven is not enough, and opens a registration
	Proven        Event = "proven"         // what was proven is enough
	Failed        Event = "failed"         // the answer was no good; try again
	Refused       Event = "refused"        // there is no point in trying again
	Registered    Event = "registered"     // the key of somebody who was not signed in is registered
	Added         Event = "added"          // a signed-in person's further key is registered
)

// events are all of them.
func events() []Event {
	return []Event{Named, ChosePassword, ChoseCode, ChoseKey, Knew, Enrolling, Proven, Failed, Refused, Registered, Added}
}

// moves is the whole machine: what is not here does not happen. doc.go draws it.
func moves(from State) map[Event]State {
	switch from {
	case Identifying:
		return map[Event]State{Named: UsingKey, Refused: Stopped}
	case UsingKey:
		return map[Event]State{Proven: Finished, Failed: UsingKey, Refused: Stopped, Enrolling: Registering,
			ChosePassword: GivingPassword, ChoseCode: GivingCode}
	case GivingPassword: // nothing leads from here to a session or a registration
		return map[Event]State{Knew: GivingCode, ChoseKey: UsingKey, Failed: GivingPassword, Refused: Stopped}
	case GivingCode:
		return map[Event]State{Proven: Finished, Enrolling: Registering, ChoseKey: UsingKey, Failed: GivingCode, Refused: Stopped}
	case Registering:
		return map[Event]State{Registered: Confirming, Added: Finished, Failed: Registering, Refused: Stopped}
	case Confirming:
		return map[Event]State{Proven: Finished, Failed: Confirming, Refused: Stopped}
	case Finished, Stopped:
	}
	return nil
}

// Move gives the next state, or an error for a move that the machine does not have.
func Move(from State, what Event) (State, error) {
	to, ok := moves(from)[what]
	if !ok {
		return "", fmt.Errorf("an attempt that is %q cannot become %s", from, what)
	}
	return to, nil
}

// Over reports whether nothing more can happen.
func (s State) Over() bool { return len(moves(s)) == 0 }
