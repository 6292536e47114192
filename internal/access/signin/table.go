package signin

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

// event is what can happen to an attempt.
type event string

const (
	named         event = "named"          // a user name was given, or none was needed
	chosePassword event = "chose_password" // a password is to be given instead of a key
	choseCode     event = "chose_code"     // the same, and the password was right before
	choseKey      event = "chose_key"      // a key is to be used after all
	knew          event = "knew"           // the password was right
	enrolling     event = "enrolling"      // what was proven is not enough, and opens a registration
	proven        event = "proven"         // what was proven is enough
	failed        event = "failed"         // the answer was no good; try again
	refused       event = "refused"        // there is no point in trying again
	registered    event = "registered"     // the key of somebody who was not signed in is registered
	added         event = "added"          // a signed-in person's further key is registered
)

func events() []event {
	return []event{named, chosePassword, choseCode, choseKey, knew, enrolling, proven, failed, refused, registered, added}
}

// moves is the whole machine: what is not here does not happen. doc.go draws it.
func moves(from State) map[event]State {
	switch from {
	case Identifying:
		return map[event]State{named: UsingKey, refused: Stopped}
	case UsingKey:
		return map[event]State{proven: Finished, failed: UsingKey, refused: Stopped, enrolling: Registering,
			chosePassword: GivingPassword, choseCode: GivingCode}
	case GivingPassword: // nothing leads from here to a session or a registration
		return map[event]State{knew: GivingCode, choseKey: UsingKey, failed: GivingPassword, refused: Stopped}
	case GivingCode:
		return map[event]State{proven: Finished, enrolling: Registering, choseKey: UsingKey, failed: GivingCode, refused: Stopped}
	case Registering:
		return map[event]State{registered: Confirming, added: Finished, failed: Registering, refused: Stopped}
	case Confirming:
		return map[event]State{proven: Finished, failed: Confirming, refused: Stopped}
	case Finished, Stopped:
	}
	return nil
}

// move gives the next state, or an error for a move that the machine does not have.
func move(from State, what event) (State, error) {
	to, ok := moves(from)[what]
	if !ok {
		return "", fmt.Errorf("an attempt that is %q cannot become %s", from, what)
	}
	return to, nil
}

// Over reports whether nothing more can happen.
func (s State) Over() bool { return len(moves(s)) == 0 }
